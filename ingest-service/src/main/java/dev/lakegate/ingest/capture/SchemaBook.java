package dev.lakegate.ingest.capture;

import dev.lakegate.ingest.bronze.ManifestDraft;
import dev.lakegate.ingest.bronze.TableSchema;
import dev.lakegate.ingest.source.CatalogColumn;
import dev.lakegate.ingest.source.SourceDatabase;
import dev.lakegate.ingest.source.SourceDatabase.Look;
import dev.lakegate.model.bronze.SchemaVersion;
import dev.lakegate.model.bronze.SchemaVersion.SourceColumn;
import java.io.IOException;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The schema versions of a session: those of the chain and those of the manifest in the making; and
 * whether the catalog shows what the log does not carry. Not thread-safe.
 */
final class SchemaBook {
  private final CaptureProgress progress;
  private final Map<String, SchemaVersion> drafted = new HashMap<>();
  private final TableLooks looks;

  SchemaBook(CaptureProgress progress, TableLooks looks) {
    this.progress = progress;
    this.looks = looks;
  }

  /** Newest version; null when the table has none. */
  SchemaVersion newest(String table) {
    return drafted.getOrDefault(table, progress.table(table).schema());
  }

  /** What was drafted is in the chain now. */
  void appended() {
    drafted.clear();
  }

  /** Oid in a fingerprint; null when it is not known. */
  static String oid(SchemaVersion version) {
    return version == null || version.storage() == null
        ? null
        : version.storage().substring(0, version.storage().indexOf('/'));
  }

  /** The columns as Bronze stores them: the tenant is text in the path, and so in the file. */
  static List<SourceColumn> stored(List<SourceColumn> columns) {
    return columns.stream()
        .map(
            c ->
                c.name().equals(TableSchema.TENANT_ID)
                    ? new SourceColumn(c.name(), c.sourceType(), "varchar", c.nullable())
                    : c)
        .toList();
  }

  /** Whether the shape is that of the newest version. */
  boolean isNewest(String table, List<String> key, List<SourceColumn> columns) {
    SchemaVersion newest = newest(table);
    return newest != null
        && TableSchema.sameFiles(
            newest, new SchemaVersion(table, newest.schemaVersion(), key, columns));
  }

  /**
   * The schema version of that shape: the newest one when it is the same, otherwise a new one,
   * which the draft records.
   *
   * @param columns as Bronze stores them
   * @param storage fingerprint; null when it is not known
   */
  TableSchema version(
      CapturedTable table,
      List<String> key,
      List<SourceColumn> columns,
      String storage,
      ManifestDraft draft) {
    String name = table.table();
    SchemaVersion newest = newest(name);
    boolean anotherTable =
        storage != null && !storage.startsWith(oid(newest) == null ? "-" : oid(newest) + "/");
    if (newest == null || anotherTable || !isNewest(name, key, columns)) {
      SchemaDifference difference = SchemaDifference.between(newest, key, columns);
      newest =
          new SchemaVersion(
              name,
              newest == null ? 1 : newest.schemaVersion() + 1,
              key,
              columns,
              difference.effect(),
              difference.explanation(),
              storage != null ? storage : newest == null ? null : newest.storage());
      draft.change(newest);
      drafted.put(name, newest);
    }
    return new TableSchema(newest, table.tenantColumn());
  }

  /**
   * Why the table must be copied anew now that it has that shape; empty when the log carries
   * everything.
   *
   * @param columns as Bronze stores them
   */
  Optional<String> recopyReason(
      String table, List<String> key, List<SourceColumn> columns, Look at) {
    SchemaVersion newest = newest(table);
    String oid = oid(newest);
    if (oid != null && !at.table().storage().startsWith(oid + "/")) {
      return Optional.of("It was dropped and created again.");
    }
    TableLooks.Table before = looks.table(table, progress.table(table).generation());
    if (before != null) {
      Optional<String> unlogged = unlogged(before, at);
      if (unlogged.isPresent()) {
        return unlogged;
      }
    }
    if (newest == null || isNewest(table, key, columns)) {
      return before == null ? Optional.empty() : rewritten(before, at);
    }
    SchemaDifference difference = SchemaDifference.between(newest, key, columns);
    Optional<String> former = formerColumn(table, difference);
    if (former.isPresent()) {
      return former;
    }
    Set<String> unlogged = new HashSet<>();
    at.columns().stream()
        .filter(CatalogColumn::unlogged)
        .forEach(c -> unlogged.add(c.column().name()));
    String storage = before != null ? before.storage() : newest.storage();
    return difference.recopyReason(
        unlogged, storage != null && !storage.equals(at.table().storage()));
  }

  /** What the catalog tells of columns whose values in existing rows are others than before. */
  static Optional<String> unlogged(TableLooks.Table before, Look at) {
    if (before.published() != null && !before.published().equals(at.published())) {
      return Optional.of("It was taken out of the publication for a while.");
    }
    for (CatalogColumn column : at.columns()) {
      String name = column.column().name();
      TableLooks.Column was = before.columns().get(name);
      if (was == null && column.number() <= before.attributes()) {
        return Optional.of(
            "Column " + name + " had another name or was generated, so the log lacks its values.");
      }
      if (was == null && at.lastDropped() > before.attributes()) {
        return Optional.of(
            "Column " + name + " was added, and another one was added and dropped meanwhile.");
      }
      if (was != null && was.number() != column.number()) {
        return Optional.of(
            "Column " + name + " is another one than the column of its name before.");
      }
      if (was != null && !column.labels().containsAll(was.labels())) {
        return Optional.of("A label of column " + name + "'s enum was renamed, or it has another.");
      }
    }
    return Optional.empty();
  }

  /** Rows that exist may still have the values of a column that was dropped. */
  private Optional<String> formerColumn(String table, SchemaDifference difference) {
    return difference.added().stream()
        .filter(
            name ->
                progress.table(table).schemas().stream()
                    .flatMap(version -> version.columns().stream())
                    .anyMatch(column -> column.name().equals(name)))
        .map(name -> "Column " + name + " was dropped and one of its name was added again.")
        .findFirst();
  }

  /**
   * A column that was altered together with the table's file may hold other values under the same
   * type ({@code ALTER COLUMN .. TYPE .. USING}), which the log does not carry. VACUUM FULL and
   * TRUNCATE alter no column.
   */
  static Optional<String> rewritten(TableLooks.Table before, Look at) {
    if (before.storage().equals(at.table().storage())) {
      return Optional.empty();
    }
    return at.columns().stream()
        .filter(c -> before.columns().containsKey(c.column().name()))
        .filter(c -> !c.altered().equals(before.columns().get(c.column().name()).altered()))
        .map(c -> "Column " + c.column().name() + " was altered and its values were rewritten.")
        .findFirst();
  }

  /**
   * Why the table must be copied anew for what happened to its partitions by themselves; empty when
   * the log carries everything.
   */
  Optional<String> partitionReason(String table, Look at, SourceDatabase source)
      throws SQLException {
    TableLooks.Table before = looks.table(table, progress.table(table).generation());
    return before == null || before.partitions() == null
        ? Optional.empty()
        : PartitionChanges.unlogged(before.partitions(), at.partitions(), source.partitions());
  }

  /**
   * Remembers durably how the catalog looks while the log carries everything since the copy.
   *
   * @param source null when the partitions were not judged
   */
  void saw(String table, Look at, SourceDatabase source) throws IOException, SQLException {
    int generation = progress.table(table).generation();
    TableLooks.Table before = looks.table(table, generation);
    TableLooks.Table now =
        TableLooks.Table.of(generation, at, source == null ? null : partitions(at, before, source));
    looks.put(table, before == null ? now : before.then(now));
  }

  /** A horizon is moved with the partitions alone, or there would be one to write at each look. */
  private static TableLooks.Partitions partitions(
      Look at, TableLooks.Table before, SourceDatabase source) throws SQLException {
    if (at.table().kind() != 'p') {
      return null;
    }
    return before != null
            && before.partitions() != null
            && before.partitions().byOid().equals(at.partitions())
        ? before.partitions()
        : new TableLooks.Partitions(source.partitions().horizon(), at.partitions());
  }

  /** Remembers durably how the catalog looks to the snapshot of the table's newest copy. */
  void copies(String table, Look at, String horizon) throws IOException {
    looks.put(
        table,
        TableLooks.Table.of(
            progress.table(table).generation(),
            at,
            at.table().kind() == 'p' ? new TableLooks.Partitions(horizon, at.partitions()) : null));
  }
}
