package dev.lakegate.laptop.supervisor;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * A child process to keep running.
 *
 * @param name name in messages, and of its log
 * @param command program and arguments
 * @param environment its whole environment; secrets travel here
 * @param directory working directory
 * @param log its log file
 * @param stopSignal signal that ends it in good order, for example {@code TERM}
 * @param stopTimeout how long it may take to end before it is killed
 * @param beforeStart runs before each start, also before a restart
 * @param ready whether it can be used; asked while it starts
 */
record ProcessSpec(
    String name,
    List<String> command,
    Map<String, String> environment,
    Path directory,
    Path log,
    String stopSignal,
    Duration stopTimeout,
    ThrowingRunnable beforeStart,
    BooleanSupplier ready) {
  /** An action at the edge. */
  interface ThrowingRunnable {
    void run() throws Exception;
  }

  ProcessSpec {
    command = List.copyOf(command);
    environment = Map.copyOf(environment);
  }

  /** Without the environment, which holds secrets. */
  @Override
  public String toString() {
    return "ProcessSpec[" + name + "]";
  }
}
