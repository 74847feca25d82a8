package dev.lakegate.ingest.reconcile;

import dev.lakegate.ingest.reconcile.Reconciliation.Example;
import dev.lakegate.ingest.reconcile.Reconciliation.Table;
import dev.lakegate.ingest.reconcile.Reconciliation.TableState;
import dev.lakegate.ingest.reconcile.Reconciliation.Tenant;
import dev.lakegate.model.bronze.BronzeFile;
import dev.lakegate.model.snapshot.Snapshot;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Compares the two sides of one table in the scratch database. */
final class Comparison {
  /** Keys named per table. */
  static final int NAMED_KEYS = 20;

  /** Tenants named per table. */
  static final int NAMED_TENANTS = 100;

  /** Prefix of the source's columns in the files of a quarantine. */
  private static final String QUARANTINED = "_source_";

  private final ScratchDatabase scratch;
  private final ComparedTable table;
  private final Path root;

  /**
   * @param root storage root
   */
  Comparison(ScratchDatabase scratch, ComparedTable table, Path root) {
    this.scratch = scratch;
    this.table = table;
    this.root = root;
  }

  /**
   * Compares.
   *
   * @param snapshot of Silver
   * @param aside of the rows that Silver keeps in quarantine: they are there, too; null for none
   * @param beyond Bronze files with changes that Silver reflects and the source's snapshot does not
   * @param firstBeyond lowest sequence of such a change
   * @param quarantined keys that Silver cannot have
   * @throws MovedException when a TRUNCATE set every key in motion
   */
  Table compare(
      Snapshot snapshot,
      Snapshot aside,
      List<BronzeFile> beyond,
      String firstBeyond,
      List<Map<String, String>> quarantined)
      throws SQLException, MovedException {
    Set<String> inSilver =
        snapshot.columns().stream().map(Snapshot.Column::name).collect(Collectors.toSet());
    List<Integer> compared = new ArrayList<>();
    List<String> left = new ArrayList<>(table.derived());
    for (int i = 0; i < table.columns().size(); i++) {
      ComparedTable.Column column = table.columns().get(i);
      if (column.compared() && inSilver.contains(column.name())) {
        compared.add(i);
      } else if (column.compared()) {
        left.add(column.name());
      }
    }
    scratch.run(
        "CREATE TABLE "
            + table.silverRows()
            + " ("
            + SourceRows.definition(table)
            + ", seq VARCHAR)");
    readSilver(snapshot, compared, "");
    if (aside != null) {
      readSilver(aside, compared, QUARANTINED);
    }
    readMotion(beyond, firstBeyond);
    scratch.run(
        "INSERT INTO "
            + table.motion()
            + " SELECT DISTINCT "
            + table.keyNames()
            + ", 'moved' FROM "
            + table.silverRows()
            + " WHERE seq >= "
            + ScratchDatabase.literal(firstBeyond));
    for (Map<String, String> key : quarantined) {
      insertQuarantined(key);
    }
    return result(snapshot, compared, left);
  }

  /**
   * Reads rows that Silver has.
   *
   * @param prefix of the source's columns in the files
   */
  private void readSilver(Snapshot snapshot, List<Integer> compared, String prefix)
      throws SQLException {
    if (snapshot.files().isEmpty()) {
      return;
    }
    List<String> names = new ArrayList<>();
    List<String> values = new ArrayList<>();
    for (int i = 0; i < table.key().size(); i++) {
      ComparedTable.Column column = table.columns().get(table.key().get(i));
      names.add("k" + i);
      values.add(keyText(column, prefix));
    }
    names.add("t");
    values.add(table.tenant() < 0 ? "NULL" : "CAST(tenant_id AS VARCHAR)");
    for (int i : compared) {
      ComparedTable.Column column = table.columns().get(i);
      names.add("h" + i);
      values.add(
          "hash("
              + Canonical.ofFile(column.silver(), ScratchDatabase.name(prefix + column.name()))
              + ")");
    }
    names.add("seq");
    values.add("_change_seq");
    scratch.run(
        "INSERT INTO "
            + table.silverRows()
            + " ("
            + String.join(", ", names)
            + ") SELECT "
            + String.join(", ", values)
            + " FROM "
            + rows(
                ScratchDatabase.parquet(
                    snapshot.files().stream().map(f -> root.resolve(f.path())).toList()),
                compared,
                prefix));
  }

  /** Columns that were added since a quarantine was written are NULL in its rows. */
  private String rows(String files, List<Integer> compared, String prefix) throws SQLException {
    if (prefix.isEmpty()) {
      return files;
    }
    Set<String> present =
        scratch.rows("SELECT column_name FROM (DESCRIBE SELECT * FROM " + files + ")").stream()
            .map(row -> row.get(0))
            .collect(Collectors.toSet());
    StringBuilder rows = new StringBuilder("(SELECT *");
    for (int i : compared) {
      ComparedTable.Column column = table.columns().get(i);
      if (!present.contains(prefix + column.name())) {
        rows.append(", CAST(NULL AS ")
            .append(Canonical.duckdb(column.silver()).orElseThrow())
            .append(") AS ")
            .append(ScratchDatabase.name(prefix + column.name()));
      }
    }
    return rows.append(" FROM ").append(files).append(")").toString();
  }

  private static String keyText(ComparedTable.Column column, String prefix) {
    return Canonical.keyText(
        column.silver(),
        Canonical.ofFile(column.silver(), ScratchDatabase.name(prefix + column.name())));
  }

  private void readMotion(List<BronzeFile> beyond, String firstBeyond)
      throws SQLException, MovedException {
    StringBuilder columns = new StringBuilder();
    for (int i = 0; i < table.key().size(); i++) {
      columns.append("k").append(i).append(" VARCHAR, ");
    }
    scratch.run("CREATE TABLE " + table.motion() + " (" + columns + "why VARCHAR)");
    if (beyond.isEmpty()) {
      return;
    }
    String files =
        ScratchDatabase.parquet(beyond.stream().map(f -> root.resolve(f.path())).toList());
    String after = " WHERE _change_seq >= " + ScratchDatabase.literal(firstBeyond);
    if (scratch.number("SELECT count(*) FROM " + files + after + " AND _op = 'T'") > 0) {
      throw new MovedException(table.at().name() + " was truncated");
    }
    List<String> present = new ArrayList<>();
    List<String> old = new ArrayList<>();
    for (int index : table.key()) {
      ComparedTable.Column column = table.columns().get(index);
      present.add(keyText(column, ""));
      String pointer = "/" + column.name().replace("~", "~0").replace("/", "~1");
      old.add(
          Canonical.keyText(
              column.silver(),
              Canonical.ofSource(
                  column.bronze(),
                  column.silver(),
                  "json_extract_string(_old_key, " + ScratchDatabase.literal(pointer) + ")")));
    }
    scratch.run(
        "INSERT INTO "
            + table.motion()
            + " SELECT DISTINCT *, 'moved' FROM (SELECT "
            + String.join(", ", present)
            + " FROM "
            + files
            + after
            + " UNION ALL SELECT "
            + String.join(", ", old)
            + " FROM "
            + files
            + after
            + " AND _old_key IS NOT NULL)");
  }

  private void insertQuarantined(Map<String, String> key) throws SQLException {
    List<String> values = new ArrayList<>();
    for (int index : table.key()) {
      ComparedTable.Column column = table.columns().get(index);
      String text = key.get(column.name());
      values.add(
          text == null
              ? "NULL"
              : Canonical.keyText(
                  column.silver(),
                  Canonical.ofSource(
                      column.bronze(), column.silver(), ScratchDatabase.literal(text))));
    }
    scratch.run(
        "INSERT INTO "
            + table.motion()
            + " VALUES ("
            + String.join(", ", values)
            + ", 'quarantined')");
  }

  private Table result(Snapshot snapshot, List<Integer> compared, List<String> left)
      throws SQLException {
    String keys = table.keyNames();
    String row =
        compared.isEmpty()
            ? "hash(0)"
            : compared.stream().map(i -> "h" + i).collect(Collectors.joining(", ", "hash(", ")"));
    for (String side : List.of(table.sourceRows(), table.silverRows())) {
      scratch.run(
          "CREATE VIEW still_"
              + side
              + " AS SELECT *, "
              + row
              + " AS h FROM "
              + side
              + " ANTI JOIN "
              + table.motion()
              + " USING ("
              + keys
              + ")");
    }
    String source = "still_" + table.sourceRows();
    String silver = "still_" + table.silverRows();
    scratch.run(
        "CREATE TABLE tenants_"
            + table.index()
            + " AS SELECT coalesce(a.t, b.t) AS t, coalesce(a.n, 0) AS an, coalesce(b.n, 0) AS bn,"
            + " a.s AS a, b.s AS b FROM "
            + "(SELECT t, count(*) AS n, sum(h) AS s FROM "
            + source
            + " GROUP BY t) a FULL OUTER JOIN (SELECT t, count(*) AS n, sum(h) AS s FROM "
            + silver
            + " GROUP BY t) b ON a.t IS NOT DISTINCT FROM b.t");
    List<String> totals =
        scratch
            .rows(
                "SELECT count(*), coalesce(sum(an), 0), coalesce(sum(bn), 0) FROM tenants_"
                    + table.index())
            .get(0);
    List<Tenant> tenants = new ArrayList<>();
    for (List<String> t :
        scratch.rows(
            "SELECT t, an, bn, CAST(a AS VARCHAR), CAST(b AS VARCHAR) FROM tenants_"
                + table.index()
                + " WHERE an <> bn OR a IS DISTINCT FROM b ORDER BY t LIMIT "
                + NAMED_TENANTS)) {
      tenants.add(
          new Tenant(
              t.get(0), Long.parseLong(t.get(1)), Long.parseLong(t.get(2)), t.get(3), t.get(4)));
    }
    long[] kinds = new long[4];
    List<Example> examples = new ArrayList<>();
    if (!tenants.isEmpty() || duplicates(silver) > 0) {
      differences(source, silver, compared, kinds, examples);
    }
    List<String> moved =
        scratch
            .rows(
                "SELECT count(DISTINCT ("
                    + keys
                    + ")) FILTER (why = 'moved'), count(DISTINCT ("
                    + keys
                    + ")) FILTER (why = 'quarantined') FROM "
                    + table.motion())
            .get(0);
    boolean equal = tenants.isEmpty() && Arrays.stream(kinds).allMatch(n -> n == 0);
    return new Table(
        table.at().name(),
        table.described().dataset(),
        equal ? TableState.EQUAL : TableState.DIFFERENT,
        null,
        snapshot.instant(),
        Long.parseLong(totals.get(1)),
        Long.parseLong(totals.get(2)),
        Long.parseLong(moved.get(0)),
        Long.parseLong(moved.get(1)),
        compared.stream().map(i -> table.columns().get(i).name()).toList(),
        left,
        Long.parseLong(totals.get(0)),
        tenants,
        kinds[0],
        kinds[1],
        kinds[2],
        kinds[3],
        examples);
  }

  private long duplicates(String silver) throws SQLException {
    return scratch.number(
        "SELECT count(*) FROM (SELECT 1 FROM "
            + silver
            + " GROUP BY "
            + table.keyNames()
            + " HAVING count(*) > 1)");
  }

  private void differences(
      String source, String silver, List<Integer> compared, long[] kinds, List<Example> examples)
      throws SQLException {
    String keys = table.keyNames();
    String on =
        Arrays.stream(keys.split(", "))
            .map(k -> "a." + k + " = b." + k)
            .collect(Collectors.joining(" AND "));
    StringBuilder names = new StringBuilder("[");
    for (int i : compared) {
      names
          .append("CASE WHEN a.h")
          .append(i)
          .append(" <> b.h")
          .append(i)
          .append(" THEN ")
          .append(ScratchDatabase.literal(table.columns().get(i).name()))
          .append(" END, ");
    }
    names.append("CASE WHEN a.t IS DISTINCT FROM b.t THEN 'tenant_id' END]");
    String coalesced =
        Arrays.stream(keys.split(", "))
            .map(k -> "coalesce(a." + k + ", b." + k + ") AS " + k)
            .collect(Collectors.joining(", "));
    scratch.run(
        "CREATE TABLE differences_"
            + table.index()
            + " AS SELECT CASE WHEN b.k0 IS NULL THEN 'missing' WHEN a.k0 IS NULL THEN 'ghost'"
            + " ELSE 'differing' END AS kind, "
            + coalesced
            + ", a.t AS source_tenant, b.t AS silver_tenant, CASE WHEN a.k0 IS NULL OR b.k0 IS NULL THEN ''"
            + " ELSE array_to_string(list_distinct(list_filter("
            + names
            + ", lambda x : x IS NOT NULL)), chr(31)) END AS columns FROM "
            + source
            + " a FULL OUTER JOIN "
            + silver
            + " b ON "
            + on
            + " WHERE a.k0 IS NULL OR b.k0 IS NULL OR a.h <> b.h OR a.t IS DISTINCT FROM b.t"
            + " UNION ALL SELECT 'duplicate', "
            + keys
            + ", NULL, any_value(t), '' FROM "
            + silver
            + " GROUP BY "
            + keys
            + " HAVING count(*) > 1");
    List<String> order = List.of("missing", "ghost", "differing", "duplicate");
    for (List<String> kind :
        scratch.rows(
            "SELECT kind, count(*) FROM differences_" + table.index() + " GROUP BY kind")) {
      kinds[order.indexOf(kind.get(0))] = Long.parseLong(kind.get(1));
    }
    for (List<String> row :
        scratch.rows(
            "SELECT kind, source_tenant, silver_tenant, columns, "
                + keys
                + " FROM differences_"
                + table.index()
                // Some of each kind, rather than many of one.
                + " QUALIFY row_number() OVER (PARTITION BY kind ORDER BY "
                + keys
                + ") <= "
                + NAMED_KEYS / order.size()
                + " OR (SELECT count(*) FROM differences_"
                + table.index()
                + ") <= "
                + NAMED_KEYS
                + " ORDER BY kind, "
                + keys
                + " LIMIT "
                + NAMED_KEYS)) {
      Map<String, String> key = new LinkedHashMap<>();
      for (int i = 0; i < table.key().size(); i++) {
        key.put(table.columns().get(table.key().get(i)).name(), row.get(4 + i));
      }
      examples.add(
          new Example(
              row.get(0),
              key,
              row.get(1),
              row.get(2),
              row.get(3) == null || row.get(3).isEmpty()
                  ? List.of()
                  : List.of(row.get(3).split("\u001f"))));
    }
  }
}
