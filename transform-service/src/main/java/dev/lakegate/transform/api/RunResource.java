package dev.lakegate.transform.api;

import dev.lakegate.kit.description.DescriptionFollower;
import dev.lakegate.kit.error.LakegateException;
import dev.lakegate.kit.identity.CurrentPrincipal;
import dev.lakegate.kit.paging.Page;
import dev.lakegate.model.job.RunRequest.Mode;
import dev.lakegate.transform.lakehouse.Description;
import dev.lakegate.transform.plan.Dataset;
import dev.lakegate.transform.run.Conductor;
import dev.lakegate.transform.run.Run;
import dev.lakegate.transform.run.RunId;
import dev.lakegate.transform.run.RunStatus;
import dev.lakegate.transform.run.RunStore;
import io.quarkus.security.Authenticated;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Duration;

/** Runs: their record, asking for one, ending one. */
@Path("/api/v1/runs")
@Authenticated
@Blocking
@Produces(MediaType.APPLICATION_JSON)
public class RunResource {
  @Inject CurrentPrincipal principal;
  @Inject Conductor conductor;
  @Inject RunStore store;
  @Inject DescriptionFollower<Description> descriptions;

  /**
   * What somebody asks for.
   *
   * @param dataset to run
   * @param mode how much to read; incremental when absent
   */
  public record Order(@NotBlank @Size(max = 200) String dataset, Mode mode) {}

  /** Runs, newest first, without request and result. */
  @GET
  public Page<Run> list(
      @QueryParam("dataset") @Size(max = 200) String dataset,
      @QueryParam("status") @Size(max = 20) String status,
      @QueryParam("limit") @DefaultValue("50") @Min(1) @Max(500) int limit,
      @QueryParam("cursor") @Size(max = 40) String cursor) {
    principal.requireOperatorOrService();
    RunStatus wanted = status == null ? null : status(status);
    if (cursor != null && !RunId.isValid(cursor)) {
      throw LakegateException.badRequest(
          "CURSOR_INVALID",
          "'" + cursor + "' is no cursor of this list.",
          "Use the value of 'next' as the list gave it.");
    }
    return Page.of(
        Control.ask(() -> store.list(dataset, wanted, cursor, limit + 1)), limit, Run::id);
  }

  private static RunStatus status(String name) {
    return RunStatus.of(name)
        .orElseThrow(
            () ->
                LakegateException.badRequest(
                    "STATUS_UNKNOWN",
                    "There is no status '" + name + "'.",
                    "Use queued, running, succeeded, failed, cancelled or interrupted."));
  }

  /** A run with its request and result. */
  @GET
  @Path("/{id}")
  public Run get(@PathParam("id") String id) {
    principal.requireOperatorOrService();
    return find(id);
  }

  private Run find(String id) {
    return (RunId.isValid(id) ? Control.ask(() -> store.find(id)) : java.util.Optional.<Run>empty())
        .orElseThrow(
            () ->
                LakegateException.notFound(
                    "RUN_UNKNOWN",
                    "There is no run '" + id + "'.",
                    "Look for it in /api/v1/runs; old runs are deleted after a time."));
  }

  /** Asks for a run, which starts when its inputs are at rest and it is its turn. */
  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  public Response order(@NotNull @Valid Order order) {
    String who = requireOperator();
    requireLeading();
    Dataset dataset =
        descriptions
            .current()
            .flatMap(description -> description.dataset(order.dataset()))
            .orElseThrow(
                () ->
                    LakegateException.invalid(
                        "DATASET_UNKNOWN",
                        "The lakehouse description names no '" + order.dataset() + "'.",
                        "Write it like silver.order; /api/v1/datasets lists all."));
    Mode mode = order.mode() == null ? Mode.INCREMENTAL : order.mode();
    String id =
        Control.ask(() -> conductor.request(dataset.name(), mode, who))
            .orElseThrow(
                () ->
                    LakegateException.tooMany(
                        "QUEUE_FULL",
                        "Too many runs are queued already.",
                        "Wait until some have ended, or cancel some.",
                        Duration.ofSeconds(30)));
    return Response.accepted(find(id)).build();
  }

  /** Ends a run, whatever it is doing. */
  @POST
  @Path("/{id}/cancel")
  public Response cancel(@PathParam("id") String id) {
    String who = requireOperator();
    requireLeading();
    Run run = find(id);
    if (!Control.ask(() -> conductor.cancel(id, who))) {
      throw LakegateException.conflict(
          "RUN_ENDED",
          "Run " + id + " is not in progress; its status is " + run.status().wireName() + ".",
          "Only queued and running runs can be cancelled.");
    }
    return Response.accepted(find(id)).build();
  }

  private void requireLeading() {
    conductor
        .standby()
        .ifPresent(
            why -> {
              throw LakegateException.unavailable(
                  "STANDBY", why, "Ask the service that works.", Duration.ofSeconds(5));
            });
  }

  private String requireOperator() {
    String subject = principal.require().subject();
    if (!principal.isOperator()) {
      throw LakegateException.forbidden(
          "FORBIDDEN",
          "Only operators may do this, and '" + subject + "' is not among them.",
          "Log in as somebody who may, or ask an administrator for the persona.");
    }
    return subject;
  }
}
