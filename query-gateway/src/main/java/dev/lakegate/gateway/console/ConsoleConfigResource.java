package dev.lakegate.gateway.console;

import io.smallrye.common.annotation.Blocking;
import jakarta.annotation.security.PermitAll;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.net.URI;
import org.eclipse.microprofile.openapi.annotations.Operation;

/** What the console must know before anybody is logged in. */
@Path("/console-config.json")
public class ConsoleConfigResource {
  @Inject IssuerDiscovery discovery;
  @Inject ConsoleSettings settings;

  /**
   * @param endSessionEndpoint null when the issuer keeps no session to end
   * @param catalog the one catalog that SQL names
   */
  public record ConsoleConfig(
      URI issuer,
      String clientId,
      String scope,
      URI authorizationEndpoint,
      URI tokenEndpoint,
      URI endSessionEndpoint,
      String catalog) {}

  @GET
  @PermitAll
  @Blocking
  @Produces(MediaType.APPLICATION_JSON)
  @Operation(summary = "Where and as which client the console logs in")
  public ConsoleConfig config() {
    Endpoints endpoints = discovery.endpoints();
    return new ConsoleConfig(
        discovery.issuer(),
        settings.clientId(),
        settings.scope(),
        endpoints.authorization(),
        endpoints.token(),
        endpoints.endSession(),
        "lakehouse");
  }
}
