package dev.lakegate.ingest.api;

import dev.lakegate.ingest.capture.CaptureEngine;
import dev.lakegate.ingest.capture.CaptureState;
import dev.lakegate.kit.identity.CurrentPrincipal;
import io.quarkus.security.Authenticated;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;

/** Where capture stands. */
@Path("/api/v1/state")
@Authenticated
@Produces(MediaType.APPLICATION_JSON)
public class StateResource {
  @Inject CaptureEngine engine;
  @Inject CurrentPrincipal caller;

  /** For operators and services. */
  @GET
  public CaptureState state() {
    caller.requireOperatorOrService();
    return engine.state();
  }
}
