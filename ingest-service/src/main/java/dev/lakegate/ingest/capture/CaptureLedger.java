package dev.lakegate.ingest.capture;

import dev.lakegate.model.bronze.BronzeFile;
import dev.lakegate.model.bronze.BronzeFile.Kind;
import dev.lakegate.model.bronze.ChangeSequence;
import dev.lakegate.model.bronze.CopyBegun;
import dev.lakegate.model.bronze.CopyCompleted;
import dev.lakegate.model.bronze.Manifest;
import dev.lakegate.model.bronze.SchemaApproval;
import dev.lakegate.model.bronze.SchemaVersion;
import dev.lakegate.model.bronze.SchemaVersion.Effect;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What the chain of manifests says about each table. It is a fold over the manifests and nothing
 * else; a stored copy only saves reading them all again. Not thread-safe.
 */
final class CaptureLedger {
  /**
   * A table in the chain. Immutable.
   *
   * @param generation of its newest copy, begun or complete; 0 before the first
   * @param copied whether that copy is complete
   * @param begunReason why that copy was begun; null when the chain does not tell
   * @param copySequence of the rows of that copy; null before its first file
   * @param copiedAt when a copy last became complete; null before the first
   * @param rowsCopied rows in that copy so far
   * @param changes records from the log so far
   * @param lastChangeAt newest commit time of a streamed record; null before the first
   * @param schemas all versions, oldest first
   * @param approvals of schema versions, oldest first
   * @param settledVersion destructive versions up to this one were approved or followed by a copy
   */
  record Table(
      int generation,
      boolean copied,
      String begunReason,
      String copySequence,
      Instant copiedAt,
      long rowsCopied,
      long changes,
      Instant lastChangeAt,
      List<SchemaVersion> schemas,
      List<SchemaApproval> approvals,
      int settledVersion) {
    static final Table NONE =
        new Table(0, false, null, null, null, 0, 0, null, List.of(), List.of(), 0);

    Table {
      schemas = List.copyOf(schemas);
      approvals = List.copyOf(approvals);
    }

    /** The newest version; null before the first. */
    SchemaVersion schema() {
      return schemas.isEmpty() ? null : schemas.get(schemas.size() - 1);
    }

    /** The version of that number. */
    Optional<SchemaVersion> schema(int version) {
      return schemas.stream().filter(s -> s.schemaVersion() == version).findFirst();
    }

    /** The newest destructive version that readers wait at; empty when they wait at none. */
    Optional<SchemaVersion> pendingApproval() {
      for (int i = schemas.size() - 1; i >= 0; i--) {
        SchemaVersion schema = schemas.get(i);
        if (schema.schemaVersion() <= settledVersion) {
          break;
        }
        if (schema.effect() == Effect.DESTRUCTIVE) {
          return Optional.of(schema);
        }
      }
      return Optional.empty();
    }

    /** Whether the newest copy was begun and has no rows yet. */
    boolean begun() {
      return generation > 0 && !copied && rowsCopied == 0 && begunReason != null;
    }

    /** Unsigned LSN of the copy's snapshot: what committed before it is in the copy. */
    long copiedFrom() {
      return copySequence == null ? 0 : ChangeSequence.parse(copySequence).position().longValue();
    }

    private Table begin(CopyBegun copy) {
      // What was known before the copy began is what the copy settles.
      int newest = schemas.isEmpty() ? 0 : schema().schemaVersion();
      return new Table(
          copy.generation(),
          false,
          copy.reason(),
          null,
          copiedAt,
          0,
          changes,
          lastChangeAt,
          schemas,
          approvals,
          Math.max(settledVersion, newest));
    }

    private Table forgetCopy() {
      return new Table(
          generation,
          false,
          null,
          null,
          copiedAt,
          0,
          changes,
          lastChangeAt,
          schemas,
          approvals,
          settledVersion);
    }

    private Table complete(CopyCompleted copy, Instant at) {
      return new Table(
          copy.generation(),
          true,
          begunReason,
          copy.sequence() != null
              ? copy.sequence()
              : copy.generation() == generation ? copySequence : null,
          at,
          copy.rows(),
          changes,
          lastChangeAt,
          schemas,
          approvals,
          settledVersion);
    }

    private Table change(SchemaVersion schema) {
      List<SchemaVersion> all = new ArrayList<>(schemas);
      all.add(schema);
      return new Table(
          generation,
          copied,
          begunReason,
          copySequence,
          copiedAt,
          rowsCopied,
          changes,
          lastChangeAt,
          all,
          approvals,
          settledVersion);
    }

    private Table approve(SchemaApproval approval) {
      List<SchemaApproval> all = new ArrayList<>(approvals);
      all.add(approval);
      return new Table(
          generation,
          copied,
          begunReason,
          copySequence,
          copiedAt,
          rowsCopied,
          changes,
          lastChangeAt,
          schemas,
          all,
          Math.max(settledVersion, approval.schemaVersion()));
    }

    private Table add(BronzeFile file) {
      if (file.kind() == Kind.COPY) {
        long before = file.generation() == generation ? rowsCopied : 0;
        return new Table(
            file.generation(),
            false,
            begunReason,
            file.firstSequence(),
            copiedAt,
            before + file.rows(),
            changes,
            lastChangeAt,
            schemas,
            approvals,
            settledVersion);
      }
      Instant last =
          lastChangeAt == null || file.maxCommitTs().isAfter(lastChangeAt)
              ? file.maxCommitTs()
              : lastChangeAt;
      return new Table(
          generation,
          copied,
          begunReason,
          copySequence,
          copiedAt,
          rowsCopied,
          changes + file.rows(),
          last,
          schemas,
          approvals,
          settledVersion);
    }
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
    static final int VERSION = 2;
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

  /** Every table that the chain has ever named. */
  Map<String, Table> tables() {
    return Map.copyOf(tables);
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
      if (manifest.timeline() == null) {
        // Version 1 does not name what is copied anew: everything is.
        tables.replaceAll((name, t) -> t.forgetCopy());
      }
    }
    for (CopyBegun copy : manifest.copiesBegun()) {
      tables.put(copy.table(), table(copy.table()).begin(copy));
    }
    for (SchemaVersion schema : manifest.schemaChanges()) {
      tables.put(schema.table(), table(schema.table()).change(schema));
    }
    for (BronzeFile file : manifest.files()) {
      tables.put(file.table(), table(file.table()).add(file));
    }
    for (CopyCompleted copy : manifest.copiesCompleted()) {
      tables.put(copy.table(), table(copy.table()).complete(copy, manifest.createdAt()));
    }
    for (SchemaApproval approval : manifest.schemaApprovals()) {
      tables.put(approval.table(), table(approval.table()).approve(approval));
    }
  }
}
