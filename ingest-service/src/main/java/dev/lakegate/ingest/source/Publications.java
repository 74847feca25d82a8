package dev.lakegate.ingest.source;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * The publication that the settings name, found and changed over the connection of a {@link
 * SourceDatabase}. Not thread-safe; of use as long as the connection is open.
 */
public final class Publications {
  private static final String INSUFFICIENT_PRIVILEGE = "42501";
  private static final String LOCK_NOT_AVAILABLE = "55P03";
  private static final int LOCK_MILLIS = 500;

  /**
   * The publication as it stands in the catalog.
   *
   * @param oid of the publication
   * @param altered the transaction that last altered it, apart from its tables
   * @param owner oid of the role that owns it
   * @param owned whether the connected role may alter it
   * @param complete whether it publishes inserts, updates, deletes and truncates, partitions as
   *     their root
   * @param allTables whether it has every table by definition
   * @param tables qualified names {@code schema.table}, not quoted
   */
  public record Publication(
      long oid,
      String altered,
      String owner,
      boolean owned,
      boolean complete,
      boolean allTables,
      Set<String> tables) {
    /** Whether the table's changes are in the log stream. */
    public boolean covers(CatalogTable table) {
      return tables.contains(table.schema() + "." + table.name());
    }
  }

  private final SourceSettings settings;
  private final Connection sql;

  Publications(SourceSettings settings, Connection sql) {
    this.settings = settings;
    this.sql = sql;
  }

  /** The publication; empty when it does not exist. */
  public Optional<Publication> find() throws SQLException {
    long oid;
    String altered;
    String owner;
    boolean owned;
    boolean complete;
    boolean all;
    try (PreparedStatement statement =
        sql.prepareStatement(
            """
            SELECT pg_has_role(pubowner, 'USAGE'), puballtables,
                   pubinsert AND pubupdate AND pubdelete AND pubtruncate AND pubviaroot,
                   oid, xmin::text, pubowner::text
            FROM pg_publication WHERE pubname = ?
            """)) {
      statement.setString(1, settings.publication());
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          return Optional.empty();
        }
        owned = row.getBoolean(1);
        all = row.getBoolean(2);
        complete = row.getBoolean(3);
        oid = row.getLong(4);
        altered = row.getString(5);
        owner = row.getString(6);
      }
    }
    Set<String> tables = new HashSet<>();
    try (PreparedStatement statement =
        sql.prepareStatement(
            "SELECT schemaname, tablename FROM pg_publication_tables WHERE pubname = ?")) {
      statement.setString(1, settings.publication());
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          tables.add(rows.getString(1) + "." + rows.getString(2));
        }
      }
    }
    return Optional.of(new Publication(oid, altered, owner, owned, complete, all, tables));
  }

  /**
   * Creates the publication without tables; they are added one by one.
   *
   * @throws SourceProblemException when the role may not
   */
  public void create() throws SQLException, SourceProblemException {
    String create =
        "CREATE PUBLICATION "
            + Sql.identifier(settings.publication())
            + " WITH (publish = 'insert, update, delete, truncate', publish_via_partition_root"
            + " = true)";
    try {
      execute(create);
    } catch (SQLException e) {
      if (!isMissingRight(e)) {
        throw e;
      }
      throw new SourceProblemException(
          "role " + text("SELECT current_user") + " may not create a publication",
          "GRANT CREATE ON DATABASE "
              + Sql.identifier(text("SELECT current_database()"))
              + " TO "
              + Sql.identifier(text("SELECT current_user"))
              + ";");
    }
  }

  /**
   * Makes an existing publication publish everything that we need.
   *
   * @throws SourceProblemException when the role may not
   */
  public void complete(Publication publication) throws SQLException, SourceProblemException {
    String alter =
        "ALTER PUBLICATION "
            + Sql.identifier(settings.publication())
            + " SET (publish = 'insert, update, delete, truncate', publish_via_partition_root ="
            + " true)";
    if (!publication.owned()) {
      throw new SourceProblemException(
          "publication "
              + settings.publication()
              + " leaves out some kinds of changes and belongs to another role",
          alter + ";");
    }
    execute(alter);
  }

  /**
   * Adds a table to the publication. While a slot is followed, only at a moment without open
   * transactions that have written the table: PostgreSQL before 13.21, 14.18, 15.13, 16.9 and 17.5
   * takes the table for not published when it decodes one of them, and from then on leaves out
   * whatever later transactions change in it. Writers wait meanwhile, half a second at most.
   *
   * @param followed whether a slot is followed that was made before
   * @throws SourceProblemException when the role owns the table or the publication not, or writers
   *     did not come to their end in time
   */
  public void add(CatalogTable table, boolean followed)
      throws SQLException, SourceProblemException {
    String add =
        "ALTER PUBLICATION "
            + Sql.identifier(settings.publication())
            + " ADD TABLE "
            + table.quoted();
    try {
      if (followed) {
        betweenWriters(table, add);
      } else {
        execute(add);
      }
    } catch (SQLException e) {
      if (LOCK_NOT_AVAILABLE.equals(e.getSQLState())) {
        throw new SourceProblemException(
            "transactions that are open have written table "
                + table.name()
                + ", and it can be added to the publication only after them",
            "end those that take long; it is tried again by itself");
      }
      if (!isMissingRight(e)) {
        throw e;
      }
      String role = Sql.identifier(text("SELECT current_user"));
      throw new SourceProblemException(
          "role " + role + " may not add table " + table.name() + " to the publication",
          table.owned()
              ? "ALTER PUBLICATION "
                  + Sql.identifier(settings.publication())
                  + " OWNER TO "
                  + role
                  + ";"
              : "ALTER TABLE "
                  + table.quoted()
                  + " OWNER TO "
                  + role
                  + "; or, as owner of both: "
                  + add
                  + ";");
    }
  }

  private void betweenWriters(CatalogTable table, String statementText) throws SQLException {
    sql.setAutoCommit(false);
    try {
      execute("SET LOCAL lock_timeout = " + LOCK_MILLIS);
      execute("LOCK TABLE " + table.quoted() + " IN SHARE ROW EXCLUSIVE MODE");
      execute(statementText);
      sql.commit();
    } catch (SQLException e) {
      sql.rollback();
      throw e;
    } finally {
      sql.setAutoCommit(true);
    }
  }

  /**
   * Takes a table out of the publication; false when the role may not.
   *
   * @throws SQLException also when it was not in it
   */
  public boolean remove(CatalogTable table) throws SQLException {
    try {
      execute(
          "ALTER PUBLICATION "
              + Sql.identifier(settings.publication())
              + " DROP TABLE "
              + table.quoted());
      return true;
    } catch (SQLException e) {
      if (isMissingRight(e)) {
        return false;
      }
      throw e;
    }
  }

  /** Drops the publication; false when there was none. */
  public boolean drop() throws SQLException {
    if (find().isEmpty()) {
      return false;
    }
    execute("DROP PUBLICATION " + Sql.identifier(settings.publication()));
    return true;
  }

  private static boolean isMissingRight(SQLException e) {
    return INSUFFICIENT_PRIVILEGE.equals(e.getSQLState());
  }

  private String text(String query) throws SQLException {
    try (Statement statement = sql.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      row.next();
      return row.getString(1);
    }
  }

  private void execute(String statementText) throws SQLException {
    try (Statement statement = sql.createStatement()) {
      statement.execute(statementText);
    }
  }
}
