package dev.lakegate.laptop.supervisor;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * With which Java the services run. Usually that of the supervisor; two variables choose another
 * one and its options, so that the start of the services can be measured and trained for on the
 * Java that the images have.
 *
 * @param executable {@code java} of the services; Spark's jobs keep the supervisor's
 * @param options further options of the virtual machine, {@code {service}} stands for a service's
 *     name
 */
record ServiceJava(Path executable, List<String> options) {
  static final String EXECUTABLE = "LAKEGATE_SERVICE_JAVA";
  static final String OPTIONS = "LAKEGATE_SERVICE_JAVA_OPTIONS";

  private static final List<String> ALWAYS =
      List.of(
          "-Xmx128m",
          "-Xss512k",
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-XX:MaxMetaspaceSize=160m",
          "-XX:+ExitOnOutOfMemoryError",
          "-Dfile.encoding=UTF-8",
          "-Duser.timezone=UTC");

  /**
   * @throws StartException when the variable names no program
   */
  static ServiceJava of(Map<String, String> environment) {
    String chosen = environment.getOrDefault(EXECUTABLE, "").strip();
    if (!chosen.isEmpty() && !Files.isExecutable(Path.of(chosen))) {
      throw new StartException(EXECUTABLE + " is no program: " + chosen);
    }
    String options = environment.getOrDefault(OPTIONS, "").strip();
    return new ServiceJava(
        chosen.isEmpty() ? own() : Path.of(chosen),
        options.isEmpty() ? List.of() : List.of(options.split("\\s+")));
  }

  /** The supervisor's own {@code java}. */
  static Path own() {
    return Path.of(System.getProperty("java.home"), "bin", "java");
  }

  /**
   * How long a service may take to end before it is killed. A virtual machine that was told to
   * record something writes it when it ends, which takes longer than ending.
   */
  Duration stopPatience() {
    return options.isEmpty() ? Duration.ofSeconds(25) : Duration.ofMinutes(3);
  }

  /** The command of a service, without its environment. */
  List<String> command(String service, Path scratch, Path application) {
    List<String> command = new ArrayList<>();
    command.add(executable.toString());
    command.addAll(ALWAYS);
    for (String option : options) {
      command.add(option.replace("{service}", service));
    }
    command.add("-Djava.io.tmpdir=" + scratch);
    command.add("-jar");
    command.add(application.toString());
    return command;
  }
}
