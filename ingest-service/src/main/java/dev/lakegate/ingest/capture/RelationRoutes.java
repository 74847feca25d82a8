package dev.lakegate.ingest.capture;

import dev.lakegate.ingest.bronze.ManifestDraft;
import dev.lakegate.ingest.bronze.TableSchema;
import dev.lakegate.ingest.pgoutput.PgOutputMessage.Relation;
import dev.lakegate.ingest.source.CatalogTable;
import dev.lakegate.ingest.source.SourceDatabase;
import dev.lakegate.model.bronze.SchemaVersion;
import dev.lakegate.model.bronze.SchemaVersion.SourceColumn;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Where the changes of the log's relations go: into which schema version of which copy. A table
 * whose changes cannot be captured, or must be copied anew, is let pass from there on, durably.
 */
final class RelationRoutes implements ChangeReader.Routes {
  private final CaptureSettings settings;
  private final SourceDatabase source;
  private final CaptureProgress progress;
  private final Supplier<ManifestDraft> draft;
  private final Predicate<String> followed;

  /**
   * @param draft of the manifest that the next changes will be in
   * @param followed whose changes are taken, by table
   */
  RelationRoutes(
      CaptureSettings settings,
      SourceDatabase source,
      CaptureProgress progress,
      Supplier<ManifestDraft> draft,
      Predicate<String> followed) {
    this.settings = settings;
    this.source = source;
    this.progress = progress;
    this.draft = draft;
    this.followed = followed;
  }

  @Override
  public Long copiedFrom(Relation relation) {
    Optional<CapturedTable> table = described(relation).or(() -> renamed(relation));
    // What is not copied will be: under a snapshot that contains everything read by then.
    return table
        .map(CapturedTable::table)
        .filter(name -> progress.table(name).copied() && followed.test(name))
        .map(name -> progress.table(name).copiedFrom())
        .orElse(null);
  }

  @Override
  public Route route(Relation relation) throws SQLException, IOException {
    if (described(relation).isEmpty()) {
      // A table's changes under another name are lost to it, also when it gets its name back.
      return letPass(
          renamed(relation).orElseThrow().table(),
          "It was renamed to " + relation.namespace() + "." + relation.name() + " for a while.");
    }
    CapturedTable table = described(relation).orElseThrow();
    String name = table.table();
    SchemaBook schemas = progress.schemas();
    SchemaVersion newest = schemas.newest(name);
    String oid = SchemaBook.oid(newest);
    if (oid != null && !oid.equals(Integer.toUnsignedString(relation.oid()))) {
      return letPass(name, "It was dropped and created again.");
    }
    Optional<SourceDatabase.Look> look = source.look(table.schema(), name);
    Optional<CatalogTable> at = look.map(SourceDatabase.Look::table);
    List<String> key = key(table, relation, at);
    if (key.isEmpty()) {
      return letPass(name, "Its replica identity did not carry its key.");
    }
    List<SourceColumn> columns = columns(relation, newest);
    String reserved = TableSchema.reservedColumn(columns, table.tenantColumn());
    if (reserved != null) {
      return letPass(name, "Its column " + reserved + " had a name that Bronze needs for itself.");
    }
    List<SourceColumn> stored = SchemaBook.stored(columns);
    String storage = null;
    if (at.isPresent() && !schemas.isNewest(name, key, stored)) {
      storage = at.get().storage();
      Optional<String> recopy = schemas.recopyReason(name, key, stored, look.get());
      if (recopy.isPresent()) {
        return letPass(name, recopy.get());
      }
    }
    TableSchema schema = schemas.version(table, key, stored, storage, draft.get());
    if (storage != null) {
      schemas.saw(name, look.get(), null);
    }
    return new Route(schema, progress.table(name).generation());
  }

  private Route letPass(String table, String reason) throws IOException {
    progress.letPass(table, reason);
    return null;
  }

  private Optional<CapturedTable> described(Relation relation) {
    return settings.tables().stream()
        .filter(t -> t.schema().equals(relation.namespace()) && t.table().equals(relation.name()))
        .findFirst();
  }

  /** The table that had another name when it was captured. */
  private Optional<CapturedTable> renamed(Relation relation) {
    String oid = Integer.toUnsignedString(relation.oid());
    return settings.tables().stream()
        .filter(t -> oid.equals(SchemaBook.oid(progress.table(t.table()).schema())))
        .findFirst();
  }

  private List<SourceColumn> columns(Relation relation, SchemaVersion newest) throws SQLException {
    List<SourceColumn> columns = new ArrayList<>();
    for (Relation.Column column : relation.columns()) {
      boolean nullable =
          newest == null
              || newest.columns().stream()
                  .filter(c -> c.name().equals(column.name()))
                  .findFirst()
                  .map(SourceColumn::nullable)
                  .orElse(true);
      columns.add(
          source.column(
              column.name(),
              Integer.toUnsignedLong(column.typeOid()),
              column.typeModifier(),
              nullable));
    }
    return columns;
  }

  /** The table's key, if the relation's replica identity carries all of it; empty otherwise. */
  private static List<String> key(
      CapturedTable table, Relation relation, Optional<CatalogTable> at) {
    List<String> identity =
        relation.columns().stream()
            .filter(Relation.Column::key)
            .map(Relation.Column::name)
            .toList();
    List<String> key = at.map(t -> TableSurvey.key(table, t)).orElse(table.key());
    if (key.isEmpty() || relation.replicaIdentity() == 'd' && key.size() != identity.size()) {
      // The default identity is the primary key as it was when the log was written.
      return table.key().isEmpty() && relation.replicaIdentity() == 'd' ? identity : List.of();
    }
    return identity.containsAll(key) ? key : List.of();
  }
}
