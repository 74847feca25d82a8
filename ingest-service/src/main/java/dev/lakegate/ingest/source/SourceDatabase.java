package dev.lakegate.ingest.source;

import dev.lakegate.ingest.bronze.TableSchema;
import dev.lakegate.model.bronze.Lsn;
import dev.lakegate.model.bronze.SchemaVersion.SourceColumn;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/** The source's catalog and slot, over one SQL connection. Not thread-safe. */
public final class SourceDatabase implements AutoCloseable {
  private static final int SOCKET_TIMEOUT_SECONDS = 60;
  private static final String TOO_MANY_CONNECTIONS = "53300";

  private final SourceSettings settings;
  private final Connection sql;

  /**
   * Who answers at the other end.
   *
   * @param systemIdentifier of the cluster
   * @param timeline current timeline
   * @param database name
   */
  public record Identity(String systemIdentifier, int timeline, String database) {
    /** As manifests write it. */
    public String sourceId() {
      return systemIdentifier + "/" + database;
    }
  }

  /**
   * How far the source's log is, and how much of it is kept for us.
   *
   * @param currentLsn end of the log
   * @param retainedBytes log that the slot retains, or a temporary one for a copy; null without
   */
  public record LogPosition(long currentLsn, Long retainedBytes) {}

  private SourceDatabase(SourceSettings settings, Connection sql) {
    this.settings = settings;
    this.sql = sql;
  }

  /** Connects. */
  public static SourceDatabase connect(SourceSettings settings) throws SQLException {
    return new SourceDatabase(settings, Connections.sql(settings, SOCKET_TIMEOUT_SECONDS));
  }

  /**
   * The catalog as a snapshot sees it. Functions of the server look at the present all the same,
   * such as the one that tells a table's file; {@link SourceSnapshot#lock} refuses a table whose
   * file is not the one of the snapshot. Nothing to close; not while the snapshot is copied from.
   */
  public static SourceDatabase under(SourceSettings settings, SourceSnapshot snapshot) {
    return new SourceDatabase(settings, snapshot.transaction());
  }

  /** How it was reached. */
  public SourceSettings settings() {
    return settings;
  }

  /**
   * Asks who the source is, over the replication protocol: which also shows that it is allowed.
   *
   * @throws SourceProblemException when the role may not replicate or no sender is free
   */
  public Identity identify() throws SQLException, SourceProblemException {
    checkServer();
    try (Connection replication = Connections.replication(settings);
        Statement statement = replication.createStatement();
        ResultSet row = statement.executeQuery("IDENTIFY_SYSTEM")) {
      row.next();
      return new Identity(
          row.getString("systemid"), row.getInt("timeline"), row.getString("dbname"));
    } catch (SQLException e) {
      if (TOO_MANY_CONNECTIONS.equals(e.getSQLState())) {
        throw new SourceProblemException(
            "no WAL sender is free at the source (max_wal_senders = "
                + show("max_wal_senders")
                + ")",
            "raise it with ALTER SYSTEM SET max_wal_senders = 20; and restart PostgreSQL");
      }
      throw e;
    }
  }

  private void checkServer() throws SQLException, SourceProblemException {
    String role = text("SELECT current_user");
    int version = Integer.parseInt(show("server_version_num"));
    if (version < 130_000) {
      throw new SourceProblemException(
          "the source is PostgreSQL " + show("server_version") + ", older than 13",
          "upgrade it to PostgreSQL 13 or newer");
    }
    if (bool("SELECT pg_is_in_recovery()")) {
      throw new SourceProblemException(
          "the source is a standby", "point lakegate.capture.source.jdbc-url at the primary");
    }
    if (!show("wal_level").equals("logical")) {
      throw new SourceProblemException(
          "wal_level is " + show("wal_level") + " at the source, logical is needed",
          "ALTER SYSTEM SET wal_level = 'logical'; then restart PostgreSQL"
              + " (on Amazon RDS: rds.logical_replication = 1 in the parameter group)");
    }
    if (text("SELECT getdatabaseencoding()").equals("SQL_ASCII")) {
      throw new SourceProblemException(
          "the encoding of database "
              + text("SELECT current_database()")
              + " is SQL_ASCII, so PostgreSQL does not know how its text is encoded and refuses to"
              + " send some of it",
          "pg_dump, createdb --encoding=UTF8 --template=template0, restore");
    }
    boolean rds = bool("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = 'rds_replication')");
    boolean may =
        bool("SELECT rolreplication OR rolsuper FROM pg_roles WHERE rolname = current_user")
            || rds && bool("SELECT pg_has_role(current_user, 'rds_replication', 'MEMBER')");
    if (!may) {
      throw new SourceProblemException(
          "role " + role + " may not replicate",
          rds
              ? "GRANT rds_replication TO " + Sql.identifier(role) + ";"
              : "ALTER ROLE " + Sql.identifier(role) + " REPLICATION;");
    }
  }

  /** A table of the catalog; empty when it does not exist. */
  public Optional<CatalogTable> table(String schema, String name) throws SQLException {
    try (PreparedStatement statement =
        sql.prepareStatement(
            """
            SELECT c.oid, c.relkind, c.relreplident, c.reltuples::bigint,
                   pg_get_userbyid(c.relowner), pg_has_role(c.relowner, 'USAGE'),
                   has_table_privilege(c.oid, 'SELECT'),
                   CASE WHEN c.relkind = 'p'
                        -- A partitioned table has no file of its own.
                        THEN (SELECT hashtextextended(string_agg(
                                       p.relid::oid || ':' || pg_relation_filenode(p.relid), ','
                                       ORDER BY p.relid::oid), 0) & x'7fffffffffffffff'::bigint
                              FROM pg_partition_tree(c.oid) p WHERE p.isleaf)
                        ELSE pg_relation_filenode(c.oid)::bigint END
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = ? AND c.relname = ?
            """)) {
      statement.setString(1, schema);
      statement.setString(2, name);
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          return Optional.empty();
        }
        long oid = row.getLong(1);
        char identity = row.getString(3).charAt(0);
        List<String> key = key(oid);
        boolean identityIsKey =
            !key.isEmpty()
                && (identity == 'd'
                    || identity == 'f'
                    || identity == 'i' && identityIndex(oid).containsAll(key));
        return Optional.of(
            new CatalogTable(
                oid,
                schema,
                name,
                row.getString(2).charAt(0),
                identity,
                identityIsKey,
                row.getString(5),
                row.getBoolean(6),
                row.getBoolean(7),
                row.getLong(4),
                key,
                oid + "/" + row.getLong(8)));
      }
    }
  }

  /**
   * A table with its columns.
   *
   * @param columns in order
   * @param attributes the highest column number that was ever given away, to whatever kind of
   *     column
   * @param lastDropped the highest number of a column that is gone; 0 when none is
   * @param published its membership in the publication, another one after it was taken out and
   *     added again; null when it is no member by itself
   * @param partitions those that hold rows, by oid; empty for a plain table
   */
  public record Look(
      CatalogTable table,
      List<CatalogColumn> columns,
      int attributes,
      int lastDropped,
      String published,
      SortedMap<Long, Partitions.Partition> partitions) {}

  /**
   * A table and its columns as of one moment: a migration that commits while they are read must not
   * show its columns with the storage of before, or rewritten rows would not be noticed. Empty when
   * the table does not exist.
   */
  public Optional<Look> look(String schema, String name) throws SQLException {
    while (true) {
      Optional<CatalogTable> before = table(schema, name);
      if (before.isEmpty()) {
        return Optional.empty();
      }
      List<CatalogColumn> columns = catalogColumns(before.get());
      Look look = look(before.get(), columns);
      // Several statements: what a migration did between them would be told half.
      if (table(schema, name).map(CatalogTable::storage).equals(before.map(CatalogTable::storage))
          && catalogColumns(before.get()).equals(columns)) {
        return Optional.of(look);
      }
    }
  }

  private Look look(CatalogTable table, List<CatalogColumn> columns) throws SQLException {
    try (PreparedStatement statement =
        sql.prepareStatement(
            """
            SELECT coalesce(max(a.attnum), 0), coalesce(max(a.attnum) FILTER (WHERE a.attisdropped), 0),
                   (SELECT r.oid || '/' || r.xmin
                    FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid
                    WHERE p.pubname = ? AND r.prrelid = ?)
            FROM pg_attribute a WHERE a.attrelid = ? AND a.attnum > 0
            """)) {
      statement.setString(1, settings.publication());
      statement.setLong(2, table.oid());
      statement.setLong(3, table.oid());
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return new Look(
            table, columns, row.getInt(1), row.getInt(2), row.getString(3), partitions().of(table));
      }
    }
  }

  /** The publication, over this connection. */
  public Publications publications() {
    return new Publications(settings, sql);
  }

  /** Partitions, as this connection sees them. */
  public Partitions partitions() {
    return new Partitions(sql);
  }

  /** Columns of the index that {@code REPLICA IDENTITY USING INDEX} names. */
  private List<String> identityIndex(long oid) throws SQLException {
    return names(
        """
        SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indexrelid
        WHERE i.indrelid = ? AND i.indisreplident AND a.attnum <= i.indnkeyatts
        """,
        oid);
  }

  private List<String> key(long oid) throws SQLException {
    return names(
        """
        SELECT a.attname
        FROM pg_index i
        CROSS JOIN LATERAL unnest(i.indkey::smallint[]) WITH ORDINALITY AS k(attnum, place)
        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
        WHERE i.indrelid = ? AND i.indisprimary AND k.place <= i.indnkeyatts
          -- The log does not identify rows by a key that is checked late.
          AND i.indimmediate AND i.indisvalid
        ORDER BY k.place
        """,
        oid);
  }

  private List<String> names(String query, long oid) throws SQLException {
    try (PreparedStatement statement = sql.prepareStatement(query)) {
      statement.setLong(1, oid);
      List<String> names = new ArrayList<>();
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          names.add(rows.getString(1));
        }
      }
      return names;
    }
  }

  /** The table's columns in order, without generated ones, which the log does not carry. */
  public List<SourceColumn> columns(CatalogTable table) throws SQLException {
    return catalogColumns(table).stream().map(CatalogColumn::column).toList();
  }

  /** The same with what the catalog says beside name and type. */
  public List<CatalogColumn> catalogColumns(CatalogTable table) throws SQLException {
    try (PreparedStatement statement =
        sql.prepareStatement(
            """
            SELECT a.attname, a.atttypid, a.atttypmod, a.attnotnull, a.attnum,
                   a.atthasmissing OR a.atthasdef OR a.attnotnull,
                   CASE WHEN t.typtype <> 'd' THEN format_type(a.atttypid, a.atttypmod) END,
                   a.xmin::text,
                   -- Also those of an array's elements and of a domain's base type.
                   ARRAY(WITH RECURSIVE base(oid) AS (
                           SELECT a.atttypid
                           UNION SELECT CASE t.typtype WHEN 'd' THEN t.typbasetype ELSE t.typelem END
                           FROM base b JOIN pg_type t ON t.oid = b.oid
                           WHERE t.typtype = 'd' OR t.typelem <> 0)
                         SELECT e.oid || '=' || e.enumlabel
                         FROM pg_enum e JOIN base b ON b.oid = e.enumtypid ORDER BY e.oid)
            FROM pg_attribute a LEFT JOIN pg_type t ON t.oid = a.atttypid
            WHERE a.attrelid = ? AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
            ORDER BY a.attnum
            """)) {
      statement.setLong(1, table.oid());
      List<CatalogColumn> columns = new ArrayList<>();
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          String name = row.getString(1);
          boolean nullable = !row.getBoolean(4);
          String type = row.getString(7);
          columns.add(
              new CatalogColumn(
                  type == null
                      ? column(name, row.getLong(2), row.getInt(3), nullable)
                      : new SourceColumn(name, type, TableSchema.bronzeType(type), nullable),
                  row.getInt(5),
                  row.getBoolean(6),
                  row.getString(8),
                  List.of((String[]) row.getArray(9).getArray())));
        }
      }
      return columns;
    }
  }

  /**
   * A column with the name of its type; a domain counts as its base type, a type that is gone by
   * now as text.
   */
  public SourceColumn column(String name, long typeOid, int typeModifier, boolean nullable)
      throws SQLException {
    try (PreparedStatement statement =
        sql.prepareStatement(
            """
            WITH RECURSIVE base(oid, modifier, kind, depth) AS (
              SELECT t.oid, ?::int, t.typtype, 0 FROM pg_type t WHERE t.oid = ?
              UNION ALL
              SELECT t.oid, CASE WHEN d.typtypmod >= 0 THEN d.typtypmod ELSE b.modifier END,
                     t.typtype, b.depth + 1
              FROM base b JOIN pg_type d ON d.oid = b.oid
                          JOIN pg_type t ON t.oid = d.typbasetype
              WHERE b.kind = 'd')
            SELECT format_type(oid, modifier) FROM base ORDER BY depth DESC LIMIT 1
            """)) {
      statement.setInt(1, typeModifier);
      statement.setLong(2, typeOid);
      try (ResultSet row = statement.executeQuery()) {
        String type = row.next() ? row.getString(1) : "unknown";
        return new SourceColumn(name, type, TableSchema.bronzeType(type), nullable);
      }
    }
  }

  /** Unsigned end of the log: whatever is visible now committed before it. */
  public long insertPosition() throws SQLException {
    return Lsn.parse(text("SELECT pg_current_wal_insert_lsn()::text")).value();
  }

  /** The statement that lets the connected role read the table. */
  public String grantRead(CatalogTable table) throws SQLException {
    String role = Sql.identifier(text("SELECT current_user"));
    return "GRANT USAGE ON SCHEMA "
        + Sql.identifier(table.schema())
        + " TO "
        + role
        + "; GRANT SELECT ON "
        + table.quoted()
        + " TO "
        + role
        + ";";
  }

  /** The slot; empty when it does not exist. */
  public Optional<SlotState> slot() throws SQLException {
    return slot(settings.slot());
  }

  /** A slot by name; empty when it does not exist. */
  Optional<SlotState> slot(String name) throws SQLException {
    try (PreparedStatement statement =
        sql.prepareStatement(
            """
            SELECT plugin, database, active_pid, confirmed_flush_lsn::text, restart_lsn::text,
                   wal_status
            FROM pg_replication_slots WHERE slot_name = ?
            """)) {
      statement.setString(1, name);
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          return Optional.empty();
        }
        String confirmed = row.getString(4);
        String restart = row.getString(5);
        return Optional.of(
            new SlotState(
                row.getString(1),
                row.getString(2),
                row.getObject(3, Integer.class),
                confirmed == null ? 0 : Lsn.parse(confirmed).value(),
                restart == null ? null : Lsn.parse(restart).value(),
                row.getString(6)));
      }
    }
  }

  /** Drops the slot; false when there was none. */
  public boolean dropSlot() throws SQLException {
    if (slot().isEmpty()) {
      return false;
    }
    execute("SELECT pg_drop_replication_slot(" + Sql.literal(settings.slot()) + ")");
    return true;
  }

  /**
   * Ends a process that uses the slot, such as a sender whose client died; false when none does.
   */
  public boolean endSlotUser(int pid) throws SQLException {
    return bool("SELECT pg_terminate_backend(" + pid + ")");
  }

  /** Where the source's log ends and what is retained of it for us. */
  public LogPosition logPosition() throws SQLException {
    try (PreparedStatement statement =
        sql.prepareStatement(
            """
            SELECT pg_current_wal_lsn()::text,
                   (SELECT max(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn))::bigint
                    FROM pg_replication_slots
                    WHERE slot_name = ? OR temporary AND starts_with(slot_name, ?))
            """)) {
      statement.setString(1, settings.slot());
      statement.setString(2, settings.temporarySlots());
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return new LogPosition(Lsn.parse(row.getString(1)).value(), row.getObject(2, Long.class));
      }
    }
  }

  /** Bytes of log that the source keeps for a slot at most; null when there is no limit. */
  Long retentionLimit() throws SQLException {
    String megabytes =
        text("SELECT setting FROM pg_settings WHERE name = 'max_slot_wal_keep_size'");
    long limit = Long.parseLong(megabytes);
    return limit < 0 ? null : limit << 20;
  }

  private String show(String setting) throws SQLException {
    return text("SELECT current_setting(" + Sql.literal(setting) + ")");
  }

  private String text(String query) throws SQLException {
    try (Statement statement = sql.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      row.next();
      return row.getString(1);
    }
  }

  private boolean bool(String query) throws SQLException {
    try (Statement statement = sql.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      return row.next() && row.getBoolean(1);
    }
  }

  private void execute(String statementText) throws SQLException {
    try (Statement statement = sql.createStatement()) {
      statement.execute(statementText);
    }
  }

  /** Closes the connection. */
  @Override
  public void close() throws SQLException {
    sql.close();
  }
}
