package dev.lakegate.ingest.source;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jboss.logging.Logger;

/**
 * A temporary slot beside the one that is followed: its snapshot, under which tables are copied,
 * and from there on its stream, which has everything that commits after the snapshot. It retains
 * log at the source for as long as it is open, and is gone with its connection. Not thread-safe.
 */
public final class SlotBeside implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(SlotBeside.class);

  /** The source lets go of its log by segments, mostly of this size. */
  private static final long SEGMENT_BYTES = 16 << 20;

  private final SourceSettings settings;
  private final String name;
  private final Connection replication;
  private final SourceSnapshot snapshot;
  private ReplicationStream stream;

  /** Unsigned LSN from which on the source was last seen to keep its log for this slot. */
  private long retainedFrom;

  private SlotBeside(
      SourceSettings settings, String name, Connection replication, SourceSnapshot snapshot) {
    this.settings = settings;
    this.name = name;
    this.replication = replication;
    this.snapshot = snapshot;
    this.retainedFrom = snapshot.lsn().value();
  }

  /**
   * Creates the slot. Waits for transactions that are open at the source.
   *
   * @param stop ends the waiting with an exception
   * @throws SourceProblemException when no slot, WAL sender or connection is free
   */
  public static SlotBeside open(SourceSettings settings, BooleanSupplier stop)
      throws SQLException, SourceProblemException {
    Connection replication = SourceSnapshot.sender(settings);
    try {
      String name = SourceSnapshot.temporaryName(settings);
      return new SlotBeside(
          settings,
          name,
          replication,
          SourceSnapshot.create(settings, name, true, replication, stop));
    } catch (SQLException | SourceProblemException | RuntimeException e) {
      replication.close();
      throw e;
    }
  }

  /** Its snapshot; of no use once it is closed. */
  public SourceSnapshot snapshot() {
    return snapshot;
  }

  /** Its stream from the snapshot on; begun by the first call. */
  public ReplicationStream stream() throws SQLException {
    if (stream == null) {
      stream = ReplicationStream.start(settings, replication, name, snapshot.lsn().value());
    }
    return stream;
  }

  /**
   * Tells the source that somebody is there, while the stream is not read, and that it need not
   * keep log before a position: nobody can begin with this slot once more.
   *
   * @param position unsigned LSN: everything that committed before it was read
   */
  public void alive(long position) throws SQLException {
    if (stream != null) {
      stream.acknowledge(position);
      stream.alive();
    }
  }

  /**
   * Asks the source whether it still has the slot, and the log for it.
   *
   * @param source over another connection
   * @return why not; empty when it has
   */
  public Optional<SourceProblemException> loss(SourceDatabase source) throws SQLException {
    Optional<SlotState> state = source.slot(name);
    if (state.isPresent()
        && state.get().restartLsn() != null
        && !"lost".equals(state.get().walStatus())) {
      retainedFrom = state.get().restartLsn();
      return Optional.empty();
    }
    Long limit = source.retentionLimit();
    long retained = source.logPosition().currentLsn() - retainedFrom;
    if (limit == null || retained <= limit - SEGMENT_BYTES) {
      return Optional.of(
          new SourceProblemException(
              "the source ended the connection of the copy's temporary slot",
              "its log says why; nothing there or in between may end connections that are idle"));
    }
    return Optional.of(
        new SourceProblemException(
            "the source let go of log that the copy's temporary slot needed: "
                + (retained >> 20)
                + " MB were written since its snapshot, and it keeps "
                + (limit >> 20)
                + " MB",
            "raise max_slot_wal_keep_size to what is written while the table is copied: ALTER SYSTEM"
                + " SET max_slot_wal_keep_size = '"
                + Math.max(1024, Math.max(limit, retained) * 2 >> 20)
                + "MB'; SELECT pg_reload_conf();"));
  }

  /** Ends the snapshot: migrations of the tables need not wait for it any longer. */
  public void endSnapshot() {
    close(snapshot);
  }

  /** Drops the slot and ends the snapshot. */
  @Override
  public void close() {
    close(snapshot);
    close(stream != null ? stream : replication);
  }

  /** A connection that is broken cannot be closed in good order, and need not be. */
  private static void close(AutoCloseable connection) {
    try {
      connection.close();
    } catch (Exception e) {
      LOG.debugf("Closing a connection of a copy failed: %s", e.getMessage());
    }
  }
}
