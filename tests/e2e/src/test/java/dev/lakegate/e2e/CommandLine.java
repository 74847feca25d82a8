package dev.lakegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs {@code ./lakegate} as a person does, with its standard output and error in files. */
public final class CommandLine {
  private final Path repository;
  private final Path directory;
  private final Map<String, String> environment;
  private int number;

  /**
   * @param directory for the commands' output
   * @param environment besides that of this process
   */
  CommandLine(Path directory, Map<String, String> environment) {
    this.repository = Path.of(System.getProperty("lakegate.basedir", "../..")).toAbsolutePath();
    this.directory = directory;
    this.environment = Map.copyOf(environment);
  }

  /** What came of a command. */
  public record Outcome(List<String> command, int exitCode, String output, String errors) {
    /** Fails unless it ended well. */
    public Outcome succeeds() {
      assertThat(exitCode).as(toString()).isZero();
      return this;
    }

    /** Fails if it ended well. */
    public Outcome fails() {
      assertThat(exitCode).as(toString()).isNotZero();
      return this;
    }

    @Override
    public String toString() {
      return "%s%nended with %d%n--- output%n%s%n--- errors%n%s"
          .formatted(String.join(" ", command), exitCode, output, errors);
    }
  }

  /**
   * Runs a command to its end.
   *
   * @throws AssertionError when it does not end in time; it is ended then
   */
  Outcome run(Duration within, String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(repository.resolve("lakegate").toString());
    command.addAll(List.of(arguments));
    int mine;
    synchronized (this) {
      mine = ++number;
    }
    Path output = directory.resolve("command-" + mine + ".out");
    Path errors = directory.resolve("command-" + mine + ".err");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .redirectOutput(output.toFile())
            .redirectError(errors.toFile());
    builder.environment().putAll(environment);
    Process process = builder.start();
    boolean ended = process.waitFor(within.toMillis(), TimeUnit.MILLISECONDS);
    if (!ended) {
      process.descendants().forEach(ProcessHandle::destroy);
      process.destroy();
      if (!process.waitFor(30, TimeUnit.SECONDS)) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly().waitFor();
      }
    }
    Outcome outcome =
        new Outcome(
            command, process.exitValue(), Files.readString(output), Files.readString(errors));
    if (!ended) {
      throw new AssertionError("Not within " + within + ": " + outcome);
    }
    return outcome;
  }
}
