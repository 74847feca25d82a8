package dev.lakegate.laptop.cli;

import dev.lakegate.laptop.supervisor.StartException;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The commands behind the script {@code lakegate}. */
@Command(
    name = "lakegate",
    description = {
      "A multi-tenant lakehouse: changes in PostgreSQL become governed, queryable tables.",
      ""
    },
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      UpCommand.class,
      DemoCommand.class,
      SqlCommand.class,
      TokenCommand.class,
      TrinoCommand.class,
      StatusCommand.class,
      TablesCommand.class,
      PreflightCommand.class,
      ReconcileCommand.class,
      ApproveCommand.class,
      ResyncCommand.class,
      QuarantineCommand.class,
      ReplayCommand.class,
      WhyCommand.class,
      RunsCommand.class,
      BackfillCommand.class,
      AsOfCommand.class,
      RestoreCommand.class,
      ReleaseCommand.class,
      DownCommand.class
    },
    footer = {
      "  test    Run all tests. With --all also the long ones.",
      "  bench   Run the benchmarks, or one of them.",
      "",
      "'./lakegate COMMAND --help' explains a command."
    },
    mixinStandardHelpOptions = false)
public final class Main implements Runnable {
  @Spec private CommandSpec spec;

  @CommandLine.Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  private boolean help;

  /** Runs one command and ends the process with its exit code. */
  public static void main(String[] arguments) {
    int code = commandLine().execute(arguments);
    System.out.flush();
    System.exit(code);
  }

  static CommandLine commandLine() {
    CommandLine line = new CommandLine(new Main());
    line.setUsageHelpWidth(100);
    line.setExecutionExceptionHandler(
        (failure, command, parsed) -> {
          PrintWriter err = command.getErr();
          if (failure instanceof CommandFailed failed) {
            err.println(failed.getMessage());
            err.flush();
            return failed.exitCode();
          }
          if (failure instanceof StartException) {
            err.println(failure.getMessage());
            err.flush();
            return 1;
          }
          err.println("Unexpected failure: " + failure);
          if (System.getenv("LAKEGATE_DEBUG") != null) {
            failure.printStackTrace(err);
          } else {
            err.println("(LAKEGATE_DEBUG=1 shows where.)");
          }
          err.flush();
          return 1;
        });
    return line;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Missing command.");
  }
}
