package dev.lakegate.laptop.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.laptop.supervisor.SourceAddress;
import dev.lakegate.model.json.Json;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Runs ingest-service's preflight in a process of its own: the one code that judges a source, for a
 * source that nothing captures yet. The login travels in the child's environment alone.
 */
final class PreflightProcess {
  private static final String MAIN = "dev.lakegate.ingest.preflight.PreflightMain";

  private final Path service;

  PreflightProcess(Path installation) {
    this.service = installation.resolve("ingest-service/target/quarkus-app");
  }

  JsonNode run(SourceAddress source, Path lakehouse) throws InterruptedException {
    if (!Files.isDirectory(service)) {
      throw new CommandFailed(
          CommandFailed.FAILED,
          "ingest-service is not built: " + service + " is missing. './lakegate up' builds it.");
    }
    String libraries =
        Stream.of("app", "lib/main", "lib/boot")
            .map(folder -> service.resolve(folder) + File.separator + "*")
            .collect(Collectors.joining(File.pathSeparator));
    ProcessBuilder builder =
        new ProcessBuilder(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Dfile.encoding=UTF-8",
                "-cp",
                libraries,
                MAIN));
    Map<String, String> environment = builder.environment();
    environment.put("LAKEGATE_CAPTURE_SOURCE_JDBC_URL", source.jdbcUrl());
    environment.put("LAKEGATE_CAPTURE_SOURCE_USERNAME", source.username());
    environment.put("LAKEGATE_CAPTURE_SOURCE_PASSWORD", source.password());
    environment.put("LAKEGATE_LAKEHOUSE_DIRECTORY", lakehouse.toAbsolutePath().toString());
    try {
      Path errors = Files.createTempFile("lakegate-preflight", ".err");
      try {
        Process process = builder.redirectError(errors.toFile()).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int code = process.waitFor();
        if (code != 0) {
          throw new CommandFailed(
              code == 2 ? 2 : CommandFailed.FAILED,
              "Preflight did not run: "
                  + Files.readString(errors)
                      .strip()
                      .lines()
                      .limit(20)
                      .collect(Collectors.joining("\n")));
        }
        return Json.MAPPER.readTree(output.strip().lines().reduce("", (a, b) -> b));
      } finally {
        Files.deleteIfExists(errors);
      }
    } catch (IOException e) {
      throw new CommandFailed(CommandFailed.FAILED, "Preflight did not run: " + e.getMessage(), e);
    }
  }
}
