package dev.lakegate.gateway.operations;

import dev.lakegate.kit.identity.CurrentPrincipal;
import dev.lakegate.kit.identity.ForPersonalTokens;
import dev.lakegate.kit.identity.TokenGrant;
import io.quarkus.security.Authenticated;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;

/** What operators look at. */
@Path("/api/v1/operations")
@Authenticated
@ForPersonalTokens(TokenGrant.OPERATIONS)
@Produces(MediaType.APPLICATION_JSON)
public class OperationsResource {
  @Inject CurrentPrincipal caller;
  @Inject OperationsProbe probe;

  @GET
  @Blocking
  @Operation(summary = "Every service's health, capture, and every table's freshness and why")
  public Operations operations() {
    caller.requireOperatorOrService();
    return probe.look();
  }
}
