package dev.lakegate.ingest.capture;

import dev.lakegate.ingest.bronze.BronzeWriter;
import dev.lakegate.ingest.bronze.ManifestChain;
import dev.lakegate.ingest.bronze.ManifestDraft;
import dev.lakegate.ingest.bronze.Stage;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Changes that no manifest names yet: staged, or already written as files of the next manifest's
 * draft because a transaction is larger than a flush. Not thread-safe.
 */
final class PendingChanges implements AutoCloseable {
  /** Rows by operation. */
  static final class Counts {
    long inserts;
    long updates;
    long deletes;
    long truncates;
  }

  private final ManifestChain chain;
  private final BronzeWriter writer;
  private final StreamAdmission admission;
  private final Map<Route, Stage> stages = new LinkedHashMap<>();
  private final Map<String, Counts> counts = new TreeMap<>();
  private final Map<String, Map<String, Long>> lossy = new TreeMap<>();
  private ManifestDraft draft;
  private long rows;
  private long oldestNanos;

  PendingChanges(ManifestChain chain, BronzeWriter writer, StreamAdmission admission) {
    this.chain = chain;
    this.writer = writer;
    this.admission = admission;
  }

  void add(ChangeReader.Change change) throws IOException {
    ChangeReader.Change admitted = admission.admit(change);
    if (admitted != null) {
      stage(admitted);
    }
    if (rows++ == 0) {
      oldestNanos = System.nanoTime();
    }
    Counts count = counts.computeIfAbsent(change.route().schema().table(), t -> new Counts());
    switch (change.op()) {
      case 'I' -> count.inserts++;
      case 'U' -> count.updates++;
      case 'D' -> count.deletes++;
      default -> count.truncates++;
    }
  }

  private void stage(ChangeReader.Change change) throws IOException {
    Stage stage = stages.get(change.route());
    if (stage == null) {
      String table = change.route().schema().table();
      stage =
          Stage.ofStream(
              writer.newStageFile(table), change.route().schema(), change.route().generation());
      stages.put(change.route(), stage);
    }
    stage.addChange(
        change.op(),
        change.sequence(),
        change.commitMicros(),
        change.loadDate(),
        change.tenant(),
        change.unchanged(),
        change.oldKey(),
        change.row(),
        change.fill());
  }

  boolean isEmpty() {
    return rows == 0;
  }

  /** The next manifest's draft; made when first needed. */
  ManifestDraft draft() {
    if (draft == null) {
      draft = chain.draft();
    }
    return draft;
  }

  FlushPolicy.Pending measure() {
    if (rows == 0) {
      return new FlushPolicy.Pending(0, 0, 0, Duration.ZERO);
    }
    long bytes = 0;
    int files = draft == null ? 0 : draft.files().size();
    for (Stage stage : stages.values()) {
      bytes += stage.bytes();
      files += stage.files();
    }
    return new FlushPolicy.Pending(
        rows, bytes, files, Duration.ofNanos(System.nanoTime() - oldestNanos));
  }

  Map<String, Counts> counts() {
    return counts;
  }

  /** Table to column to values lost; grows as files are written. */
  Map<String, Map<String, Long>> lossy() {
    return lossy;
  }

  /** Writes what is staged as files of the draft. */
  void writeFiles() throws IOException, SQLException {
    for (Stage stage : stages.values()) {
      try (stage) {
        BronzeWriter.Written written = writer.write(stage, draft());
        if (!written.lossyValues().isEmpty()) {
          Map<String, Long> columns =
              lossy.computeIfAbsent(stage.schema().table(), t -> new TreeMap<>());
          written.lossyValues().forEach((column, n) -> columns.merge(column, n, Long::sum));
        }
      }
    }
    stages.clear();
  }

  /** Deletes what is staged. Files of the draft are the chain's to remove. */
  @Override
  public void close() throws IOException {
    for (Stage stage : stages.values()) {
      stage.close();
    }
    stages.clear();
  }
}
