package dev.lakegate.gateway.query;

import dev.lakegate.gateway.catalog.FileChoice;
import dev.lakegate.gateway.catalog.Lake;
import dev.lakegate.gateway.catalog.LakeTable;
import dev.lakegate.gateway.catalog.LakeTable.DataFile;
import dev.lakegate.gateway.catalog.PrincipalCatalog;
import dev.lakegate.gateway.catalog.TableHistory;
import dev.lakegate.gateway.sql.SqlFailure;
import dev.lakegate.kit.error.LakegateException;
import dev.lakegate.kit.identity.CurrentPrincipal;
import dev.lakegate.kit.identity.ForPersonalTokens;
import dev.lakegate.kit.identity.TokenGrant;
import dev.lakegate.kit.paging.Cursor;
import dev.lakegate.kit.paging.Page;
import dev.lakegate.model.policy.AccessDecision;
import dev.lakegate.model.policy.Policy;
import dev.lakegate.model.policy.Principal;
import dev.lakegate.model.policy.RowPredicate;
import dev.lakegate.model.snapshot.AsOfTable;
import io.quarkus.security.Authenticated;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.eclipse.microprofile.openapi.annotations.Operation;

/** The catalog, as far as the caller may see it. */
@Path("/api/v1")
@Authenticated
@ForPersonalTokens(TokenGrant.QUERY)
@Blocking
@Produces(MediaType.APPLICATION_JSON)
public class CatalogResource {
  @Inject CurrentPrincipal caller;
  @Inject QueryService service;

  /** A table that the caller may read. */
  public record Table(
      String schema,
      String table,
      String description,
      String scope,
      String state,
      Instant publishedAt,
      Long rows,
      List<Column> columns,
      List<Expected> expectations) {}

  /**
   * What rows are expected to meet, and how many of those that the caller may read do not. Rows of
   * Silver that do not meet what blocks are counted in the quarantine.
   */
  public record Expected(String name, String description, String severity, long rows) {}

  /** A column that the caller may read. */
  public record Column(
      String name, String type, String description, boolean nullable, boolean described) {}

  /** A kept state of a table; rows only for who may read all of them. */
  public record State(
      String instant, Instant publishedAt, boolean current, Long rows, List<String> columns) {}

  @GET
  @Path("catalog")
  @Operation(summary = "Tables that the caller may read, with their columns")
  public Page<Table> tables() {
    PrincipalCatalog catalog = catalog();
    List<Table> items = new ArrayList<>();
    for (String dataset : service.lake().datasets()) {
      listed(catalog, dataset).ifPresent(items::add);
    }
    return new Page<>(items, null);
  }

  @GET
  @Path("catalog/{schema}/{table}")
  @Operation(summary = "One table that the caller may read")
  public Table table(@PathParam("schema") String schema, @PathParam("table") String table) {
    Lake lake = service.lake();
    return lake.resolve(schema.toLowerCase(Locale.ROOT), table.toLowerCase(Locale.ROOT))
        .flatMap(dataset -> listed(catalog(), dataset))
        .orElseThrow(CatalogResource::notFound);
  }

  private static LakegateException notFound() {
    return LakegateException.notFound(
        "TABLE_NOT_FOUND",
        "There is no such table, or you may not read it.",
        "GET /api/v1/catalog lists the tables that you may read.");
  }

  @GET
  @Path("catalog/{schema}/{table}/snapshots")
  @Operation(summary = "Kept states of a table, newest first, for FOR VERSION AS OF")
  public Page<State> snapshots(
      @PathParam("schema") String schema,
      @PathParam("table") String table,
      @QueryParam("limit") Integer limit,
      @QueryParam("cursor") String cursor) {
    int most = limit == null ? 100 : Math.max(1, Math.min(limit, 1000));
    PrincipalCatalog catalog = catalog();
    String dataset =
        service
            .lake()
            .resolve(schema.toLowerCase(Locale.ROOT), table.toLowerCase(Locale.ROOT))
            .filter(d -> catalog.listed(d).filter(r -> r.decision().allowed()).isPresent())
            .orElseThrow(CatalogResource::notFound);
    String[] after = Cursor.decode(cursor, 2);
    if (after != null && !after[0].equals(dataset)) {
      throw LakegateException.badRequest(
          "CURSOR_INVALID", "This is no cursor of this list.", "Pass 'next' as it was given.");
    }
    List<State> items = new ArrayList<>();
    String next = null;
    try {
      TableHistory history = service.lake().history(dataset);
      List<String> instants = new ArrayList<>(history.instants());
      Collections.reverse(instants);
      String current = instants.isEmpty() ? null : instants.get(0);
      for (String instant : instants) {
        if (after != null && instant.compareTo(after[1]) >= 0) {
          continue;
        }
        if (items.size() == most) {
          next = Cursor.encode(dataset, items.get(most - 1).instant());
          break;
        }
        // What is removed meanwhile is kept no more.
        history
            .at(instant)
            .map(service.lake()::former)
            .ifPresent(state -> items.add(state(catalog, state, state.version().equals(current))));
      }
    } catch (SqlFailure f) {
      throw Failures.of(f);
    }
    return new Page<>(items, next);
  }

  private static State state(PrincipalCatalog catalog, LakeTable state, boolean current) {
    AccessDecision d = catalog.decide(state);
    Set<String> readable = Set.copyOf(d.readableColumns());
    return new State(
        state.version(),
        state.publishedAt(),
        current,
        d.rows() instanceof RowPredicate.All ? state.rows() : null,
        state.columns().stream().map(LakeTable.Column::name).filter(readable::contains).toList());
  }

  private PrincipalCatalog catalog() {
    Principal principal = caller.require();
    Policy policy = service.requirePolicy();
    return new PrincipalCatalog(service.lake(), policy, principal);
  }

  private Optional<Table> listed(PrincipalCatalog catalog, String dataset) {
    return catalog.listed(dataset).flatMap(r -> visible(catalog, r));
  }

  private Optional<Table> visible(PrincipalCatalog catalog, PrincipalCatalog.Resolved r) {
    AccessDecision d = r.decision();
    if (!d.allowed()) {
      return Optional.empty();
    }
    LakeTable t = r.table();
    Set<String> readable = Set.copyOf(d.readableColumns());
    Set<String> undescribed = catalog.undescribed(t);
    boolean every = d.rows() instanceof RowPredicate.All;
    // Who reads only some rows learns nothing of others', not even that there are any.
    List<DataFile> files = every ? t.files() : FileChoice.choose(t.files(), d.rows()).whole();
    boolean ready = every ? t.published() : files.stream().anyMatch(f -> f.rows() > 0);
    return Optional.of(
        new Table(
            t.schema(),
            t.name(),
            t.description(),
            t.scope(),
            ready ? "ready" : "empty",
            ready ? t.publishedAt() : null,
            every ? t.rows() : null,
            t.columns().stream()
                .filter(c -> readable.contains(c.name()))
                .map(c -> column(c, !undescribed.contains(c.name())))
                .toList(),
            expectations(r.table().dataset(), d, files)));
  }

  /** What says something personal is for those who read the personal columns. */
  private List<Expected> expectations(String dataset, AccessDecision d, List<DataFile> files) {
    return service.lake().description().expectations(AsOfTable.governing(dataset)).stream()
        .filter(e -> !e.pii() || d.hiddenColumns().isEmpty())
        .map(
            e ->
                new Expected(
                    e.name(),
                    e.description(),
                    e.severity().name().toLowerCase(Locale.ROOT),
                    files.stream().mapToLong(f -> f.unmet().getOrDefault(e.name(), 0L)).sum()))
        .toList();
  }

  private static Column column(LakeTable.Column c, boolean described) {
    return new Column(
        c.name(),
        c.type().display(),
        described
            ? c.description()
            : "Not described: it counts as personal data until a description names it.",
        c.nullable(),
        described);
  }
}
