package dev.lakegate.transform.testing;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lakegate.transform.runner.LocalRunnerSettings;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What it takes to start {@link FakeJobs}. */
public final class FakeJobsFiles {
  private FakeJobsFiles() {}

  /** Writes the Java argument file. */
  public static Path argsFile(Path directory) {
    String classPath =
        Stream.of(FakeJobs.class, ObjectMapper.class, JsonFactory.class, JsonProperty.class)
            .map(FakeJobsFiles::location)
            .collect(Collectors.joining(File.pathSeparator));
    try {
      Files.createDirectories(directory);
      return Files.writeString(
          directory.resolve("jobs.args"),
          "-XX:+UseSerialGC\n-XX:TieredStopAtLevel=1\n-Xshare:auto\n-cp\n\""
              + classPath
              + "\"\n"
              + FakeJobs.class.getName()
              + "\n");
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static String location(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Settings with short delays. */
  public static LocalRunnerSettings settings(Path directory) {
    return new LocalRunnerSettings(
        Path.of(System.getProperty("java.home"), "bin", "java"),
        argsFile(directory),
        "64m",
        List.of("-XX:+ExitOnOutOfMemoryError"),
        directory,
        Duration.ofSeconds(20),
        Duration.ofSeconds(5),
        Duration.ofMillis(50),
        Duration.ofMillis(400),
        100_000);
  }

  /** Tells the process what to do wrong; see {@link FakeJobs}. */
  public static void script(Path directory, String... lines) {
    try {
      Files.createDirectories(directory);
      Path temporary = directory.resolve(".new-script.txt");
      Files.write(temporary, List.of(lines));
      Files.move(temporary, directory.resolve("script.txt"), StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
