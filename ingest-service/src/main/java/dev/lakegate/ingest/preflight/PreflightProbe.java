package dev.lakegate.ingest.preflight;

import dev.lakegate.ingest.preflight.PreflightFacts.AtSource;
import dev.lakegate.ingest.preflight.PreflightFacts.OpenTransaction;
import dev.lakegate.ingest.preflight.PreflightFacts.Path;
import dev.lakegate.ingest.preflight.PreflightFacts.Publication;
import dev.lakegate.ingest.preflight.PreflightFacts.Replication;
import dev.lakegate.ingest.preflight.PreflightFacts.Role;
import dev.lakegate.ingest.preflight.PreflightFacts.Server;
import dev.lakegate.ingest.preflight.PreflightFacts.Slot;
import dev.lakegate.ingest.preflight.PreflightFacts.Table;
import dev.lakegate.ingest.source.CatalogTable;
import dev.lakegate.ingest.source.Connections;
import dev.lakegate.ingest.source.Publications;
import dev.lakegate.ingest.source.SlotState;
import dev.lakegate.ingest.source.SourceDatabase;
import dev.lakegate.ingest.source.SourceSettings;
import dev.lakegate.model.description.SourceTable;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.postgresql.PGConnection;

/**
 * Asks the source everything that preflight judges. It only reads: nothing is created, changed or
 * locked at the source. Stateless.
 */
public final class PreflightProbe {
  private static final int SOCKET_TIMEOUT_SECONDS = 60;
  private static final String UNSUPPORTED_STARTUP = "unsupported startup parameter";
  private static final String PROTOCOL_VIOLATION = "08P01";

  private PreflightProbe() {}

  /** Looks at the source and judges; a source that does not answer is a finding, too. */
  public static PreflightReport run(SourceSettings settings, List<SourceTable> tables) {
    try {
      return PreflightRules.report(facts(settings, tables));
    } catch (SQLException e) {
      String message = redacted(e, settings);
      boolean pooler =
          message.contains(UNSUPPORTED_STARTUP) || PROTOCOL_VIOLATION.equals(e.getSQLState());
      return PreflightRules.unreachable(
          "The source does not answer as it should: " + message,
          pooler
              ? "A pooler seems to stand between: give the address of PostgreSQL itself (often port"
                  + " 5432)."
              : "Look at address, user, password, sslmode and pg_hba.conf.");
    }
  }

  static PreflightFacts facts(SourceSettings settings, List<SourceTable> tables)
      throws SQLException {
    try (Connection sql = Connections.sql(settings, SOCKET_TIMEOUT_SECONDS);
        SourceDatabase source = SourceDatabase.connect(settings)) {
      PreflightProbe.Asking ask = new Asking(sql);
      Server server = ask.server();
      Role role = ask.role(server.rds());
      Optional<Publications.Publication> publication = source.publications().find();
      List<Table> found = new ArrayList<>();
      for (SourceTable table : tables) {
        found.add(new Table(table, ask.table(source, table, publication)));
      }
      Optional<SlotState> slot = source.slot();
      return new PreflightFacts(
          server,
          role,
          path(settings, sql, role),
          ask.replication(settings),
          ask.openTransactions(),
          ask.bool("SELECT pg_has_role(current_user, 'pg_read_all_stats', 'USAGE')")
              || role.superuser(),
          publication.map(p -> new Publication(p.owned(), p.complete())).orElse(null),
          slot.map(s -> new Slot(s.plugin(), s.database(), s.activePid(), s.walStatus()))
              .orElse(null),
          found);
    }
  }

  private static Path path(SourceSettings settings, Connection sql, Role role) throws SQLException {
    boolean samePid = true;
    boolean kept = true;
    String name = "lakegate.preflight";
    sql.setAutoCommit(false);
    // A pooler hands sessions out anew at the end of each transaction, though not every time.
    for (int round = 0; round < 4; round++) {
      String value = "round " + round;
      try (Statement statement = sql.createStatement()) {
        try (ResultSet row =
            statement.executeQuery(
                "SELECT pg_backend_pid(), set_config('" + name + "', '" + value + "', false)")) {
          row.next();
          samePid &= row.getInt(1) == sql.unwrap(PGConnection.class).getBackendPID();
        }
        sql.commit();
        try (ResultSet row =
            statement.executeQuery("SELECT current_setting('" + name + "', true)")) {
          row.next();
          kept &= value.equals(row.getString(1));
        }
        sql.commit();
      }
    }
    sql.setAutoCommit(true);
    String problem = null;
    try (Connection replication = Connections.replication(settings);
        Statement statement = replication.createStatement();
        ResultSet row = statement.executeQuery("IDENTIFY_SYSTEM")) {
      row.next();
    } catch (SQLException e) {
      // Too few rights or senders are findings of their own.
      boolean own = Set.of("42501", "53300").contains(String.valueOf(e.getSQLState()));
      problem = own || !role.replication() ? null : redacted(e, settings).replaceAll("\\.$", "");
    }
    return new Path(samePid, kept, problem);
  }

  private static String redacted(SQLException e, SourceSettings settings) {
    String message = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    String password = settings.password();
    if (password != null && !password.isEmpty()) {
      message = message.replace(password, "***");
    }
    return message.replaceAll("(?i)(password=)[^&\\s]*", "$1***");
  }

  /** The questions, over one connection. */
  private record Asking(Connection sql) {

    Server server() throws SQLException {
      try (Statement statement = sql.createStatement();
          ResultSet row =
              statement.executeQuery(
                  """
                  SELECT current_database(), current_setting('server_version_num')::int,
                         current_setting('server_version'), pg_is_in_recovery(),
                         current_setting('server_encoding'),
                         EXISTS (SELECT FROM pg_roles WHERE rolname = 'rds_replication')
                  """)) {
        row.next();
        return new Server(
            row.getString(1),
            row.getInt(2),
            row.getString(3),
            row.getBoolean(4),
            row.getString(5),
            row.getBoolean(6));
      }
    }

    Role role(boolean rds) throws SQLException {
      String mayReplicate = rds ? " OR pg_has_role(current_user, 'rds_replication', 'MEMBER')" : "";
      try (Statement statement = sql.createStatement();
          ResultSet row =
              statement.executeQuery(
                  "SELECT current_user, rolsuper, rolsuper OR rolreplication"
                      + mayReplicate
                      + ", has_database_privilege(current_database(), 'CREATE'),"
                      + " rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")) {
        row.next();
        return new Role(
            row.getString(1),
            row.getBoolean(2),
            row.getBoolean(3),
            row.getBoolean(4),
            row.getBoolean(5));
      }
    }

    Replication replication(SourceSettings settings) throws SQLException {
      try (Statement statement = sql.createStatement();
          ResultSet row =
              statement.executeQuery(
                  """
                  SELECT current_setting('wal_level'),
                         current_setting('max_replication_slots')::int,
                         (SELECT count(*) FROM pg_replication_slots),
                         current_setting('max_wal_senders')::int,
                         (SELECT count(*) FROM pg_stat_replication),
                         (SELECT CASE WHEN setting::bigint >= 0 THEN setting::bigint * 1048576 END
                          FROM pg_settings WHERE name = 'max_slot_wal_keep_size')
                  """)) {
        row.next();
        return new Replication(
            row.getString(1),
            row.getInt(2),
            row.getInt(3),
            row.getInt(4),
            row.getInt(5),
            row.getObject(6, Long.class),
            settings.slot(),
            settings.publication());
      }
    }

    List<OpenTransaction> openTransactions() throws SQLException {
      List<OpenTransaction> open = new ArrayList<>();
      // Only transactions that write hold up a slot; those of all databases do.
      try (Statement statement = sql.createStatement();
          ResultSet rows =
              statement.executeQuery(
                  """
                  SELECT pid, NULL, usename, application_name,
                         extract(epoch FROM now() - xact_start)::bigint,
                         state LIKE 'idle in transaction%'
                  FROM pg_stat_activity
                  WHERE backend_xid IS NOT NULL AND xact_start IS NOT NULL
                        AND pid <> pg_backend_pid()
                  UNION ALL
                  SELECT NULL, gid, owner, '', extract(epoch FROM now() - prepared)::bigint, true
                  FROM pg_prepared_xacts
                  ORDER BY 5 DESC
                  """)) {
        while (rows.next()) {
          open.add(
              new OpenTransaction(
                  rows.getObject(1, Integer.class),
                  rows.getString(2),
                  rows.getString(3),
                  Optional.ofNullable(rows.getString(4)).orElse(""),
                  rows.getLong(5),
                  rows.getBoolean(6)));
        }
      }
      return open;
    }

    AtSource table(
        SourceDatabase source,
        SourceTable described,
        Optional<Publications.Publication> publication)
        throws SQLException {
      Optional<CatalogTable> found =
          source.table(described.sourceSchema(), described.sourceTable());
      if (found.isEmpty()) {
        return null;
      }
      CatalogTable table = found.get();
      try (PreparedStatement statement =
          sql.prepareStatement(
              """
              WITH leaves AS (
                SELECT c.oid, c.relkind, c.relpersistence, c.reltuples::bigint AS tuples
                FROM pg_class c
                WHERE c.oid = ?
                   OR c.oid IN (SELECT t.relid FROM pg_partition_tree(?::oid::regclass) t
                                WHERE t.isleaf))
              SELECT
                (SELECT array_agg(oid::regclass::text ORDER BY oid) FROM leaves
                 WHERE relpersistence <> 'p'),
                (SELECT array_agg(oid::regclass::text ORDER BY oid) FROM leaves
                 WHERE relkind = 'f'),
                k.conname, k.columns, k.late,
                row_security_active(?::oid::regclass),
                (SELECT sum(pg_table_size(oid::regclass)) FROM leaves WHERE relkind = 'r'),
                (SELECT CASE WHEN bool_and(tuples < 0) THEN -1 ELSE sum(greatest(tuples, 0)) END
                 FROM leaves WHERE relkind = 'r'),
                (SELECT array_agg(attname) FROM pg_attribute
                 WHERE attrelid = ? AND attnum > 0 AND NOT attisdropped AND attgenerated <> '')
              FROM (SELECT 1) one LEFT JOIN LATERAL (
                SELECT co.conname, NOT (i.indimmediate AND i.indisvalid) AS late,
                       (SELECT array_agg(a.attname ORDER BY n.place)
                        FROM unnest(i.indkey::smallint[]) WITH ORDINALITY AS n(attnum, place)
                        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = n.attnum
                        WHERE n.place <= i.indnkeyatts) AS columns
                FROM pg_index i LEFT JOIN pg_constraint co ON co.conindid = i.indexrelid
                                                           AND co.contype = 'p'
                WHERE i.indrelid = ? AND i.indisprimary) k ON true
              """)) {
        for (int i = 1; i <= 5; i++) {
          statement.setLong(i, table.oid());
        }
        try (ResultSet row = statement.executeQuery()) {
          row.next();
          return new AtSource(
              table.kind(),
              texts(row.getArray(1)),
              texts(row.getArray(2)),
              table.replicaIdentity(),
              table.identityIsKey(),
              texts(row.getArray(4)),
              row.getString(3),
              row.getBoolean(5),
              table.owner(),
              table.owned(),
              table.readable(),
              row.getBoolean(6),
              publication.isPresent() && publication.get().covers(table),
              row.getLong(7),
              row.getObject(8) == null ? -1 : row.getLong(8),
              source.columns(table),
              new TreeSet<>(texts(row.getArray(9))));
        }
      }
    }

    boolean bool(String query) throws SQLException {
      try (Statement statement = sql.createStatement();
          ResultSet row = statement.executeQuery(query)) {
        return row.next() && row.getBoolean(1);
      }
    }

    private static List<String> texts(Array array) throws SQLException {
      return array == null
          ? List.of()
          : Arrays.stream((Object[]) array.getArray()).map(String::valueOf).toList();
    }
  }
}
