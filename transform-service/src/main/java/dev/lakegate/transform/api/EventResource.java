package dev.lakegate.transform.api;

import dev.lakegate.kit.error.LakegateException;
import dev.lakegate.kit.identity.CurrentPrincipal;
import dev.lakegate.model.json.Json;
import dev.lakegate.transform.run.Events;
import dev.lakegate.transform.run.Events.Event;
import dev.lakegate.transform.service.EventsConfig;
import io.quarkus.security.Authenticated;
import io.smallrye.common.annotation.Blocking;
import io.smallrye.mutiny.Multi;
import jakarta.inject.Inject;
import jakarta.validation.constraints.Size;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.Sse;
import java.time.Duration;

/** What happens to runs and datasets, as it happens. */
@Path("/api/v1/events")
@Authenticated
@Blocking
public class EventResource {
  private static final String HEARTBEAT = "heartbeat";

  @Inject CurrentPrincipal principal;
  @Inject Events events;
  @Inject EventsConfig config;

  /**
   * Server-sent events {@code run-started}, {@code run-progress}, {@code run-ended}, {@code
   * dataset-state}; {@code heartbeat} when nothing happens, {@code reset} when events are lost to
   * who comes back. Who reads too slowly is disconnected.
   */
  @GET
  @Produces(MediaType.SERVER_SENT_EVENTS)
  public Multi<OutboundSseEvent> events(
      @HeaderParam("Last-Event-ID") @Size(max = 60) String after, @Context Sse sse) {
    principal.requireOperatorOrService();
    Multi<Event> heard =
        Multi.createFrom()
            .emitter(
                emitter ->
                    events
                        .listen(after == null || after.isBlank() ? null : after, emitter::emit)
                        .ifPresentOrElse(emitter::onTermination, () -> emitter.fail(tooMany())),
                config.waiting());
    Multi<Event> beats =
        Multi.createFrom()
            .ticks()
            .every(config.heartbeat())
            .onOverflow()
            .drop()
            .map(n -> new Event(null, HEARTBEAT, Json.MAPPER.createObjectNode()));
    return Multi.createBy()
        .merging()
        .streams(heard, beats)
        .select()
        .first(config.longest())
        .map(event -> outbound(sse, event));
  }

  private static OutboundSseEvent outbound(Sse sse, Event event) {
    OutboundSseEvent.Builder builder =
        sse.newEventBuilder()
            .name(event.name())
            .mediaType(MediaType.TEXT_PLAIN_TYPE)
            .data(String.class, Json.write(event.data()));
    return event.id() == null ? builder.build() : builder.id(event.id()).build();
  }

  private static LakegateException tooMany() {
    return LakegateException.tooMany(
        "TOO_MANY_LISTENERS",
        "Too many listen to events already.",
        "Ask /api/v1/datasets now and then instead.",
        Duration.ofSeconds(30));
  }
}
