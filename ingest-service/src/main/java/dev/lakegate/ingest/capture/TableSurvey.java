package dev.lakegate.ingest.capture;

import dev.lakegate.ingest.bronze.TableSchema;
import dev.lakegate.ingest.source.CatalogColumn;
import dev.lakegate.ingest.source.CatalogTable;
import dev.lakegate.ingest.source.Publications;
import dev.lakegate.ingest.source.SourceDatabase;
import dev.lakegate.ingest.source.SourceProblemException;
import dev.lakegate.model.bronze.SchemaVersion.SourceColumn;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Looks at the tables of the description as the source has them: which can be copied, which go on,
 * which must be copied anew, which are held and why. Not thread-safe.
 */
final class TableSurvey {
  /**
   * What there is to do.
   *
   * @param copy tables of which no complete copy exists
   * @param recopy tables to copy anew
   * @param reasons of those, by name
   */
  record Findings(
      List<CatalogTable> copy, List<CatalogTable> recopy, SortedMap<String, String> reasons) {
    boolean nothingToCopy() {
      return copy.isEmpty() && recopy.isEmpty();
    }
  }

  /**
   * A shape that the log has not shown yet.
   *
   * @param after newest schema version when it was seen; with a newer one it is out of date
   * @param seenAt unsigned LSN: once the log was read up to it, no change of another shape is left
   */
  record Shape(
      CapturedTable table,
      List<String> key,
      List<SourceColumn> columns,
      String storage,
      int after,
      long seenAt) {}

  /** Whether a table that is not in the publication is added to it. */
  private enum Publish {
    NOT,
    BEFORE_THE_SLOT,
    BESIDE_A_SLOT
  }

  private record Problem(String sentence, String remedy) {
    String reason() {
      return sentence + " To mend it: " + remedy;
    }
  }

  private final CaptureSettings settings;
  private final SourceDatabase source;
  private final CaptureProgress progress;
  private final StatusBoard board;
  private final TableRequests requests;
  private final CopyFailures failures;
  private final Map<String, Shape> unseen = new HashMap<>();

  TableSurvey(
      CaptureSettings settings,
      SourceDatabase source,
      CaptureProgress progress,
      StatusBoard board,
      TableRequests requests,
      CopyFailures failures) {
    this.settings = settings;
    this.source = source;
    this.progress = progress;
    this.board = board;
    this.requests = requests;
    this.failures = failures;
  }

  /** Shapes that the log has not shown yet. */
  List<Shape> unseen() {
    return List.copyOf(unseen.values());
  }

  /** The shape is in a draft now. */
  void taken(Shape shape) {
    unseen.remove(shape.table().table());
  }

  /** The publication does not carry everything of what was copied, so changes may be missing. */
  boolean publicationBroken() throws SQLException {
    Optional<Publications.Publication> publication = source.publications().find();
    TableLooks.Publication known = progress.looks().publication();
    return (publication.isEmpty()
            || !publication.get().complete()
            || known != null && known.mayHaveLeftOut(publication.get()))
        && anythingCopied();
  }

  private boolean anythingCopied() {
    return settings.tables().stream().anyMatch(t -> progress.table(t.table()).copied());
  }

  /** Publishes every table that can be captured; returns their names. Before a slot is made. */
  List<String> publishAll() throws SQLException, IOException, SourceProblemException {
    Publications.Publication publication = completePublication();
    progress.looks().put(TableLooks.Publication.of(publication));
    List<String> present = new ArrayList<>();
    for (CapturedTable table : settings.tables()) {
      Optional<CatalogTable> at = source.table(table.schema(), table.table());
      if (at.isPresent()
          && copyable(
              table,
              at.get(),
              source.columns(at.get()),
              publication.covers(at.get()),
              Publish.BEFORE_THE_SLOT)) {
        present.add(table.table());
      }
    }
    return present;
  }

  private Publications.Publication completePublication()
      throws SQLException, IOException, SourceProblemException {
    Optional<Publications.Publication> publication = source.publications().find();
    boolean ours = true;
    if (publication.isEmpty()) {
      source.publications().create();
    } else if (!publication.get().complete()) {
      source.publications().complete(publication.get());
    } else {
      TableLooks.Publication known = progress.looks().publication();
      ours = known == null || !anythingCopied() || !known.mayHaveLeftOut(publication.get());
    }
    Publications.Publication present = source.publications().find().orElseThrow();
    if (ours) {
      progress.looks().put(TableLooks.Publication.of(present));
    }
    return present;
  }

  /**
   * Looks at every table.
   *
   * @param publish whether to add to the publication what is missing there
   */
  Findings look(boolean publish) throws SQLException, IOException, SourceProblemException {
    Optional<Publications.Publication> publication =
        publish ? Optional.of(completePublication()) : source.publications().find();
    Findings findings = new Findings(new ArrayList<>(), new ArrayList<>(), new TreeMap<>());
    if (publication.isPresent()) {
      for (CapturedTable table : settings.tables()) {
        examine(table, publication.get(), publish, findings);
      }
    }
    return findings;
  }

  private void examine(
      CapturedTable table, Publications.Publication publication, boolean publish, Findings findings)
      throws SQLException, IOException {
    Publish how = publish ? Publish.BESIDE_A_SLOT : Publish.NOT;
    String name = table.table();
    CaptureLedger.Table known = progress.table(name);
    Optional<SourceDatabase.Look> found = source.look(table.schema(), name);
    unseen.compute(name, (n, shape) -> known.copied() && found.isPresent() ? shape : null);
    if (found.isEmpty()) {
      absent(table, known);
      return;
    }
    if (progress.isBeside(name)) {
      besideTheStream(table, found.get(), publication);
      return;
    }
    CatalogTable at = found.get().table();
    List<SourceColumn> columns = found.get().columns().stream().map(CatalogColumn::column).toList();
    boolean covered = publication.covers(at);
    if (!known.copied()) {
      if (requests.resync(name) != null) {
        // Whoever asks wants it now.
        failures.remove(name);
      }
      requests.begun(name);
      if (failures.waits(name)) {
        return;
      }
      if (copyable(table, at, columns, covered, how)) {
        findings.copy().add(at);
      }
      return;
    }
    Optional<String> reason = recopyReason(table, found.get(), columns, covered);
    Problem problem = logProblem(table, at, columns);
    if (reason.isEmpty() && problem == null) {
      board.table(name, TableState.STREAMING, null);
      return;
    }
    TableRequests.Resync asked = requests.resync(name);
    if ((asked == null || problem != null) && progress.gap(name).isEmpty()) {
      // From now on its changes are not captured, whatever becomes of it.
      progress.letPass(name, problem != null ? problem.sentence() : reason.get());
    }
    if (problem != null) {
      if (covered && at.refusesUpdatesWhenPublished()) {
        source.publications().remove(at);
      }
      board.held(name, problem.reason(), problem.remedy());
      return;
    }
    if (asked == null && failures.waits(name)) {
      return;
    }
    long rows = Math.max(at.estimatedRows(), known.rowsCopied());
    if (asked == null && !progress.isUnfinished(name) && rows > settings.recopyRows()) {
      board.heldUntilResync(
          name,
          reason.get()
              + " It must be copied anew, but not without being asked: it has about "
              + rows
              + " rows, more than lakegate.capture.recopy.rows = "
              + settings.recopyRows()
              + ".",
          "./lakegate resync " + name);
      return;
    }
    if (copyable(table, at, columns, covered, how)) {
      board.table(name, TableState.WAITING, "It will be copied anew: " + reason.get());
      findings.recopy().add(at);
      findings.reasons().put(name, reason.get());
    }
  }

  /**
   * A table that is being copied while the stream goes on. Until its copy is complete there is
   * nothing to judge it by; a change that the log lacks ends its catching up.
   */
  private void besideTheStream(
      CapturedTable table, SourceDatabase.Look look, Publications.Publication publication)
      throws SQLException, IOException {
    String name = table.table();
    requests.begun(name);
    if (!progress.catchesUp(name)) {
      return;
    }
    List<SourceColumn> columns = look.columns().stream().map(CatalogColumn::column).toList();
    Problem problem = logProblem(table, look.table(), columns);
    Optional<String> reason =
        problem != null
            ? Optional.of(problem.sentence())
            : unlogged(table, look, columns, publication.covers(look.table()));
    if (reason.isPresent()) {
      progress.letPass(name, reason.get());
    }
  }

  private void absent(CapturedTable table, CaptureLedger.Table known) throws IOException {
    requests.begun(table.table());
    String name = table.schema() + "." + table.table();
    if (known.copied()
        && (progress.gap(table.table()).isEmpty() || progress.catchesUp(table.table()))) {
      // Should it come back, it may have changed under another name or be another table.
      progress.letPass(table.table(), "It was gone from the source for a while.");
    }
    if (known.generation() > 0) {
      board.held(
          table.table(),
          "The table was dropped at the source.",
          "create " + name + " again, or take it out of the description");
    } else {
      board.table(table.table(), TableState.WAITING, "The source has no table " + name + " yet.");
    }
  }

  private Optional<String> recopyReason(
      CapturedTable table, SourceDatabase.Look look, List<SourceColumn> columns, boolean covered)
      throws SQLException, IOException {
    CatalogTable at = look.table();
    String name = table.table();
    TableRequests.Resync asked = requests.resync(name);
    if (asked != null) {
      return Optional.of(asked.reason());
    }
    if (progress.gap(name).isPresent()) {
      return Optional.of(progress.gap(name).get().reason());
    }
    List<String> key = key(table, at);
    List<SourceColumn> stored = SchemaBook.stored(columns);
    SchemaBook schemas = progress.schemas();
    Optional<String> reason = unlogged(table, look, columns, covered);
    if (reason.isEmpty()) {
      schemas.saw(name, look, source);
      if (schemas.isNewest(name, key, stored)) {
        unseen.remove(name);
      } else {
        Shape before = unseen.get(name);
        if (before == null
            || before.after() != schemas.newest(name).schemaVersion()
            || !before.columns().equals(stored)
            || !before.key().equals(key)) {
          unseen.put(
              name,
              new Shape(
                  table,
                  key,
                  stored,
                  at.storage(),
                  schemas.newest(name).schemaVersion(),
                  source.insertPosition()));
        }
      }
    }
    return reason;
  }

  /** Why the log does not carry everything since the table's copy. */
  private Optional<String> unlogged(
      CapturedTable table, SourceDatabase.Look look, List<SourceColumn> columns, boolean covered)
      throws SQLException {
    if (!covered) {
      return Optional.of("The publication lost it, so changes may be missing.");
    }
    Optional<String> reason =
        progress
            .schemas()
            .recopyReason(
                table.table(), key(table, look.table()), SchemaBook.stored(columns), look);
    return reason.isPresent()
        ? reason
        : progress.schemas().partitionReason(table.table(), look, source);
  }

  /** Whether a copy can begin; says on the board why not. */
  private boolean copyable(
      CapturedTable table,
      CatalogTable at,
      List<SourceColumn> columns,
      boolean covered,
      Publish publish)
      throws SQLException {
    Problem problem = logProblem(table, at, columns);
    if (problem == null) {
      problem = copyProblem(table, at, columns);
    }
    if (problem == null && !covered && publish != Publish.NOT) {
      try {
        source.publications().add(at, publish == Publish.BESIDE_A_SLOT);
      } catch (SourceProblemException e) {
        problem =
            new Problem(
                Character.toUpperCase(e.problem().charAt(0)) + e.problem().substring(1) + ".",
                e.remedy());
      }
    }
    if (problem != null) {
      board.held(at.name(), problem.reason(), problem.remedy());
      return false;
    }
    if (board.state(at.name()) != TableState.COPYING) {
      board.table(at.name(), TableState.WAITING, "Its copy has not begun.");
    }
    return true;
  }

  /** What keeps a table's changes from being captured; null when nothing does. */
  private static Problem logProblem(
      CapturedTable table, CatalogTable at, List<SourceColumn> columns) {
    if (at.kind() != 'r' && at.kind() != 'p') {
      return new Problem(
          at.name() + " is no table at the source, so it has no log.",
          "take it out of the description");
    }
    if (at.key().isEmpty()) {
      return new Problem(
          "It has no primary key at the source, or one that is DEFERRABLE, so its changes name no"
              + " row.",
          "ALTER TABLE " + at.quoted() + " ADD PRIMARY KEY (...);");
    }
    if (!table.key().isEmpty() && !Set.copyOf(table.key()).equals(Set.copyOf(at.key()))) {
      return new Problem(
          "The description says that its key is ("
              + String.join(", ", table.key())
              + "), but at the source it is ("
              + String.join(", ", at.key())
              + ").",
          "make the two agree; when the source is right, its key: in the description");
    }
    if (!at.identityIsKey()) {
      return identityProblem(at);
    }
    String reserved = TableSchema.reservedColumn(columns, table.tenantColumn());
    return reserved == null
        ? null
        : new Problem(
            "Its column " + reserved + " has a name that Bronze needs for itself.",
            "ALTER TABLE " + at.quoted() + " RENAME COLUMN " + reserved + " TO ...;");
  }

  private Problem copyProblem(CapturedTable table, CatalogTable at, List<SourceColumn> columns)
      throws SQLException {
    if (!at.readable()) {
      return new Problem("The role may not read it.", source.grantRead(at));
    }
    if (table.tenantColumn() != null
        && columns.stream().noneMatch(c -> c.name().equals(table.tenantColumn()))) {
      return new Problem(
          "The description says that column "
              + table.tenantColumn()
              + " holds the tenant, but the source has no such column.",
          "correct tenant_column: in the description");
    }
    return null;
  }

  private static Problem identityProblem(CatalogTable at) {
    return new Problem(
        "Its replica identity does not carry the primary key.",
        "ALTER TABLE " + at.quoted() + " REPLICA IDENTITY DEFAULT; it is then copied anew.");
  }

  /** The key by which readers tell rows apart. */
  static List<String> key(CapturedTable table, CatalogTable at) {
    return table.key().isEmpty() ? at.key() : table.key();
  }
}
