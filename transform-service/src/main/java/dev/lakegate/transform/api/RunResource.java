package dev.lakegate.transform.api;

import dev.lakegate.kit.error.LakegateException;
import dev.lakegate.kit.identity.CurrentPrincipal;
import dev.lakegate.kit.paging.Page;
import dev.lakegate.model.job.RunRequest.Mode;
import dev.lakegate.transform.plan.Dataset;
import dev.lakegate.transform.run.Conductor;
import dev.lakegate.transform.run.Run;
import dev.lakegate.transform.run.RunId;
import dev.lakegate.transform.run.RunStatus;
import dev.lakegate.transform.run.RunStore;
import dev.lakegate.transform.runner.RunLogs;
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
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Runs: their record, asking for one, ending one. */
@Path("/api/v1/runs")
@Authenticated
@Blocking
@Produces(MediaType.APPLICATION_JSON)
public class RunResource {
  @Inject CurrentPrincipal principal;
  @Inject Conductor conductor;
  @Inject RunStore store;
  @Inject Operators operators;
  @Inject RunLogs logs;

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
    return (RunId.isValid(id) ? Control.ask(() -> store.find(id)) : Optional.<Run>empty())
        .orElseThrow(
            () ->
                LakegateException.notFound(
                    "RUN_UNKNOWN",
                    "There is no run '" + id + "'.",
                    "Look for it in /api/v1/runs; old runs are deleted after a time."));
  }

  /**
   * Lines of a run's log.
   *
   * @param run its id
   * @param lines oldest first
   * @param offset of the first of them, from 0
   * @param total how many there are; grows while the run is in progress
   * @param next offset from which to go on; null when these are the last ones for now
   * @param kept false when the log of this run is not kept, or it never started
   */
  public record Log(
      String run, List<String> lines, int offset, int total, Integer next, boolean kept) {}

  /** What the jobs said while they did a run: from an offset on, or the last lines. */
  @GET
  @Path("/{id}/log")
  public Log log(
      @PathParam("id") String id,
      @QueryParam("offset") @DefaultValue("0") @Min(0) int offset,
      @QueryParam("limit") @DefaultValue("500") @Min(1) @Max(2000) int limit,
      @QueryParam("tail") @Min(1) @Max(2000) Integer tail) {
    principal.requireOperatorOrService();
    Run run = find(id);
    Optional<List<String>> log;
    try {
      log = logs.lines(run.id());
    } catch (IOException e) {
      throw LakegateException.unavailable(
          "LOG_UNREADABLE",
          "The log of run " + id + " cannot be read.",
          "Look at the disk of the service's work directory.",
          Duration.ofSeconds(30));
    }
    List<String> lines = log.orElse(List.of());
    int from = tail == null ? Math.min(offset, lines.size()) : Math.max(0, lines.size() - tail);
    int to = Math.min(lines.size(), from + (tail == null ? limit : tail));
    return new Log(
        run.id(),
        lines.subList(from, to),
        from,
        lines.size(),
        to < lines.size() ? to : null,
        log.isPresent());
  }

  /** Asks for a run, which starts when its inputs are at rest and it is its turn. */
  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  public Response order(@NotNull @Valid Order order) {
    String who = operators.requireOperator();
    Dataset dataset = operators.requireDataset(order.dataset());
    Mode mode = order.mode() == null ? Mode.INCREMENTAL : order.mode();
    if (mode.isOfThePast()) {
      throw LakegateException.invalid(
              "FIELD_INVALID",
              "Runs about former states are asked for elsewhere.",
              "Use /api/v1/asof or /api/v1/tables/{table}/restore.")
          .withDetail("field", "mode");
    }
    if (conductor.isHeld(dataset.name())) {
      throw LakegateException.conflict(
          "DATASET_HELD",
          dataset.name() + " was restored to a former state and stays there.",
          "./lakegate release " + dataset.name() + " lets it go on.");
    }
    String id =
        Control.ask(() -> conductor.request(dataset.name(), mode, who))
            .orElseThrow(Operators::queueFull);
    return Response.accepted(find(id)).build();
  }

  /** Ends a run, whatever it is doing. */
  @POST
  @Path("/{id}/cancel")
  public Response cancel(@PathParam("id") String id) {
    String who = operators.requireOperator();
    Run run = find(id);
    if (!Control.ask(() -> conductor.cancel(id, who))) {
      throw LakegateException.conflict(
          "RUN_ENDED",
          "Run " + id + " is not in progress; its status is " + run.status().wireName() + ".",
          "Only queued and running runs can be cancelled.");
    }
    return Response.accepted(find(id)).build();
  }
}
