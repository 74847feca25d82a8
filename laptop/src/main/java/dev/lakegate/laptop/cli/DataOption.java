package dev.lakegate.laptop.cli;

import dev.lakegate.laptop.supervisor.StackState;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The option that all commands share: which data directory. */
final class DataOption {
  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Data directory (default: .lakegate in the project; variable LAKEGATE_DATA).")
  private Path given;

  Path directory() {
    if (given != null) {
      return given.toAbsolutePath().normalize();
    }
    String variable = System.getenv("LAKEGATE_DATA");
    return variable != null && !variable.isBlank()
        ? Path.of(variable).toAbsolutePath().normalize()
        : Installation.root().resolve(".lakegate");
  }

  boolean isGiven() {
    return given != null;
  }

  Optional<StackState> state() {
    try {
      return StackState.read(directory());
    } catch (IOException e) {
      throw new CommandFailed(CommandFailed.FAILED, e.getMessage(), e);
    }
  }

  /** The running stack. */
  StackState running() {
    return state()
        .filter(StackState::isRunning)
        .orElseThrow(
            () ->
                new CommandFailed(
                    CommandFailed.NOT_RUNNING,
                    "Lakegate does not run on the data directory "
                        + directory()
                        + ". Start it with './lakegate up', or name another directory with"
                        + " --data."));
  }
}
