package dev.lakegate.gateway.engine;

import dev.lakegate.gateway.catalog.FileChoice;
import dev.lakegate.gateway.sql.Type;
import dev.lakegate.model.policy.RowPredicate;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What stands behind a base table's generated name: exactly the used readable columns, over exactly
 * the permitted files, with the row predicate on top.
 *
 * @param name generated name of the binding
 * @param columns used columns
 * @param files permitted files, relative to the storage root
 * @param rows row predicate
 * @param apart whether rows that may not be read lie in the files as well. Then DuckDB must not see
 *     the user's expressions beside the predicate: its optimizer evaluates filters in any order,
 *     also through a MATERIALIZED common table expression. Such a relation is a temporary table,
 *     filled by a statement of its own before the user's statement is even planned
 */
public record SecuredRelation(
    String name, List<Column> columns, List<String> files, RowPredicate rows, boolean apart) {
  // DuckDB would take these as a pattern that matches other files.
  private static final Pattern PLAIN = Pattern.compile("[^*?\\[{\\p{Cntrl}]+");

  public SecuredRelation {
    columns = List.copyOf(columns);
    files = List.copyOf(files);
  }

  /**
   * A used column.
   *
   * @param position from 0, among the table's readable columns
   * @param name in the files
   * @param type declared
   */
  public record Column(int position, String name, Type type) {}

  /** The statement that fills it, for a relation that is read apart. */
  String separation(Path root, boolean padded) {
    return "CREATE OR REPLACE TEMPORARY TABLE " + name + " AS " + sql(root, padded);
  }

  /** The query that it stands for. */
  String sql(Path root, boolean padded) {
    List<String> items = new ArrayList<>();
    for (Column c : columns) {
      String source = files.isEmpty() ? "NULL" : quote(c.name());
      items.add("CAST(" + source + " AS " + c.type().duck() + ") AS c" + (c.position() + 1));
    }
    if (items.isEmpty()) {
      // Only rows are counted: no column is read.
      items.add("true AS c0");
    }
    String select = "SELECT " + String.join(", ", items);
    if (files.isEmpty() || rows instanceof RowPredicate.None) {
      return (files.isEmpty() ? select : "SELECT " + nulls()) + " WHERE false";
    }
    String list =
        files.stream()
            .map(f -> DuckDbEngine.literal(path(root, f)))
            .collect(Collectors.joining(", ", "[", "]"));
    String source = "read_parquet(" + list + ", union_by_name = true, hive_partitioning = false)";
    if (padded) {
      source =
          "(SELECT * FROM " + source + " UNION ALL BY NAME SELECT " + padding() + " WHERE false)";
    }
    String where = predicate(rows);
    return select + " FROM " + source + (where == null ? "" : " WHERE " + where);
  }

  /** All columns that it names, for files that lack one: there it is NULL, which no row passes. */
  private String padding() {
    Map<String, String> padding = new LinkedHashMap<>();
    // Without a type of its own: the files' type decides how a value reads as text.
    FileChoice.columns(rows).forEach(c -> padding.put(c, "NULL AS " + quote(c)));
    columns.forEach(
        c ->
            padding.putIfAbsent(
                c.name(), "CAST(NULL AS " + c.type().duck() + ") AS " + quote(c.name())));
    return String.join(", ", padding.values());
  }

  private String nulls() {
    return columns.isEmpty()
        ? "true AS c0"
        : columns.stream()
            .map(c -> "CAST(NULL AS " + c.type().duck() + ") AS c" + (c.position() + 1))
            .collect(Collectors.joining(", "));
  }

  private static String path(Path root, String relative) {
    Path base = root.toAbsolutePath().normalize();
    Path file = base.resolve(relative).normalize();
    if (!file.startsWith(base)
        || !relative.endsWith(".parquet")
        || !PLAIN.matcher(relative).matches()) {
      throw new IllegalStateException("not a data file of the lake: " + relative);
    }
    if (!PLAIN.matcher(base.toString()).matches()) {
      throw new IllegalStateException("the storage root's path has a wildcard character");
    }
    return file.toString();
  }

  private static String quote(String name) {
    return "\"" + name.replace("\"", "\"\"") + "\"";
  }

  /** The predicate in DuckDB's words; null when it lets everything through. */
  static String predicate(RowPredicate p) {
    if (p instanceof RowPredicate.All) {
      return null;
    }
    if (p instanceof RowPredicate.None) {
      return "false";
    }
    if (p instanceof RowPredicate.In in) {
      // DuckDB reads text to the first U+0000; no stored tenant has one.
      List<String> values = in.values().stream().filter(v -> v.indexOf(0) < 0).toList();
      return values.isEmpty()
          ? "false"
          : column(in.column())
              + " IN ("
              + values.stream().map(DuckDbEngine::literal).collect(Collectors.joining(", "))
              + ")";
    }
    if (p instanceof RowPredicate.Comparison c) {
      if (!List.of("=", "<>", "<", "<=", ">", ">=").contains(c.operator())) {
        throw new IllegalStateException("unknown operator " + c.operator());
      }
      return column(c.column()) + " " + c.operator() + " " + DuckDbEngine.literal(c.value());
    }
    if (p instanceof RowPredicate.And and) {
      return join(and.operands(), " AND ");
    }
    if (p instanceof RowPredicate.Or or) {
      return join(or.operands(), " OR ");
    }
    throw new IllegalStateException("unknown predicate " + p);
  }

  private static String column(String name) {
    return "CAST(" + quote(name) + " AS VARCHAR)";
  }

  private static String join(List<RowPredicate> operands, String glue) {
    if (operands.isEmpty()) {
      throw new IllegalStateException("a predicate without operands");
    }
    return operands.stream()
        .map(o -> predicate(o) == null ? "true" : predicate(o))
        .collect(Collectors.joining(glue, "(", ")"));
  }
}
