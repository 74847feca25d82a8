package dev.lakegate.ingest.pgoutput;

import java.util.List;

/**
 * A message of pgoutput, protocol version 1, with text values. LSNs are unsigned 64-bit numbers;
 * times are microseconds since 1970-01-01 UTC. All are immutable.
 */
public sealed interface PgOutputMessage {

  /**
   * A transaction starts. All of its changes follow, then its {@link Commit}; no other transaction
   * lies between.
   *
   * @param commitLsn position of its commit record
   * @param commitMicros commit time
   * @param xid transaction id, unsigned
   */
  record Begin(long commitLsn, long commitMicros, int xid) implements PgOutputMessage {}

  /**
   * The transaction ends.
   *
   * @param flags unused by PostgreSQL so far
   * @param commitLsn position of its commit record, as in {@link Begin}
   * @param endLsn position after it: up to here the slot may be acknowledged
   * @param commitMicros commit time
   */
  record Commit(byte flags, long commitLsn, long endLsn, long commitMicros)
      implements PgOutputMessage {}

  /**
   * The transaction came from another server.
   *
   * @param lsn commit position there
   * @param name of the origin
   */
  record Origin(long lsn, String name) implements PgOutputMessage {}

  /**
   * Shape of a table, sent before its first change in a session and again after it changed.
   *
   * @param oid names the table in later messages
   * @param namespace schema
   * @param name table
   * @param replicaIdentity {@code d} default, {@code n} nothing, {@code f} full, {@code i} index
   * @param columns in order; generated columns are not among them
   */
  record Relation(
      int oid, String namespace, String name, char replicaIdentity, List<Column> columns)
      implements PgOutputMessage {
    public Relation {
      columns = List.copyOf(columns);
    }

    /**
     * A column.
     *
     * @param key whether it is part of the replica identity
     * @param name of the column
     * @param typeOid type
     * @param typeModifier such as the length; -1 when there is none
     */
    public record Column(boolean key, String name, int typeOid, int typeModifier) {}
  }

  /**
   * Name of a type that is not built in.
   *
   * @param oid type
   * @param namespace schema
   * @param name type name
   */
  record Type(int oid, String namespace, String name) implements PgOutputMessage {}

  /**
   * A row appeared.
   *
   * @param relation oid of its table
   * @param row all columns
   */
  record Insert(int relation, Tuple row) implements PgOutputMessage {}

  /**
   * A row changed.
   *
   * @param relation oid of its table
   * @param old null when neither the key changed nor the identity is full
   * @param oldIsKey whether {@code old} carries only the replica identity's columns
   * @param row all columns, unchanged TOASTed values excepted
   */
  record Update(int relation, Tuple old, boolean oldIsKey, Tuple row) implements PgOutputMessage {}

  /**
   * A row disappeared.
   *
   * @param relation oid of its table
   * @param old the row, or its key alone
   * @param oldIsKey whether {@code old} carries only the replica identity's columns
   */
  record Delete(int relation, Tuple old, boolean oldIsKey) implements PgOutputMessage {}

  /**
   * Tables lost all rows.
   *
   * @param cascade whether CASCADE was given
   * @param restartIdentity whether RESTART IDENTITY was given
   * @param relations oids of the tables
   */
  record Truncate(boolean cascade, boolean restartIdentity, List<Integer> relations)
      implements PgOutputMessage {
    public Truncate {
      relations = List.copyOf(relations);
    }
  }

  /**
   * A message that an application wrote into the log.
   *
   * @param transactional whether it belongs to the transaction around it
   * @param lsn of the message
   * @param prefix chosen by the application
   * @param length of the content in bytes; the content itself is of no use here
   */
  record LogicalMessage(boolean transactional, long lsn, String prefix, int length)
      implements PgOutputMessage {}
}
