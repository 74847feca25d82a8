package dev.lakegate.ingest.capture;

import dev.lakegate.ingest.lag.LagMeter;
import dev.lakegate.ingest.quarantine.Quarantine;
import dev.lakegate.ingest.source.SourceDatabase;
import dev.lakegate.model.bronze.Lsn;
import dev.lakegate.model.bronze.Manifest;
import dev.lakegate.model.bronze.SchemaVersion;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Collects what capture has to say about itself. Thread-safe: capture writes, others look. */
final class StatusBoard {
  /**
   * What manifests do not tell, kept beside the ledger.
   *
   * @param lossy values by column that Bronze cannot hold
   */
  record Counters(long inserts, long updates, long deletes, Map<String, Long> lossy) {
    static final Counters NONE = new Counters(0, 0, 0, Map.of());

    Counters {
      // Absent from what was stored before it was counted here.
      lossy = lossy == null ? Map.of() : Collections.unmodifiableMap(new TreeMap<>(lossy));
    }

    Counters plus(long moreInserts, long moreUpdates, long moreDeletes) {
      return new Counters(
          inserts + moreInserts, updates + moreUpdates, deletes + moreDeletes, lossy);
    }

    Counters lost(String column, long values) {
      Map<String, Long> more = new TreeMap<>(lossy);
      more.merge(column, values, Long::sum);
      return new Counters(inserts, updates, deletes, more);
    }
  }

  private static final class Entry {
    TableState state = TableState.WAITING;
    String reason = "Capture has not reached the source yet.";
    String nextAction;
    boolean resyncMends;
    CaptureLedger.Table known = CaptureLedger.Table.NONE;
    Integer progress;
    long rowsCopied;
    Counters counters = Counters.NONE;
    Instant lastChangeAt;
  }

  private final CaptureSettings settings;
  private final Quarantine quarantine;
  private final LagMeter lag = new LagMeter();
  private final Map<String, Entry> tables = new LinkedHashMap<>();
  private List<CapturedTable> described = List.of();
  private String sourceId;
  private String database;
  private String epoch;
  private boolean connected;
  private String message = "Starting.";
  private long lastManifest;
  private Instant lastFlushAt;
  private Long captured;
  private Long acknowledged;

  StatusBoard(CaptureSettings settings, Quarantine quarantine) {
    this.settings = settings;
    this.quarantine = quarantine;
    described(settings.tables());
  }

  /** These tables are captured from now on; what is known of those among them stays. */
  synchronized void described(List<CapturedTable> wanted) {
    described = List.copyOf(wanted);
    described.forEach(t -> tables.putIfAbsent(t.table(), new Entry()));
  }

  LagMeter lag() {
    return lag;
  }

  synchronized void connected(SourceDatabase.Identity identity) {
    sourceId = identity.sourceId();
    database = identity.database();
    connected = true;
  }

  synchronized void disconnected(String why) {
    connected = false;
    acknowledged = null;
    message = why;
    lag.disconnected();
  }

  synchronized void message(String text) {
    message = text;
  }

  synchronized void epoch(String value) {
    epoch = value;
  }

  synchronized void manifest(Manifest manifest) {
    lastManifest = manifest.number();
    lastFlushAt = manifest.createdAt();
    epoch = manifest.epoch();
    captured(Lsn.parse(manifest.position()).value());
  }

  synchronized void captured(long lsn) {
    captured = lsn;
    lag.captured(lsn);
  }

  synchronized void acknowledged(long lsn) {
    acknowledged = lsn;
  }

  synchronized void table(String table, TableState state, String reason) {
    set(table, state, reason, null, false);
  }

  /** It is not captured until somebody does that. */
  synchronized void held(String table, String reason, String nextAction) {
    set(table, TableState.HELD, reason, nextAction, false);
  }

  /** It is not captured until somebody asks for a new copy. */
  synchronized void heldUntilResync(String table, String reason, String nextAction) {
    set(table, TableState.HELD, reason, nextAction, true);
  }

  /** Its copy went wrong. */
  synchronized void failed(String table, String reason, String nextAction) {
    set(table, TableState.FAILED, reason, nextAction, true);
  }

  private void set(
      String table, TableState state, String reason, String nextAction, boolean resyncMends) {
    Entry entry = tables.get(table);
    entry.state = state;
    entry.reason = reason;
    entry.nextAction = nextAction;
    entry.resyncMends = resyncMends;
    entry.progress = state == TableState.STREAMING ? Integer.valueOf(100) : null;
  }

  /** Whether a new copy can be asked for. */
  synchronized boolean resyncMends(String table) {
    Entry entry = tables.get(table);
    boolean absent = entry.state == TableState.WAITING && entry.known.generation() == 0;
    return !absent && (entry.state != TableState.HELD || entry.resyncMends);
  }

  /** What the chain says of the table. */
  synchronized CaptureLedger.Table known(String table) {
    return tables.get(table).known;
  }

  /** The tables, in the order of the description. */
  synchronized List<TableStatus> statuses() {
    Map<String, Long> quarantined = quarantine.counts();
    return described.stream()
        .map(t -> status(t, tables.get(t.table()), quarantined.getOrDefault(t.table(), 0L)))
        .toList();
  }

  private static TableStatus status(CapturedTable table, Entry e, long quarantined) {
    Optional<SchemaVersion> pending = e.known.pendingApproval();
    String nextAction = e.nextAction;
    if (nextAction == null && pending.isPresent()) {
      nextAction =
          "./lakegate approve "
              + table.table()
              + " to let Silver go on with schema version "
              + pending.get().schemaVersion()
              + ", or ./lakegate resync "
              + table.table()
              + " to copy it anew";
    }
    return new TableStatus(
        table.table(),
        table.dataset(),
        e.state,
        e.reason,
        nextAction,
        e.progress,
        e.known.generation(),
        e.known.schema() == null ? null : e.known.schema().schemaVersion(),
        pending
            .map(v -> new TableStatus.PendingApproval(v.schemaVersion(), v.explanation()))
            .orElse(null),
        e.known.copiedAt(),
        e.rowsCopied,
        e.counters.inserts(),
        e.counters.updates(),
        e.counters.deletes(),
        e.lastChangeAt,
        quarantined,
        e.counters.lossy().values().stream().mapToLong(Long::longValue).sum(),
        e.counters.lossy());
  }

  synchronized TableState state(String table) {
    return tables.get(table).state;
  }

  synchronized void progress(String table, long rows, Integer percent) {
    Entry entry = tables.get(table);
    entry.rowsCopied = rows;
    entry.progress = percent;
  }

  synchronized void ledger(String table, CaptureLedger.Table ledger) {
    Entry entry = tables.get(table);
    if (entry != null) {
      entry.known = ledger;
      entry.rowsCopied = ledger.rowsCopied();
      entry.lastChangeAt = ledger.lastChangeAt();
    }
  }

  synchronized void count(String table, PendingChanges.Counts counts) {
    Entry entry = tables.get(table);
    if (entry != null) {
      entry.counters = entry.counters.plus(counts.inserts, counts.updates, counts.deletes);
    }
  }

  synchronized void lossy(String table, String column, long values) {
    Entry entry = tables.get(table);
    if (entry != null) {
      entry.counters = entry.counters.lost(column, values);
    }
  }

  synchronized Map<String, Counters> counters() {
    Map<String, Counters> all = new LinkedHashMap<>();
    tables.forEach((name, entry) -> all.put(name, entry.counters));
    return all;
  }

  synchronized void counters(Map<String, Counters> all) {
    all.forEach(
        (name, counters) -> {
          if (tables.containsKey(name)) {
            tables.get(name).counters = counters;
          }
        });
  }

  synchronized CaptureState state() {
    List<CaptureState.Table> states = new ArrayList<>();
    for (CapturedTable table : described) {
      Entry e = tables.get(table.table());
      states.add(
          new CaptureState.Table(
              table.table(),
              table.dataset(),
              e.state,
              e.reason,
              e.progress,
              e.rowsCopied,
              e.counters.inserts(),
              e.counters.updates(),
              e.counters.deletes(),
              e.lastChangeAt));
    }
    URI address = address(settings.source().jdbcUrl());
    return new CaptureState(
        new CaptureState.Source(
            sourceId,
            address == null ? null : address.getHost(),
            address == null
                ? null
                : address.getPort() < 0 ? Integer.valueOf(5432) : address.getPort(),
            database,
            settings.source().slot(),
            settings.source().publication(),
            epoch,
            connected,
            message),
        lastManifest,
        lastFlushAt,
        // On a source at rest the meter is further on: nothing of ours was committed in between.
        captured == null ? null : Lsn.format(lag.captured()),
        acknowledged == null ? null : Lsn.format(acknowledged),
        lag.lag(System.currentTimeMillis()),
        List.copyOf(states));
  }

  /** Host and port alone; whatever else stands in the URL is nobody's business. */
  private static URI address(String jdbcUrl) {
    try {
      return URI.create(jdbcUrl.substring("jdbc:".length()));
    } catch (IllegalArgumentException | StringIndexOutOfBoundsException e) {
      return null;
    }
  }
}
