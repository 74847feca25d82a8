package dev.lakegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** One Lakegate with a data directory and ports of its own, driven through {@code ./lakegate}. */
public final class Stack {
  private static final Duration QUICK = Duration.ofSeconds(60);
  private static final Duration TOKENS_SERVE = Duration.ofMinutes(5);
  private static final ObjectMapper JSON = new ObjectMapper();

  private record Token(String text, long madeAt) {}

  private final Path data;
  private final CommandLine commands;
  private final Map<String, Token> tokens = new ConcurrentHashMap<>();

  /**
   * @param directory for its data and its commands' output
   */
  public Stack(Path directory) throws IOException {
    this.data = directory.resolve("data");
    Map<String, String> environment = freePorts();
    // Maven has packaged everything before these tests; a build inside of the build helps nobody.
    environment.put("LAKEGATE_BUILD", "never");
    this.commands = new CommandLine(directory, environment);
  }

  /** Ports that are free now, as the environment variables that set them. */
  static Map<String, String> freePorts() throws IOException {
    Map<String, String> ports = new LinkedHashMap<>();
    List<ServerSocket> held = new ArrayList<>();
    try {
      for (String name :
          List.of(
              "GATEWAY_PORT",
              "GATEWAY_TLS_PORT",
              "INGEST_PORT",
              "TRANSFORM_PORT",
              "GOVERNANCE_PORT",
              "IDENTITY_PORT",
              "POSTGRES_PORT")) {
        ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        held.add(socket);
        ports.put("LAKEGATE_" + name, String.valueOf(socket.getLocalPort()));
      }
    } finally {
      for (ServerSocket socket : held) {
        socket.close();
      }
    }
    return ports;
  }

  /** {@code up --source URL --detach}. */
  public CommandLine.Outcome up(String source) throws IOException, InterruptedException {
    return run(Duration.ofMinutes(5), "up", "--source", source, "--detach");
  }

  /** {@code up --source URL --lakehouse DIR --detach}. */
  public CommandLine.Outcome up(String source, Path lakehouse)
      throws IOException, InterruptedException {
    return run(
        Duration.ofMinutes(5),
        "up",
        "--source",
        source,
        "--lakehouse",
        lakehouse.toString(),
        "--detach");
  }

  /** Any command on this data directory. */
  public CommandLine.Outcome run(Duration within, String... arguments)
      throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.add(1, "--data");
    all.add(2, data.toString());
    return commands.run(within, all.toArray(String[]::new));
  }

  CommandLine.Outcome sql(String user, String format, String sql)
      throws IOException, InterruptedException {
    return run(QUICK, "sql", "-u", user, "--format", format, sql);
  }

  /** {@code status --json}. */
  public JsonNode status() throws IOException, InterruptedException {
    return JSON.readTree(run(QUICK, "status", "--json").output());
  }

  /** The gateway's REST interface, as a demo user; null is nobody. */
  public Gateway gateway(String user) throws IOException, InterruptedException {
    return new Gateway(address("gateway"), user == null ? null : token(user));
  }

  public String token(String user) throws IOException, InterruptedException {
    Token known = tokens.get(user);
    if (known == null || System.nanoTime() - known.madeAt() > TOKENS_SERVE.toNanos()) {
      String text = run(QUICK, "token", user).succeeds().output().strip();
      assertThat(text.split("\\.")).as("a token for " + user).hasSize(3);
      known = new Token(text, System.nanoTime());
      tokens.put(user, known);
    }
    return known.text();
  }

  /** Base URL of a service. */
  public String address(String service) throws IOException {
    String address = state().path("addresses").path(service).asText();
    assertThat(address).as("address of " + service).isNotEmpty();
    return address;
  }

  String demoPassword() throws IOException {
    return state().path("demoPassword").asText();
  }

  /** The process of a service. */
  public ProcessHandle process(String name) throws IOException {
    for (JsonNode process : state().path("processes")) {
      if (process.path("name").asText().equals(name)) {
        return ProcessHandle.of(process.path("pid").asLong())
            .orElseThrow(() -> new AssertionError(name + " does not run"));
      }
    }
    throw new AssertionError("there is no process " + name + ": " + state().path("processes"));
  }

  /** The warm Spark process, a child of transform-service. */
  public ProcessHandle spark() throws IOException {
    return process("transform-service")
        .descendants()
        .filter(child -> child.info().commandLine().orElse("").contains("jobs.args"))
        .findFirst()
        .orElseThrow(() -> new AssertionError("transform-service has no Spark process"));
  }

  /** The process that keeps the others. */
  public ProcessHandle supervisor() throws IOException {
    return ProcessHandle.of(state().path("supervisor").path("pid").asLong())
        .orElseThrow(() -> new AssertionError("the supervisor does not run"));
  }

  /** Ends everything that was started here, whatever state it is in. */
  public void end() throws IOException, InterruptedException {
    if (Files.exists(data.resolve("run").resolve("state.json"))) {
      run(Duration.ofMinutes(2), "down");
    }
  }

  /** Its data directory. */
  public Path data() {
    return data;
  }

  private JsonNode state() throws IOException {
    return JSON.readTree(data.resolve("run").resolve("state.json").toFile());
  }
}
