package dev.lakegate.ingest.source;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.function.BooleanSupplier;

/**
 * A temporary slot beside the one that is followed: its snapshot, under which tables are copied,
 * and from there on its stream, which has everything that commits after the snapshot. It retains
 * log at the source for as long as it is open, and is gone with its connection. Not thread-safe.
 */
public final class SlotBeside implements AutoCloseable {
  private final SourceSettings settings;
  private final String name;
  private final Connection replication;
  private final SourceSnapshot snapshot;
  private ReplicationStream stream;

  private SlotBeside(
      SourceSettings settings, String name, Connection replication, SourceSnapshot snapshot) {
    this.settings = settings;
    this.name = name;
    this.replication = replication;
    this.snapshot = snapshot;
  }

  /**
   * Creates the slot. Waits for transactions that are open at the source.
   *
   * @param stop ends the waiting with an exception
   * @throws SourceProblemException when no slot is free
   */
  public static SlotBeside open(SourceSettings settings, BooleanSupplier stop)
      throws SQLException, SourceProblemException {
    Connection replication = Connections.replication(settings);
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

  /** Drops the slot and ends the snapshot. */
  @Override
  public void close() throws SQLException {
    try {
      snapshot.close();
    } finally {
      if (stream != null) {
        stream.close();
      } else {
        replication.close();
      }
    }
  }
}
