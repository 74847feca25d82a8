package dev.lakegate.gateway.query;

import dev.lakegate.gateway.cache.CacheKey;
import dev.lakegate.gateway.catalog.FileChoice;
import dev.lakegate.gateway.catalog.FilePruning;
import dev.lakegate.gateway.catalog.Lake;
import dev.lakegate.gateway.catalog.LakeTable;
import dev.lakegate.gateway.catalog.LakeTable.DataFile;
import dev.lakegate.gateway.catalog.PrincipalCatalog;
import dev.lakegate.gateway.engine.SecuredRelation;
import dev.lakegate.gateway.query.Phases.Phase;
import dev.lakegate.gateway.sql.Checked;
import dev.lakegate.gateway.sql.Condition;
import dev.lakegate.gateway.sql.Constants;
import dev.lakegate.gateway.sql.SecuredQuery;
import dev.lakegate.gateway.sql.SecuredQuery.Binding;
import dev.lakegate.gateway.sql.Session;
import dev.lakegate.gateway.sql.SqlBoundary;
import dev.lakegate.gateway.sql.SqlFailure;
import dev.lakegate.gateway.sql.Type;
import dev.lakegate.model.policy.AccessDecision;
import dev.lakegate.model.policy.Policy;
import dev.lakegate.model.policy.Principal;
import dev.lakegate.model.policy.RowPredicate;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** From a user's SQL to a checked query over exactly the files that its principal may open. */
final class Planner {
  private final SqlBoundary boundary;
  private final Lake lake;

  Planner(Lake lake, Constants constants) {
    this.lake = lake;
    this.boundary = new SqlBoundary(constants);
  }

  /**
   * Plans a statement.
   *
   * @throws SqlFailure when it is refused
   */
  Planned plan(String sql, Policy policy, Principal principal, Session session) {
    return plan(sql, policy, principal, session, new Phases());
  }

  /**
   * As {@link #plan(String, Policy, Principal, Session)}.
   *
   * @param phases get the time that it took, also when it is refused
   */
  Planned plan(String sql, Policy policy, Principal principal, Session session, Phases phases) {
    PrincipalCatalog catalog = new PrincipalCatalog(lake, policy, principal);
    long[] at = {System.nanoTime()};
    Phase[] phase = {Phase.PARSE};
    Checked checked;
    try {
      checked =
          boundary.check(
              sql,
              catalog,
              session,
              () -> {
                long now = System.nanoTime();
                phases.add(Phase.PARSE, now - at[0]);
                phase[0] = Phase.SECURE;
                at[0] = now;
              });
    } finally {
      phases.add(phase[0], System.nanoTime() - at[0]);
    }
    at[0] = System.nanoTime();
    try {
      return files(sql, catalog, checked);
    } finally {
      phases.add(Phase.PLAN, System.nanoTime() - at[0]);
    }
  }

  private static Planned files(String sql, PrincipalCatalog catalog, Checked checked) {
    SecuredQuery query = checked.query();
    List<SecuredRelation> relations = new ArrayList<>();
    List<Planned.Note> notes = new ArrayList<>();
    List<CacheKey.Source> sources = new ArrayList<>();
    TreeSet<String> tables = new TreeSet<>();
    int files = 0;
    long bytes = 0;
    long rows = 0;
    for (Binding b : query.bindings()) {
      PrincipalCatalog.Resolved resolved = catalog.resolved(b.table());
      LakeTable table = resolved.table();
      AccessDecision decision = resolved.decision();
      tables.add(table.dataset());
      FileChoice.Choice choice = FileChoice.choose(table.files(), decision.rows());
      requireSeparable(table, decision.rows(), choice);
      if (b.table().instant() != null) {
        notes.add(asOf(table));
      }
      note(table, decision, choice, notes);
      // Never what others' rows lie in: which of those stay unopened would tell of their values.
      FileChoice.Choice chosen =
          new FileChoice.Choice(
              FilePruning.prune(
                  choice.whole(),
                  query.asked().getOrDefault(b.name(), Condition.ANY),
                  b.table().columns()),
              choice.shared());
      List<SecuredRelation.Column> columns =
          b.used().stream()
              .map(
                  i ->
                      new SecuredRelation.Column(
                          i, b.table().columns().get(i).name(), b.table().columns().get(i).type()))
              .toList();
      relations.add(
          new SecuredRelation(
              b.name(),
              columns,
              chosen.all().stream().map(DataFile::path).toList(),
              decision.rows(),
              !chosen.shared().isEmpty()));
      sources.add(
          new CacheKey.Source(table.version(), chosen.all().stream().map(DataFile::path).toList()));
      // What else lies in shared files is nobody's business: they are not counted.
      files += chosen.whole().size();
      for (DataFile f : chosen.whole()) {
        bytes += f.bytes();
        rows += f.rows();
      }
    }
    return new Planned(
        query,
        relations,
        List.copyOf(tables),
        List.copyOf(notes),
        files,
        bytes,
        rows,
        CacheKey.of(sql + " " + checked.text(), query, sources),
        checked.change(),
        checked.text().equals(sql) ? null : checked.text());
  }

  /**
   * Types of a statement's question marks, {@code unknown} where nothing tells.
   *
   * @throws SqlFailure when the statement is refused
   */
  List<String> parameters(String sql, Policy policy, Principal principal, Session session) {
    return boundary.parameters(sql, new PrincipalCatalog(lake, policy, principal), session).stream()
        .map(Type::display)
        .toList();
  }

  /** Rows of a shared file are told apart by their values: they must have them. */
  private static void requireSeparable(
      LakeTable table, RowPredicate rows, FileChoice.Choice choice) {
    Set<String> stored =
        table.columns().stream().map(LakeTable.Column::name).collect(Collectors.toSet());
    if (!choice.shared().isEmpty() && !stored.containsAll(FileChoice.columns(rows))) {
      throw new SqlFailure(
              "ROWS_NOT_SEPARABLE",
              table.dataset() + " is not stored so that your rows can be told from others'.")
          .with("table", table.dataset());
    }
  }

  /** What was gone must not be planned with again. */
  void forget(Planned planned) {
    planned.tables().forEach(lake::forget);
  }

  private static Planned.Note asOf(LakeTable table) {
    return new Planned.Note(
        "TIME_TRAVEL",
        table.dataset()
            + " is read as it was at instant "
            + table.version()
            + ", readable since "
            + table.publishedAt()
            + ".");
  }

  private static void note(
      LakeTable table,
      AccessDecision decision,
      FileChoice.Choice choice,
      List<Planned.Note> notes) {
    // To who reads some tenants' rows, a table without any row and one without theirs are the same.
    if (decision.rows() instanceof RowPredicate.In in) {
      if (choice.shared().isEmpty() && choice.whole().stream().noneMatch(f -> f.rows() > 0)) {
        notes.add(
            new Planned.Note(
                "NO_ROWS_FOR_TENANTS",
                table.dataset()
                    + " has no row of the tenants that your token claims: "
                    + String.join(", ", in.values())
                    + "."));
      }
    } else if (decision.rows() instanceof RowPredicate.None) {
      notes.add(
          new Planned.Note(
              "NO_ROWS_GRANTED", "No row of " + table.dataset() + " is granted to you."));
    } else if (!table.published()) {
      notes.add(
          new Planned.Note(
              "NO_DATA_YET",
              table.dataset() + " has no data yet: nothing has arrived from the source so far."));
    }
  }
}
