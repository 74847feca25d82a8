package dev.lakegate.model.bronze;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;

/**
 * One flush of the capture engine over all tables: the only list of Bronze files there is. A file
 * that no manifest names does not exist. Manifests are immutable and numbered without gaps from 1.
 *
 * @param version contract version, {@value #VERSION}
 * @param number position in the chain of manifests, from 1
 * @param epoch 4 hex digits; a new one starts when log positions stop being comparable
 * @param sourceId {@code <system identifier>/<database>} of the source
 * @param timeline of the source's log, from 1; null in manifests of version 1
 * @param createdAt when the manifest was written, UTC
 * @param firstSequence lowest change sequence in its files; null when it has no file
 * @param lastSequence highest change sequence in its files; null when it has no file
 * @param position end LSN (such as {@code 0/16B5940}) up to which the slot may be acknowledged once
 *     this manifest is durable; every transaction that committed before it is in the chain
 * @param files the files of this flush
 * @param copiesBegun tables whose rows are copied, for the first time or anew, from this manifest
 *     on: until the same generation is completed, the chain does not hold the whole table
 * @param copiesCompleted tables whose copy became complete with this manifest
 * @param schemaChanges schema versions first used by this manifest or later ones
 * @param schemaApprovals schema versions that somebody approved although they take something away
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
public record Manifest(
    int version,
    long number,
    String epoch,
    String sourceId,
    Integer timeline,
    Instant createdAt,
    String firstSequence,
    String lastSequence,
    String position,
    List<BronzeFile> files,
    List<CopyBegun> copiesBegun,
    List<CopyCompleted> copiesCompleted,
    List<SchemaVersion> schemaChanges,
    List<SchemaApproval> schemaApprovals) {
  /** The contract version that this code writes; {@link ManifestReader} also reads version 1. */
  public static final int VERSION = 2;

  public Manifest {
    files = List.copyOf(files);
    copiesBegun = List.copyOf(copiesBegun);
    copiesCompleted = List.copyOf(copiesCompleted);
    schemaChanges = List.copyOf(schemaChanges);
    schemaApprovals = List.copyOf(schemaApprovals);
  }
}
