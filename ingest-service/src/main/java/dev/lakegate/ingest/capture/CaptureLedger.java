package dev.lakegate.ingest.capture;

import dev.lakegate.model.bronze.BronzeFile;
import dev.lakegate.model.bronze.BronzeFile.Kind;
import dev.lakegate.model.bronze.CopyCompleted;
import dev.lakegate.model.bronze.Manifest;
import dev.lakegate.model.bronze.SchemaVersion;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the chain of manifests says about each table. It is a fold over the manifests and nothing
 * else; a stored copy only saves reading them all again. Not thread-safe.
 */
final class CaptureLedger {
  /**
   * A table in the chain.
   *
   * @param generation of its newest copy, 0 before the first
   * @param copied whether that copy is complete in the present epoch
   * @param rowsCopied rows in that copy so far
   * @param changes records from the log so far
   * @param lastChangeAt newest commit time of a streamed record; null before the first
   * @param schema newest version; null before the first
   */
  record Table(
      int generation,
      boolean copied,
      long rowsCopied,
      long changes,
      Instant lastChangeAt,
      SchemaVersion schema) {
    static final Table NONE = new Table(0, false, 0, 0, null, null);
  }

  /**
   * The stored form.
   *
   * @param number of the last manifest in it
   * @param epoch of that manifest
   * @param sourceId of that manifest
   */
  record Stored(
      int version, long number, String epoch, String sourceId, Map<String, Table> tables) {
    static final int VERSION = 1;
  }

  private final Map<String, Table> tables = new TreeMap<>();
  private long number;
  private String epoch;
  private String sourceId;

  CaptureLedger() {}

  CaptureLedger(Stored stored) {
    tables.putAll(stored.tables());
    number = stored.number();
    epoch = stored.epoch();
    sourceId = stored.sourceId();
  }

  Stored stored() {
    return new Stored(Stored.VERSION, number, epoch, sourceId, new TreeMap<>(tables));
  }

  long number() {
    return number;
  }

  Table table(String table) {
    return tables.getOrDefault(table, Table.NONE);
  }

  /**
   * Adds the next manifest.
   *
   * @throws IllegalArgumentException when it does not follow
   */
  void add(Manifest manifest) {
    if (manifest.number() != number + 1) {
      throw new IllegalArgumentException(
          "manifest " + manifest.number() + " does not follow " + number);
    }
    number = manifest.number();
    sourceId = manifest.sourceId();
    if (!manifest.epoch().equals(epoch)) {
      epoch = manifest.epoch();
      tables.replaceAll(
          (name, t) ->
              new Table(t.generation(), false, 0, t.changes(), t.lastChangeAt(), t.schema()));
    }
    for (SchemaVersion schema : manifest.schemaChanges()) {
      Table t = table(schema.table());
      tables.put(
          schema.table(),
          new Table(
              t.generation(), t.copied(), t.rowsCopied(), t.changes(), t.lastChangeAt(), schema));
    }
    for (BronzeFile file : manifest.files()) {
      tables.put(file.table(), add(table(file.table()), file));
    }
    for (CopyCompleted copy : manifest.copiesCompleted()) {
      Table t = table(copy.table());
      tables.put(
          copy.table(),
          new Table(
              copy.generation(), true, copy.rows(), t.changes(), t.lastChangeAt(), t.schema()));
    }
  }

  private static Table add(Table t, BronzeFile file) {
    if (file.kind() == Kind.COPY) {
      long before = file.generation() == t.generation() ? t.rowsCopied() : 0;
      return new Table(
          file.generation(),
          false,
          before + file.rows(),
          t.changes(),
          t.lastChangeAt(),
          t.schema());
    }
    Instant last =
        t.lastChangeAt() == null || file.maxCommitTs().isAfter(t.lastChangeAt())
            ? file.maxCommitTs()
            : t.lastChangeAt();
    return new Table(
        t.generation(), t.copied(), t.rowsCopied(), t.changes() + file.rows(), last, t.schema());
  }
}
