package dev.lakegate.model.job;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.lakegate.model.bronze.BronzeFile;
import dev.lakegate.model.policy.Policy.TableFacts;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Objects;

/**
 * One run of a job. Immutable. Fields that do not belong to the dataset's kind are null and absent
 * from the JSON.
 *
 * @param version contract version, {@value #VERSION}
 * @param runId chosen by who asks; the same again is the same run
 * @param mode what to do
 * @param storageRoot directory or URI that paths are relative to
 * @param specification of the dataset
 * @param after Silver only: the checkpoint that the files follow; null before the first run and in
 *     mode full
 * @param through what the run consumes: last manifest, or instant of each input
 * @param files Silver only: exactly the files to read, in order of manifest
 * @param asOf as-of date of a metric that depends on the clock
 * @param watermark newest source commit that the table fully reflects after the run; null when
 *     unknown
 * @param sweepBefore Silver only: rows whose change sequence sorts before this text, and which the
 *     files do not bring again, are removed in the same commit; set when a copy of the table became
 *     complete within the run; null otherwise
 * @param copies tables of versions only: copies of the table that became complete within the run,
 *     in order; null for none
 * @param past which kept state the run is about; null unless its mode says so
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record RunRequest(
    int version,
    String runId,
    Mode mode,
    String storageRoot,
    JobSpecification specification,
    Checkpoint after,
    Checkpoint through,
    List<InputFile> files,
    LocalDate asOf,
    Instant watermark,
    String sweepBefore,
    List<Copy> copies,
    Past past) {
  /** The contract version that this code reads and writes. */
  public static final int VERSION = 1;

  /** A request that sweeps nothing. */
  public RunRequest(
      int version,
      String runId,
      Mode mode,
      String storageRoot,
      JobSpecification specification,
      Checkpoint after,
      Checkpoint through,
      List<InputFile> files,
      LocalDate asOf,
      Instant watermark) {
    this(
        version,
        runId,
        mode,
        storageRoot,
        specification,
        after,
        through,
        files,
        asOf,
        watermark,
        null);
  }

  /** A request that is not about the past. */
  public RunRequest(
      int version,
      String runId,
      Mode mode,
      String storageRoot,
      JobSpecification specification,
      Checkpoint after,
      Checkpoint through,
      List<InputFile> files,
      LocalDate asOf,
      Instant watermark,
      String sweepBefore) {
    this(
        version,
        runId,
        mode,
        storageRoot,
        specification,
        after,
        through,
        files,
        asOf,
        watermark,
        sweepBefore,
        null,
        null);
  }

  /** A request that is not for versions of rows. */
  public RunRequest(
      int version,
      String runId,
      Mode mode,
      String storageRoot,
      JobSpecification specification,
      Checkpoint after,
      Checkpoint through,
      List<InputFile> files,
      LocalDate asOf,
      Instant watermark,
      String sweepBefore,
      Past past) {
    this(
        version,
        runId,
        mode,
        storageRoot,
        specification,
        after,
        through,
        files,
        asOf,
        watermark,
        sweepBefore,
        null,
        past);
  }

  public RunRequest {
    Objects.requireNonNull(runId, "runId is null");
    Objects.requireNonNull(mode, "mode is null");
    Objects.requireNonNull(storageRoot, "storageRoot is null");
    Objects.requireNonNull(specification, "specification is null");
    Objects.requireNonNull(through, "through is null");
    if (mode.isOfThePast() != (past != null)) {
      throw new IllegalArgumentException("a kept state belongs to modes of the past, and to them");
    }
    files = files == null ? null : List.copyOf(files);
    copies = copies == null ? null : List.copyOf(copies);
  }

  /** What a run does. */
  public enum Mode {
    /** Consumes what came after the checkpoint. */
    @JsonProperty("incremental")
    INCREMENTAL,
    /** Builds the table anew from all of its inputs. */
    @JsonProperty("full")
    FULL,
    /** Makes a table of its own of a kept state. */
    @JsonProperty("asof")
    ASOF,
    /** Removes such a table. */
    @JsonProperty("drop")
    DROP,
    /** Brings the table back to a kept state, its progress included. */
    @JsonProperty("restore")
    RESTORE;

    /** Whether a run is about a kept state, and computes nothing from inputs. */
    public boolean isOfThePast() {
      return this == ASOF || this == DROP || this == RESTORE;
    }
  }

  /**
   * A copy of the source table that became complete.
   *
   * @param sequence of its rows, or its epoch where that is unknown: a row that it does not bring
   *     was gone when its snapshot was taken
   * @param at when it became complete, for a copy without rows
   * @param manifest that completed it: a table that has consumed it leaves the copy out; null when
   *     that is not known
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Copy(String sequence, Instant at, Long manifest) {
    /** A copy that is applied even if it was consumed already. */
    public Copy(String sequence, Instant at) {
      this(sequence, at, null);
    }

    public Copy {
      Objects.requireNonNull(sequence, "sequence is null");
      Objects.requireNonNull(at, "at is null");
    }
  }

  /**
   * A kept state of the table, and what becomes of it.
   *
   * @param instant of the state
   * @param table name, in the table's own schema, of the table that is made of it or removed; null
   *     when the table itself is restored
   * @param expiresAt until when that table is meant to exist; null unless it is made
   * @param dryRun whether to say only what a restore would change; null unless it is one
   * @param facts by which the state was read, kept beside the table that is made of it; null when
   *     nobody knows them any more, and unless it is made
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Past(
      String instant, String table, Instant expiresAt, Boolean dryRun, TableFacts facts) {
    public Past {
      Objects.requireNonNull(instant, "instant is null");
    }

    /** Without facts. */
    public Past(String instant, String table, Instant expiresAt, Boolean dryRun) {
      this(instant, table, expiresAt, dryRun, null);
    }
  }

  /**
   * A Bronze file to read; paths are relative to the storage root.
   *
   * @param manifest that names it
   * @param path of the file
   * @param kind how its records were read
   * @param schemaVersion of its table
   * @param generation of its table's copy
   * @param rows records in it
   * @param bytes its size
   */
  public record InputFile(
      long manifest,
      String path,
      BronzeFile.Kind kind,
      int schemaVersion,
      int generation,
      long rows,
      long bytes) {

    /** The file as manifest {@code manifest} names it. */
    public static InputFile of(long manifest, BronzeFile file) {
      return new InputFile(
          manifest,
          file.path(),
          file.kind(),
          file.schemaVersion(),
          file.generation(),
          file.rows(),
          file.bytes());
    }
  }
}
