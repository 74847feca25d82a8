package dev.lakegate.ingest.source;

import dev.lakegate.model.bronze.Lsn;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.postgresql.PGConnection;
import org.postgresql.replication.ReplicationSlotInfo;
import org.postgresql.replication.fluent.logical.ChainedLogicalCreateSlotBuilder;

/**
 * A REPEATABLE READ transaction that sees exactly the transactions which committed before one LSN:
 * the consistent point of a slot, whose exported snapshot it imported. A snapshot from a slot, not
 * a plain one, because a plain one may miss a transaction that was already decoded but is not yet
 * visible, and may overlook changes that a running transaction made before its table was published.
 * Not thread-safe.
 */
public final class SourceSnapshot implements AutoCloseable {
  /** A state of SQL of our own: the table is not the one that the snapshot knows. */
  public static final String TABLE_CHANGED = "LG002";

  private static final String TOO_MANY_CONNECTIONS = "53300";

  /** Whether a table has the file that the snapshot knows. */
  private static final String UNTOUCHED =
      "SELECT c.relfilenode = coalesce(pg_relation_filenode(c.oid), 0)"
          + " FROM pg_class c WHERE c.oid = %1$d";

  /** Whether a partitioned table has the partitions, and these the files, that it knows. */
  private static final String UNTOUCHED_PARTITIONS =
      """
      WITH RECURSIVE tree AS (
        SELECT %1$d::oid AS oid
        UNION SELECT i.inhrelid FROM pg_inherits i JOIN tree ON i.inhparent = tree.oid)
      SELECT NOT EXISTS (
        SELECT FROM (SELECT p.relid::oid AS oid, pg_relation_filenode(p.relid) AS node
                     FROM pg_partition_tree(%1$d) p
                     WHERE p.isleaf AND pg_relation_filenode(p.relid) IS NOT NULL) present
        FULL JOIN (SELECT c.oid, c.relfilenode AS node FROM pg_class c JOIN tree USING (oid)
                   WHERE c.relkind = 'r') seen USING (oid)
        WHERE present.node IS DISTINCT FROM seen.node)
      """;

  private final Connection transaction;
  private final long lsn;
  private final long micros;

  private SourceSnapshot(Connection transaction, long lsn, long micros) {
    this.transaction = transaction;
    this.lsn = lsn;
    this.micros = micros;
  }

  /**
   * Creates the permanent slot and imports its snapshot. Waits for transactions that are open at
   * the source.
   *
   * @param stop ends the waiting with an exception
   * @throws SourceProblemException when no slot, WAL sender or connection is free
   */
  public static SourceSnapshot withNewSlot(SourceSettings settings, BooleanSupplier stop)
      throws SQLException, SourceProblemException {
    return create(settings, settings.slot(), false, stop);
  }

  /**
   * Imports the snapshot of a temporary slot, which is gone when this returns. Waits for
   * transactions that are open at the source.
   *
   * @param stop ends the waiting with an exception
   * @throws SourceProblemException when no slot, WAL sender or connection is free
   */
  public static SourceSnapshot withTemporarySlot(SourceSettings settings, BooleanSupplier stop)
      throws SQLException, SourceProblemException {
    return create(settings, temporaryName(settings), true, stop);
  }

  static String temporaryName(SourceSettings settings) {
    return settings.temporarySlots()
        + HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextInt());
  }

  private static SourceSnapshot create(
      SourceSettings settings, String slot, boolean temporary, BooleanSupplier stop)
      throws SQLException, SourceProblemException {
    try (Connection replication = sender(settings)) {
      return create(settings, slot, temporary, replication, stop);
    }
  }

  /**
   * Connects for a slot.
   *
   * @throws SourceProblemException when no WAL sender is free
   */
  static Connection sender(SourceSettings settings) throws SQLException, SourceProblemException {
    try {
      return Connections.replication(settings);
    } catch (SQLException e) {
      throw tooMany(
          e,
          "WAL sender",
          "raise max_wal_senders with ALTER SYSTEM SET max_wal_senders = 20; and restart PostgreSQL,"
              + " or end a replication connection that is not used");
    }
  }

  private static Connection reader(SourceSettings settings)
      throws SQLException, SourceProblemException {
    try {
      return Connections.sql(settings, 0);
    } catch (SQLException e) {
      throw tooMany(
          e,
          "connection",
          "raise max_connections or the CONNECTION LIMIT of the role, or end connections that are"
              + " not used");
    }
  }

  private static SourceProblemException tooMany(SQLException e, String what, String remedy)
      throws SQLException {
    if (!TOO_MANY_CONNECTIONS.equals(e.getSQLState())) {
      throw e;
    }
    return new SourceProblemException(
        "no " + what + " is free at the source (" + e.getMessage() + ")", remedy);
  }

  /**
   * Creates the slot and imports its snapshot.
   *
   * @param replication the exported snapshot lives until it runs its next command or closes
   */
  static SourceSnapshot create(
      SourceSettings settings,
      String slot,
      boolean temporary,
      Connection replication,
      BooleanSupplier stop)
      throws SQLException, SourceProblemException {
    ReplicationSlotInfo info;
    try (Interruption interruption =
        new Interruption(replication.unwrap(PGConnection.class), stop)) {
      ChainedLogicalCreateSlotBuilder builder =
          replication
              .unwrap(PGConnection.class)
              .getReplicationAPI()
              .createReplicationSlot()
              .logical()
              .withSlotName(slot)
              .withOutputPlugin("pgoutput");
      info = (temporary ? builder.withTemporaryOption() : builder).make();
    } catch (SQLException e) {
      if ("53400".equals(e.getSQLState())) {
        throw new SourceProblemException(
            "no replication slot is free at the source",
            "drop one that is not used, or ALTER SYSTEM SET max_replication_slots = 20; and"
                + " restart PostgreSQL");
      }
      throw e;
    }
    Connection transaction = reader(settings);
    try {
      transaction.setAutoCommit(false);
      try (Statement statement = transaction.createStatement()) {
        statement.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY");
        statement.execute("SET TRANSACTION SNAPSHOT " + Sql.literal(info.getSnapshotName()));
        try (ResultSet row =
            statement.executeQuery("SELECT (extract(epoch FROM now()) * 1000000)::bigint")) {
          row.next();
          return new SourceSnapshot(
              transaction, info.getConsistentPoint().asLong(), row.getLong(1));
        }
      }
    } catch (SQLException | RuntimeException e) {
      transaction.close();
      throw e;
    }
  }

  /** LSN before which a transaction must have committed to be seen. */
  public Lsn lsn() {
    return new Lsn(lsn);
  }

  /** When it was taken, microseconds since 1970. */
  public long micros() {
    return micros;
  }

  /** Seconds since it was taken, for messages. */
  public long ageSeconds(long nowMillis) {
    return TimeUnit.MILLISECONDS.toSeconds(nowMillis - micros / 1000);
  }

  /**
   * Keeps the table's definition from changing while it is copied.
   *
   * @throws SQLException {@link #TABLE_CHANGED} when the table was rewritten after the snapshot was
   *     taken: under the snapshot it would look empty, so a new one is needed
   */
  public void lock(CatalogTable table) throws SQLException {
    try (Statement statement = transaction.createStatement()) {
      statement.execute("SAVEPOINT before_table");
      statement.execute("LOCK TABLE " + table.quoted() + " IN ACCESS SHARE MODE");
      // The catalog's rows are as old as the snapshot, the functions look at the present.
      try (ResultSet row =
          statement.executeQuery(
              (table.kind() == 'p' ? UNTOUCHED_PARTITIONS : UNTOUCHED).formatted(table.oid()))) {
        if (!row.next() || !row.getBoolean(1)) {
          throw new SQLException(
              "table " + table.name() + " was rewritten after the snapshot; it is copied anew",
              TABLE_CHANGED);
        }
      }
    }
  }

  /** Lets migrations of the table go on while other tables are copied. */
  public void unlock() throws SQLException {
    try (Statement statement = transaction.createStatement()) {
      statement.execute("ROLLBACK TO SAVEPOINT before_table");
    }
  }

  /** The transaction, for reading alone; it ends with this snapshot. */
  public Connection transaction() {
    return transaction;
  }

  /** Ends the transaction. */
  @Override
  public void close() throws SQLException {
    transaction.close();
  }
}
