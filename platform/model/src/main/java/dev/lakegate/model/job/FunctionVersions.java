package dev.lakegate.model.job;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.model.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Versions of the named functions that expressions may call. An expression's text stands for what
 * it computes: where that changed although the text did not, as when phone numbers are read by
 * another numbering plan, the text gets a comment with the function's version. So whatever compares
 * texts notices, and tables that were computed otherwise are computed anew. Immutable.
 *
 * <p>The versions stand in {@code contracts/functions.json} beside examples of what each function
 * gives; the jobs' tests compute them, and fail when they differ and the version does not.
 *
 * @param versions by function
 */
record FunctionVersions(Map<String, Integer> versions) {
  private static final FunctionVersions CURRENT = read();

  FunctionVersions {
    versions = new TreeMap<>(versions);
  }

  /** Those of the functions as they are. */
  static FunctionVersions current() {
    return CURRENT;
  }

  private static FunctionVersions read() {
    try (InputStream in = FunctionVersions.class.getResourceAsStream("/contracts/functions.json")) {
      if (in == null) {
        throw new IllegalStateException("contracts/functions.json is not on the class path");
      }
      Map<String, Integer> versions = new TreeMap<>();
      JsonNode functions = Json.MAPPER.readTree(in).get("functions");
      functions
          .fields()
          .forEachRemaining(f -> versions.put(f.getKey(), f.getValue().get("version").asInt()));
      return new FunctionVersions(versions);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Spark SQL with the versions of the functions that it calls, where they are not the first.
   *
   * @param sql an expression or a query
   */
  String mark(String sql) {
    StringBuilder marked = new StringBuilder(sql);
    versions.forEach(
        (function, version) -> {
          if (version > 1
              && Pattern.compile("(?i)\\b" + function + "\\s*\\(").matcher(sql).find()) {
            marked.append("\n/* ").append(function).append(' ').append(version).append(" */");
          }
        });
    return marked.toString();
  }
}
