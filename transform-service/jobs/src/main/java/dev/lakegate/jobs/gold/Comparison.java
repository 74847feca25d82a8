package dev.lakegate.jobs.gold;

import static dev.lakegate.jobs.storage.Duck.literal;
import static dev.lakegate.jobs.storage.Duck.name;

import dev.lakegate.jobs.JobException;
import dev.lakegate.jobs.protocol.Column;
import dev.lakegate.jobs.protocol.Specification;
import dev.lakegate.jobs.storage.Duck;
import dev.lakegate.jobs.table.ColumnType;
import dev.lakegate.jobs.table.HudiTable;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Computed rows beside stored ones: what a commit has to change. Used by one thread. */
final class Comparison {
  private final Specification specification;
  private final Duck duck;
  private long computed;
  private long changed;
  private long vanished;

  Comparison(Specification specification, Duck duck) {
    this.specification = specification;
    this.duck = duck;
  }

  /** Rows that were computed. */
  long computed() {
    return computed;
  }

  /** Rows that are new or differ. */
  long changed() {
    return changed;
  }

  /** Stored rows that were not computed again. */
  long vanished() {
    return vanished;
  }

  /**
   * Writes the rows that differ.
   *
   * @param computed Parquet files
   * @param stored Parquet files
   * @param condition on a stored row {@code f} that it could have been computed again; null for all
   * @param changes Parquet file to write
   */
  void write(List<String> computed, List<String> stored, String condition, Path changes)
      throws SQLException {
    view("computed", computed, null);
    view("stored", stored, condition);
    this.computed = duck.number("SELECT count(*) FROM computed");
    List<String> identity = new ArrayList<>(specification.key());
    for (String column : specification.partitionBy()) {
      if (!identity.contains(column)) {
        identity.add(column);
      }
    }
    String grain = names(specification.key(), "");
    String twice =
        duck.text(
            "SELECT concat_ws(', ', "
                + grain
                + ") FROM computed GROUP BY "
                + grain
                + " HAVING count(*) > 1 LIMIT 1");
    if (twice != null) {
      throw JobException.permanent(
          "GRAIN_NOT_UNIQUE",
          "the SQL of " + specification.dataset() + " gives several rows of grain " + twice);
    }
    for (Column column : specification.columns()) {
      if (!column.nullable()
          && duck.number("SELECT count(*) FROM computed WHERE " + name(column.name()) + " IS NULL")
              > 0) {
        throw JobException.permanent(
            "RESULT_NULL",
            "the SQL of "
                + specification.dataset()
                + " gives NULL in column "
                + column.name()
                + ", which is not nullable");
      }
    }
    List<String> same = new ArrayList<>();
    for (String column : identity) {
      same.add("c." + name(column) + " IS NOT DISTINCT FROM s." + name(column));
    }
    List<String> differ = new ArrayList<>();
    List<String> gone = new ArrayList<>();
    for (Column column : specification.writtenColumns()) {
      if (identity.contains(column.name())) {
        gone.add("s." + name(column.name()));
      } else {
        differ.add("c." + name(column.name()) + " IS DISTINCT FROM s." + name(column.name()));
        gone.add("NULL");
      }
    }
    String match = String.join(" AND ", same);
    String equal =
        match + (differ.isEmpty() ? "" : " AND NOT (" + String.join(" OR ", differ) + ")");
    duck.run(
        "CREATE TEMP TABLE changes AS SELECT c.*, false AS "
            + name(HudiTable.DELETED)
            + " FROM computed c WHERE NOT EXISTS (SELECT 1 FROM stored s WHERE "
            + equal
            + ") UNION ALL SELECT "
            + String.join(", ", gone)
            + ", true FROM stored s WHERE NOT EXISTS (SELECT 1 FROM computed c WHERE "
            + match
            + ")");
    vanished = duck.number("SELECT count(*) FROM changes WHERE " + name(HudiTable.DELETED));
    changed = duck.number("SELECT count(*) FROM changes") - vanished;
    duck.run(
        "COPY changes TO " + literal(changes.toString()) + " (FORMAT parquet, COMPRESSION snappy)");
  }

  private void view(String view, List<String> files, String condition) throws SQLException {
    Set<String> present =
        files.isEmpty()
            ? Collections.<String>emptySet()
            : new HashSet<>(
                duck.texts(
                    "SELECT column_name FROM (DESCRIBE SELECT * FROM "
                        + Duck.parquet(files)
                        + ")"));
    List<String> select = new ArrayList<>();
    for (Column column : specification.writtenColumns()) {
      select.add(
          "CAST("
              + (present.contains(column.name()) ? name(column.name()) : "NULL")
              + " AS "
              + ColumnType.of(column.type()).duckdb()
              + ") AS "
              + name(column.name()));
    }
    duck.run(
        "CREATE TEMP VIEW "
            + view
            + " AS SELECT "
            + String.join(", ", select)
            + (files.isEmpty()
                ? " WHERE false"
                : " FROM "
                    + Duck.parquet(files)
                    + " f"
                    + (condition == null ? "" : " WHERE " + condition)));
  }

  private static String names(List<String> columns, String prefix) {
    List<String> result = new ArrayList<>();
    for (String column : columns) {
      result.add(prefix + name(column));
    }
    return String.join(", ", result);
  }
}
