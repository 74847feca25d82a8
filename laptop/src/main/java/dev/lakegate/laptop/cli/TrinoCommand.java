package dev.lakegate.laptop.cli;

import dev.lakegate.laptop.supervisor.StackState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

@Command(
    name = "trino",
    description = {
      "Open Trino's own command line on the gateway, as a demo user: over TLS, with the gateway's"
          + " certificate and an access token, which is good for 15 minutes.",
      "Whatever else is given goes to it, for example --execute 'SELECT 1' or --output-format CSV.",
      "The first time it is fetched by Maven.",
      ""
    })
final class TrinoCommand implements Callable<Integer> {
  private static final String VERSION = "476";

  @Mixin private HelpOption help;
  @Mixin private DataOption data;
  @Spec private CommandSpec spec;

  @Option(
      names = {"-u", "--user"},
      required = true,
      paramLabel = "USER",
      description = "Demo user: admin, engineer, analyst, analyst@TENANT, team@TIER.")
  private String user;

  @Unmatched private List<String> options = new ArrayList<>();

  @Override
  public Integer call() throws IOException, InterruptedException {
    StackState state = data.running();
    Path jar = fetched();
    String token = new GatewayClient(state).token(user);
    // Arguments of processes can be read by anybody on the machine.
    Path config =
        Files.createTempFile(
            "lakegate-trino",
            ".properties",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Thread remove =
        new Thread(
            () -> {
              try {
                Files.deleteIfExists(config);
              } catch (IOException e) {
                // The token ends by itself soon.
              }
            });
    Runtime.getRuntime().addShutdownHook(remove);
    Files.writeString(config, "access-token=" + token + "\n");
    List<String> command =
        new ArrayList<>(
            List.of(
                java(),
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-jar",
                jar.toString(),
                "--server",
                state.address("gatewayTls"),
                "--truststore-path",
                data.directory().resolve("tls").resolve("gateway.crt").toString(),
                "--user",
                user,
                "--catalog",
                "lakehouse",
                "--schema",
                "gold"));
    options.stream().filter(o -> !o.equals("--")).forEach(command::add);
    ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
    builder.environment().put("TRINO_CONFIG", config.toString());
    return builder.start().waitFor();
  }

  private static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  private Path fetched() throws IOException, InterruptedException {
    Path root = Installation.root();
    Path directory = root.resolve("target").resolve("trino-cli");
    Path jar = directory.resolve("trino-cli-" + VERSION + "-executable.jar");
    if (Files.exists(jar)) {
      return jar;
    }
    spec.commandLine().getErr().println("Fetching Trino's command line " + VERSION + " ...");
    spec.commandLine().getErr().flush();
    int code =
        new ProcessBuilder(
                root.resolve("mvnw").toString(),
                "-q",
                "-B",
                "-N",
                "dependency:copy",
                "-Dartifact=io.trino:trino-cli:" + VERSION + ":jar:executable",
                "-DoutputDirectory=" + directory)
            .directory(root.toFile())
            .inheritIO()
            .start()
            .waitFor();
    if (code != 0 || !Files.exists(jar)) {
      throw new CommandFailed(
          CommandFailed.FAILED,
          "Trino's command line could not be fetched. Look at Maven's message above, or put it at "
              + jar
              + " yourself.");
    }
    return jar;
  }
}
