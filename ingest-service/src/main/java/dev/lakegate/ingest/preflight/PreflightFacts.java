package dev.lakegate.ingest.preflight;

import dev.lakegate.model.bronze.SchemaVersion.SourceColumn;
import dev.lakegate.model.description.SourceTable;
import java.util.List;
import java.util.Set;

/**
 * What the source says of itself. Immutable.
 *
 * @param openTransactions that a new slot would wait for
 * @param seesAllTransactions whether the role is shown those of other roles
 * @param publication null when it does not exist
 * @param slot null when it does not exist
 * @param tables of the description, in its order
 */
record PreflightFacts(
    Server server,
    Role role,
    Path path,
    Replication replication,
    List<OpenTransaction> openTransactions,
    boolean seesAllTransactions,
    Publication publication,
    Slot slot,
    List<Table> tables) {

  /**
   * @param version as {@code server_version_num}
   * @param encoding of the database
   * @param rds whether it is Amazon RDS or Aurora
   */
  record Server(
      String database,
      int version,
      String versionText,
      boolean standby,
      String encoding,
      boolean rds) {}

  /**
   * @param replication whether it may replicate, as superuser, by attribute or by RDS's role
   * @param createsPublication whether it may create one in this database
   * @param bypassesRowSecurity whether row security hides nothing from it
   */
  record Role(
      String name,
      boolean superuser,
      boolean replication,
      boolean createsPublication,
      boolean bypassesRowSecurity) {}

  /**
   * The way to the server.
   *
   * @param samePid whether the process that greeted the driver is the one that answers
   * @param sessionKept whether a later transaction sees what an earlier one set for the session
   * @param replicationProblem why the replication protocol was refused; null when it works, or when
   *     the role may not use it
   */
  record Path(boolean samePid, boolean sessionKept, String replicationProblem) {}

  /**
   * @param keptBytes {@code max_slot_wal_keep_size}; null when unlimited
   * @param slotName that capture uses
   * @param publicationName that capture uses
   */
  record Replication(
      String walLevel,
      int maxSlots,
      int usedSlots,
      int maxSenders,
      int usedSenders,
      Long keptBytes,
      String slotName,
      String publicationName) {}

  /**
   * @param pid of its backend; null for a prepared transaction
   * @param prepared global identifier of a prepared transaction; null otherwise
   * @param seconds since it began
   * @param idle whether its client has left it waiting
   */
  record OpenTransaction(
      Integer pid, String prepared, String user, String application, long seconds, boolean idle) {}

  /**
   * @param complete whether it publishes every kind of change, partitions as their root
   */
  record Publication(boolean owned, boolean complete) {}

  /** A slot of our name. */
  record Slot(String plugin, String database, Integer activePid, String walStatus) {}

  /**
   * A described table.
   *
   * @param at the source; null when it does not exist there
   */
  record Table(SourceTable described, AtSource at) {}

  /**
   * @param kind as in {@code pg_class.relkind}
   * @param unlogged the table or partitions of it that are not logged
   * @param foreign partitions of it that lie on another server
   * @param replicaIdentity {@code d}, {@code n}, {@code f} or {@code i}
   * @param identityIsKey whether updates and deletes in the log carry the primary key
   * @param key columns of the primary key in order, also of one that is checked late
   * @param keyConstraint its name; null without one
   * @param lateKey whether it is DEFERRABLE or not valid
   * @param rowSecurity whether policies apply to this role
   * @param bytes with TOAST, without indexes
   * @param rows estimate; negative when unknown
   * @param generated columns that the log does not carry
   */
  record AtSource(
      char kind,
      List<String> unlogged,
      List<String> foreign,
      char replicaIdentity,
      boolean identityIsKey,
      List<String> key,
      String keyConstraint,
      boolean lateKey,
      String owner,
      boolean owned,
      boolean readable,
      boolean rowSecurity,
      boolean published,
      long bytes,
      long rows,
      List<SourceColumn> columns,
      Set<String> generated) {}
}
