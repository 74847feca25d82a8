package dev.lakegate.transform.manifest;

import dev.lakegate.model.bronze.CopyBegun;
import dev.lakegate.model.bronze.CopyCompleted;
import dev.lakegate.model.bronze.Manifest;
import dev.lakegate.model.bronze.SchemaApproval;
import dev.lakegate.model.bronze.SchemaVersion;
import dev.lakegate.model.json.Json;
import dev.lakegate.transform.plan.SourceLedger;
import dev.lakegate.transform.plan.SourceLedger.Approval;
import dev.lakegate.transform.plan.SourceLedger.Begun;
import dev.lakegate.transform.plan.SourceLedger.Completed;
import dev.lakegate.transform.plan.SourceLedger.Version;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Writes what manifests say besides files into the index, and reads it back by table. */
final class LedgerRows implements AutoCloseable {
  private final PreparedStatement begun;
  private final PreparedStatement completed;
  private final PreparedStatement version;
  private final PreparedStatement approval;

  LedgerRows(Connection connection) throws SQLException {
    begun =
        connection.prepareStatement(
            "INSERT INTO transform.copy_begun (bronze_table, manifest, generation)"
                + " VALUES (?, ?, ?) ON CONFLICT DO NOTHING");
    completed =
        connection.prepareStatement(
            "INSERT INTO transform.copy_completed"
                + " (bronze_table, manifest, generation, row_count, sequence)"
                + " VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING");
    version =
        connection.prepareStatement(
            "INSERT INTO transform.schema_version (bronze_table, schema_version, manifest, body)"
                + " VALUES (?, ?, ?, ?::jsonb) ON CONFLICT DO NOTHING");
    approval =
        connection.prepareStatement(
            "INSERT INTO transform.schema_approval (bronze_table, schema_version, manifest)"
                + " VALUES (?, ?, ?) ON CONFLICT DO NOTHING");
  }

  void add(Manifest manifest) throws SQLException {
    for (CopyBegun copy : manifest.copiesBegun()) {
      begun.setString(1, copy.table());
      begun.setLong(2, manifest.number());
      begun.setInt(3, copy.generation());
      begun.addBatch();
    }
    for (CopyCompleted copy : manifest.copiesCompleted()) {
      completed.setString(1, copy.table());
      completed.setLong(2, manifest.number());
      completed.setInt(3, copy.generation());
      completed.setLong(4, copy.rows());
      completed.setString(5, copy.sequence());
      completed.addBatch();
    }
    for (SchemaVersion schema : manifest.schemaChanges()) {
      version.setString(1, schema.table());
      version.setInt(2, schema.schemaVersion());
      version.setLong(3, manifest.number());
      version.setString(4, Json.write(schema));
      version.addBatch();
    }
    for (SchemaApproval approved : manifest.schemaApprovals()) {
      approval.setString(1, approved.table());
      approval.setInt(2, approved.schemaVersion());
      approval.setLong(3, manifest.number());
      approval.addBatch();
    }
  }

  /** The manifests that were added must be in the index by then. */
  void write() throws SQLException {
    begun.executeBatch();
    completed.executeBatch();
    version.executeBatch();
    approval.executeBatch();
  }

  @Override
  public void close() throws SQLException {
    try (begun;
        completed;
        version;
        approval) {
      // Closed together.
    }
  }

  /** The ledgers of all tables that the index knows. */
  static Map<String, SourceLedger> read(Connection connection) throws SQLException {
    Map<String, Long> firstFiles = new HashMap<>();
    Map<String, List<Begun>> begun = new HashMap<>();
    Map<String, List<Completed>> completed = new HashMap<>();
    Map<String, List<Version>> versions = new HashMap<>();
    Map<String, List<Approval>> approvals = new HashMap<>();
    Set<String> tables = new HashSet<>();
    each(
        connection,
        "SELECT bronze_table, schema_version, first_manifest FROM transform.bronze_version",
        rows -> {
          tables.add(rows.getString(1));
          firstFiles.put(rows.getString(1) + "/" + rows.getInt(2), rows.getLong(3));
        });
    each(
        connection,
        "SELECT bronze_table, generation, manifest FROM transform.copy_begun",
        rows ->
            list(begun, tables, rows.getString(1)).add(new Begun(rows.getLong(3), rows.getInt(2))));
    each(
        connection,
        "SELECT c.bronze_table, c.generation, c.manifest, c.sequence, m.epoch, m.created_at"
            + " FROM transform.copy_completed c JOIN transform.manifest m ON m.number = c.manifest"
            + " ORDER BY c.manifest, c.generation",
        rows ->
            list(completed, tables, rows.getString(1))
                .add(
                    new Completed(
                        rows.getLong(3),
                        rows.getInt(2),
                        rows.getString(4),
                        rows.getString(5),
                        rows.getObject(6, OffsetDateTime.class).toInstant())));
    each(
        connection,
        "SELECT bronze_table, schema_version, manifest, body FROM transform.schema_version"
            + " ORDER BY manifest, schema_version",
        rows ->
            list(versions, tables, rows.getString(1))
                .add(
                    new Version(
                        rows.getLong(3),
                        Json.read(rows.getString(4), SchemaVersion.class),
                        firstFiles.get(rows.getString(1) + "/" + rows.getInt(2)))));
    each(
        connection,
        "SELECT bronze_table, schema_version, manifest FROM transform.schema_approval"
            + " ORDER BY manifest",
        rows ->
            list(approvals, tables, rows.getString(1))
                .add(new Approval(rows.getLong(3), rows.getInt(2))));
    List<Begun> restarts = new ArrayList<>();
    each(
        connection,
        "SELECT '', first FROM (SELECT min(number) AS first FROM transform.manifest GROUP BY epoch)"
            + " e JOIN transform.manifest m ON m.number = e.first WHERE m.timeline IS NULL",
        rows -> restarts.add(new Begun(rows.getLong(2), null)));
    Map<String, SourceLedger> ledgers = new HashMap<>();
    for (String table : tables) {
      List<Begun> copies = new ArrayList<>(begun.getOrDefault(table, List.of()));
      copies.addAll(restarts);
      copies.sort(
          Comparator.comparingLong(Begun::manifest)
              .thenComparing(b -> b.generation() == null ? 0 : b.generation()));
      ledgers.put(
          table,
          new SourceLedger(
              copies,
              completed.getOrDefault(table, List.of()),
              versions.getOrDefault(table, List.of()),
              approvals.getOrDefault(table, List.of())));
    }
    return ledgers;
  }

  private interface Row {
    void take(ResultSet rows) throws SQLException;
  }

  private static void each(Connection connection, String sql, Row row) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql);
        ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        row.take(rows);
      }
    }
  }

  private static <T> List<T> list(Map<String, List<T>> map, Set<String> tables, String table) {
    tables.add(table);
    return map.computeIfAbsent(table, t -> new ArrayList<>());
  }
}
