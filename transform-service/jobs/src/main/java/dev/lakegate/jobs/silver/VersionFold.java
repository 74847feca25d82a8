package dev.lakegate.jobs.silver;

import static dev.lakegate.jobs.storage.Duck.literal;
import static dev.lakegate.jobs.storage.Duck.name;

import dev.lakegate.jobs.JobException;
import dev.lakegate.jobs.protocol.Column;
import dev.lakegate.jobs.protocol.RunRequest.Copy;
import dev.lakegate.jobs.protocol.Specification;
import dev.lakegate.jobs.protocol.VersionRules;
import dev.lakegate.jobs.storage.Duck;
import dev.lakegate.jobs.table.ColumnType;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns a batch of Bronze records into versions of rows: those that begin within it, and stored
 * ones that end within it. A version lasts as long as no tracked column of its row, and not its
 * tenant, differs after a transaction; what happens within a transaction is not seen.
 *
 * <p>Of a key, records that are not newer than what its stored versions were made of do nothing,
 * and neither do those of an epoch before the one that was consumed. So a batch may be read again.
 */
final class VersionFold {
  static final String TENANT_ID = "tenant_id";
  static final String VERSION = "version";
  static final String VALID_FROM = "valid_from";
  static final String VALID_TO = "valid_to";
  static final String BEGAN = "began";
  static final String ENDED = "ended";
  static final String TRANSITION_ALLOWED = "transition_allowed";

  private static final Logger LOG = LoggerFactory.getLogger(VersionFold.class);

  /** Length of a change sequence without the ordinal of the change within its transaction. */
  private static final int TRANSACTION = 45;

  /** The record with the values of a change; in one term, as a join by two compares all pairs. */
  private static final String VALUES = "CASE WHEN l.op = 'U' THEN l.rid END";

  private final Duck duck;
  private final Specification specification;
  private final Specification source;
  private final VersionRules rules;
  private final List<String> key;
  private final Path versions;

  private BronzeBatch batch;
  private boolean cut;
  private long count;
  private long eventCount;
  private long leftOutCount;

  VersionFold(Duck duck, Specification specification, Path directory) {
    this.duck = duck;
    this.specification = specification;
    this.source = specification.source();
    this.rules = specification.versions();
    this.key = rules.key();
    this.versions = directory.resolve("versions.parquet");
  }

  /**
   * Folds the batch.
   *
   * @param bronze files of the batch by version of the source's schema; may be empty
   * @param storedFiles base files of the stored table; may be empty
   * @param copies of the source table that became complete within the batch, in order
   * @param epoch that was consumed: records of earlier ones come too late; null for none
   */
  void run(
      NavigableMap<Integer, List<String>> bronze,
      Collection<String> storedFiles,
      List<Copy> copies,
      String epoch)
      throws SQLException {
    batch = BronzeBatch.read(duck, source, bronze);
    changes(epoch == null ? "" : epoch);
    cuts(copies, epoch == null ? "" : epoch);
    stored(storedFiles);
    events();
    transactions();
    List<String> values = complete(storedFiles);
    states(values, storedFiles);
    leaveOutWithoutTenant();
    judge();
    write();
  }

  /**
   * One row per change of a key: {@code op} U for a new value, D for its end; {@code o_*} the key
   * that the row had before, when that changed; {@code mark} the sequence that is kept.
   */
  private void changes(String epoch) throws SQLException {
    List<String> newKey = new ArrayList<>();
    List<String> oldKey = new ArrayList<>();
    List<String> oldAsKey = new ArrayList<>();
    List<String> noOld = new ArrayList<>();
    for (String column : key) {
      String type = type(column);
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
    String alive = " _op <> 'T' AND _change_seq >= " + literal(epoch);
    String rekeyed = "(_old_key IS NOT NULL AND _op <> 'D')";
    duck.run(
        "CREATE TEMP TABLE changes AS SELECT "
            + String.join(", ", newKey)
            + ", _change_seq AS seq, _change_seq AS mark,"
            + " CASE _op WHEN 'D' THEN 'D' ELSE 'U' END AS op, rowid AS rid, _commit_ts AS ts,"
            + " _unchanged AS unchanged, false AS moved, "
            + String.join(", ", noOld)
            + ", CASE WHEN _op = 'D' THEN 'deleted' WHEN substr(_change_seq, 5, 1) = '0' THEN"
            + " 'copied' ELSE 'inserted' END AS how FROM bronze WHERE"
            + alive
            + " AND NOT "
            + rekeyed
            + " UNION ALL SELECT "
            + String.join(", ", newKey)
            + ", _change_seq, _change_seq, 'U', rowid, _commit_ts, _unchanged, true, "
            + String.join(", ", oldKey)
            + ", 'rekeyed' FROM bronze WHERE"
            + alive
            + " AND "
            + rekeyed
            + " UNION ALL SELECT "
            + String.join(", ", oldAsKey)
            + ", _change_seq, _change_seq, 'D', rowid, _commit_ts, NULL, false, "
            + String.join(", ", noOld)
            + ", 'rekeyed' FROM bronze WHERE"
            + alive
            + " AND "
            + rekeyed);
    StringBuilder nullKey = new StringBuilder();
    for (String column : key) {
      nullKey.append(nullKey.length() == 0 ? "" : " OR ").append(name(column)).append(" IS NULL");
    }
    if (duck.number("SELECT count(*) FROM changes WHERE " + nullKey) > 0) {
      throw JobException.permanent(
          "BRONZE_INVALID", "Bronze records of " + specification.dataset() + " have no key");
    }
  }

  /** What ends every row that does not come again: truncations, and snapshots of copies. */
  private void cuts(List<Copy> copies, String epoch) throws SQLException {
    duck.run(
        "CREATE TEMP TABLE cuts AS SELECT _change_seq AS seq, _change_seq AS mark, _commit_ts AS"
            + " ts, 'truncated' AS how FROM bronze WHERE _op = 'T' AND _change_seq >= "
            + literal(epoch));
    for (Copy copy : copies) {
      String sequence = copy.sequence();
      // Before the rows of the copy, which all have its sequence, and behind all others.
      String before =
          sequence.length() > 4 ? sequence.substring(0, sequence.length() - 1) : sequence;
      duck.run(
          "INSERT INTO cuts SELECT "
              + literal(before)
              + ", "
              + literal(sequence)
              + ", coalesce((SELECT min(_commit_ts) FROM bronze WHERE _change_seq = "
              + literal(sequence)
              + "), TIMESTAMPTZ "
              + literal(copy.at().toString())
              + "), 'missing'");
    }
    cut = duck.number("SELECT count(*) FROM cuts") > 0;
  }

  /** Stored versions of the keys that the batch concerns. */
  private void stored(Collection<String> files) throws SQLException {
    String concerned =
        (cut ? name(VALID_TO) + " IS NULL OR " : "")
            + "("
            + keys("")
            + ") IN (SELECT ("
            + keys("")
            + ") FROM changes)";
    List<String> none = new ArrayList<>();
    for (String column : key) {
      none.add("NULL::" + type(column) + " AS " + name(column));
    }
    duck.run(
        "CREATE TEMP TABLE known AS "
            + (files.isEmpty()
                ? "SELECT "
                    + String.join(", ", none)
                    + ", NULL::VARCHAR AS seq, NULL::TIMESTAMPTZ AS ended, false AS open,"
                    + " NULL::VARCHAR AS file WHERE false"
                : "SELECT "
                    + keys("")
                    + ", _change_seq AS seq, "
                    + name(VALID_TO)
                    + " AS ended, "
                    + name(VALID_TO)
                    + " IS NULL AS open, __file AS file FROM "
                    + Duck.parquetWithNames(files)
                    + " WHERE "
                    + concerned));
    duck.run(
        "CREATE TEMP TABLE reached AS SELECT "
            + keys("")
            + ", max(seq) AS seq, max(ended) AS ended FROM known GROUP BY "
            + keys(""));
    duck.run("CREATE TEMP TABLE stored AS SELECT * FROM known WHERE open");
  }

  /**
   * The changes, and for each key that the batch concerns its ends by cuts: of all cuts, the first
   * one behind a change or a stored version is what ends it.
   */
  private void events() throws SQLException {
    List<String> noOld = new ArrayList<>();
    for (String column : key) {
      noOld.add("NULL");
    }
    duck.run(
        "CREATE TEMP TABLE events AS SELECT * FROM changes UNION ALL SELECT DISTINCT "
            + keys("k.")
            + ", c.seq, c.mark, 'D', NULL, c.ts, NULL, false, "
            + String.join(", ", noOld)
            + ", c.how FROM (SELECT "
            + keys("")
            + ", seq FROM changes UNION ALL SELECT "
            + keys("")
            + ", seq FROM stored) k ASOF JOIN cuts c ON k.seq < c.seq");
    eventCount = duck.number("SELECT count(*) FROM events");
  }

  /** What each transaction left of each key. */
  private void transactions() throws SQLException {
    String transaction = "substr(e.seq, 1, " + TRANSACTION + ")";
    duck.run(
        "CREATE TEMP TABLE ends AS SELECT e.*, r.seq IS NOT NULL AS before, r.ended AS ended_before,"
            + " bool_or(e.moved) OVER (PARTITION BY "
            + keys("e.")
            + ", "
            + transaction
            + ") AS came FROM events e LEFT JOIN reached r ON "
            + sameKey("r", "e")
            + " WHERE (r.seq IS NULL OR e.seq > r.seq) QUALIFY row_number() OVER (PARTITION BY "
            + keys("e.")
            + ", "
            + transaction
            + " ORDER BY e.seq DESC, e.op DESC) = 1");
    duck.run("CREATE TEMP TABLE rows_to_store AS SELECT * FROM ends WHERE op = 'U'");
    duck.run("CREATE TEMP TABLE unknown_rows (rid BIGINT)");
  }

  /** Joins to the tables of completed values, and the value of each column of the source. */
  private List<String> complete(Collection<String> storedFiles) throws SQLException {
    Set<String> incomplete =
        new HashSet<>(
            duck.texts(
                "SELECT DISTINCT unnest(e.unchanged) FROM events e JOIN rows_to_store w USING (rid)"
                    + " WHERE e.op = 'U'"));
    Set<String> files =
        incomplete.isEmpty()
            ? Collections.<String>emptySet()
            : new TreeSet<>(duck.texts("SELECT DISTINCT file FROM stored"));
    StringBuilder joins = new StringBuilder();
    List<String> values = new ArrayList<>();
    int number = 0;
    for (Column column : source.columns()) {
      String value = "b." + name(column.name());
      if (incomplete.contains(column.name())) {
        String table = "complete_" + number++;
        new UnchangedValues(duck, source, column, table, open())
            .find(files, null, batch.dropped().contains(column.name()));
        joins.append(" LEFT JOIN " + table + " ON " + table + ".rid = " + VALUES);
        value =
            "CASE WHEN " + table + ".rid IS NULL THEN " + value + " ELSE " + table + ".value END";
      }
      values.add(value + " AS " + name("v_" + column.name()));
    }
    leaveOutUnknown();
    values.add(0, joins.toString());
    return values;
  }

  /** Present versions among stored ones, by the names of the source's columns. */
  private Function<Collection<String>, String> open() {
    String tenant = rules.tenant();
    String alias =
        tenant == null || tenant.equals(TENANT_ID) || key.contains(tenant)
            ? ""
            : ", " + name(TENANT_ID) + " AS " + name(tenant);
    return files ->
        "(SELECT *"
            + alias
            + " FROM "
            + Duck.parquet(files)
            + " WHERE "
            + name(VALID_TO)
            + " IS NULL)";
  }

  /** A row whose value is nowhere has no version, until a change brings it whole. */
  private void leaveOutUnknown() throws SQLException {
    List<String> rows =
        duck.texts(
            "SELECT concat_ws(', ', "
                + keys("l.")
                + ") FROM ends l WHERE l.op = 'U' AND l.rid IN (SELECT rid FROM unknown_rows)");
    if (rows.isEmpty()) {
      return;
    }
    leftOutCount = rows.size();
    LOG.warn(
        "{}: {} changed rows have values that are known nowhere and get no version, such as {}",
        specification.dataset(),
        rows.size(),
        rows.get(0));
    duck.run(
        "UPDATE ends SET op = 'D', how = 'missing' WHERE op = 'U' AND rid IN (SELECT rid FROM"
            + " unknown_rows)");
  }

  /** What each key was after each transaction, behind its stored version that is open. */
  private void states(List<String> completed, Collection<String> storedFiles) throws SQLException {
    String joins = completed.get(0);
    List<String> values = completed.subList(1, completed.size());
    duck.run(
        "CREATE TEMP TABLE states AS SELECT "
            + keys("l.")
            + ", l.seq, l.mark, l.ts, l.op = 'U' AS alive, l.how, l.came, l.before, l.ended_before,"
            + " false AS stored, NULL::TIMESTAMPTZ AS from_before, NULL::BOOLEAN AS allowed_before, "
            + String.join(", ", values)
            + " FROM ends l LEFT JOIN bronze b ON b.rowid = "
            + VALUES
            + joins);
    Set<String> files = new TreeSet<>(duck.texts("SELECT DISTINCT file FROM stored"));
    if (!files.isEmpty()) {
      Set<String> present =
          new HashSet<>(
              duck.texts(
                  "SELECT column_name FROM (DESCRIBE SELECT * FROM " + Duck.parquet(files) + ")"));
      List<String> select = new ArrayList<>();
      for (Column column : source.columns()) {
        String from =
            present.contains(column.name())
                ? name(column.name())
                : column.name().equals(rules.tenant()) ? name(TENANT_ID) : "NULL";
        select.add("CAST(s." + from + " AS " + type(column.name()) + ")");
      }
      duck.run(
          "INSERT INTO states SELECT "
              + keys("s.")
              + ", s."
              + name(VERSION)
              + ", s._change_seq, s._commit_ts"
              + ", true, s."
              + name(BEGAN)
              + ", false, true, NULL, true, s."
              + name(VALID_FROM)
              + ", "
              + (present.contains(TRANSITION_ALLOWED) ? "s." + name(TRANSITION_ALLOWED) : "NULL")
              + ", "
              + String.join(", ", select).replace("s.NULL", "NULL")
              + " FROM "
              + Duck.parquet(files)
              + " s WHERE s."
              + name(VALID_TO)
              + " IS NULL AND ("
              + keys("s.")
              + ") IN (SELECT ("
              + keys("")
              + ") FROM ends)");
    }
  }

  /** Whether each state begins or ends a version, and what of. */
  private void judge() throws SQLException {
    List<String> differ = new ArrayList<>();
    List<String> tracked = new ArrayList<>(rules.columns());
    if (rules.tenant() != null) {
      tracked.add(rules.tenant());
    }
    for (String column : tracked) {
      String value = name("v_" + column);
      differ.add(value + " IS DISTINCT FROM lag(" + value + ") OVER history");
    }
    String moved =
        rules.tenant() == null
            ? "false"
            : name("v_" + rules.tenant())
                + " IS DISTINCT FROM lag("
                + name("v_" + rules.tenant())
                + ") OVER history";
    String judged =
        rules.transitionColumn() == null
            ? "NULL::VARCHAR"
            : "lag(" + name("v_" + rules.transitionColumn()) + ") OVER history";
    duck.run(
        "CREATE TEMP TABLE judged AS SELECT *,"
            + " coalesce(lag(alive) OVER history, false) AS was_alive, coalesce(bool_or(alive) OVER"
            + " (history ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), false) OR before AS"
            + " was_there, "
            + moved
            + " AS elsewhere, "
            + judged
            + " AS was, ("
            + String.join(" OR ", differ)
            + ") AS differs FROM states WINDOW history AS (PARTITION BY "
            + keys("")
            + " ORDER BY seq)");
  }

  /** A row without a tenant has no version: one state of the past must not end all that follow. */
  private void leaveOutWithoutTenant() throws SQLException {
    if (rules.tenant() == null) {
      return;
    }
    String without = " FROM states WHERE alive AND " + name("v_" + rules.tenant()) + " IS NULL";
    long rows = duck.number("SELECT count(*)" + without);
    if (rows == 0) {
      return;
    }
    leftOutCount += rows;
    LOG.warn(
        "{}: {} changed rows have no value in their tenant column {} and get no version, such as"
            + " the one of change {}",
        specification.dataset(),
        rows,
        rules.tenant(),
        duck.text("SELECT min(mark)" + without));
    duck.run(
        "UPDATE states SET alive = false, how = 'missing' WHERE alive AND "
            + name("v_" + rules.tenant())
            + " IS NULL");
  }

  private void write() throws SQLException {
    String history = " WINDOW history AS (PARTITION BY " + keys("") + " ORDER BY seq)";
    // A copied row that differs in nothing is remembered all the same: else the end of what its
    // copy did not find, which may come with another run, would end the row, too.
    duck.run(
        "CREATE TEMP TABLE stretches AS SELECT *, max(CASE WHEN alive AND NOT edge AND"
            + " substr(mark, 5, 1) = '0' THEN mark END) OVER (PARTITION BY "
            + keys("")
            + ", stretch) AS confirmed FROM (SELECT *, count(*) FILTER (WHERE edge) OVER (history"
            + " ROWS UNBOUNDED PRECEDING) AS stretch FROM (SELECT *, (alive AND (stored OR NOT"
            + " was_alive OR differs) OR NOT alive AND was_alive) AS edge FROM judged)"
            + history
            + ")");
    // Commits of one key are in order; a clock that was set back must not turn a time around.
    duck.run(
        "CREATE TEMP TABLE edges AS SELECT *, greatest(max(ts) OVER (history ROWS UNBOUNDED"
            + " PRECEDING), max(ended_before) OVER (history ROWS UNBOUNDED PRECEDING)) AS moment FROM"
            + " stretches WHERE edge"
            + history);
    duck.run(
        "CREATE TEMP TABLE spans AS SELECT *, lead(mark) OVER history AS next_mark, lead(moment) OVER"
            + " history AS next_at, lead(alive) OVER history AS next_alive, lead(how) OVER history"
            + " AS next_how, lead(elsewhere) OVER history AS next_elsewhere FROM edges"
            + history);
    List<String> select = new ArrayList<>();
    for (Column column : specification.columns()) {
      select.add(value(column.name()) + " AS " + name(column.name()));
    }
    String written =
        " FROM spans WHERE alive AND (NOT stored OR next_mark IS NOT NULL OR confirmed IS NOT NULL)";
    count = duck.number("SELECT count(*)" + written);
    duck.run(
        "COPY (SELECT "
            + String.join(", ", select)
            + ", coalesce(next_mark, confirmed, mark) AS _change_seq, coalesce(next_at, moment) AS _commit_ts"
            + written
            + ") TO "
            + literal(versions.toString())
            + " (FORMAT parquet, COMPRESSION snappy)");
  }

  /** How a column of a version is computed of an edge. */
  private String value(String column) {
    switch (column) {
      case TENANT_ID:
        return name("v_" + (rules.tenant() == null ? TENANT_ID : rules.tenant()));
      case VERSION:
        return "seq";
      case VALID_FROM:
        return rules.began() == null
            ? "CASE WHEN stored THEN from_before ELSE moment END"
            // Before capture nothing is known but what the row says itself.
            : "CASE WHEN stored THEN from_before WHEN how = 'copied' AND NOT was_there THEN"
                + " least(coalesce("
                + name("v_" + rules.began())
                + ", moment), moment) ELSE moment END";
      case VALID_TO:
        return "next_at";
      case BEGAN:
        return "CASE WHEN stored THEN how WHEN was_alive AND elsewhere THEN 'moved' WHEN how ="
            + " 'copied' THEN 'copied' WHEN was_alive THEN 'changed' WHEN came THEN 'rekeyed' ELSE"
            + " 'inserted' END";
      case ENDED:
        return "CASE WHEN next_mark IS NULL THEN NULL WHEN NOT next_alive THEN next_how WHEN"
            + " next_elsewhere THEN 'moved' WHEN next_how = 'copied' THEN 'copied' ELSE 'changed'"
            + " END";
      case TRANSITION_ALLOWED:
        return "CASE WHEN stored THEN allowed_before WHEN NOT was_alive OR elsewhere OR how ="
            + " 'copied' OR was IS"
            + " NULL OR was = "
            + name("v_" + rules.transitionColumn())
            + " THEN NULL ELSE "
            + allowed()
            + " END";
      default:
        return key.contains(column) ? name(column) : name("v_" + column);
    }
  }

  private String allowed() {
    List<String> pairs = new ArrayList<>();
    for (Map.Entry<String, List<String>> from : rules.transitions().entrySet()) {
      for (String to : from.getValue()) {
        pairs.add("(" + literal(from.getKey()) + ", " + literal(to) + ")");
      }
    }
    String to = name("v_" + rules.transitionColumn());
    return pairs.isEmpty()
        ? "false"
        : to + " IS NOT NULL AND (was, " + to + ") IN (" + String.join(", ", pairs) + ")";
  }

  private String type(String column) {
    for (Column candidate : source.columns()) {
      if (candidate.name().equals(column)) {
        return ColumnType.of(candidate.type()).duckdb();
      }
    }
    throw new IllegalArgumentException(column);
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

  /** Versions to store: all columns, {@code _change_seq}, {@code _commit_ts}. */
  Path versions() {
    return versions;
  }

  /** Bronze records read. */
  long records() {
    return batch.records();
  }

  /** Versions to store: new ones, those that end, and those that a copy found as they were. */
  long count() {
    return count;
  }

  /** Changes of keys that were sorted, ends by truncations and copies among them. */
  long eventCount() {
    return eventCount;
  }

  /** Changed rows without a version: a value is known nowhere, or they are no tenant's. */
  long leftOutCount() {
    return leftOutCount;
  }
}
