package dev.lakegate.transform.api;

import dev.lakegate.kit.error.LakegateException;
import dev.lakegate.kit.identity.CurrentPrincipal;
import dev.lakegate.kit.paging.Page;
import dev.lakegate.model.job.RunRequest.Mode;
import dev.lakegate.model.job.RunRequest.Past;
import dev.lakegate.model.policy.Policy.TableFacts;
import dev.lakegate.model.snapshot.AsOfTable;
import dev.lakegate.transform.plan.Dataset;
import dev.lakegate.transform.run.AsOfTables;
import dev.lakegate.transform.run.AsOfTables.Made;
import dev.lakegate.transform.run.Conductor;
import dev.lakegate.transform.run.KeptStates;
import dev.lakegate.transform.run.KeptStates.State;
import dev.lakegate.transform.run.Making;
import dev.lakegate.transform.run.Run;
import dev.lakegate.transform.run.RunStore;
import dev.lakegate.transform.service.AsOfConfig;
import io.quarkus.security.Authenticated;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/** Former states of tables: tables made of them, and tables brought back to them. */
@Path("/api/v1")
@Authenticated
@Blocking
@Produces(MediaType.APPLICATION_JSON)
public class PastResource {
  @Inject CurrentPrincipal principal;
  @Inject Operators operators;
  @Inject Conductor conductor;
  @Inject RunStore store;
  @Inject KeptStates states;
  @Inject AsOfTables tables;
  @Inject AsOfConfig config;

  /**
   * What is wanted of the past of a table.
   *
   * @param table {@code <schema>.<name>}
   * @param instant a moment in ISO 8601, which means the newest state that could be read then, or
   *     the name of a state
   * @param expiresInDays how long the table is wanted; the service's default when absent
   */
  public record AsOfOrder(
      @NotBlank @Size(max = 200) String table,
      @NotBlank @Size(max = 40) String instant,
      @Min(1) Integer expiresInDays) {}

  /**
   * A table made of a former state.
   *
   * @param table {@code <schema>.<name>}
   * @param origin of which it was made
   * @param instant of the state
   * @param statePublishedAt since when that state could be read; null when not known yet
   * @param state {@code ready}, or {@code pending} while it is being made or removed
   * @param rows in it; null unless ready
   * @param bytes of its files, which it may share with its origin; null unless ready
   * @param expiresAt when it is removed; null when not known yet
   * @param run the run that makes or removes it; null when none was asked for by this call
   */
  public record AsOf(
      String table,
      String origin,
      String instant,
      Instant statePublishedAt,
      String state,
      Long rows,
      Long bytes,
      Instant expiresAt,
      String run) {
    private static AsOf of(Made made, String run) {
      return new AsOf(
          made.name().dataset(),
          made.name().originDataset(),
          made.name().instant(),
          made.statePublishedAt(),
          made.ready() ? "ready" : "pending",
          made.rows(),
          made.bytes(),
          made.expiresAt(),
          run);
    }
  }

  /**
   * What a table is to be restored to.
   *
   * @param instant as in {@link AsOfOrder}
   * @param dryRun whether to say only what would change
   */
  public record RestoreOrder(@NotBlank @Size(max = 40) String instant, Boolean dryRun) {}

  /**
   * A table that goes on.
   *
   * @param table {@code <schema>.<name>}
   * @param status always {@code released}
   */
  public record Released(String table, String status) {}

  /** Makes a table of a former state; the same again is the same table. */
  @POST
  @Path("/asof")
  @Consumes(MediaType.APPLICATION_JSON)
  public Response asOf(@NotNull @Valid AsOfOrder order) {
    String who = operators.requireOperator();
    Dataset dataset = operators.requireDataset(order.table());
    Duration lifetime =
        order.expiresInDays() == null ? config.expiry() : Duration.ofDays(order.expiresInDays());
    if (lifetime.compareTo(config.longestExpiry()) > 0) {
      throw LakegateException.invalid(
              "FIELD_INVALID",
              "Such a table may exist for %d days at most."
                  .formatted(config.longestExpiry().toDays()),
              "Ask for fewer days; asking again later prolongs it.")
          .withDetail("field", "expiresInDays");
    }
    Optional<AsOfTable> named = named(dataset, order.instant());
    Optional<Made> existing = named.flatMap(tables::find);
    State state = existing.filter(Made::ready).isPresent() ? null : state(dataset, order.instant());
    AsOfTable name = state == null ? named.orElseThrow() : name(dataset, state.instant());
    existing = tables.find(name).filter(Made::ready);
    Instant expiresAt = Instant.now().plus(lifetime).truncatedTo(ChronoUnit.SECONDS);
    if (existing.isPresent()
        && (order.expiresInDays() == null || !expiresAt.isAfter(existing.get().expiresAt()))) {
      return Response.ok(AsOf.of(existing.get(), null)).build();
    }
    if (existing.isEmpty() && tables.list().size() >= config.most()) {
      throw LakegateException.conflict(
          "TOO_MANY_TABLES",
          "There are %d tables of former states already.".formatted(config.most()),
          "Remove one with './lakegate asof --drop TABLE', or wait until one expires.");
    }
    if (state == null) {
      state = state(dataset, name.instant());
    }
    TableFacts facts = facts(name);
    String run =
        Control.ask(
                () ->
                    conductor.request(
                        dataset.name(),
                        Mode.ASOF,
                        new Past(name.instant(), name.name(), expiresAt, null, facts),
                        who))
            .orElseThrow(Operators::queueFull);
    return Response.accepted(
            new AsOf(
                name.dataset(),
                dataset.name(),
                name.instant(),
                state.publishedAt(),
                "pending",
                null,
                null,
                expiresAt,
                run))
        .build();
  }

  /**
   * By what the state is read: the stricter of what the description of then and that of now say, if
   * the state was made as it would be made now; null when it was not, or nobody knows. What was
   * known once stays known.
   */
  private TableFacts facts(AsOfTable name) {
    Optional<TableFacts> known = tables.find(name).map(Made::facts);
    if (known.isPresent()) {
      return known.get();
    }
    return making(name.originDataset(), name.instant()).facts();
  }

  /** Tables made of former states. */
  @GET
  @Path("/asof")
  public Page<AsOf> list() {
    principal.requireOperatorOrService();
    return new Page<>(tables.list().stream().map(made -> AsOf.of(made, null)).toList(), null);
  }

  /** Removes a table that was made of a former state. */
  @DELETE
  @Path("/asof/{table}")
  public Response drop(@PathParam("table") String table) {
    String who = operators.requireOperator();
    Made made =
        AsOfTable.of(table)
            .flatMap(tables::find)
            .orElseThrow(
                () ->
                    LakegateException.notFound(
                        "TABLE_NOT_FOUND",
                        "No table '" + table + "' was made of a former state.",
                        "/api/v1/asof lists those that there are."));
    Optional<Dataset> described = operators.dataset(made.name().originDataset());
    if (described.isEmpty()) {
      // What nobody describes has no runs, but must not stay for ever.
      if (!conductor.remove(made.name())) {
        throw LakegateException.unavailable(
            "NOT_REMOVED",
            made.name().dataset() + " could not be removed now.",
            "Try again in a moment; the log of transform-service tells why.",
            Duration.ofSeconds(5));
      }
      return Response.ok(AsOf.of(made, null)).build();
    }
    Dataset dataset = described.get();
    String run =
        Control.ask(
                () ->
                    conductor.request(
                        dataset.name(),
                        Mode.DROP,
                        new Past(made.name().instant(), made.name().name(), null, null),
                        who))
            .orElseThrow(Operators::queueFull);
    return Response.accepted(AsOf.of(made, run)).build();
  }

  /** Brings a table back to a former state, or says what that would change. */
  @POST
  @Path("/tables/{table}/restore")
  @Consumes(MediaType.APPLICATION_JSON)
  public Response restore(
      @PathParam("table") @Size(max = 200) String table, @NotNull @Valid RestoreOrder order) {
    String who = operators.requireOperator();
    Dataset dataset = operators.requireDataset(table);
    boolean dry = Boolean.TRUE.equals(order.dryRun());
    State state = state(dataset, order.instant());
    if (state.current() && !dry) {
      throw LakegateException.conflict(
          "STATE_IS_PRESENT",
          dataset.name() + " is at instant " + state.instant() + " now.",
          "Name an earlier one.");
    }
    if (dataset.hasQuarantine()) {
      throw LakegateException.conflict(
          "HAS_QUARANTINE",
          dataset.name() + " keeps rows in quarantine, which cannot be brought back with it.",
          "Make a table of that state with './lakegate asof'.");
    }
    requireSameDefinition(dataset, state);
    String run =
        Control.ask(
                () ->
                    conductor.request(
                        dataset.name(),
                        Mode.RESTORE,
                        new Past(state.instant(), null, null, dry),
                        who))
            .orElseThrow(Operators::queueFull);
    Run queued = Control.ask(() -> store.find(run)).orElseThrow();
    return Response.accepted(queued).build();
  }

  /** Rows that were computed otherwise must not count as if they had been computed as now. */
  private void requireSameDefinition(Dataset dataset, State state) {
    Making making = making(dataset.name(), state.instant());
    if (!making.restorable()) {
      throw LakegateException.conflict(
          "STATE_OF_OTHER_DEFINITION",
          making.difference() == null
              ? "%s was under stricter rules at instant %s than it is now."
                  .formatted(dataset.name(), state.instant())
              : making.difference(),
          "Make a table of that state with './lakegate asof', or restore to another state.");
    }
  }

  private Making making(String dataset, String instant) {
    return Control.ask(() -> Making.of(operators.description(), store::made, dataset, instant));
  }

  /** Lets a restored table go on: what came after its state is applied again. */
  @POST
  @Path("/tables/{table}/release")
  public Released release(@PathParam("table") @Size(max = 200) String table) {
    operators.requireOperator();
    Dataset dataset = operators.requireDataset(table);
    if (!Control.ask(() -> conductor.release(dataset.name()))) {
      throw LakegateException.conflict(
          "NOT_HELD",
          dataset.name() + " was not restored, or was released already.",
          "/api/v1/datasets tells what it waits for.");
    }
    return new Released(dataset.name(), "released");
  }

  private static AsOfTable name(Dataset dataset, String instant) {
    int dot = dataset.name().indexOf('.');
    return new AsOfTable(
        dataset.name().substring(0, dot), dataset.name().substring(dot + 1), instant);
  }

  /** The table of a state that is named, not described by a moment. */
  private static Optional<AsOfTable> named(Dataset dataset, String instant) {
    return isName(instant) ? Optional.of(name(dataset, instant)) : Optional.empty();
  }

  private static boolean isName(String instant) {
    return instant.matches("\\d{14}|\\d{17}");
  }

  private State state(Dataset dataset, String instant) {
    if (isName(instant)) {
      return states
          .at(dataset.name(), instant)
          .orElseThrow(
              () -> notKept("No state '%s' of %s is kept.".formatted(instant, dataset.name())));
    }
    Instant moment;
    try {
      moment = OffsetDateTime.parse(instant).toInstant();
    } catch (DateTimeParseException e) {
      throw LakegateException.invalid(
              "FIELD_INVALID",
              "'" + instant + "' is neither a moment nor the name of a state.",
              "Write it like 2026-03-02T10:15:00Z or 20260302101532041.")
          .withDetail("field", "instant");
    }
    if (!moment.isBefore(Instant.now())) {
      throw LakegateException.invalid(
              "FIELD_INVALID",
              "The moment " + moment + " is not in the past.",
              "Name one that has passed: what a table then held is known.")
          .withDetail("field", "instant");
    }
    return states
        .readableAt(dataset.name(), moment)
        .orElseThrow(
            () ->
                notKept(
                    "No state of %s is kept that could be read at %s."
                        .formatted(dataset.name(), moment)));
  }

  private static LakegateException notKept(String message) {
    return LakegateException.conflict(
        "STATE_NOT_KEPT",
        message,
        "The gateway's /api/v1/catalog/{schema}/{table}/snapshots lists the states that are kept.");
  }
}
