package dev.lakegate.ingest.api;

import dev.lakegate.ingest.capture.CaptureEngine;
import dev.lakegate.ingest.capture.CaptureEngine.Outcome;
import dev.lakegate.ingest.quarantine.QuarantinedRow;
import dev.lakegate.kit.error.LakegateException;
import dev.lakegate.kit.identity.CurrentPrincipal;
import dev.lakegate.kit.paging.Page;
import io.quarkus.security.Authenticated;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;

/** Rows that are kept aside, and taking them over once they are mended. */
@Path("/api/v1/quarantine")
@Authenticated
@Blocking
@Produces(MediaType.APPLICATION_JSON)
public class QuarantineResource {
  private static final int MOST = 1000;

  @Inject CaptureEngine engine;
  @Inject CurrentPrincipal caller;
  @Inject OperatorAudit audit;

  /** Whose rows are taken over. */
  public record Replay(@NotNull String table) {}

  /**
   * What became of it.
   *
   * @param status {@code begun}, {@code queued}, or {@code nothing} when no row is kept aside
   * @param rows that were kept aside
   */
  public record ReplayAnswer(String table, String status, long rows) {}

  /** The oldest rows, at most a thousand. For operators and services. */
  @GET
  public Page<QuarantinedRow> list(@QueryParam("table") String table) throws IOException {
    caller.requireOperatorOrService();
    if (table != null) {
      known(table);
    }
    return new Page<>(engine.quarantine().list(table, MOST), null);
  }

  /** Copies the table anew, which looks at every row again. For operators and services. */
  @POST
  @Path("/replay")
  @Consumes(MediaType.APPLICATION_JSON)
  public Response replay(@NotNull @Valid Replay replay) throws InterruptedException {
    return audit.keep("replay", replay.table(), Map.of(), () -> replayed(replay.table()));
  }

  private Response replayed(String table) throws InterruptedException {
    caller.requireOperatorOrService();
    known(table);
    Map<String, Long> counts = engine.quarantine().counts();
    long rows = counts.getOrDefault(table, 0L);
    if (rows == 0) {
      return Response.ok(new ReplayAnswer(table, "nothing", 0)).build();
    }
    Outcome outcome =
        engine.resync(table, "Its " + rows + " rows in quarantine are looked at again.");
    return switch (outcome) {
      case DONE -> Response.ok(new ReplayAnswer(table, "begun", rows)).build();
      case QUEUED -> Response.accepted(new ReplayAnswer(table, "queued", rows)).build();
      case DROPPED ->
          throw LakegateException.unavailable(
              "CAPTURE_UNAVAILABLE",
              "The request could not be remembered: the storage root cannot be written.",
              "See that there is space at the storage root, then try again.",
              Duration.ofSeconds(10));
      case REFUSED ->
          throw LakegateException.conflict(
              "TABLE_HELD",
              "Table " + table + " is held, and a copy would not mend that.",
              "./lakegate tables says what would.");
    };
  }

  private void known(String table) {
    if (engine.tables().stream().noneMatch(t -> t.table().equals(table))) {
      throw LakegateException.notFound(
          "TABLE_UNKNOWN", "No table " + table + " is captured.", "See GET /api/v1/tables.");
    }
  }
}
