package dev.lakegate.e2e;

import dev.lakegate.model.description.Lakehouse;
import dev.lakegate.model.description.LakehouseLoader;
import dev.lakegate.model.description.SourceTable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Compares Silver, as the gateway shows it, with the source: every row and every column. */
final class SilverTables {
  private static final int SHOWN_DIFFERENCES = 5;

  private final Lakehouse lakehouse;

  SilverTables() {
    this.lakehouse =
        LakehouseLoader.load(
            Path.of(System.getProperty("lakegate.basedir", "../..")).resolve("lakehouse"));
  }

  List<SourceTable> tables() {
    return lakehouse.tables();
  }

  /**
   * Compares every table.
   *
   * @throws AssertionError naming the rows that differ
   */
  void assertEqual(Source source, Gateway gateway) throws Exception {
    List<String> differences = new ArrayList<>();
    for (SourceTable table : lakehouse.tables()) {
      differences.addAll(differences(table, source, gateway));
    }
    if (!differences.isEmpty()) {
      throw new AssertionError(String.join(System.lineSeparator(), differences));
    }
  }

  private static List<String> differences(SourceTable table, Source source, Gateway gateway)
      throws Exception {
    List<String> columns = table.columns().stream().map(SourceTable.Column::name).toList();
    String fromSource =
        table.columns().stream()
            .map(SilverTables::asStored)
            .collect(
                Collectors.joining(
                    ", ", "SELECT ", " FROM " + table.sourceSchema() + "." + table.sourceTable()));
    String fromSilver =
        columns.stream()
            .map(name -> '"' + name + '"')
            .collect(Collectors.joining(", ", "SELECT ", " FROM silver.\"" + table.name() + '"'));
    List<Integer> key = table.key().stream().map(columns::indexOf).toList();
    Map<List<String>, List<String>> expected = byKey(key, source.rows(fromSource));
    List<List<String>> found = gateway.query(fromSilver).rows();
    Map<List<String>, List<String>> actual = byKey(key, found);
    List<String> differences = new ArrayList<>();
    if (found.size() != actual.size()) {
      differences.add(
          "%s has %d rows but only %d keys"
              .formatted(table.dataset(), found.size(), actual.size()));
    }
    expected.forEach(
        (id, row) -> {
          if (!row.equals(actual.get(id))) {
            differences.add(
                "%s %s: the source has %s, Silver has %s"
                    .formatted(table.dataset(), id, row, actual.get(id)));
          }
        });
    actual.forEach(
        (id, row) -> {
          if (!expected.containsKey(id)) {
            differences.add(
                "%s %s: the source no longer has it, Silver has %s"
                    .formatted(table.dataset(), id, row));
          }
        });
    if (differences.size() > SHOWN_DIFFERENCES) {
      int more = differences.size() - SHOWN_DIFFERENCES;
      differences.subList(SHOWN_DIFFERENCES, differences.size()).clear();
      differences.add("and " + more + " more in " + table.dataset());
    }
    return differences;
  }

  /** The source's value as the gateway writes what Silver keeps of it. */
  private static String asStored(SourceTable.Column column) {
    String name = '"' + column.name() + '"';
    return switch (column.sourceType()) {
      case "timestamp with time zone" ->
          "to_char(" + name + ", 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')";
      // Addresses are anonymised before they are stored: IPv4 to /24, IPv6 to /48.
      case "inet" ->
          "host(network(set_masklen(%1$s, CASE family(%1$s) WHEN 4 THEN 24 ELSE 48 END)))"
              .formatted(name);
      default -> name + "::text";
    };
  }

  private static Map<List<String>, List<String>> byKey(List<Integer> key, List<List<String>> rows) {
    Map<List<String>, List<String>> byKey =
        new TreeMap<>((a, b) -> a.toString().compareTo(b.toString()));
    rows.forEach(row -> byKey.put(key.stream().map(row::get).toList(), row));
    return byKey;
  }
}
