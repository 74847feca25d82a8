package dev.lakegate.jobs.snapshot;

import static dev.lakegate.jobs.storage.Duck.literal;
import static dev.lakegate.jobs.storage.Duck.name;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.jobs.protocol.Column;
import dev.lakegate.jobs.protocol.Expectation;
import dev.lakegate.jobs.protocol.Json;
import dev.lakegate.jobs.protocol.Specification;
import dev.lakegate.jobs.storage.Duck;
import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** How many rows of which tenant do not meet which expectation, by file. Stateless. */
final class UnmetCounts {
  /** Column of a Silver table with the names of what a row does not meet. */
  private static final String FLAGS = "quality_flags";

  /** That of a quarantine. */
  private static final String FAILED = "failed_expectations";

  private static final int MEGABYTES = 64;

  /** Expectations are declared by hand; whatever is more than this is not counted. */
  private static final int MOST = 100_000;

  private UnmetCounts() {}

  /**
   * Counts of those of the files that have any; files are read whose rows may say so.
   *
   * @param paths relative to the storage root
   */
  static Map<String, ArrayNode> of(
      Specification specification, Path storageRoot, List<String> paths) throws IOException {
    String column = column(specification);
    if (column == null || paths.isEmpty()) {
      return Collections.emptyMap();
    }
    List<String> files = new ArrayList<>();
    for (String path : paths) {
      files.add(storageRoot.resolve(path).toString());
    }
    Map<String, ArrayNode> counts = new HashMap<>();
    try (Duck duck = Duck.open(Paths.get(System.getProperty("java.io.tmpdir")), MEGABYTES)) {
      List<String> present =
          duck.texts(
              "SELECT column_name FROM (DESCRIBE SELECT * FROM " + Duck.parquet(files) + ")");
      if (!present.contains(column)) {
        return counts;
      }
      String names =
          column.equals(Specification.UNMET)
              ? "string_split(" + name(column) + ", ',')"
              : name(column);
      for (String row :
          duck.texts(
              "SELECT to_json({file: file, expectation: expectation, tenant: tenant, rows: n})"
                  + " FROM (SELECT file, expectation, tenant, count(*) AS n FROM (SELECT __file AS"
                  + " file, unnest("
                  + names
                  + ") AS expectation, "
                  + tenant(specification, present)
                  + " AS tenant FROM "
                  + Duck.parquetWithNames(files)
                  + ") WHERE "
                  + declared(specification)
                  + " GROUP BY ALL ORDER BY ALL LIMIT "
                  + MOST
                  + ")")) {
        JsonNode count = Json.parse(row);
        String path = storageRoot.relativize(Paths.get(count.path("file").asText())).toString();
        counts
            .computeIfAbsent(path.replace('\\', '/'), file -> Json.object().putArray("unmet"))
            .addObject()
            .put("expectation", count.path("expectation").asText())
            .put("tenant", count.path("tenant").isNull() ? null : count.path("tenant").asText())
            .put("rows", count.path("rows").asLong());
      }
    } catch (SQLException e) {
      throw new IOException("cannot count what rows do not meet: " + e.getMessage(), e);
    }
    return counts;
  }

  /** An entry of before with the counts of what is still expected. */
  static JsonNode declared(Specification specification, JsonNode entry) {
    if (entry.has("unmet")
        && (entry.get("unmet").isEmpty() || FAILED.equals(column(specification)))) {
      return entry;
    }
    Set<String> names = new HashSet<>();
    for (Expectation expectation : specification.expectations()) {
      names.add(expectation.name());
    }
    ObjectNode copy = entry.deepCopy();
    ArrayNode kept = copy.putArray("unmet");
    for (JsonNode count : entry.path("unmet")) {
      if (names.contains(count.path("expectation").asText())) {
        kept.add(count);
      }
    }
    return copy;
  }

  private static String column(Specification specification) {
    if (specification.kind() == Specification.Kind.GOLD) {
      return specification.expectations().isEmpty() ? null : Specification.UNMET;
    }
    if (specification.expectations().stream().anyMatch(e -> !e.blocking())) {
      return has(specification, FLAGS) ? FLAGS : null;
    }
    return specification.dataset().endsWith("_quarantine") && has(specification, FAILED)
        ? FAILED
        : null;
  }

  private static boolean has(Specification specification, String column) {
    return specification.storedColumns().stream().map(Column::name).anyMatch(column::equals);
  }

  private static String tenant(Specification specification, List<String> present) {
    String column =
        specification.tenantColumn() == null ? "tenant_id" : specification.tenantColumn();
    return (specification.tenantColumn() == null && specification.kind() == Specification.Kind.GOLD)
            || !present.contains(column)
        ? "NULL::VARCHAR"
        : "CAST(" + name(column) + " AS VARCHAR)";
  }

  /** Nothing but names of expectations gets into a snapshot. */
  private static String declared(Specification specification) {
    List<String> names = new ArrayList<>();
    for (Expectation expectation : specification.expectations()) {
      names.add(literal(expectation.name()));
    }
    return names.isEmpty()
        ? "expectation IS NOT NULL"
        : "expectation IN (" + String.join(", ", names) + ")";
  }
}
