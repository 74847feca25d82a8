package dev.lakegate.jobs.gold;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.jobs.protocol.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A file under {@code lakehouse/metrics}, as far as these tests need its header. */
record ShippedMetric(
    String name,
    String scope,
    List<String> grain,
    List<String> inputs,
    boolean clock,
    List<String> partitionBy,
    List<Column> columns,
    String sql) {
  private static final Pattern COLUMN =
      Pattern.compile(
          "^ {2}- \\{name: (\\w+), type: (?:\"([^\"]+)\"|([^,]+)), nullable: (true|false),"
              + "(?: pii: (true|false),)? description: (?:\"([^\"]+)\"|([^}]+))}$",
          Pattern.MULTILINE);

  record Column(String name, String type, boolean nullable, boolean pii, String description) {}

  /** All of them, each after the metrics that it reads. */
  static List<ShippedMetric> all() {
    Map<String, ShippedMetric> left = new LinkedHashMap<>();
    try (Stream<Path> files = Files.list(directory())) {
      for (Path file : files.sorted().toList()) {
        ShippedMetric metric = read(file);
        left.put("gold." + metric.name(), metric);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    List<ShippedMetric> result = new ArrayList<>();
    while (!left.isEmpty()) {
      List<String> ready =
          left.entrySet().stream()
              .filter(m -> m.getValue().inputs().stream().noneMatch(left::containsKey))
              .map(Map.Entry::getKey)
              .toList();
      if (ready.isEmpty()) {
        throw new IllegalStateException("metrics depend on each other: " + left.keySet());
      }
      ready.forEach(dataset -> result.add(left.remove(dataset)));
    }
    return result;
  }

  static ShippedMetric named(String name) {
    return read(directory().resolve(name + ".sql"));
  }

  private static Path directory() {
    return Path.of(System.getProperty("lakegate.basedir"), "lakehouse/metrics");
  }

  private static ShippedMetric read(Path file) {
    String text;
    try {
      text = Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    int end = text.indexOf("\n---\n");
    String header = text.substring(0, end + 1);
    // What is expected of rows is listed in the same way, behind them.
    String listed = header.substring(header.indexOf("\ncolumns:\n"));
    int behind = listed.indexOf("\nexpectations:\n");
    listed = behind < 0 ? listed : listed.substring(0, behind);
    List<Column> columns = new ArrayList<>();
    Matcher column = COLUMN.matcher(listed);
    while (column.find()) {
      columns.add(
          new Column(
              column.group(1),
              column.group(2) == null ? column.group(3) : column.group(2),
              column.group(4).equals("true"),
              "true".equals(column.group(5)),
              column.group(6) == null ? column.group(7) : column.group(6)));
    }
    if (listed.lines().filter(line -> line.startsWith("  - {name:")).count() != columns.size()) {
      throw new IllegalStateException(file + " has columns that this test does not understand");
    }
    return new ShippedMetric(
        value(header, "name"),
        value(header, "scope"),
        list(header, "grain"),
        list(header, "inputs"),
        value(header, "clock").equals("utc_day"),
        list(header, "partition_by"),
        List.copyOf(columns),
        text.substring(end + 5));
  }

  private static String value(String header, String key) {
    Matcher matcher = Pattern.compile("^" + key + ": (.*)$", Pattern.MULTILINE).matcher(header);
    return matcher.find() ? matcher.group(1) : "";
  }

  private static List<String> list(String header, String key) {
    String value = value(header, key);
    return value.isEmpty()
        ? List.of()
        : Arrays.asList(value.substring(1, value.length() - 1).split(", "));
  }

  /** What a run is told of it. */
  ObjectNode specification() {
    ObjectNode node = Json.object();
    node.put("version", 1)
        .put("kind", "gold")
        .put("dataset", "gold." + name)
        .put("name", name)
        .put("scope", scope)
        .put("description", "A metric.")
        .put("path", "gold/" + name)
        .put("sql", sql)
        .put("clock", clock ? "utc_day" : "none");
    inputs.forEach(node.putArray("inputs")::add);
    grain.forEach(node.putArray("grain")::add);
    node.putArray("timeColumns");
    node.put("tenantColumn", scope.equals("tenant") ? "tenant_id" : null);
    partitionBy.forEach(node.putArray("partitionBy")::add);
    ArrayNode array = node.putArray("columns");
    for (Column column : columns) {
      array
          .addObject()
          .put("name", column.name())
          .put("type", column.type())
          .put("nullable", column.nullable())
          .put("description", column.description());
    }
    node.putArray("expectations");
    return node;
  }
}
