package dev.lakegate.laptop.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.laptop.supervisor.SourceAddress;
import dev.lakegate.laptop.supervisor.StackState;
import dev.lakegate.laptop.supervisor.StartException;
import java.io.Console;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
    name = "preflight",
    description = {
      "Look at a PostgreSQL before it is captured: settings, rights, keys, types, sizes. Each"
          + " finding comes with the statement that mends it. Nothing is changed at the source.",
      "",
      "Without --source it looks at the source of the running Lakegate.",
      "Exit code 0: capture will work; 1: something keeps it from working; 2: wrong usage.",
      ""
    })
final class PreflightCommand implements Callable<Integer> {
  @Mixin private HelpOption help;
  @Mixin private DataOption data;
  @Spec private CommandSpec spec;

  @Option(
      names = "--source",
      paramLabel = "URL",
      description = {
        "PostgreSQL to look at, such as jdbc:postgresql://HOST:5432/DB",
        "(variable LAKEGATE_SOURCE_URL)."
      })
  private String source;

  @Option(
      names = "--user",
      paramLabel = "USER",
      description =
          "Role that will capture (variable LAKEGATE_SOURCE_USER). Its password comes from the"
              + " variable LAKEGATE_SOURCE_PASSWORD, or is asked for.")
  private String user;

  @Option(
      names = "--lakehouse",
      paramLabel = "DIR",
      description = "Description of the tables (default: the project's lakehouse/).")
  private Path lakehouse;

  @Option(names = "--json", description = "Print the report as JSON.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    JsonNode report = report();
    if (json) {
      out.println(report.toPrettyString());
    } else {
      PreflightText.print(out, report);
    }
    out.flush();
    return report.path("verdict").asText().equals("blocking") ? CommandFailed.FAILED : 0;
  }

  private JsonNode report() throws Exception {
    String address = source != null ? source : System.getenv("LAKEGATE_SOURCE_URL");
    if (address == null || address.isBlank()) {
      Optional<StackState> running = data.state().filter(StackState::isRunning);
      if (running.isEmpty()) {
        throw new ParameterException(
            spec.commandLine(),
            "No source: give --source URL, or start Lakegate to look at the one it captures.");
      }
      if (user != null || lakehouse != null) {
        throw new ParameterException(
            spec.commandLine(), "--user and --lakehouse need --source as well.");
      }
      try {
        return new GatewayClient(running.get()).get("admin", "ingest", "/api/v1/preflight");
      } catch (GatewayClient.Refusal e) {
        throw new CommandFailed(CommandFailed.FAILED, e.describe(), e);
      }
    }
    Path description = lakehouse != null ? lakehouse : Installation.root().resolve("lakehouse");
    if (!Files.isDirectory(description)) {
      throw new ParameterException(
          spec.commandLine(), "--lakehouse " + description + " is no directory.");
    }
    return new PreflightProcess(Installation.root()).run(login(address), description);
  }

  private SourceAddress login(String address) {
    SourceAddress parsed;
    try {
      parsed =
          SourceAddress.parse(
              address,
              user != null ? user : System.getenv("LAKEGATE_SOURCE_USER"),
              System.getenv("LAKEGATE_SOURCE_PASSWORD"));
    } catch (StartException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
    Console console = System.console();
    if (!parsed.password().isEmpty() || console == null) {
      return parsed;
    }
    char[] typed = console.readPassword("Password of %s: ", parsed.username());
    return new SourceAddress(
        parsed.jdbcUrl(), parsed.username(), typed == null ? "" : new String(typed));
  }
}
