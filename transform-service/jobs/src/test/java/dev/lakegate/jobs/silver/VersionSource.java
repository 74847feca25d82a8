package dev.lakegate.jobs.silver;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.jobs.protocol.Json;
import dev.lakegate.jobs.protocol.RunRequest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A source in memory that changes by transactions, is copied anew now and then after changes that
 * nobody logged, and knows the versions of its rows: it compares what it held before and after each
 * commit, and never looks at its log.
 */
final class VersionSource {
  /** {@code body} is large and left out of the log where it did not change; note is not tracked. */
  record Row(long id, String tenant, String body, String status, String note, long created) {}

  /** As the history table shows it, with times in seconds. */
  static final class Version {
    private final Row row;
    private final String version;
    private final long from;
    private final String began;
    private final Boolean allowed;
    private Long to;
    private String ended;

    Version(Row row, String version, long from, String began, Boolean allowed) {
      this.row = row;
      this.version = version;
      this.from = from;
      this.began = began;
      this.allowed = allowed;
    }

    @Override
    public String toString() {
      return String.join(
          "|",
          "" + row.id,
          row.tenant,
          row.body,
          row.status,
          "" + from,
          "" + to,
          version,
          began,
          ended,
          "" + allowed);
    }
  }

  private static final Map<String, List<String>> MACHINE =
      Map.of("new", List.of("open"), "open", List.of("done", "new"), "done", List.of());
  private static final List<String> STATUSES = List.of("new", "open", "done");

  private final Random random;
  private final Map<Long, Row> rows = new TreeMap<>();
  private final Map<Long, Version> open = new HashMap<>();
  private final Set<Long> ever = new HashSet<>();
  private final Map<Long, Long> ends = new HashMap<>();
  private final List<Version> versions = new ArrayList<>();
  private final List<String> log = new ArrayList<>();
  private final List<RunRequest.Copy> copies = new ArrayList<>();
  private int epoch = 1;
  private long position = 100;
  private long clock = 1_000_000;

  // Of the transaction under way.
  private int ordinal;
  private final Map<Long, String> lastChange = new HashMap<>();
  private final Map<Long, String> lastEnd = new HashMap<>();
  private final Set<Long> rekeyed = new HashSet<>();

  VersionSource(long seed) {
    this.random = new Random(seed);
  }

  static JsonNode specification() {
    return Json.parse(
        """
        {"version": 1, "kind": "silver", "dataset": "silver.doc_history", "name": "doc_history", "scope": "tenant",
         "description": "Documents.", "path": "silver/doc_history", "bronzeTable": "core_doc", "key": ["id", "version"],
         "tenantColumn": "tenant_id", "partitionBy": ["tenant_id"],
         "columns": [
           {"name": "id", "type": "bigint", "nullable": false, "description": "Key."},
           {"name": "tenant_id", "type": "varchar", "nullable": false, "description": "Tenant."},
           {"name": "body", "type": "varchar", "nullable": true, "description": "Large."},
           {"name": "status", "type": "varchar", "nullable": false, "description": "Status."},
           {"name": "valid_from", "type": "timestamp(6) with time zone", "nullable": false, "description": "From."},
           {"name": "valid_to", "type": "timestamp(6) with time zone", "nullable": true, "description": "To."},
           {"name": "version", "type": "varchar", "nullable": false, "description": "Change sequence."},
           {"name": "began", "type": "varchar", "nullable": false, "description": "How."},
           {"name": "ended", "type": "varchar", "nullable": true, "description": "How."},
           {"name": "transition_allowed", "type": "boolean", "nullable": true, "description": "Whether."}
         ],
         "derivations": [], "expectations": [],
         "history": {"key": ["id"], "columns": ["body", "status"], "tenant": "owner", "began": "created_at",
           "transitions": {"column": "status", "allowed": {"new": ["open"], "open": ["done", "new"], "done": []}}}}
        """);
  }

  /** SQL of the versions in the form of {@link Version#toString}. */
  static String texts(String from) {
    return "SELECT concat_ws('|', id, tenant_id, coalesce(body, 'null'), status,"
        + " epoch(valid_from)::BIGINT, coalesce(epoch(valid_to)::BIGINT::VARCHAR, 'null'), version,"
        + " began, coalesce(ended, 'null'), coalesce(transition_allowed::VARCHAR, 'null')) FROM "
        + from;
  }

  List<String> truth() {
    return versions.stream().map(Version::toString).sorted().toList();
  }

  Set<String> labels() {
    Set<String> labels = new TreeSet<>();
    versions.forEach(v -> labels.addAll(List.of(v.began, v.ended + ".", v.allowed + "?")));
    return labels;
  }

  /** SELECT of the records since the last call; null when there are none. */
  String drain() {
    if (log.isEmpty()) {
      return null;
    }
    List<String> records = new ArrayList<>(log);
    log.clear();
    Collections.shuffle(records, random);
    return String.join(" UNION ALL ", records);
  }

  /** As {@link #drain}, in as many parts as there are records for, which follow each other. */
  List<String> drainInParts(int parts) {
    List<String> result = new ArrayList<>();
    List<String> records = new ArrayList<>(log);
    log.clear();
    int size = Math.max(1, (records.size() + parts - 1) / parts);
    for (int from = 0; from < records.size(); from += size) {
      List<String> part =
          new ArrayList<>(records.subList(from, Math.min(records.size(), from + size)));
      Collections.shuffle(part, random);
      result.add(String.join(" UNION ALL ", part));
    }
    return result;
  }

  /** Copies that became complete since the last call. */
  List<RunRequest.Copy> copies() {
    List<RunRequest.Copy> result = List.copyOf(copies);
    copies.clear();
    return result;
  }

  String epoch() {
    return "%04x".formatted(epoch);
  }

  /** Changes that nobody logs, as while capture had lost its slot. */
  void unseen(int changes) {
    int logged = log.size();
    for (int i = 0; i < changes; i++) {
      change(false);
    }
    log.subList(logged, log.size()).clear();
    clearTransaction();
  }

  /** A copy under a snapshot, in an epoch of its own or in the one that a half copy began. */
  void copy(boolean newEpoch) {
    epoch += newEpoch ? 1 : 0;
    Set<Long> ids = new TreeSet<>(rows.keySet());
    ids.addAll(open.keySet());
    String sequence = copied(ids);
    copies.add(new RunRequest.Copy(sequence, Instant.ofEpochSecond(clock), null));
  }

  /** A copy that died: what it had copied was so, of the rest it says nothing. */
  void halfACopy() {
    epoch++;
    Set<Long> some = new TreeSet<>(rows.keySet());
    some.removeIf(id -> random.nextBoolean());
    copied(some);
  }

  private String copied(Set<Long> ids) {
    position += 5;
    clock += 3;
    String sequence = "%04x0%040d00000000".formatted(epoch, position);
    for (long id : ids) {
      if (rows.containsKey(id)) {
        log.add(record(rows.get(id), "I", sequence, false, null, clock));
      }
    }
    for (long id : ids) {
      Version was = open.get(id);
      Row now = rows.get(id);
      if (now == null) {
        end(was, clock, "missing");
      } else if (was == null) {
        boolean first = ever.add(id);
        long at = Math.max(clock, ends.getOrDefault(id, 0L));
        begin(now, sequence, first ? Math.min(now.created, at) : at, "copied", null);
        ends.put(id, at);
      } else if (!now.tenant.equals(was.row.tenant)) {
        end(was, clock, "moved");
        begin(now, sequence, ends.get(id), "moved", null);
      } else if (differs(was.row, now)) {
        end(was, clock, "copied");
        begin(now, sequence, ends.get(id), "copied", null);
      }
    }
    return sequence;
  }

  /** Some random transactions. */
  void change(int transactions) {
    for (int i = 0; i < transactions; i++) {
      position += 1 + random.nextInt(3);
      // Clocks are set back at times.
      clock += random.nextInt(12) == 0 ? -20 : random.nextInt(4);
      clearTransaction();
      int changes = 1 + random.nextInt(5);
      for (int j = 0; j < changes; j++) {
        change(true);
      }
      commit();
    }
  }

  private void clearTransaction() {
    ordinal = 0;
    lastChange.clear();
    lastEnd.clear();
    rekeyed.clear();
  }

  private void commit() {
    for (long id : new TreeSet<>(lastChange.keySet())) {
      Version was = open.get(id);
      Row now = rows.get(id);
      String sequence = lastChange.get(id);
      if (was == null && now != null) {
        ever.add(id);
        long at = Math.max(clock, ends.getOrDefault(id, 0L));
        begin(now, sequence, at, rekeyed.contains(id) ? "rekeyed" : "inserted", null);
        ends.put(id, at);
      } else if (was != null && now == null) {
        end(was, clock, lastEnd.get(id));
      } else if (was != null && (!now.tenant.equals(was.row.tenant) || differs(was.row, now))) {
        String how = now.tenant.equals(was.row.tenant) ? "changed" : "moved";
        // Another tenant's value is nothing that this one's readers may conclude from.
        Boolean allowed =
            now.status.equals(was.row.status) || !now.tenant.equals(was.row.tenant)
                ? null
                : MACHINE.get(was.row.status).contains(now.status);
        end(was, clock, how);
        begin(now, sequence, ends.get(id), how, allowed);
      }
    }
  }

  private static boolean differs(Row was, Row now) {
    return !Objects.equals(was.body, now.body) || !was.status.equals(now.status);
  }

  private void begin(Row row, String sequence, long at, String began, Boolean allowed) {
    Version version = new Version(row, sequence, at, began, allowed);
    versions.add(version);
    open.put(row.id, version);
  }

  private void end(Version version, long at, String how) {
    long id = version.row.id;
    version.to = Math.max(at, ends.get(id));
    version.ended = how;
    ends.put(id, version.to);
    open.remove(id);
  }

  private void change(boolean seen) {
    int choice = random.nextInt(100);
    if (rows.isEmpty() || choice < 25) {
      long id = 1 + random.nextInt(10);
      if (!rows.containsKey(id)) {
        put(
            new Row(id, tenant(), body(), status(), note(), clock - random.nextInt(5000)),
            null,
            seen);
      }
    } else if (choice < 70) {
      Row old = any();
      put(changed(old, old.id), old, seen);
    } else if (choice < 80) {
      Row old = any();
      long id = 1 + random.nextInt(10);
      if (!rows.containsKey(id)) {
        put(changed(old, id), old, seen);
      }
    } else if (choice < 97) {
      Row old = any();
      rows.remove(old.id);
      ended(old.id, "deleted");
      log.add(keyOnly("" + old.id, "D"));
    } else {
      // A truncation ends what there is in the history, too.
      Set<Long> all = new TreeSet<>(rows.keySet());
      if (seen) {
        all.addAll(open.keySet());
      }
      rows.clear();
      String sequence = sequence();
      for (long id : all) {
        lastChange.put(id, sequence);
        lastEnd.put(id, "truncated");
      }
      log.add(keyOnly("NULL", "T"));
    }
    ordinal++;
  }

  private void ended(long id, String how) {
    lastChange.put(id, sequence());
    lastEnd.put(id, how);
  }

  private void put(Row row, Row old, boolean seen) {
    if (old != null) {
      rows.remove(old.id);
      if (old.id != row.id) {
        ended(old.id, "rekeyed");
        rekeyed.add(row.id);
      }
    }
    rows.put(row.id, row);
    lastChange.put(row.id, sequence());
    boolean unchanged =
        old != null && old.body != null && old.body.equals(row.body) && random.nextInt(4) > 0;
    log.add(record(row, old == null ? "I" : "U", sequence(), unchanged, old, clock));
  }

  private Row changed(Row old, long id) {
    return new Row(
        id,
        random.nextInt(5) == 0 ? tenant() : old.tenant,
        random.nextInt(4) == 0 ? body() : old.body,
        random.nextInt(3) == 0 ? status() : old.status,
        note(),
        old.created);
  }

  private Row any() {
    List<Row> all = new ArrayList<>(rows.values());
    return all.get(random.nextInt(all.size()));
  }

  private String tenant() {
    return List.of("t1", "ünï", "a/b").get(random.nextInt(3));
  }

  private String status() {
    return STATUSES.get(random.nextInt(3));
  }

  private String body() {
    return random.nextInt(6) == 0 ? null : "body" + random.nextInt(4);
  }

  private String note() {
    return "note" + random.nextInt(100);
  }

  private String sequence() {
    return "%04x1%040d%08x".formatted(epoch, position, ordinal);
  }

  private static String record(
      Row row, String op, String sequence, boolean unchanged, Row old, long at) {
    return ("SELECT %d::BIGINT AS id, %s AS owner, %s::VARCHAR AS body, '%s' AS status, '%s' AS note,"
            + " to_timestamp(%d) AS created_at, '%s' AS _op, '%s' AS _change_seq, to_timestamp(%d) AS"
            + " _commit_ts, %s::VARCHAR[] AS _unchanged, %s::VARCHAR AS _old_key")
        .formatted(
            row.id,
            text(row.tenant),
            unchanged ? "NULL" : text(row.body),
            row.status,
            row.note,
            row.created,
            op,
            sequence,
            at,
            unchanged ? "['body']" : "NULL",
            old == null || old.id == row.id ? "NULL" : "'{\"id\":\"" + old.id + "\"}'");
  }

  private String keyOnly(String id, String op) {
    return ("SELECT %s::BIGINT AS id, NULL::VARCHAR AS owner, NULL::VARCHAR AS body, NULL::VARCHAR AS"
            + " status, NULL::VARCHAR AS note, NULL::TIMESTAMPTZ AS created_at, '%s' AS _op, '%s' AS"
            + " _change_seq, to_timestamp(%d) AS _commit_ts, NULL::VARCHAR[] AS _unchanged,"
            + " NULL::VARCHAR AS _old_key")
        .formatted(id, op, sequence(), clock);
  }

  private static String text(String value) {
    return value == null ? "NULL" : "'" + value.replace("'", "''") + "'";
  }
}
