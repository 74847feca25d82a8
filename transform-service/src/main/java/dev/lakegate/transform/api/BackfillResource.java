package dev.lakegate.transform.api;

import dev.lakegate.kit.description.DescriptionFollower;
import dev.lakegate.kit.error.LakegateException;
import dev.lakegate.kit.identity.CurrentPrincipal;
import dev.lakegate.kit.paging.Page;
import dev.lakegate.transform.lakehouse.Description;
import dev.lakegate.transform.plan.Dataset;
import dev.lakegate.transform.run.Backfill;
import dev.lakegate.transform.run.BackfillStore;
import dev.lakegate.transform.run.Backfills;
import dev.lakegate.transform.run.Conductor;
import dev.lakegate.transform.service.BackfillConfig;
import io.quarkus.security.Authenticated;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;

/** Ranges that are computed again because somebody asks for it. */
@Path("/api/v1")
@Authenticated
@Blocking
@Produces(MediaType.APPLICATION_JSON)
public class BackfillResource {
  @Inject CurrentPrincipal principal;
  @Inject Operators operators;
  @Inject Conductor conductor;
  @Inject BackfillStore store;
  @Inject BackfillConfig config;
  @Inject DescriptionFollower<Description> descriptions;

  /**
   * What is wanted anew.
   *
   * @param from first day, or moment, of the range
   * @param to last day of the range, or the moment at which it ends; until now when absent
   * @param dryRun whether to say only what it would take
   * @param cascade whether what reads the dataset is computed anew, too; true when absent
   * @param confirm whether it may be as large as it is
   */
  public record Order(
      @NotBlank @Size(max = 40) String from,
      @Size(max = 40) String to,
      Boolean dryRun,
      Boolean cascade,
      Boolean confirm) {}

  /** Computes a range of a dataset anew, or says what that would take. */
  @POST
  @Path("/datasets/{name}/backfill")
  @Consumes(MediaType.APPLICATION_JSON)
  public Response backfill(
      @PathParam("name") @Size(max = 200) String name, @NotNull @Valid Order order) {
    String who = operators.requireOperator();
    Dataset dataset = operators.requireDataset(name);
    Instant now = Instant.now();
    Instant from = moment("from", order.from(), false);
    Instant to = order.to() == null ? now : moment("to", order.to(), true);
    if (!from.isBefore(to) || !from.isBefore(now)) {
      throw LakegateException.invalid(
              "FIELD_INVALID",
              "The range from %s to %s holds nothing that has happened.".formatted(from, to),
              "Name a beginning that has passed and an end behind it.")
          .withDetail("field", "from");
    }
    Backfill considered =
        Backfills.consider(
            descriptions.current().orElseThrow().datasets(),
            dataset,
            from,
            to,
            !Boolean.FALSE.equals(order.cascade()),
            who,
            one -> Control.ask(() -> conductor.rowsOfAFullRun(one)));
    if (Boolean.TRUE.equals(order.dryRun())) {
      return Response.ok(considered).build();
    }
    for (Backfill.Step step : considered.steps()) {
      if (conductor.isHeld(step.dataset())) {
        throw LakegateException.conflict(
            "DATASET_HELD",
            step.dataset() + " was restored to a former state and stays there.",
            "./lakegate release " + step.dataset() + " lets it go on.");
      }
    }
    if (considered.rowsRead() > config.mostRows() && !Boolean.TRUE.equals(order.confirm())) {
      throw LakegateException.conflict(
              "BACKFILL_TOO_LARGE",
              "It reads about %,d rows; more than %,d have to be confirmed."
                  .formatted(considered.rowsRead(), config.mostRows()),
              "Look at it with dryRun, then send confirm: true.")
          .withDetail("rowsRead", considered.rowsRead());
    }
    Backfill asked =
        Control.ask(() -> conductor.backfill(considered)).orElseThrow(Operators::queueFull);
    return Response.accepted(asked).build();
  }

  /** Backfills, newest first. */
  @GET
  @Path("/backfills")
  public Page<Backfill> list() {
    principal.requireOperatorOrService();
    return new Page<>(Control.ask(store::list), null);
  }

  /** One backfill with its progress. */
  @GET
  @Path("/backfills/{id}")
  public Backfill get(@PathParam("id") @Size(max = 40) String id) {
    principal.requireOperatorOrService();
    return find(id);
  }

  /** Ends the runs of a backfill that have not ended; what they have done stays. */
  @POST
  @Path("/backfills/{id}/cancel")
  public Response cancel(@PathParam("id") @Size(max = 40) String id) {
    String who = operators.requireOperator();
    Backfill backfill = find(id);
    // The last ones first: none of them begins when the one before it ends.
    for (int i = backfill.steps().size() - 1; i >= 0; i--) {
      String run = backfill.steps().get(i).run();
      Control.ask(() -> conductor.cancel(run, who));
    }
    return Response.accepted(find(id)).build();
  }

  private Backfill find(String id) {
    return Control.ask(() -> store.find(id))
        .orElseThrow(
            () ->
                LakegateException.notFound(
                    "BACKFILL_UNKNOWN",
                    "There is no backfill '" + id + "'.",
                    "/api/v1/backfills lists them; old ones are deleted after a time."));
  }

  /** A day is its whole; the end of a range that is a day is the end of that day. */
  private static Instant moment(String field, String text, boolean end) {
    try {
      return text.length() == 10
          ? LocalDate.parse(text).plusDays(end ? 1 : 0).atStartOfDay(ZoneOffset.UTC).toInstant()
          : OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeParseException e) {
      throw LakegateException.invalid(
              "FIELD_INVALID",
              "'" + text + "' is neither a day nor a moment.",
              "Write it like 2026-03-02 or 2026-03-02T10:15:00Z.")
          .withDetail("field", field);
    }
  }
}
