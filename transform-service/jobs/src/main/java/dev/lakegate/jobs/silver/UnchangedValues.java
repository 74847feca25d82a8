package dev.lakegate.jobs.silver;

import static dev.lakegate.jobs.storage.Duck.literal;
import static dev.lakegate.jobs.storage.Duck.name;

import dev.lakegate.jobs.protocol.Column;
import dev.lakegate.jobs.protocol.Specification;
import dev.lakegate.jobs.storage.Duck;
import dev.lakegate.jobs.table.ColumnType;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * Finds the values of one column that the log did not carry: in the nearest earlier change of the
 * same row, followed across changes of its key, and in the end in the stored row.
 *
 * <p>When that leads nowhere, each change of the key on the way may have been replayed over a later
 * copy, in which the row stands at its new key already: the value is looked for there, too.
 *
 * <p>A batch may hold records that were consumed already. A stored row that is not older than the
 * change of the key that the search would step over is nearer than what lies before that change, of
 * which nothing may be left.
 */
final class UnchangedValues {
  private final Duck duck;
  private final Specification specification;
  private final Column column;
  private final String table;
  private final String contained;
  private final Function<Collection<String>, String> rowsOf;
  private Set<String> storedFiles;
  private String cut;

  /**
   * For a column.
   *
   * @param table name of the table (rid, value) to make
   */
  UnchangedValues(Duck duck, Specification specification, Column column, String table) {
    this(
        duck, specification, column, table, files -> "(SELECT * FROM " + Duck.parquet(files) + ")");
  }

  /**
   * For a column of a table that stores more than rows as they are.
   *
   * @param rowsOf relation of the rows as they are, by stored files
   */
  UnchangedValues(
      Duck duck,
      Specification specification,
      Column column,
      String table,
      Function<Collection<String>, String> rowsOf) {
    this.duck = duck;
    this.specification = specification;
    this.column = column;
    this.table = table;
    this.contained = literal(column.name());
    this.rowsOf = rowsOf;
  }

  /**
   * Fills the table for {@code rows_to_store}; a rid that it lacks in the end, although the log did
   * not carry its value, goes into {@code unknown_rows}.
   *
   * @param storedFiles files that hold stored rows of the keys in {@code events}
   * @param cut stored rows of a lower change sequence count for nothing; null for none
   * @param dropped whether the source no longer has the column: what is nowhere is NULL then
   */
  void find(Set<String> storedFiles, String cut, boolean dropped) throws SQLException {
    this.storedFiles = holdColumn(storedFiles) ? storedFiles : Collections.<String>emptySet();
    this.cut = cut;
    duck.run(
        "CREATE TEMP TABLE "
            + table
            + " (rid BIGINT, value "
            + ColumnType.of(column.type()).duckdb()
            + ")");
    String start =
        " FROM rows_to_store w JOIN events e ON e.rid = w.rid AND e.op = 'U' WHERE"
            + " list_contains(e.unchanged, "
            + contained
            + ")";
    duck.run(
        "CREATE OR REPLACE TEMP TABLE need AS SELECT w.rid, "
            + currentKey("e")
            + ", e.seq AS before"
            + start);
    duck.run("CREATE OR REPLACE TEMP TABLE wanted AS SELECT DISTINCT rid FROM need");
    duck.run(
        "CREATE OR REPLACE TEMP TABLE fallback AS SELECT w.rid, "
            + keys("e.")
            + ", e.seq AS before, 0 AS hop"
            + start
            + " AND e.moved");
    int hops = follow(true) + 1;
    lookUp();
    for (int hop = 0; hop < hops && missing() > 0; hop++) {
      duck.run(
          "CREATE OR REPLACE TEMP TABLE need AS SELECT f.rid, "
              + keys("f.")
              + ", f.before FROM fallback f ANTI JOIN "
              + table
              + " t ON t.rid = f.rid WHERE f.hop = "
              + hop);
      follow(false);
      lookUp();
    }
    duck.run(
        (dropped
                ? "INSERT INTO " + table + " SELECT w.rid, NULL"
                : "INSERT INTO unknown_rows SELECT w.rid")
            + " FROM wanted w ANTI JOIN "
            + table
            + " t ON t.rid = w.rid");
  }

  private long missing() throws SQLException {
    return duck.number("SELECT count(*) FROM wanted w ANTI JOIN " + table + " t ON t.rid = w.rid");
  }

  /**
   * Follows {@code need} back through the batch. What leaves the batch is in {@code beyond}
   * afterwards.
   *
   * @return number of rounds that it took
   */
  private int follow(boolean withFallbacks) throws SQLException {
    duck.run("CREATE OR REPLACE TEMP TABLE beyond AS SELECT * FROM need WHERE false");
    int round = 0;
    while (duck.number("SELECT count(*) FROM need") > 0) {
      round++;
      // Skips changes that know nothing more, so each round passes one change of a key.
      duck.run(
          "CREATE OR REPLACE TEMP TABLE step AS SELECT n.rid, max(e.seq) AS seq, "
              + "arg_max(e.op, e.seq) AS op, arg_max(e.rid, e.seq) AS source FROM need n JOIN"
              + " events e ON "
              + sameKey("e", "n")
              + " AND e.seq < n.before WHERE e.op = 'D' OR e.moved OR e.unchanged IS NULL OR NOT"
              + " list_contains(e.unchanged, "
              + contained
              + ") GROUP BY n.rid");
      stopAtStoredRows();
      duck.run(
          "INSERT INTO beyond SELECT n.* FROM need n ANTI JOIN step s ON s.rid = n.rid ANTI JOIN"
              + " beyond b ON b.rid = n.rid");
      duck.run(
          "INSERT INTO "
              + table
              + " SELECT s.rid, b."
              + name(column.name())
              + " FROM step s JOIN bronze b ON b.rowid = s.source WHERE s.op = 'U' AND (b._unchanged"
              + " IS NULL OR NOT list_contains(b._unchanged, "
              + contained
              + "))");
      String next =
          " FROM step s JOIN events e ON e.rid = s.source AND e.op = 'U' WHERE s.op = 'U' AND"
              + " list_contains(e.unchanged, "
              + contained
              + ")";
      duck.run(
          "CREATE OR REPLACE TEMP TABLE need AS SELECT s.rid, "
              + currentKey("e")
              + ", e.seq AS before"
              + next);
      if (withFallbacks) {
        duck.run(
            "INSERT INTO fallback SELECT s.rid, "
                + keys("e.")
                + ", e.seq AS before, "
                + round
                + next
                + " AND e.moved");
      }
    }
    return round;
  }

  /** Moves from {@code step} to {@code beyond} what a stored row knows better. */
  private void stopAtStoredRows() throws SQLException {
    if (storedFiles.isEmpty()) {
      return;
    }
    // A change that carries the value itself is as good as the row that came of it.
    duck.run(
        "CREATE OR REPLACE TEMP TABLE nearer AS SELECT DISTINCT n.* FROM need n JOIN step p ON"
            + " p.rid = n.rid JOIN events e ON e.rid = p.source AND e.seq = p.seq AND e.op = p.op"
            + " JOIN stored s ON "
            + sameKey("s", "n")
            + " WHERE s.seq >= p.seq AND s.seq < n.before AND (p.op = 'D' OR list_contains("
            + "e.unchanged, "
            + contained
            + "))"
            + (cut == null ? "" : " AND s.seq >= " + literal(cut)));
    duck.run("INSERT INTO beyond SELECT * FROM nearer");
    duck.run("DELETE FROM step WHERE rid IN (SELECT rid FROM nearer)");
  }

  private boolean holdColumn(Set<String> files) throws SQLException {
    return !files.isEmpty()
        && duck.number(
                "SELECT count(*) FROM (DESCRIBE SELECT * FROM "
                    + rowsOf.apply(files)
                    + ") WHERE column_name = "
                    + contained)
            > 0;
  }

  /** Values of stored rows for what is {@code beyond} the batch. */
  private void lookUp() throws SQLException {
    if (storedFiles.isEmpty() || duck.number("SELECT count(*) FROM beyond") == 0) {
      return;
    }
    duck.run(
        "INSERT INTO "
            + table
            + " SELECT u.rid, arg_max({'v': s."
            + name(column.name())
            + "}, s._change_seq).v FROM beyond u JOIN "
            + rowsOf.apply(storedFiles)
            + " s ON "
            + sameKey("s", "u")
            + " WHERE s._change_seq < u.before"
            + (cut == null ? "" : " AND s._change_seq >= " + literal(cut))
            + " GROUP BY u.rid");
  }

  /** The key that the row had before an event. */
  private String currentKey(String event) {
    List<String> columns = new ArrayList<>();
    for (String part : specification.key()) {
      columns.add(
          "CASE WHEN "
              + event
              + ".moved THEN "
              + event
              + "."
              + name("o_" + part)
              + " ELSE "
              + event
              + "."
              + name(part)
              + " END AS "
              + name(part));
    }
    return String.join(", ", columns);
  }

  private String keys(String prefix) {
    List<String> columns = new ArrayList<>();
    for (String part : specification.key()) {
      columns.add(prefix + name(part));
    }
    return String.join(", ", columns);
  }

  private String sameKey(String left, String right) {
    List<String> conditions = new ArrayList<>();
    for (String part : specification.key()) {
      conditions.add(left + "." + name(part) + " = " + right + "." + name(part));
    }
    return String.join(" AND ", conditions);
  }
}
