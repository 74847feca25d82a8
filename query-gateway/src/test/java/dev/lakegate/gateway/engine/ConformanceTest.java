package dev.lakegate.gateway.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.lakegate.gateway.sql.Parameters;
import dev.lakegate.gateway.sql.SecuredQuery;
import dev.lakegate.gateway.sql.SecuredQuery.OutputColumn;
import dev.lakegate.gateway.sql.Session;
import dev.lakegate.gateway.sql.SqlBoundary;
import dev.lakegate.gateway.sql.SqlFailure;
import dev.lakegate.gateway.sql.TrinoText;
import dev.lakegate.gateway.sql.Type;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every probe of Trino 476's dialect gives Trino's answer here or is refused as not supported; an
 * answer that differs is a defect.
 */
class ConformanceTest {
  /** Probes whose answer may differ, each with its reason. */
  private static final Map<String, String> KNOWN_DIFFERENCES = Map.of();

  /** Codes that mean: this engine does not do that. */
  private static final Set<String> REFUSALS = Set.of("NOT_SUPPORTED", "FUNCTION_NOT_SUPPORTED");

  /** Fewer equal answers than this mean that something broke. */
  private static final int LEAST_EQUAL = 700;

  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir static Path directory;

  private static DuckDbEngine engine;

  @BeforeAll
  static void open() {
    engine = new DuckDbEngine(new EngineSettings(directory, directory.resolve("tmp"), 256, 256, 2));
  }

  @AfterAll
  static void close() {
    engine.close();
  }

  @Test
  void shouldAnswerEveryProbeAsTrinoDoesOrRefuseIt() throws IOException {
    List<String> different = new ArrayList<>();
    List<String> refused = new ArrayList<>();
    Map<String, int[]> byCategory = new TreeMap<>();
    int equal = 0;
    int[] given = new int[3];
    for (JsonNode probe : probes()) {
      boolean ofThose = probe.path("given").asBoolean();
      String id = probe.path("id").asText();
      int[] counts = byCategory.computeIfAbsent(probe.path("category").asText(), k -> new int[3]);
      String verdict = verdict(probe);
      if (ofThose) {
        given[verdict == null ? 0 : verdict.startsWith("refused") ? 1 : 2]++;
      }
      if (verdict == null) {
        equal++;
        counts[0]++;
      } else if (verdict.startsWith("refused")) {
        refused.add(id + ": " + verdict);
        counts[1]++;
      } else {
        different.add(id + ": " + verdict + "\n    " + probe.path("sql").asText());
        counts[2]++;
      }
    }
    System.out.printf(
        "Conformance with Trino 476: %d equal, %d refused, %d different%n",
        equal, refused.size(), different.size());
    System.out.printf(
        "  of the %d that were recorded before the gateway was made: %d equal (%.1f %%), %d refused,"
            + " %d different%n",
        given[0] + given[1] + given[2],
        given[0],
        100.0 * given[0] / (given[0] + given[1] + given[2]),
        given[1],
        given[2]);
    byCategory.forEach((k, c) -> System.out.printf("  %-12s %3d %3d %3d%n", k, c[0], c[1], c[2]));
    if (Boolean.getBoolean("lakegate.conformance.verbose")) {
      refused.forEach(System.out::println);
    }
    different.removeIf(d -> KNOWN_DIFFERENCES.containsKey(d.substring(0, d.indexOf(':'))));
    assertThat(different).isEmpty();
    assertThat(equal).isGreaterThanOrEqualTo(LEAST_EQUAL);
  }

  /** DuckDB itself does not know columns of a query around the lambda's own. */
  @Test
  void shouldLetLambdasUseColumnsOfEnclosingQueries() {
    assertThat(
            rows(
                "SELECT a, b FROM (VALUES 0, 1, 2) t(a)"
                    + " CROSS JOIN UNNEST(filter(ARRAY[1, 2], e -> e > a)) u(b)"))
        .containsExactlyInAnyOrder("[0, 1]", "[0, 2]", "[1, 2]");
    assertThat(
            rows(
                "SELECT a, b, o FROM (VALUES 0, 1, 2, NULL) t(a) CROSS JOIN UNNEST(transform("
                    + "filter(ARRAY[1, 2, 3], e -> e > a), e -> e * a)) WITH ORDINALITY u(b, o)"))
        .containsExactlyInAnyOrder(
            "[0, 0, 1]", "[0, 0, 2]", "[0, 0, 3]", "[1, 2, 1]", "[1, 3, 2]", "[2, 6, 1]");
    assertThat(
            rows(
                "SELECT a, (SELECT max(b) FROM (VALUES 1, 2, 3) u(b)"
                    + " WHERE any_match(ARRAY[1, 2], e -> e + b = a)) FROM (VALUES 2, 5, 9) t(a)"))
        .containsExactlyInAnyOrder("[2, 1]", "[5, 3]", "[9, null]");
    assertThat(
            rows(
                "SELECT a, (SELECT sum(reduce(ARRAY[1, 2], b, (s, e) -> s + e * a, s -> s - a))"
                    + " FROM (VALUES 10) u(b)) FROM (VALUES 1, 2) t(a)"))
        .containsExactlyInAnyOrder("[1, 12]", "[2, 14]");
    assertThat(
            rows(
                "SELECT a, x[1], x[2] FROM (VALUES 1, 2) t(a)"
                    + " CROSS JOIN LATERAL (SELECT transform(ARRAY[a, 5], e -> e * a) x) u"))
        .containsExactlyInAnyOrder("[1, 1, 5]", "[2, 4, 10]");
    assertThat(
            rows(
                "SELECT a FROM (VALUES 1, 2, 3) t(a) WHERE EXISTS (SELECT 1 FROM (VALUES 2) u(b)"
                    + " WHERE EXISTS (SELECT 1 FROM (VALUES 'it''s (') v(c)"
                    + " WHERE any_match(ARRAY[length(c)], e -> e = a + b + 2)))"))
        .containsExactlyInAnyOrder("[2]");
  }

  private static List<String> rows(String sql) {
    SecuredQuery query =
        new SqlBoundary(engine::value).secure(sql, new EmptyCatalog(), session("UTC"));
    List<String> rows = new ArrayList<>();
    try (Execution e = engine.execute(query, List.of())) {
      for (Object[] row = e.next(); row != null; row = e.next()) {
        rows.add(Arrays.deepToString(row));
      }
    }
    return rows;
  }

  private static List<JsonNode> probes() throws IOException {
    List<JsonNode> probes = new ArrayList<>();
    for (String file :
        List.of("trino-476.jsonl", "trino-476-more.jsonl", "trino-476-zones.jsonl")) {
      try (BufferedReader reader =
          new BufferedReader(
              new InputStreamReader(
                  ConformanceTest.class.getResourceAsStream("/conformance/" + file),
                  StandardCharsets.UTF_8))) {
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
          ObjectNode probe = (ObjectNode) JSON.readTree(line);
          probes.add(probe.put("given", file.equals("trino-476.jsonl")));
        }
      }
    }
    return probes;
  }

  /** Null when equal; otherwise what happened, starting with "refused" when it was refused. */
  private static String verdict(JsonNode probe) {
    String expectedError = probe.path("error").asText(null);
    List<Object[]> rows = new ArrayList<>();
    List<OutputColumn> columns;
    try {
      SecuredQuery query =
          new SqlBoundary(engine::value)
              .secure(
                  probe.path("sql").asText(),
                  new EmptyCatalog(),
                  session(probe.path("zone").asText("UTC")));
      columns = query.columns();
      try (Execution e = engine.execute(query, List.of())) {
        for (Object[] row = e.next(); row != null; row = e.next()) {
          rows.add(row);
        }
      }
    } catch (SqlFailure f) {
      if (f.code().equals(expectedError)) {
        return null;
      }
      if (REFUSALS.contains(f.code())) {
        return "refused " + f.code() + " " + f.getMessage();
      }
      return "error "
          + f.code()
          + " ("
          + f.getMessage()
          + ") instead of "
          + (expectedError == null ? "rows" : expectedError);
    } catch (RuntimeException e) {
      return "crashed: " + e;
    }
    if (expectedError != null) {
      return "rows instead of " + expectedError;
    }
    List<String> names = new ArrayList<>();
    List<String> types = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      names.add(columns.get(i).name() == null ? "_col" + i : columns.get(i).name());
      types.add(normal(columns.get(i).type().display()));
    }
    List<String> expectedNames = new ArrayList<>();
    List<String> expectedTypes = new ArrayList<>();
    for (JsonNode c : probe.path("columns")) {
      expectedNames.add(c.path("name").asText());
      expectedTypes.add(normal(c.path("type").asText()));
    }
    if (!names.equals(expectedNames)) {
      return "names " + names + " instead of " + expectedNames;
    }
    if (!types.equals(expectedTypes)) {
      return "types " + types + " instead of " + expectedTypes;
    }
    List<JsonNode> expected = new ArrayList<>();
    probe.path("rows").forEach(expected::add);
    if (rows.size() != expected.size()) {
      return rows.size() + " rows instead of " + expected.size();
    }
    boolean ordered = probe.path("ordered").asBoolean();
    List<JsonNode> left = new ArrayList<>(expected);
    for (int r = 0; r < rows.size(); r++) {
      Object[] row = rows.get(r);
      int found = -1;
      for (int e = 0; e < left.size() && found < 0; e++) {
        if (sameRow(row, left.get(e), columns)) {
          found = e;
        }
        if (ordered) {
          break;
        }
      }
      if (found < 0) {
        return "row " + show(row, columns) + " not in " + left;
      }
      left.remove(found);
    }
    return null;
  }

  private static Session session(String zone) {
    return new Session(
        Instant.parse("2026-01-02T03:04:05.678901Z"),
        "user",
        null,
        "gold",
        zone,
        Parameters.NONE,
        null,
        null);
  }

  /** Parsed; Trino's json_array_get gives texts that are no JSON, which stay what they are. */
  private static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (IOException e) {
      return TextNode.valueOf(text);
    }
  }

  private static String normal(String type) {
    return type.toLowerCase(Locale.ROOT).replace(", ", ",");
  }

  private static List<Object> show(Object[] row, List<OutputColumn> columns) {
    List<Object> shown = new ArrayList<>();
    for (int i = 0; i < row.length; i++) {
      shown.add(text(row[i], columns.get(i).type()));
    }
    return shown;
  }

  private static boolean sameRow(Object[] row, JsonNode expected, List<OutputColumn> columns) {
    for (int i = 0; i < row.length; i++) {
      if (!same(row[i], expected.get(i), columns.get(i).type())) {
        return false;
      }
    }
    return true;
  }

  private static boolean same(Object value, JsonNode expected, Type type) {
    if (value == null) {
      return expected == null || expected.isNull();
    }
    if (expected == null || expected.isNull()) {
      return false;
    }
    switch (type.kind()) {
      case REAL, DOUBLE:
        double d = ((Number) value).doubleValue();
        if (expected.isTextual()) {
          return expected.asText().equals(String.valueOf(d));
        }
        double e = expected.asDouble();
        double tolerance = type.display().equals("real") ? 1e-6 : 1e-9;
        return d == e || Math.abs(d - e) <= tolerance * Math.max(Math.abs(d), Math.abs(e));
      case ARRAY, ROW:
        List<?> list = (List<?>) value;
        if (!expected.isArray() || expected.size() != list.size()) {
          return false;
        }
        for (int i = 0; i < list.size(); i++) {
          Type t =
              type.kind() == Type.Kind.ARRAY ? type.arguments().get(0) : type.arguments().get(i);
          if (!same(list.get(i), expected.get(i), t)) {
            return false;
          }
        }
        return true;
      case MAP:
        Map<?, ?> map = (Map<?, ?>) value;
        if (map.size() != expected.size()) {
          return false;
        }
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          JsonNode v = expected.get(String.valueOf(text(entry.getKey(), type.arguments().get(0))));
          if (v == null || !same(entry.getValue(), v, type.arguments().get(1))) {
            return false;
          }
        }
        return true;
      case JSON:
        return json(String.valueOf(value)).equals(json(expected.asText()));
      default:
        Object text = text(value, type);
        if (text instanceof Boolean b) {
          return expected.isBoolean() && expected.asBoolean() == b;
        }
        return expected.asText().equals(String.valueOf(text));
    }
  }

  private static Object text(Object value, Type type) {
    return value == null || value instanceof Boolean ? value : TrinoText.of(value, type);
  }
}
