package dev.lakegate.ingest.source;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Partitions of tables, and what their rows tell of when they came. Not thread-safe; of use as long
 * as the connection is open.
 */
public final class Partitions {
  private static final String UNDEFINED_TABLE = "42P01";
  private static final String INSUFFICIENT_PRIVILEGE = "42501";

  /**
   * A partition that holds rows, at whatever depth.
   *
   * @param name qualified
   * @param node of its file: another one when its rows were written anew or truncated
   * @param attached the transactions that made it, and what it is a partition of, a partition
   */
  public record Partition(String name, long node, String attached) {}

  private final Connection sql;

  Partitions(Connection sql) {
    this.sql = sql;
  }

  /** The partitions of a table, by oid; none of a plain table. */
  SortedMap<Long, Partition> of(CatalogTable table) throws SQLException {
    SortedMap<Long, Partition> partitions = new TreeMap<>();
    if (table.kind() != 'p') {
      return partitions;
    }
    try (PreparedStatement statement =
        sql.prepareStatement(
            """
            SELECT p.relid::oid::bigint, p.relid::regclass::text,
                   coalesce(pg_relation_filenode(p.relid)::bigint, 0),
                   (SELECT string_agg(i.xmin::text, ',' ORDER BY i.inhrelid) FROM pg_inherits i
                    WHERE i.inhrelid IN (SELECT relid FROM pg_partition_ancestors(p.relid)))
            FROM pg_partition_tree(?::oid) p WHERE p.isleaf
            """)) {
      statement.setLong(1, table.oid());
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          partitions.put(
              rows.getLong(1),
              new Partition(rows.getString(2), rows.getLong(3), rows.getString(4)));
        }
      }
    }
    return partitions;
  }

  /**
   * A transaction that began before now and after all that have ended: what an earlier one wrote
   * and is still there was there before.
   */
  public String horizon() throws SQLException {
    try (Statement statement = sql.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT (pg_snapshot_xmin(pg_current_snapshot())::text::bigint %"
                    + " 4294967296)::text")) {
      row.next();
      return row.getString(1);
    }
  }

  /**
   * Whether a partition has a row that was written before a {@link #horizon}: so it was not
   * truncated since. False also when the role may not read it.
   */
  public boolean hasRowsFromBefore(Partition partition, String horizon) throws SQLException {
    return readable(
        "SELECT EXISTS (SELECT FROM %s r WHERE age(r.xmin) > age('%s'::xid))"
            .formatted(partition.name(), horizon),
        false);
  }

  /**
   * Whether a partition has rows. Of one that was never seen without, they may be rows that it had
   * when it became one, and the log has none of these. Who wrote a row does not tell: within a
   * savepoint it is another number than that of the transaction that attached the partition. True
   * also when the role may not read it.
   */
  public boolean hasRows(Partition partition) throws SQLException {
    return readable("SELECT EXISTS (SELECT FROM %s)".formatted(partition.name()), true);
  }

  private boolean readable(String query, boolean otherwise) throws SQLException {
    try (Statement statement = sql.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      return row.next() && row.getBoolean(1);
    } catch (SQLException e) {
      if (INSUFFICIENT_PRIVILEGE.equals(e.getSQLState())
          || UNDEFINED_TABLE.equals(e.getSQLState())) {
        return otherwise;
      }
      throw e;
    }
  }
}
