package dev.lakegate.ingest.api;

import dev.lakegate.ingest.capture.CaptureEngine;
import dev.lakegate.ingest.source.SourceProblemException;
import dev.lakegate.kit.error.LakegateException;
import dev.lakegate.kit.identity.CurrentPrincipal;
import io.quarkus.security.Authenticated;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;

/** The tie to the source. */
@Path("/api/v1/source")
@Authenticated
@Produces(MediaType.APPLICATION_JSON)
public class SourceResource {
  @Inject CaptureEngine engine;
  @Inject CurrentPrincipal caller;
  @Inject OperatorAudit audit;

  /**
   * Ends capture and removes slot and publication at the source. For administrators and services.
   */
  @POST
  @Path("/forget")
  @Blocking
  public CaptureEngine.Forgotten forget() throws InterruptedException {
    return audit.keep("forget", "source", Map.of(), this::forgotten);
  }

  private CaptureEngine.Forgotten forgotten() throws InterruptedException {
    caller.requireAdministratorOrService();
    try {
      return engine.forget();
    } catch (SourceProblemException e) {
      throw LakegateException.conflict("SLOT_IN_USE", e.problem() + ".", e.remedy());
    } catch (SQLException e) {
      throw LakegateException.unavailable(
              "SOURCE_UNAVAILABLE",
              "Capture has ended, but the source did not let go of slot and publication.",
              "Try again when the source answers, or drop them there.",
              Duration.ofSeconds(10))
          .withCause(e);
    }
  }
}
