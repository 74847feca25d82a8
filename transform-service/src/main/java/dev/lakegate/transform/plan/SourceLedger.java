package dev.lakegate.transform.plan;

import dev.lakegate.model.bronze.SchemaVersion;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What the chain says of one source table besides its files: its copies, its schema versions, and
 * which of them somebody approved. Immutable.
 *
 * @param begun copies begun, in the order of their manifests
 * @param completed copies completed, likewise
 * @param versions schema versions, likewise
 * @param approvals schema versions approved, likewise
 */
public record SourceLedger(
    List<Begun> begun,
    List<Completed> completed,
    List<Version> versions,
    List<Approval> approvals) {
  /** Of a table that the chain does not know. */
  public static final SourceLedger EMPTY =
      new SourceLedger(List.of(), List.of(), List.of(), List.of());

  public SourceLedger {
    begun = List.copyOf(begun);
    completed = List.copyOf(completed);
    versions = List.copyOf(versions);
    approvals = List.copyOf(approvals);
  }

  /**
   * A copy began.
   *
   * @param manifest with which
   * @param generation of the copy; null where manifests of version 1 begin an epoch, in which every
   *     table is copied
   */
  public record Begun(long manifest, Integer generation) {}

  /**
   * A copy became complete.
   *
   * @param manifest with which
   * @param generation of the copy
   * @param sequence of its rows; null in manifests of version 1
   * @param epoch of the manifest
   * @param at when the manifest was written
   */
  public record Completed(
      long manifest, int generation, String sequence, String epoch, Instant at) {}

  /**
   * A schema version.
   *
   * @param manifest that records it
   * @param schema the version
   * @param firstFile first manifest with a file of it; null while there is none
   */
  public record Version(long manifest, SchemaVersion schema, Long firstFile) {}

  /**
   * An approval.
   *
   * @param manifest that records it
   * @param schemaVersion approved, and with it all earlier ones
   */
  public record Approval(long manifest, int schemaVersion) {}

  /**
   * Where readers have to stop until somebody decides.
   *
   * @param before first manifest that they may not consume
   * @param version that takes something away
   */
  public record Hold(long before, SchemaVersion version) {}

  /** The newest copy begun, as long as it is not complete; a first copy begins with the chain. */
  public Optional<Begun> copying() {
    return copying(Long.MAX_VALUE);
  }

  private Optional<Begun> copying(long upTo) {
    Begun newest = new Begun(1, null);
    for (Begun b : begun) {
      newest = b.manifest() <= upTo ? b : newest;
    }
    Begun last = newest;
    boolean done =
        completed.stream()
            .anyMatch(
                c ->
                    c.manifest() <= upTo
                        && c.manifest() >= last.manifest()
                        && (last.generation() == null || c.generation() >= last.generation()));
    return done ? Optional.empty() : Optional.of(last);
  }

  /** Whether who has consumed everything up to a manifest has the whole table. */
  public boolean wholeAt(long consumed) {
    return copying(consumed).isEmpty();
  }

  /** The newest copy that became complete after one manifest and up to another. */
  public Optional<Completed> completedWithin(long after, long upTo) {
    return completed.stream()
        .filter(c -> c.manifest() > after && c.manifest() <= upTo)
        .max(Comparator.comparingLong(Completed::manifest).thenComparing(Completed::generation));
  }

  /** All copies that became complete after one manifest and up to another, in order. */
  public List<Completed> allCompletedWithin(long after, long upTo) {
    return completed.stream()
        .filter(c -> c.manifest() > after && c.manifest() <= upTo)
        .sorted(Comparator.comparingLong(Completed::manifest).thenComparing(Completed::generation))
        .toList();
  }

  /** First manifest that may have rows of a completed copy. */
  public long beginningOf(Completed copy) {
    long first = 1;
    for (Begun b : begun) {
      if (b.manifest() <= copy.manifest()
          && (b.generation() == null || b.generation() == copy.generation())) {
        first = b.manifest();
      }
    }
    return first;
  }

  /**
   * The first unapproved schema version that takes something away, with files that were not
   * consumed yet. Also a later version on top of it may not be consumed.
   */
  public Optional<Hold> hold(long consumed) {
    for (Version version : versions) {
      if (version.schema().effect() != SchemaVersion.Effect.DESTRUCTIVE || accepted(version)) {
        continue;
      }
      Optional<Long> first =
          versions.stream()
              .filter(v -> v.schema().schemaVersion() >= version.schema().schemaVersion())
              .filter(v -> v.firstFile() != null)
              .map(Version::firstFile)
              .min(Comparator.naturalOrder());
      if (first.isPresent() && first.get() > consumed) {
        return Optional.of(new Hold(first.get(), version.schema()));
      }
    }
    return Optional.empty();
  }

  private boolean accepted(Version version) {
    return approvals.stream().anyMatch(a -> a.schemaVersion() >= version.schema().schemaVersion())
        || begun.stream()
            .anyMatch(b -> b.generation() != null && b.manifest() > version.manifest());
  }

  /** Schema versions that rows up to a manifest may have. */
  public List<SchemaVersion> versionsThrough(long manifest) {
    return versions.stream()
        .filter(version -> version.manifest() <= manifest)
        .map(Version::schema)
        .toList();
  }
}
