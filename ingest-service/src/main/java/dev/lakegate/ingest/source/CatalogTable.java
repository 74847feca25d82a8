package dev.lakegate.ingest.source;

import java.util.List;

/**
 * A table as the source's catalog has it.
 *
 * @param oid of the table
 * @param schema of the table
 * @param name of the table
 * @param kind {@code r} table, {@code p} partitioned table, or another of {@code pg_class.relkind}
 * @param replicaIdentity {@code d}, {@code n}, {@code f} or {@code i}
 * @param identityIsKey whether an update or delete in the log carries the primary key
 * @param owner role that owns it
 * @param owned whether the connected role may alter it
 * @param readable whether the connected role may read it
 * @param estimatedRows planner's estimate; negative when unknown
 * @param key primary key columns in order
 * @param storage {@code <oid>/<file node>}: another oid is another table of the same name, another
 *     file node means that all rows were written anew
 */
public record CatalogTable(
    long oid,
    String schema,
    String name,
    char kind,
    char replicaIdentity,
    boolean identityIsKey,
    String owner,
    boolean owned,
    boolean readable,
    long estimatedRows,
    List<String> key,
    String storage) {
  public CatalogTable {
    key = List.copyOf(key);
  }

  /**
   * Whether updates of the table would fail at the source if it were published: PostgreSQL refuses
   * those whose rows it could not identify in the log.
   */
  public boolean refusesUpdatesWhenPublished() {
    return replicaIdentity == 'n' || replicaIdentity == 'd' && key.isEmpty();
  }

  /** Qualified and quoted. */
  public String quoted() {
    return Sql.identifier(schema) + "." + Sql.identifier(name);
  }
}
