package dev.lakegate.governance.audit;

import dev.lakegate.kit.error.LakegateException;
import dev.lakegate.kit.identity.CurrentPrincipal;
import dev.lakegate.kit.paging.Page;
import dev.lakegate.model.audit.AuditEvent;
import dev.lakegate.model.policy.Principal;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.security.Authenticated;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Audit events over REST. */
@Path("/api/v1/audit-events")
@Authenticated
@Blocking
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "audit", description = "Who did what, and what was refused.")
public class AuditResource {
  // What PostgreSQL and people can both read; a clock that is this wrong is a mistake.
  private static final Instant EARLIEST = Instant.parse("2000-01-01T00:00:00Z");
  private static final Instant LATEST = Instant.parse("9999-01-01T00:00:00Z");

  @Inject AuditStore store;
  @Inject AuditTrail trail;
  @Inject CurrentPrincipal caller;
  @Inject MeterRegistry metrics;

  /**
   * Events to keep.
   *
   * @param events at most 1,000
   */
  public record Batch(@NotNull @Size(max = 1_000) List<@NotNull AuditEvent> events) {}

  /**
   * What became of a batch.
   *
   * @param accepted events that were new
   * @param duplicates events whose id was known already
   */
  public record Receipt(int accepted, int duplicates) {}

  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(
      summary = "Keep audit events",
      description =
          "For services of the platform. All events of a batch are durable when it is answered, or"
              + " none is. An event whose id is known is left as it is, so a batch may be repeated.")
  @APIResponse(responseCode = "200", description = "The events are durable.")
  @APIResponse(responseCode = "400", description = "An event is not valid; none was kept.")
  @APIResponse(responseCode = "403", description = "The caller is not a service.")
  public Receipt add(@NotNull @Valid Batch batch) {
    Principal service = trail.allow(caller::requireService, "audit", "report", "audit events");
    for (int i = 0; i < batch.events().size(); i++) {
      check(i, batch.events().get(i));
    }
    int accepted = store.add(batch.events(), service.subject());
    metrics.counter("lakegate.audit.events").increment(accepted);
    return new Receipt(accepted, batch.events().size() - accepted);
  }

  @GET
  @Operation(
      summary = "Find audit events, newest first",
      description = "For administrators. Pass 'next' of a page as 'cursor' of the following one.")
  @APIResponse(responseCode = "200", description = "One page.")
  @APIResponse(responseCode = "403", description = "The caller does not administer.")
  public Page<AuditEvent> find(
      @QueryParam("subject") @Size(max = 512) String subject,
      @QueryParam("type") @Size(max = 64) String type,
      @QueryParam("action") @Size(max = 64) String action,
      @Parameter(description = "Earliest time, ISO-8601 UTC, inclusive.") @QueryParam("from")
          String from,
      @Parameter(description = "Latest time, ISO-8601 UTC, exclusive.") @QueryParam("to") String to,
      @QueryParam("limit") @DefaultValue("100") @Min(1) @Max(1_000) int limit,
      @QueryParam("cursor") @Size(max = 200) String cursor) {
    trail.allow(caller::requireAdministrator, "audit", "read", "audit events");
    return store.find(
        new AuditStore.Filter(
            subject == null ? null : AuditStore.storable(subject),
            type == null ? null : AuditStore.storable(type),
            action == null ? null : AuditStore.storable(action),
            time("from", from),
            time("to", to)),
        limit,
        cursor);
  }

  private static void check(int index, AuditEvent event) {
    if (event.version() != AuditEvent.VERSION) {
      throw invalid(index, "version", "is not " + AuditEvent.VERSION);
    }
    if (event.at().isBefore(EARLIEST) || !event.at().isBefore(LATEST)) {
      throw invalid(index, "at", "is not between 2000 and 9999");
    }
  }

  private static LakegateException invalid(int index, String field, String why) {
    String path = "events[" + index + "]." + field;
    return LakegateException.badRequest(
            "FIELD_INVALID", "'" + path + "' " + why + ".", "Correct the event; none was kept.")
        .withDetail("field", path);
  }

  private static Instant time(String name, String text) {
    if (text == null) {
      return null;
    }
    try {
      Instant time = Instant.parse(text);
      if (!time.isBefore(EARLIEST) && time.isBefore(LATEST)) {
        return time;
      }
    } catch (DateTimeParseException e) {
      // Answered below, like a time out of range.
    }
    throw LakegateException.badRequest(
            "FIELD_INVALID",
            "'" + name + "' is not a time between 2000 and 9999.",
            "Write it like 2026-01-31T12:00:00Z.")
        .withDetail("field", name);
  }
}
