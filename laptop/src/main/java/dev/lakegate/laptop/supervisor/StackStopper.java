package dev.lakegate.laptop.supervisor;

import dev.lakegate.laptop.supervisor.StackState.ProcessMark;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Stops a stack from outside: through its supervisor, or its children when that is gone. */
public final class StackStopper {
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private StackStopper() {}

  /**
   * Stops what runs on the data directory and returns when it has ended.
   *
   * @throws StartException when something does not end
   */
  public static void stop(Path dataDirectory, StackState state) {
    Optional<ProcessHandle> supervisor = state.supervisor().find();
    supervisor.ifPresent(s -> SupervisedProcess.end(s, "TERM", PATIENCE));
    stopChildren(state, notice -> {});
    try {
      StackState.remove(dataDirectory);
    } catch (IOException e) {
      throw new StartException("run/state.json cannot be removed: " + e.getMessage(), e);
    }
  }

  /** Ends the children that still run, the youngest first. */
  static void stopChildren(StackState state, Consumer<String> notices) {
    List<ProcessMark> marks = new ArrayList<>(state.processes());
    marks.sort(Comparator.comparingLong(ProcessMark::startedAtMillis).reversed());
    for (ProcessMark mark : marks) {
      mark.find()
          .ifPresent(
              handle -> {
                notices.accept(
                    "stopping "
                        + mark.name()
                        + " (process "
                        + mark.pid()
                        + "), left by a Lakegate that was killed");
                SupervisedProcess.end(
                    handle,
                    mark.name().equals("postgres") ? "INT" : "TERM",
                    Duration.ofSeconds(25));
              });
    }
  }
}
