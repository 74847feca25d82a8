package dev.lakegate.benchmarks;

import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.postgresql.PGConnection;
import org.postgresql.PGProperty;
import org.postgresql.replication.LogSequenceNumber;
import org.postgresql.replication.PGReplicationStream;

/**
 * The baseline of stream benchmarks: a replication stream through PostgreSQL's driver whose
 * messages are counted by their first byte and thrown away.
 */
final class LogStream implements AutoCloseable {
  private static final long MICROS_TO_2000 = 946_684_800_000_000L;

  private final Connection connection;
  private final PGReplicationStream stream;

  LogStream(BenchSource source, String slot, String publication) throws SQLException {
    Properties properties = new Properties();
    PGProperty.USER.set(properties, "postgres");
    PGProperty.PASSWORD.set(properties, "postgres");
    PGProperty.REPLICATION.set(properties, "database");
    PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "10");
    PGProperty.PREFER_QUERY_MODE.set(properties, "simple");
    connection = DriverManager.getConnection(source.url(), properties);
    stream =
        connection
            .unwrap(PGConnection.class)
            .getReplicationAPI()
            .replicationStream()
            .logical()
            .withSlotName(slot)
            .withStartPosition(LogSequenceNumber.INVALID_LSN)
            .withSlotOption("proto_version", "1")
            .withSlotOption("publication_names", publication)
            .withStatusInterval(10, TimeUnit.SECONDS)
            .withAutomaticFlush(false)
            .start();
  }

  /** Reads until so many rows have changed. */
  void drain(long changes) throws SQLException {
    long seen = 0;
    while (seen < changes) {
      byte type = stream.read().get();
      if (type == 'I' || type == 'U' || type == 'D') {
        seen++;
      }
    }
  }

  /** Reads until so many rows have changed; for each, microseconds from its commit to now. */
  double[] latencies(int changes) throws SQLException {
    double[] micros = new double[changes];
    int seen = 0;
    long commit = 0;
    while (seen < changes) {
      ByteBuffer message = stream.read();
      byte type = message.get();
      if (type == 'B') {
        message.getLong();
        commit = message.getLong() + MICROS_TO_2000;
      } else if (type == 'I' || type == 'U' || type == 'D') {
        micros[seen++] = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now()) - commit;
      }
    }
    return micros;
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
