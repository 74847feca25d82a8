package dev.lakegate.laptop.supervisor;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.model.json.Json;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/** The end of a log, as a person wants to read it: JSON lines become level and message. */
final class LogTail {
  private static final int BYTES = 32 * 1024;
  private static final int LINE = 500;

  private LogTail() {}

  static String of(Path file, int lines) {
    try (RandomAccessFile log = new RandomAccessFile(file.toFile(), "r")) {
      log.seek(Math.max(0, log.length() - BYTES));
      byte[] bytes = new byte[(int) Math.min(BYTES, log.length())];
      log.readFully(bytes);
      List<String> all = new String(bytes, StandardCharsets.UTF_8).lines().toList();
      return all.stream()
          .skip(Math.max(0, all.size() - lines))
          .map(LogTail::readable)
          .map(l -> "  " + (l.length() > LINE ? l.substring(0, LINE) + "..." : l))
          .collect(Collectors.joining("\n"));
    } catch (IOException e) {
      return "  (no log: " + e.getMessage() + ")";
    }
  }

  private static String readable(String line) {
    if (!line.startsWith("{")) {
      return line;
    }
    try {
      JsonNode json = Json.MAPPER.readTree(line);
      JsonNode exception = json.path("exception");
      return json.path("level").asText()
          + " "
          + json.path("message").asText()
          + (exception.isMissingNode()
              ? ""
              : ": "
                  + exception.path("exceptionType").asText()
                  + " "
                  + exception.path("message").asText());
    } catch (JsonProcessingException e) {
      return line;
    }
  }
}
