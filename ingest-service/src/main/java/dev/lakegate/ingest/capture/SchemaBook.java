package dev.lakegate.ingest.capture;

import dev.lakegate.ingest.bronze.ManifestDraft;
import dev.lakegate.ingest.bronze.TableSchema;
import dev.lakegate.ingest.source.CatalogColumn;
import dev.lakegate.ingest.source.CatalogTable;
import dev.lakegate.model.bronze.SchemaVersion;
import dev.lakegate.model.bronze.SchemaVersion.SourceColumn;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The schema versions of a session: those of the chain and those of the manifest in the making; and
 * how the catalog looked when it was looked at last. Not thread-safe.
 */
final class SchemaBook {
  /** A column number says that a column of the same name is the same column. */
  /**
   * @param altered by column, the transaction that last altered it
   */
  private record Seen(String storage, Map<String, Integer> numbers, Map<String, String> altered) {}

  private final CaptureProgress progress;
  private final Map<String, SchemaVersion> drafted = new HashMap<>();
  private final Map<String, Seen> seen = new HashMap<>();

  SchemaBook(CaptureProgress progress) {
    this.progress = progress;
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
      String table,
      List<String> key,
      List<SourceColumn> columns,
      CatalogTable at,
      List<CatalogColumn> catalog) {
    SchemaVersion newest = newest(table);
    String oid = oid(newest);
    if (oid != null && !at.storage().startsWith(oid + "/")) {
      return Optional.of("It was dropped and created again.");
    }
    Seen before = seen.get(table);
    if (before != null) {
      for (CatalogColumn column : catalog) {
        Integer number = before.numbers().get(column.column().name());
        if (number != null && number != column.number()) {
          return Optional.of(
              "Column "
                  + column.column().name()
                  + " was dropped and another one of its name added.");
        }
      }
    }
    if (newest == null || isNewest(table, key, columns)) {
      return before == null ? Optional.empty() : rewritten(before, at, catalog);
    }
    Set<String> unlogged = new HashSet<>();
    catalog.stream().filter(CatalogColumn::unlogged).forEach(c -> unlogged.add(c.column().name()));
    String storage = before != null ? before.storage() : newest.storage();
    return SchemaDifference.between(newest, key, columns)
        .recopyReason(unlogged, storage != null && !storage.equals(at.storage()));
  }

  /**
   * A column that was altered together with the table's file may hold other values under the same
   * type ({@code ALTER COLUMN .. TYPE .. USING}), which the log does not carry. VACUUM FULL and
   * TRUNCATE alter no column.
   */
  private static Optional<String> rewritten(
      Seen before, CatalogTable at, List<CatalogColumn> catalog) {
    if (before.storage().equals(at.storage())) {
      return Optional.empty();
    }
    return catalog.stream()
        .filter(c -> !c.altered().equals(before.altered().get(c.column().name())))
        .map(c -> "Column " + c.column().name() + " was altered and its values were rewritten.")
        .findFirst();
  }

  /** Remembers how the catalog looks while it agrees with the newest version. */
  void saw(String table, CatalogTable at, List<CatalogColumn> catalog) {
    Map<String, Integer> numbers = new HashMap<>();
    Map<String, String> altered = new HashMap<>();
    catalog.forEach(c -> numbers.put(c.column().name(), c.number()));
    catalog.forEach(c -> altered.put(c.column().name(), c.altered()));
    seen.put(table, new Seen(at.storage(), numbers, altered));
  }

  /** A copy is about to tell anew how the table looks. */
  void forget(String table) {
    seen.remove(table);
  }
}
