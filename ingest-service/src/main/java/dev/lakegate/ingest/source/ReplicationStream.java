package dev.lakegate.ingest.source;

import dev.lakegate.model.bronze.Lsn;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import org.postgresql.PGConnection;
import org.postgresql.replication.LogSequenceNumber;
import org.postgresql.replication.PGReplicationStream;

/**
 * The slot's stream of changes. Acknowledges only what it is told to; the driver sends the
 * acknowledgement at least every ten seconds while the stream is read. Not thread-safe.
 */
public final class ReplicationStream implements AutoCloseable {
  private final Connection connection;
  private final PGReplicationStream stream;
  private long acknowledged;

  private ReplicationStream(Connection connection, PGReplicationStream stream, long start) {
    this.connection = connection;
    this.stream = stream;
    this.acknowledged = start;
  }

  /**
   * Starts the stream.
   *
   * @param start transactions that committed before it are not sent
   */
  public static ReplicationStream start(SourceSettings settings, long start) throws SQLException {
    return start(settings, Connections.replication(settings), settings.slot(), start);
  }

  /** Starts the stream of a slot on a connection, which is the stream's from then on. */
  static ReplicationStream start(
      SourceSettings settings, Connection connection, String slot, long start) throws SQLException {
    try {
      LogSequenceNumber from = LogSequenceNumber.valueOf(start);
      PGReplicationStream stream =
          connection
              .unwrap(PGConnection.class)
              .getReplicationAPI()
              .replicationStream()
              .logical()
              .withSlotName(slot)
              .withStartPosition(from)
              .withSlotOption("proto_version", "1")
              .withSlotOption("publication_names", Sql.identifier(settings.publication()))
              .withStatusInterval(10, TimeUnit.SECONDS)
              .withAutomaticFlush(false)
              .start();
      stream.setAppliedLSN(from);
      stream.setFlushedLSN(from);
      return new ReplicationStream(connection, stream, start);
    } catch (SQLException | RuntimeException e) {
      connection.close();
      throw e;
    }
  }

  /** The next message; null when none has arrived. Its bytes are the caller's. */
  public ByteBuffer poll() throws SQLException {
    return stream.readPending();
  }

  /**
   * The source's position after {@link #poll} returned null: whatever committed before it and
   * concerns the publication has been read.
   */
  public long serverPosition() {
    return stream.getLastReceiveLSN().asLong();
  }

  /** Acknowledges up to an LSN and says so at once. Never goes back. */
  public void acknowledge(long lsn) throws SQLException {
    if (Long.compareUnsigned(lsn, acknowledged) > 0) {
      acknowledged = lsn;
      LogSequenceNumber position = LogSequenceNumber.valueOf(lsn);
      stream.setAppliedLSN(position);
      stream.setFlushedLSN(position);
      stream.forceUpdateStatus();
    }
  }

  /** Tells the source that somebody is there, while nothing is read. */
  public void alive() throws SQLException {
    stream.forceUpdateStatus();
  }

  /** What was acknowledged last. */
  public Lsn acknowledged() {
    return new Lsn(acknowledged);
  }

  /** Ends the stream and its connection. */
  @Override
  public void close() throws SQLException {
    try {
      stream.close();
    } catch (SQLException e) {
      // The connection is broken or busy; closing it is all that is left to do.
    } finally {
      connection.close();
    }
  }
}
