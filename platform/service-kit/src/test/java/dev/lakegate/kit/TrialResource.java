package dev.lakegate.kit;

import dev.lakegate.kit.client.ServiceClients;
import dev.lakegate.kit.error.LakegateException;
import dev.lakegate.kit.identity.CurrentPrincipal;
import dev.lakegate.model.policy.Principal;
import io.quarkus.security.Authenticated;
import jakarta.annotation.security.RolesAllowed;
import jakarta.inject.Inject;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.NotBlank;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jboss.logging.MDC;

/** A resource as services write them, with every way to fail. */
@Path("/api/v1/trial")
public class TrialResource {
  @Inject CurrentPrincipal caller;
  @Inject ServiceClients clients;

  public record Order(@NotBlank String name, @Max(10) Integer count, List<Line> lines) {}

  public record Line(String product) {
    public Line {
      if ("forbidden".equals(product)) {
        throw new IllegalArgumentException("product is not sold");
      }
    }
  }

  @GET
  @Path("unannotated")
  public String unannotated() {
    return "nobody reads this";
  }

  @GET
  @Path("me")
  @Produces(MediaType.APPLICATION_JSON)
  @Authenticated
  public Principal me() {
    return caller.require();
  }

  @GET
  @Path("roles")
  @Authenticated
  public Map<String, Boolean> roles() {
    return Map.of(
        "service", caller.isService(),
        "operator", caller.isOperator(),
        "administrator", caller.isAdministrator());
  }

  @GET
  @Path("services-only")
  @Authenticated
  public String servicesOnly() {
    return caller.requireService().subject();
  }

  @GET
  @Path("nobody-has-this-role")
  @RolesAllowed("nobody")
  public String role() {
    return "nobody reads this";
  }

  @POST
  @Path("orders")
  @Authenticated
  public Order order(
      @Valid Order order, @QueryParam("limit") @DefaultValue("1") @Max(5) int limit) {
    return order;
  }

  @GET
  @Path("fail/{how}")
  @Authenticated
  public String fail(@PathParam("how") String how) {
    throw switch (how) {
      case "conflict" ->
          LakegateException.conflict("SLOT_IN_USE", "The slot is in use.", "Stop the other.")
              .withDetail("slot", "lakegate");
      case "unavailable" ->
          LakegateException.unavailable(
              "STARTING", "Not ready yet.", "Wait.", Duration.ofMillis(1500));
      default -> new IllegalStateException("a secret in a message");
    };
  }

  @GET
  @Path("logged")
  @Authenticated
  public Map<String, Object> logged() {
    return Map.copyOf(MDC.getMap());
  }

  @GET
  @Path("call")
  @Authenticated
  public Map<?, ?> call(@QueryParam("base") URI base, @QueryParam("path") String path) {
    return clients.client("other", base, Duration.ofMillis(800)).get(path, Map.class);
  }
}
