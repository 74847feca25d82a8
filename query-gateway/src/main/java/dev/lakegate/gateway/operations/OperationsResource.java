package dev.lakegate.gateway.operations;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.kit.client.ServiceCallException;
import dev.lakegate.kit.client.ServiceClients;
import dev.lakegate.kit.config.ServicesConfig;
import dev.lakegate.kit.error.LakegateException;
import dev.lakegate.kit.identity.CurrentPrincipal;
import dev.lakegate.kit.identity.ForPersonalTokens;
import dev.lakegate.kit.identity.TokenGrant;
import io.quarkus.security.Authenticated;
import io.smallrye.common.annotation.Blocking;
import io.smallrye.mutiny.Multi;
import jakarta.inject.Inject;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.Sse;
import java.net.URI;
import java.time.Duration;
import org.eclipse.microprofile.openapi.annotations.Operation;

/** What operators look at. */
@Path("/api/v1/operations")
@Authenticated
@ForPersonalTokens(TokenGrant.OPERATIONS)
@Produces(MediaType.APPLICATION_JSON)
public class OperationsResource {
  private static final String DATASET = "[a-z]{1,20}\\.[a-z][a-z0-9_]{0,180}";
  private static final Duration QUESTION = Duration.ofSeconds(5);

  /** As long as nobody's token is much older than when it was looked at. */
  private static final Duration LONGEST = Duration.ofMinutes(15);

  @Inject CurrentPrincipal caller;
  @Inject OperationsProbe probe;
  @Inject OperationsFeed feed;
  @Inject ServicesConfig config;
  @Inject ServiceClients clients;

  @GET
  @Blocking
  @Operation(summary = "Every service's health, capture, and every table's freshness and why")
  public Operations operations() {
    caller.requireOperatorOrService();
    return probe.look();
  }

  @GET
  @Path("/events")
  @Blocking
  @Produces(MediaType.SERVER_SENT_EVENTS)
  @Operation(
      summary = "What happens to runs and tables, as it happens",
      description =
          "Server-sent events of transform-service, without ids. `following` when all are told from"
              + " then on, `gone` while that service does not answer: then ask now and then.")
  public Multi<OutboundSseEvent> events(@Context Sse sse) {
    caller.requireOperatorOrService();
    return feed.listen()
        .select()
        .first(LONGEST)
        .map(
            told ->
                sse.newEventBuilder()
                    .name(told.name())
                    .mediaType(MediaType.TEXT_PLAIN_TYPE)
                    .data(String.class, told.data())
                    .build());
  }

  @GET
  @Path("/runs")
  @Blocking
  @Operation(summary = "The newest runs of a table, as transform-service remembers them")
  public JsonNode runs(
      @QueryParam("dataset") @NotNull @Pattern(regexp = DATASET) String dataset,
      @QueryParam("limit") @DefaultValue("5") @Min(1) @Max(100) int limit) {
    return ask("/api/v1/runs?dataset=" + dataset + "&limit=" + limit);
  }

  @GET
  @Path("/runs/{id}/log")
  @Blocking
  @Operation(summary = "The last lines of a run's log")
  public JsonNode log(
      @PathParam("id") @Pattern(regexp = "[A-Za-z0-9_-]{1,64}") String id,
      @QueryParam("tail") @DefaultValue("500") @Min(1) @Max(2000) int tail) {
    return ask("/api/v1/runs/" + id + "/log?tail=" + tail);
  }

  @GET
  @Path("/lineage")
  @Blocking
  @Operation(summary = "What a table and its columns are made of, and what is made of them")
  public JsonNode lineage(
      @QueryParam("dataset") @NotNull @Pattern(regexp = DATASET) String dataset) {
    return ask("/api/v1/lineage?direction=both&dataset=" + dataset);
  }

  private JsonNode ask(String path) {
    caller.requireOperatorOrService();
    URI base =
        config
            .transformUrl()
            .orElseThrow(
                () ->
                    LakegateException.unavailable(
                        "SERVICE_UNKNOWN",
                        "The address of transform-service is not configured.",
                        "Set lakegate.services.transform-url.",
                        Duration.ofSeconds(60)));
    try {
      return clients.client("transform-service", base, QUESTION).get(path, JsonNode.class);
    } catch (ServiceCallException e) {
      throw e.toRefusal();
    }
  }
}
