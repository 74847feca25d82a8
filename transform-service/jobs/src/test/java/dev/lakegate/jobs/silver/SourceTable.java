package dev.lakegate.jobs.silver;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.jobs.protocol.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;

/**
 * A source table that lives in memory, changes at random, and logs each change as PostgreSQL's log
 * would carry it: deletes with their key alone, large values left out when they did not change.
 * What it holds in the end is the truth that Silver must equal.
 */
final class SourceTable {
  static final List<String> TENANTS =
      List.of("tenant-1", "a b", "a/b=c%", "ünï", "日本", "it's", "[x]*?", "a\\b", ".");

  record Row(
      long id,
      String kind,
      String tenant,
      String createdAt,
      String body,
      String note,
      String amount) {
    @Override
    public String toString() {
      return String.join("|", "" + id, kind, tenant, createdAt, body, note, amount);
    }
  }

  private final Random random;
  private final boolean truncates;
  private final TreeMap<String, Row> rows = new TreeMap<>();
  private final List<String> log = new ArrayList<>();
  private final String epoch = "0001";
  private long position = 1;
  private int ordinal;

  SourceTable(long seed, boolean truncates) {
    this.random = new Random(seed);
    this.truncates = truncates;
  }

  static JsonNode specification(String partitionBy) {
    return Json.parse(
        """
        {"version": 1, "kind": "silver", "dataset": "silver.doc", "name": "doc", "scope": "tenant",
         "description": "Documents.", "path": "silver/doc", "bronzeTable": "core_doc", "key": ["id", "kind"],
         "tenantColumn": "tenant_id", "partitionBy": [%s],
         "columns": [
           {"name": "id", "type": "bigint", "nullable": false, "description": "Key."},
           {"name": "kind", "type": "varchar", "nullable": false, "description": "Key."},
           {"name": "tenant_id", "type": "varchar", "nullable": false, "description": "Tenant."},
           {"name": "created_at", "type": "timestamp(6) with time zone", "nullable": false, "description": "When."},
           {"name": "body", "type": "varchar", "nullable": true, "description": "Large."},
           {"name": "note", "type": "varchar", "nullable": true, "description": "Large, too."},
           {"name": "amount", "type": "decimal(12,2)", "nullable": false, "description": "Amount."}
         ],
         "derivations": [{"column": "load_date", "type": "date", "expression": "trunc(created_at, 'MM')", "description": "Month."}],
         "expectations": []}
        """
            .formatted(partitionBy));
  }

  /** SQL of the rows in the form of {@link Row#toString}, over a table or {@code read_parquet}. */
  static String texts(String from) {
    return "SELECT id || '|' || kind || '|' || tenant_id || '|' || strftime(created_at, '%Y-%m-%d %H:%M:%S.%f') || '|'"
        + " || coalesce(body, 'null') || '|' || coalesce(note, 'null') || '|' || amount FROM "
        + from;
  }

  List<String> truth() {
    return rows.values().stream().map(Row::toString).sorted().toList();
  }

  /** Copies all rows as the initial copy of an epoch does. */
  void copy() {
    rows.values().forEach(row -> log(record(row, "I", "0", List.of(), null)));
    position++;
  }

  /** Makes some random transactions. */
  void change(int transactions) {
    for (int i = 0; i < transactions; i++) {
      position += 1 + random.nextInt(3);
      ordinal = 0;
      int changes = 1 + random.nextInt(6);
      for (int j = 0; j < changes; j++) {
        change();
      }
    }
  }

  /** SELECT of the records logged since the last call, as Bronze has them. */
  String drain(boolean shuffled) {
    List<String> records = new ArrayList<>(log);
    log.clear();
    if (records.isEmpty()) {
      return null;
    }
    if (shuffled) {
      java.util.Collections.shuffle(records, random);
      if (random.nextInt(3) == 0) {
        records.add(records.get(0));
      }
    }
    return String.join(" UNION ALL ", records);
  }

  private void change() {
    int choice = random.nextInt(100);
    if (rows.isEmpty() || choice < 25) {
      Row row =
          new Row(
              1 + random.nextInt(12),
              "k" + random.nextInt(2),
              tenant(),
              createdAt(),
              large("body"),
              large("note"),
              amount());
      if (!rows.containsKey(key(row))) {
        rows.put(key(row), row);
        log(record(row, "I", "1", List.of(), null));
      }
    } else if (choice < 60) {
      Row old = any();
      update(old, old.id, old.kind);
    } else if (choice < 75) {
      Row old = any();
      long id = 1 + random.nextInt(12);
      String kind = "k" + random.nextInt(2);
      if (!rows.containsKey(id + "/" + kind)) {
        update(old, id, kind);
      }
    } else if (choice < 98 || !truncates) {
      Row old = any();
      rows.remove(key(old));
      log(keyOnly(old));
    } else {
      rows.clear();
      log(truncate());
    }
  }

  private void update(Row old, long id, String kind) {
    boolean body = random.nextInt(3) == 0;
    boolean note = random.nextInt(3) == 0;
    Row row =
        new Row(
            id,
            kind,
            random.nextInt(4) == 0 ? tenant() : old.tenant,
            random.nextInt(6) == 0 ? createdAt() : old.createdAt,
            body ? large("body") : old.body,
            note ? large("note") : old.note,
            amount());
    rows.remove(key(old));
    rows.put(key(row), row);
    List<String> unchanged = new ArrayList<>();
    if (!body && old.body != null && random.nextInt(4) > 0) {
      unchanged.add("body");
    }
    if (!note && old.note != null && random.nextInt(4) > 0) {
      unchanged.add("note");
    }
    log(record(row, "U", "1", unchanged, key(row).equals(key(old)) ? null : old));
  }

  private Row any() {
    List<Row> all = new ArrayList<>(rows.values());
    return all.get(random.nextInt(all.size()));
  }

  private String tenant() {
    return TENANTS.get(random.nextInt(TENANTS.size()));
  }

  private String createdAt() {
    return "2026-0%d-%02d 23:59:59.%06d"
        .formatted(1 + random.nextInt(3), 1 + random.nextInt(28), random.nextInt(1000000));
  }

  private String large(String name) {
    return random.nextInt(8) == 0 ? null : name + random.nextInt(1000);
  }

  private String amount() {
    return "%d.%02d".formatted(random.nextInt(1000), random.nextInt(100));
  }

  private static String key(Row row) {
    return row.id + "/" + row.kind;
  }

  private void log(String record) {
    log.add(record);
    ordinal++;
  }

  private String sequence(String phase) {
    return "%s%s%040d%08x".formatted(epoch, phase, position, phase.equals("0") ? 0 : ordinal);
  }

  private String record(Row row, String op, String phase, List<String> unchanged, Row old) {
    return """
    SELECT %d::BIGINT AS id, %s AS kind, %s AS tenant_id, TIMESTAMPTZ '%s+00' AS created_at, %s AS body, %s AS note,
      %s::DECIMAL(12,2) AS amount, '%s' AS _op, '%s' AS _change_seq, TIMESTAMPTZ '2026-03-02 00:00:00+00' AS _commit_ts,
      %s AS _unchanged, %s AS _old_key, DATE '2026-03-02' AS load_date
    """
        .formatted(
            row.id,
            text(row.kind),
            text(row.tenant),
            row.createdAt,
            unchanged.contains("body") ? "NULL::VARCHAR" : text(row.body),
            unchanged.contains("note") ? "NULL::VARCHAR" : text(row.note),
            row.amount,
            op,
            sequence(phase),
            unchanged.isEmpty()
                ? "NULL::VARCHAR[]"
                : "[" + String.join(",", unchanged.stream().map(SourceTable::text).toList()) + "]",
            old == null
                ? "NULL::VARCHAR"
                : text(Json.write(Json.object().put("id", "" + old.id).put("kind", old.kind))));
  }

  private String keyOnly(Row row) {
    return """
    SELECT %d::BIGINT, %s, NULL, NULL, NULL, NULL, NULL, 'D', '%s', TIMESTAMPTZ '2026-03-02 00:00:00+00', NULL, NULL,
      DATE '2026-03-02'
    """
        .formatted(row.id, text(row.kind), sequence("1"));
  }

  private String truncate() {
    return """
    SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'T', '%s', TIMESTAMPTZ '2026-03-02 00:00:00+00', NULL, NULL,
      DATE '2026-03-02'
    """
        .formatted(sequence("1"));
  }

  /** Columns in order and with types, for batches that begin with a record without values. */
  static String typed(String records) {
    return "SELECT id::BIGINT AS id, kind::VARCHAR AS kind, tenant_id::VARCHAR AS tenant_id,"
        + " created_at::TIMESTAMPTZ AS created_at, body::VARCHAR AS body, note::VARCHAR AS note,"
        + " amount::DECIMAL(12,2) AS amount, _op::VARCHAR AS _op, _change_seq, _commit_ts,"
        + " _unchanged::VARCHAR[] AS _unchanged, _old_key::VARCHAR AS _old_key, load_date FROM ("
        + records
        + ") t(id, kind, tenant_id, created_at, body, note, amount, _op, _change_seq, _commit_ts,"
        + " _unchanged, _old_key, load_date)";
  }

  private static String text(String value) {
    return value == null ? "NULL" : "'" + value.replace("'", "''") + "'";
  }
}
