package dev.lakegate.ingest.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.ingest.capture.CaptureEngine;
import dev.lakegate.kit.identity.CurrentPrincipal;
import dev.lakegate.model.json.Json;
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
  @Inject WatchService watch;
  @Inject CurrentPrincipal caller;

  /** Capture's own state, what the slot retains, and the alarms. For operators and services. */
  @GET
  public ObjectNode state() {
    caller.requireOperatorOrService();
    ObjectNode state = Json.MAPPER.valueToTree(engine.state());
    state.set("retention", Json.MAPPER.valueToTree(watch.retention().orElse(null)));
    state.set("alarms", Json.MAPPER.valueToTree(watch.alarms()));
    return state;
  }
}
