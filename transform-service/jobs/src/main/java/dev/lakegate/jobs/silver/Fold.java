package dev.lakegate.jobs.silver;

import static dev.lakegate.jobs.storage.Duck.literal;
import static dev.lakegate.jobs.storage.Duck.name;

import dev.lakegate.jobs.JobException;
import dev.lakegate.jobs.protocol.Column;
import dev.lakegate.jobs.protocol.Specification;
import dev.lakegate.jobs.storage.Duck;
import dev.lakegate.jobs.table.ColumnType;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns a batch of Bronze records into what a Silver table must do: at most one full row to store
 * per key, and the keys to remove with the partitions they are stored in.
 *
 * <p>The last change of a key by {@code _change_seq} decides. A change that is not newer than the
 * stored row does nothing. Values that the log did not carry come from the nearest earlier change
 * of the same row, across changes of its key, and in the end from the stored row.
 */
final class Fold {
  /** Column of {@link #upserts}: the partitions in which older rows of the key are stored. */
  static final String STORED = "__stored";

  /** The one field of {@link #STORED} where the table has no partitions. */
  static final String NO_PARTITION = "nothing";

  /** Name of the file that holds the rows in quarantine. */
  static final String QUARANTINED = "quarantined.parquet";

  /** Table with the keys of rows that were in quarantine and are there no longer as they were. */
  static final String RELEASED = "released";

  private static final Logger LOG = LoggerFactory.getLogger(Fold.class);

  private final Duck duck;
  private final Specification specification;
  private final List<String> key;
  private final Path upserts;
  private final Path deletes;

  private BronzeBatch batch;
  private long upsertCount;
  private long deleteCount;
  private long leftOutCount;
  private long releasedCount;

  Fold(Duck duck, Specification specification, Path directory) {
    this.duck = duck;
    this.specification = specification;
    this.key = specification.key();
    this.upserts = directory.resolve("upserts.parquet");
    this.deletes = directory.resolve("deletes.parquet");
  }

  /**
   * Folds the batch.
   *
   * @param bronze files of the batch by version of the source's schema; may be empty
   * @param storedFiles base files of the stored table; may be empty. One that is called {@link
   *     #QUARANTINED} holds rows that are known and not in the table: they count as stored, except
   *     that nothing has to be removed where they are
   * @param sweepBefore change sequence of a completed copy: stored rows and records before it count
   *     for nothing, since the copy holds whatever of them was still there; null for none
   */
  void run(
      NavigableMap<Integer, List<String>> bronze,
      Collection<String> storedFiles,
      String sweepBefore)
      throws SQLException {
    batch = BronzeBatch.read(duck, specification, bronze);
    String truncation = duck.text("SELECT max(_change_seq) FROM bronze WHERE _op = 'T'");
    String cut = later(truncation, sweepBefore);
    events(truncation, sweepBefore);
    duck.run(
        "CREATE TEMP TABLE winners AS SELECT "
            + keys("")
            + ", max(seq) AS seq, arg_max(op, seq) AS op, arg_max(rid, seq) AS rid,"
            + " arg_max(ts, seq) AS ts FROM events GROUP BY "
            + keys(""));
    stored(storedFiles, cut);
    writeUpserts(cut);
    writeDeletes(cut);
    release(cut);
  }

  /**
   * One row per change of a key: {@code op} U for a new value, D for its end; {@code rid} the
   * Bronze record; {@code o_*} the key it had before, when the key changed.
   */
  private void events(String truncation, String sweepBefore) throws SQLException {
    List<String> newKey = new ArrayList<>();
    List<String> oldKey = new ArrayList<>();
    List<String> oldAsKey = new ArrayList<>();
    List<String> noOld = new ArrayList<>();
    for (String column : key) {
      String type = ColumnType.of(column(column).type()).duckdb();
      // $."name" reads a member whatever characters its name holds.
      String path = literal("$.\"" + column.replace("\"", "\\\"") + "\"");
      String old =
          "coalesce(json_extract_string(_old_key, "
              + path
              + ")::"
              + type
              + ", "
              + name(column)
              + ")";
      newKey.add(name(column));
      oldKey.add(old + " AS " + name("o_" + column));
      oldAsKey.add(old + " AS " + name(column));
      noOld.add("NULL::" + type + " AS " + name("o_" + column));
    }
    String alive =
        " _op <> 'T'"
            + (truncation == null ? "" : " AND _change_seq > " + literal(truncation))
            + (sweepBefore == null ? "" : " AND _change_seq >= " + literal(sweepBefore));
    String changed = "(_old_key IS NOT NULL AND _op <> 'D')";
    duck.run(
        "CREATE TEMP TABLE events AS "
            + "SELECT "
            + String.join(", ", newKey)
            + ", _change_seq AS seq, CASE _op WHEN 'D' THEN 'D' ELSE 'U' END AS op, rowid AS rid,"
            + " _commit_ts AS ts, _unchanged AS unchanged, false AS moved, "
            + String.join(", ", noOld)
            + " FROM bronze WHERE"
            + alive
            + " AND NOT "
            + changed
            + " UNION ALL SELECT "
            + String.join(", ", newKey)
            + ", _change_seq, 'U', rowid, _commit_ts, _unchanged, true, "
            + String.join(", ", oldKey)
            + " FROM bronze WHERE"
            + alive
            + " AND "
            + changed
            + " UNION ALL SELECT "
            + String.join(", ", oldAsKey)
            + ", _change_seq, 'D', rowid, _commit_ts, NULL, false, "
            + String.join(", ", noOld)
            + " FROM bronze WHERE"
            + alive
            + " AND "
            + changed);
    StringBuilder nullKey = new StringBuilder();
    for (String column : key) {
      nullKey.append(nullKey.length() == 0 ? "" : " OR ").append(name(column)).append(" IS NULL");
    }
    if (duck.number("SELECT count(*) FROM events WHERE " + nullKey) > 0) {
      throw JobException.permanent(
          "BRONZE_INVALID", "Bronze records of " + specification.dataset() + " have no key");
    }
  }

  /** Rows now stored that the batch concerns: their key, partition and change sequence. */
  private void stored(Collection<String> files, String cut) throws SQLException {
    List<String> select = new ArrayList<>();
    for (String column : key) {
      select.add(cast(column(column), "s." + name(column)) + " AS " + name(column));
    }
    for (String column : specification.partitionBy()) {
      select.add(
          (files.isEmpty() ? "NULL" : "s." + name(column))
              + "::"
              + ColumnType.of(storedColumn(column).type()).duckdb()
              + " AS "
              + name("p_" + column));
    }
    select.add("s._change_seq AS seq");
    select.add((files.isEmpty() ? "NULL::VARCHAR" : "s.__file") + " AS file");
    select.add(
        (files.isEmpty() ? "false" : "ends_with(s.__file, " + literal("/" + QUARANTINED) + ")")
            + " AS quarantined");
    duck.run(
        "CREATE TEMP TABLE stored AS SELECT "
            + String.join(", ", select)
            + " FROM "
            + (files.isEmpty()
                ? "(SELECT * FROM bronze WHERE false)"
                : "(SELECT * FROM " + Duck.parquetWithNames(files) + ")")
            + " s WHERE "
            + (cut == null ? "" : "s._change_seq < " + literal(cut) + " OR ")
            + "("
            + keys("s.")
            + ") IN (SELECT ("
            + keys("")
            + ") FROM winners)");
  }

  private void writeUpserts(String cut) throws SQLException {
    duck.run(
        "CREATE TEMP TABLE rows_to_store AS SELECT w.* FROM winners w WHERE w.op = 'U' AND NOT"
            + " EXISTS (SELECT 1 FROM stored s WHERE "
            + sameKey("s", "w")
            + " AND s.seq >= w.seq)");
    Set<String> incomplete = new HashSet<>();
    for (String column :
        duck.texts(
            "SELECT DISTINCT unnest(e.unchanged) FROM events e JOIN rows_to_store w USING (rid)"
                + " WHERE e.op = 'U'")) {
      if (hasSource(column)) {
        incomplete.add(column);
      }
    }
    duck.run("CREATE TEMP TABLE unknown_rows (rid BIGINT)");
    // Values are read from the files alone that hold a row of the batch's keys.
    Set<String> files =
        incomplete.isEmpty()
            ? Collections.<String>emptySet()
            : new TreeSet<>(
                duck.texts(
                    "SELECT DISTINCT file FROM stored WHERE ("
                        + keys("")
                        + ") IN (SELECT ("
                        + keys("")
                        + ") FROM winners)"));
    StringBuilder joins = new StringBuilder();
    List<String> select = new ArrayList<>();
    int number = 0;
    for (Column column : specification.columns()) {
      if (incomplete.contains(column.name())) {
        String table = "complete_" + number++;
        new UnchangedValues(duck, specification, column, table)
            .find(files, cut, batch.dropped().contains(column.name()));
        joins
            .append(" LEFT JOIN ")
            .append(table)
            .append(" ON ")
            .append(table)
            .append(".rid = w.rid");
        select.add(
            "CASE WHEN "
                + table
                + ".rid IS NULL THEN b."
                + name(column.name())
                + " ELSE "
                + table
                + ".value END AS "
                + name(column.name()));
      } else {
        select.add("b." + name(column.name()));
      }
    }
    leaveOutUnknown();
    upsertCount = duck.number("SELECT count(*) FROM rows_to_store");
    List<String> partition = new ArrayList<>();
    for (String column : specification.partitionBy()) {
      partition.add(name(column) + " := s." + name("p_" + column));
    }
    if (partition.isEmpty()) {
      partition.add(NO_PARTITION + " := 0");
    }
    duck.run(
        "COPY (SELECT "
            + String.join(", ", select)
            + ", w.seq AS _change_seq, w.ts AS _commit_ts, p.stored AS "
            + STORED
            + " FROM rows_to_store w JOIN bronze b ON b.rowid = w.rid"
            + joins
            + " LEFT JOIN (SELECT "
            + keys("s.")
            + ", list(DISTINCT struct_pack("
            + String.join(", ", partition)
            + ")) AS stored FROM stored s WHERE NOT s.quarantined GROUP BY "
            + keys("s.")
            + ") p ON "
            + sameKey("p", "w")
            + ") TO "
            + literal(upserts.toString())
            + " (FORMAT parquet, COMPRESSION snappy)");
    requireTenant();
  }

  private void requireTenant() throws SQLException {
    String tenant = specification.tenantColumn();
    if (tenant == null || !hasSource(tenant)) {
      return;
    }
    String orphan =
        duck.text(
            "SELECT concat_ws(', ', "
                + keys("")
                + ") FROM "
                + Duck.parquet(Collections.singletonList(upserts.toString()))
                + " WHERE "
                + name(tenant)
                + " IS NULL LIMIT 1");
    if (orphan != null) {
      throw JobException.permanent(
          "TENANT_MISSING",
          "the row of "
              + specification.dataset()
              + " with key "
              + orphan
              + " has no value in its tenant column "
              + tenant);
    }
  }

  /**
   * A row with a value that is nowhere is left out, counted, until a change brings it whole. The
   * row that it should have followed is not alive: its insert never reached Bronze (it is in
   * quarantine), or the change is older than a copy that no longer has the row.
   */
  private void leaveOutUnknown() throws SQLException {
    List<String> rows =
        duck.texts(
            "SELECT concat_ws(', ', "
                + keys("w.")
                + ") FROM winners w WHERE w.op = 'U' AND w.rid IN (SELECT rid FROM unknown_rows)");
    if (rows.isEmpty()) {
      return;
    }
    leftOutCount = rows.size();
    LOG.warn(
        "{}: {} changed rows have values that are known nowhere and are left out, such as {}",
        specification.dataset(),
        rows.size(),
        rows.get(0));
    duck.run("DELETE FROM rows_to_store WHERE rid IN (SELECT rid FROM unknown_rows)");
    // Whatever is stored at their keys ended within the batch.
    duck.run(
        "UPDATE winners SET op = 'D' WHERE op = 'U' AND rid IN (SELECT rid FROM unknown_rows)");
  }

  private void writeDeletes(String cut) throws SQLException {
    List<String> select = new ArrayList<>();
    for (String column : key) {
      select.add("s." + name(column));
    }
    for (String column : specification.partitionBy()) {
      if (!key.contains(column)) {
        select.add("s." + name("p_" + column) + " AS " + name(column));
      }
    }
    duck.run(
        "CREATE TEMP TABLE rows_to_delete AS SELECT DISTINCT "
            + String.join(", ", select)
            + ", coalesce(w.seq, "
            + (cut == null ? "NULL" : literal(cut))
            + ") AS _change_seq, w.ts AS _commit_ts FROM stored s LEFT JOIN winners w ON "
            + sameKey("s", "w")
            + " WHERE NOT s.quarantined AND ((w.op = 'D' AND s.seq < w.seq)"
            + (cut == null ? "" : " OR (s.seq < " + literal(cut) + " AND w.op IS NULL)")
            + ")");
    deleteCount =
        duck.number("SELECT count(*) FROM (SELECT DISTINCT " + keys("") + " FROM rows_to_delete)");
    duck.run(
        "COPY rows_to_delete TO "
            + literal(deletes.toString())
            + " (FORMAT parquet, COMPRESSION snappy)");
  }

  /** Rows in quarantine that a newer change, a truncation or a copy concerns are judged anew. */
  private void release(String cut) throws SQLException {
    duck.run(
        "CREATE TEMP TABLE "
            + RELEASED
            + " AS SELECT DISTINCT "
            + keys("s.")
            + " FROM stored s LEFT JOIN winners w ON "
            + sameKey("s", "w")
            + " WHERE s.quarantined AND (s.seq < w.seq"
            + (cut == null ? "" : " OR (s.seq < " + literal(cut) + " AND w.op IS NULL)")
            + ")");
    releasedCount = duck.number("SELECT count(*) FROM " + RELEASED);
  }

  private String keys(String prefix) {
    List<String> columns = new ArrayList<>();
    for (String column : key) {
      columns.add(prefix + name(column));
    }
    return String.join(", ", columns);
  }

  private String sameKey(String left, String right) {
    List<String> conditions = new ArrayList<>();
    for (String column : key) {
      conditions.add(left + "." + name(column) + " = " + right + "." + name(column));
    }
    return String.join(" AND ", conditions);
  }

  private boolean hasSource(String name) {
    for (Column column : specification.columns()) {
      if (column.name().equals(name)) {
        return true;
      }
    }
    return false;
  }

  private Column column(String name) {
    for (Column column : specification.columns()) {
      if (column.name().equals(name)) {
        return column;
      }
    }
    throw new IllegalArgumentException(name);
  }

  private Column storedColumn(String name) {
    for (Column column : specification.storedColumns()) {
      if (column.name().equals(name)) {
        return column;
      }
    }
    throw new IllegalArgumentException(name);
  }

  private static String cast(Column column, String expression) {
    return "CAST(" + expression + " AS " + ColumnType.of(column.type()).duckdb() + ")";
  }

  private static String later(String left, String right) {
    if (left == null || right == null) {
      return left == null ? right : left;
    }
    return left.compareTo(right) >= 0 ? left : right;
  }

  /**
   * Full rows to store: the source's columns, {@code _change_seq}, {@code _commit_ts}, {@link
   * #STORED}.
   */
  Path upserts() {
    return upserts;
  }

  /** Rows to remove: key and partition columns, {@code _change_seq}, {@code _commit_ts}. */
  Path deletes() {
    return deletes;
  }

  /** Bronze records read. */
  long records() {
    return batch.records();
  }

  /** Changed rows that are not stored because one of their values is known nowhere. */
  long leftOutCount() {
    return leftOutCount;
  }

  /** Keys of {@link #RELEASED}. */
  long releasedCount() {
    return releasedCount;
  }

  /** Rows to store. */
  long upsertCount() {
    return upsertCount;
  }

  /** Keys to remove. */
  long deleteCount() {
    return deleteCount;
  }
}
