package dev.lakegate.laptop.supervisor;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The ports of one stack, all on 127.0.0.1. */
public record Ports(
    int gateway,
    int gatewayTls,
    int ingest,
    int transform,
    int governance,
    int identity,
    int postgres) {
  public static final Ports DEFAULT = new Ports(8080, 8443, 8081, 8082, 8083, 8180, 54329);

  /** Ports that are free now. */
  public static Ports free() {
    List<ServerSocket> held = new ArrayList<>();
    try {
      int[] ports = new int[7];
      for (int i = 0; i < ports.length; i++) {
        ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        held.add(socket);
        ports[i] = socket.getLocalPort();
      }
      return new Ports(ports[0], ports[1], ports[2], ports[3], ports[4], ports[5], ports[6]);
    } catch (IOException e) {
      throw new StartException("This machine has no free ports: " + e.getMessage(), e);
    } finally {
      for (ServerSocket socket : held) {
        try {
          socket.close();
        } catch (IOException e) {
          // Closing a socket that never accepted anything has no effect worth reporting.
        }
      }
    }
  }

  /**
   * Checks that the ports differ and are free.
   *
   * @param withPostgres whether the embedded PostgreSQL is started
   * @throws StartException naming every port that is not, who holds it, and the option to change it
   */
  public void check(boolean withPostgres) {
    List<String> problems = new ArrayList<>();
    Set<Integer> seen = new HashSet<>();
    byOption()
        .forEach(
            (option, port) -> {
              if (option.equals("--postgres-port") && !withPostgres) {
                return;
              }
              if (port < 1 || port > 65_535) {
                problems.add(option + " " + port + " is no port.");
              } else if (!seen.add(port)) {
                problems.add("Port " + port + " is given twice (" + option + ").");
              } else if (!isFree(port)) {
                problems.add(
                    "Port "
                        + port
                        + " is taken"
                        + PortOwner.of(port).map(o -> " by " + o).orElse("")
                        + ". Choose another with "
                        + option
                        + " (or "
                        + variable(option)
                        + ").");
              }
            });
    if (!problems.isEmpty()) {
      throw new StartException(String.join("\n", problems));
    }
  }

  /** Whether all are free. */
  public boolean areFree() {
    return byOption().values().stream().allMatch(Ports::isFree);
  }

  private Map<String, Integer> byOption() {
    Map<String, Integer> ports = new LinkedHashMap<>();
    ports.put("--gateway-port", gateway);
    ports.put("--gateway-tls-port", gatewayTls);
    ports.put("--ingest-port", ingest);
    ports.put("--transform-port", transform);
    ports.put("--governance-port", governance);
    ports.put("--identity-port", identity);
    ports.put("--postgres-port", postgres);
    return ports;
  }

  /** The environment variable that sets what the option sets. */
  static String variable(String option) {
    return "LAKEGATE_" + option.substring(2).replace('-', '_').toUpperCase(java.util.Locale.ROOT);
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      // As the servers themselves do it: a port whose last connections linger is free.
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress("127.0.0.1", port));
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
