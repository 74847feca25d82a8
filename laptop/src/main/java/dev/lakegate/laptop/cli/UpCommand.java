package dev.lakegate.laptop.cli;

import dev.lakegate.laptop.supervisor.SourceAddress;
import dev.lakegate.laptop.supervisor.Stack;
import dev.lakegate.laptop.supervisor.StackOptions;
import dev.lakegate.laptop.supervisor.StackState;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
    name = "up",
    description = {
      "Start everything, print addresses and demo logins; Ctrl-C stops it all.",
      "",
      "Without --source it starts a sample source: a shop's database with some rows and gentle"
          + " traffic. With --source it captures a PostgreSQL that you run (wal_level=logical, a"
          + " role with REPLICATION that owns the tables); nothing is written to its tables.",
      ""
    })
final class UpCommand implements Callable<Integer> {
  @Mixin private HelpOption help;
  @Mixin private DataOption data;
  @Spec private CommandSpec spec;

  @Option(
      names = "--source",
      paramLabel = "URL",
      description = {
        "PostgreSQL to capture, such as jdbc:postgresql://HOST:5432/DB?user=USER",
        "(variable LAKEGATE_SOURCE_URL). User and password may also stand in the variables"
            + " LAKEGATE_SOURCE_USER and LAKEGATE_SOURCE_PASSWORD, where other users of this"
            + " machine do not see them. They are never stored."
      })
  private String source;

  @Option(
      names = "--lakehouse",
      paramLabel = "DIR",
      description = {
        "Description of tables, metrics and personas (default: the project's lakehouse/).",
        "Tables and metrics that change in it are taken up while Lakegate runs."
      })
  private Path lakehouse;

  @Option(names = "--detach", description = "Return when all is ready; 'down' stops it.")
  private boolean detach;

  @Option(
      names = "--traffic",
      paramLabel = "RATE",
      defaultValue = "1",
      description = "Sample source: row changes a second (default: ${DEFAULT-VALUE}; 0: none).")
  private double traffic;

  @Mixin private SampleOptions sample;
  @Mixin private PortOptions ports;

  @Override
  public Integer call() throws Exception {
    PrintWriter out = new PrintWriter(spec.commandLine().getOut(), true);
    StackOptions options = options();
    if (detach) {
      return Detached.start(options, spec.commandLine().getParseResult(), out);
    }
    CountDownLatch ended = new CountDownLatch(1);
    AtomicReference<Stack> open = new AtomicReference<>();
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  Stack stack = open.get();
                  if (stack != null) {
                    stack.close();
                    out.println("Lakegate is stopped.");
                  }
                  ended.countDown();
                },
                "stop"));
    Stack stack;
    try {
      stack = Stack.start(options, line -> out.println("  " + line), open::set);
    } catch (RuntimeException e) {
      // What had started is stopped already; there is nothing to say about that.
      open.set(null);
      throw e;
    }
    if (System.getenv(Detached.VARIABLE) == null) {
      out.println(Banner.of(stack.state(), options));
    }
    ended.await();
    return 0;
  }

  private StackOptions options() {
    return new StackOptions(
        Installation.root(),
        lakehouse(),
        data.directory(),
        ports.ports(),
        source(),
        sample.size(),
        traffic);
  }

  private Path lakehouse() {
    if (lakehouse == null) {
      return Installation.root().resolve("lakehouse");
    }
    if (!Files.isDirectory(lakehouse)) {
      throw new ParameterException(
          spec.commandLine(), "--lakehouse " + lakehouse + " is no directory.");
    }
    return lakehouse.toAbsolutePath().normalize();
  }

  private Optional<SourceAddress> source() {
    String address = source != null ? source : System.getenv("LAKEGATE_SOURCE_URL");
    if (address == null || address.isBlank()) {
      return Optional.empty();
    }
    return Optional.of(
        SourceAddress.parse(
            address,
            System.getenv("LAKEGATE_SOURCE_USER"),
            System.getenv("LAKEGATE_SOURCE_PASSWORD")));
  }

  /** Text that says where everything is. */
  static final class Banner {
    private Banner() {}

    static String of(StackState state, StackOptions options) {
      String data =
          options.data().equals(Installation.root().resolve(".lakegate"))
              ? ""
              : " --data " + options.data();
      return """

      Lakegate is up.

        Console      %s/   (also %s/, certificate in %s)
        Operations   %s/ops
        Demo users   admin, engineer, analyst, analyst@tenant-1 (any tenant id), team@enterprise
        Password     %s
        Source       %s%s
        Logs         %s

        ./lakegate sql%s -u analyst@tenant-1 'SELECT * FROM gold.revenue_metrics ORDER BY dt DESC LIMIT 5'
        ./lakegate status%s
      """
          .formatted(
              state.address("gateway"),
              state.address("gatewayTls"),
              options.data().resolve("tls/gateway.crt"),
              state.address("gateway"),
              state.demoPassword(),
              state.source().jdbcUrl(),
              state.source().embedded()
                  ? " (sample"
                      + (options.traffic() > 0
                          ? ", about " + plain(options.traffic()) + " changes a second)"
                          : ", no traffic)")
                  : "",
              options.data().resolve("logs"),
              data,
              data);
    }

    private static String plain(double rate) {
      return rate == Math.rint(rate) ? Long.toString((long) rate) : Double.toString(rate);
    }
  }
}
