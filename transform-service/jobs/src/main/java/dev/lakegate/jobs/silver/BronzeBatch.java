package dev.lakegate.jobs.silver;

import static dev.lakegate.jobs.storage.Duck.literal;
import static dev.lakegate.jobs.storage.Duck.name;

import dev.lakegate.jobs.JobException;
import dev.lakegate.jobs.protocol.Column;
import dev.lakegate.jobs.protocol.Specification;
import dev.lakegate.jobs.storage.Duck;
import dev.lakegate.jobs.table.ColumnType;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The Bronze records of one run, as table {@code bronze} of a DuckDB: the specification's columns
 * in their types whatever version of the source's schema a file is of, and the reserved columns.
 */
final class BronzeBatch {
  private static final String[] NEEDED = {"_op", "_change_seq", "_commit_ts"};

  private final Duck duck;
  private final Specification specification;
  private final Set<String> dropped = new TreeSet<>();
  private long records;

  private BronzeBatch(Duck duck, Specification specification) {
    this.duck = duck;
    this.specification = specification;
  }

  /**
   * Reads the files.
   *
   * @param files by version of the source's schema; may be empty
   */
  static BronzeBatch read(
      Duck duck, Specification specification, NavigableMap<Integer, List<String>> files)
      throws SQLException {
    BronzeBatch batch = new BronzeBatch(duck, specification);
    batch.create();
    NavigableMap<Integer, Set<String>> present = new TreeMap<>();
    for (Map.Entry<Integer, List<String>> version : files.entrySet()) {
      present.put(version.getKey(), batch.columns(version.getValue()));
    }
    if (!present.isEmpty()) {
      for (Column column : specification.columns()) {
        // A column that the newest version lacks was dropped; one that an older version alone
        // lacks was added since, and was NULL before.
        if (!present.lastEntry().getValue().contains(column.name())) {
          batch.dropped.add(column.name());
        }
      }
    }
    for (Map.Entry<Integer, List<String>> version : files.entrySet()) {
      batch.insert(version.getValue(), present.get(version.getKey()));
    }
    batch.check();
    return batch;
  }

  private Set<String> columns(Collection<String> files) throws SQLException {
    Set<String> present =
        new HashSet<>(
            duck.texts(
                "SELECT column_name FROM (DESCRIBE SELECT * FROM " + Duck.parquet(files) + ")"));
    for (String needed : NEEDED) {
      if (!present.contains(needed)) {
        throw invalid("Bronze files of %s have no column " + needed);
      }
    }
    for (String column : specification.key()) {
      if (!present.contains(column)) {
        throw invalid("Bronze files of %s have no key column " + column);
      }
    }
    return present;
  }

  private void create() throws SQLException {
    List<String> columns = new ArrayList<>();
    for (Column column : specification.columns()) {
      columns.add(name(column.name()) + " " + ColumnType.of(column.type()).duckdb());
    }
    duck.run(
        "CREATE TEMP TABLE bronze ("
            + String.join(", ", columns)
            + ", _op VARCHAR, _change_seq VARCHAR, _commit_ts TIMESTAMP WITH TIME ZONE,"
            + " _unchanged VARCHAR[], _old_key VARCHAR)");
  }

  private void insert(Collection<String> files, Set<String> present) throws SQLException {
    List<String> select = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    for (Column column : specification.columns()) {
      boolean here = present.contains(column.name());
      select.add(
          "CAST("
              + (here ? name(column.name()) : "NULL")
              + " AS "
              + ColumnType.of(column.type()).duckdb()
              + ")");
      if (!here && dropped.contains(column.name())) {
        missing.add(literal(column.name()));
      }
    }
    select.add("_op");
    select.add("_change_seq");
    select.add("_commit_ts::TIMESTAMP WITH TIME ZONE");
    String unchanged = present.contains("_unchanged") ? "_unchanged::VARCHAR[]" : "NULL::VARCHAR[]";
    if (!missing.isEmpty()) {
      // What exists keeps the last value that the column had.
      unchanged =
          "CASE WHEN _op = 'U' THEN list_concat(coalesce("
              + unchanged
              + ", []), ["
              + String.join(", ", missing)
              + "]) ELSE "
              + unchanged
              + " END";
    }
    select.add(unchanged);
    select.add(present.contains("_old_key") ? "_old_key" : "NULL::VARCHAR");
    try {
      duck.run(
          "INSERT INTO bronze SELECT "
              + String.join(", ", select)
              + " FROM "
              + Duck.parquet(files));
    } catch (SQLException e) {
      String message = String.valueOf(e.getMessage());
      if (message.contains("Conversion Error") || message.contains("Out of Range Error")) {
        throw JobException.permanent(
            "VALUE_UNFIT",
            "a Bronze value of "
                + specification.dataset()
                + " does not fit the type that its column is described with: "
                + message.substring(0, Math.min(300, message.length())),
            e);
      }
      throw e;
    }
  }

  private void check() throws SQLException {
    records = duck.number("SELECT count(*) FROM bronze");
    List<String> bad =
        duck.texts(
            "SELECT coalesce(_op, 'NULL') FROM bronze WHERE _op IS NULL OR _change_seq IS NULL OR"
                + " _op NOT IN ('I', 'U', 'D', 'T') LIMIT 1");
    if (!bad.isEmpty()) {
      throw invalid("Bronze records of %s have operation " + bad.get(0) + " or no change sequence");
    }
  }

  private JobException invalid(String message) {
    return JobException.permanent(
        "BRONZE_INVALID", String.format(message, specification.dataset()));
  }

  /** Records read. */
  long records() {
    return records;
  }

  /** Columns that the newest of the files no longer have. */
  Set<String> dropped() {
    return Collections.unmodifiableSet(dropped);
  }
}
