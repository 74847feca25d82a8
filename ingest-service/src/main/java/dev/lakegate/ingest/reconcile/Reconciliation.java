package dev.lakegate.ingest.reconcile;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * A comparison of the source with Silver, under way or ended. Immutable.
 *
 * @param id names it
 * @param state how far it is
 * @param message a sentence
 * @param position LSN of the source's snapshot; null until it was taken
 * @param snapshotAt when that was; null until then
 * @param finishedAt null until it ended
 * @param tables in the order of comparing
 */
public record Reconciliation(
    String id,
    State state,
    String message,
    Instant createdAt,
    String position,
    Instant snapshotAt,
    Instant finishedAt,
    List<Table> tables) {
  public Reconciliation {
    tables = List.copyOf(tables);
  }

  /** How far a comparison is. */
  public enum State {
    /** Its turn has not come. */
    @JsonProperty("queued")
    QUEUED,
    /** Under way. */
    @JsonProperty("running")
    RUNNING,
    /** Every table was compared, and all are equal. */
    @JsonProperty("equal")
    EQUAL,
    /** At least one table differs. */
    @JsonProperty("different")
    DIFFERENT,
    /** No table differs, but some could not be compared. */
    @JsonProperty("incomplete")
    INCOMPLETE,
    /** It went wrong. */
    @JsonProperty("failed")
    FAILED,
    /** Somebody ended it. */
    @JsonProperty("cancelled")
    CANCELLED;

    /** Whether nothing more will happen. */
    public boolean ended() {
      return this != QUEUED && this != RUNNING;
    }
  }

  /** How far the comparison of one table is. */
  public enum TableState {
    /** Its turn has not come. */
    @JsonProperty("waiting")
    WAITING,
    /** Rows are read from the source. */
    @JsonProperty("reading")
    READING,
    /** Silver has not consumed everything up to the position. */
    @JsonProperty("catching-up")
    CATCHING_UP,
    /** Both sides are compared. */
    @JsonProperty("comparing")
    COMPARING,
    /** Equal. */
    @JsonProperty("equal")
    EQUAL,
    /** Different. */
    @JsonProperty("different")
    DIFFERENT,
    /** Could not be compared; the reason says why. */
    @JsonProperty("skipped")
    SKIPPED
  }

  /**
   * One table.
   *
   * @param table at the source
   * @param dataset in Silver
   * @param reason why it was skipped; null otherwise
   * @param instant of Silver's snapshot; null until it was read
   * @param sourceRows compared, or read so far
   * @param silverRows compared
   * @param inMotion keys left out because they changed after the position
   * @param quarantined keys left out because their rows are in quarantine
   * @param columns compared
   * @param notCompared columns left out because Silver derives or does not have them
   * @param tenants number of tenants on either side
   * @param differingTenants at most {@value Comparison#NAMED_TENANTS}
   * @param missing keys that Silver lacks
   * @param ghosts keys that the source lacks
   * @param differing keys whose rows differ
   * @param duplicates keys that Silver has more than once
   * @param examples at most {@value Comparison#NAMED_KEYS} keys of those
   */
  public record Table(
      String table,
      String dataset,
      TableState state,
      String reason,
      String instant,
      long sourceRows,
      long silverRows,
      long inMotion,
      long quarantined,
      List<String> columns,
      List<String> notCompared,
      long tenants,
      List<Tenant> differingTenants,
      long missing,
      long ghosts,
      long differing,
      long duplicates,
      List<Example> examples) {
    static Table of(String table, String dataset, TableState state, String reason) {
      return new Table(
          table, dataset, state, reason, null, 0, 0, 0, 0, List.of(), List.of(), 0, List.of(), 0, 0,
          0, 0, List.of());
    }

    Table in(TableState next) {
      return new Table(
          table,
          dataset,
          next,
          null,
          instant,
          sourceRows,
          silverRows,
          inMotion,
          quarantined,
          columns,
          notCompared,
          tenants,
          differingTenants,
          missing,
          ghosts,
          differing,
          duplicates,
          examples);
    }

    Table read(long rows) {
      return new Table(
          table,
          dataset,
          TableState.READING,
          null,
          null,
          rows,
          0,
          0,
          0,
          columns,
          notCompared,
          0,
          List.of(),
          0,
          0,
          0,
          0,
          List.of());
    }
  }

  /**
   * A tenant whose rows are not the same on both sides.
   *
   * @param tenant null for rows without one
   * @param sourceChecksum sum of the rows' hashes, whatever their order; null without rows
   * @param silverChecksum likewise
   */
  public record Tenant(
      String tenant,
      long sourceRows,
      long silverRows,
      String sourceChecksum,
      String silverChecksum) {}

  /**
   * A key that is not the same on both sides.
   *
   * @param kind {@code missing} in Silver, {@code ghost} in Silver, {@code differing}, or {@code
   *     duplicate} in Silver
   * @param key column name to value as text
   * @param sourceTenant null when the source has no such row, or it has no tenant
   * @param silverTenant likewise
   * @param columns that differ
   */
  public record Example(
      String kind,
      Map<String, String> key,
      String sourceTenant,
      String silverTenant,
      List<String> columns) {}
}
