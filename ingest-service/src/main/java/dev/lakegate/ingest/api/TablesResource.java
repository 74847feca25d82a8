package dev.lakegate.ingest.api;

import dev.lakegate.ingest.capture.CaptureEngine;
import dev.lakegate.ingest.capture.CaptureEngine.Outcome;
import dev.lakegate.ingest.capture.TableStatus;
import dev.lakegate.kit.error.LakegateException;
import dev.lakegate.kit.identity.CurrentPrincipal;
import dev.lakegate.kit.paging.Page;
import dev.lakegate.model.bronze.SchemaApproval;
import dev.lakegate.model.bronze.SchemaVersion;
import dev.lakegate.model.bronze.SchemaVersion.Effect;
import dev.lakegate.model.bronze.SchemaVersion.SourceColumn;
import io.quarkus.security.Authenticated;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jboss.logging.Logger;

/** Tables: where each stands, its schema versions, approving one, copying one anew. */
@Path("/api/v1/tables")
@Authenticated
@Blocking
@Produces(MediaType.APPLICATION_JSON)
public class TablesResource {
  private static final Logger LOG = Logger.getLogger(TablesResource.class);

  @Inject CaptureEngine engine;
  @Inject CurrentPrincipal caller;
  @Inject OperatorAudit audit;

  /**
   * What is approved.
   *
   * @param schemaVersion and with it all earlier ones
   */
  public record Approve(@NotNull @Min(1) Integer schemaVersion) {}

  /**
   * Why a table is copied anew.
   *
   * @param reason a sentence; may be absent
   */
  public record Resync(@Size(max = 500) @Pattern(regexp = "\\P{Cntrl}*") String reason) {}

  /**
   * A schema version.
   *
   * @param effect null where it was recorded before effects were
   * @param explanation what differs from the version before; null when there is nothing to tell
   * @param approvedBy who approved it or a later one first; null when nobody did
   */
  public record Version(
      int schemaVersion,
      Effect effect,
      String explanation,
      List<String> key,
      List<SourceColumn> columns,
      String storage,
      String approvedBy,
      Instant approvedAt) {}

  /**
   * What became of a resync.
   *
   * @param status {@code begun}: it is durable that the copy begins; {@code queued}: capture does
   *     it as soon as it can
   */
  public record ResyncAnswer(String table, String status, TableStatus state) {}

  /** For operators and services. */
  @GET
  public Page<TableStatus> list() {
    caller.requireOperatorOrService();
    return new Page<>(engine.tables(), null);
  }

  /** For operators and services. */
  @GET
  @Path("/{table}")
  public TableStatus get(@PathParam("table") String table) {
    caller.requireOperatorOrService();
    return find(table);
  }

  /** The ledger of schema versions, oldest first. For operators and services. */
  @GET
  @Path("/{table}/schema-versions")
  public Page<Version> schemaVersions(@PathParam("table") String table) {
    caller.requireOperatorOrService();
    find(table);
    List<SchemaApproval> approvals = engine.approvals(table);
    List<Version> versions = new ArrayList<>();
    for (SchemaVersion v : engine.schemaVersions(table)) {
      SchemaApproval approval =
          v.effect() != Effect.DESTRUCTIVE
              ? null
              : approvals.stream()
                  .filter(a -> a.schemaVersion() >= v.schemaVersion())
                  .findFirst()
                  .orElse(null);
      versions.add(
          new Version(
              v.schemaVersion(),
              v.effect(),
              v.explanation(),
              v.key(),
              v.columns(),
              v.storage(),
              approval == null ? null : approval.approvedBy(),
              approval == null ? null : approval.approvedAt()));
    }
    return new Page<>(versions, null);
  }

  /** Lets Silver go on with a schema version that takes something away. For operators, services. */
  @POST
  @Path("/{table}/approve")
  @Consumes(MediaType.APPLICATION_JSON)
  public TableStatus approve(@PathParam("table") String table, @NotNull @Valid Approve order)
      throws InterruptedException {
    return audit.keep(
        "approve",
        table,
        Map.of("schemaVersion", order.schemaVersion().toString()),
        () -> approved(table, order));
  }

  private TableStatus approved(String table, Approve order) throws InterruptedException {
    String subject = caller.requireOperatorOrService().subject();
    find(table);
    Outcome outcome;
    try {
      outcome = engine.approve(table, order.schemaVersion(), subject);
    } catch (IllegalArgumentException e) {
      throw LakegateException.notFound(
          "SCHEMA_VERSION_UNKNOWN",
          "Table " + table + " has no schema version " + order.schemaVersion() + ".",
          "Look at /api/v1/tables/" + table + "/schema-versions.");
    }
    switch (outcome) {
      case REFUSED ->
          throw LakegateException.conflict(
              "NOTHING_TO_APPROVE",
              "Schema version "
                  + order.schemaVersion()
                  + " of table "
                  + table
                  + " needs no approval: nothing waits for it.",
              "Nothing is to be done.");
      case DONE ->
          LOG.infof("%s approved schema version %d of %s", subject, order.schemaVersion(), table);
      default ->
          throw LakegateException.unavailable(
              "CAPTURE_UNAVAILABLE",
              "The approval could not be written: " + engine.state().source().message(),
              "Try again when capture works.",
              Duration.ofSeconds(10));
    }
    return find(table);
  }

  /** Copies a table anew. For operators and services. */
  @POST
  @Path("/{table}/resync")
  @Consumes(MediaType.APPLICATION_JSON)
  public Response resync(@PathParam("table") String table, @Valid Resync order)
      throws InterruptedException {
    String given = order == null || order.reason() == null ? "" : order.reason().strip();
    return audit.keep("resync", table, Map.of("givenReason", given), () -> resynced(table, given));
  }

  private Response resynced(String table, String given) throws InterruptedException {
    String subject = caller.requireOperatorOrService().subject();
    TableStatus before = find(table);
    String reason = subject + " asked for a new copy" + (given.isEmpty() ? "." : ": " + given);
    Outcome outcome = engine.resync(table, reason);
    if (outcome == Outcome.REFUSED) {
      throw LakegateException.conflict(
              "TABLE_HELD",
              "Table " + table + " cannot be copied now: " + before.reason(),
              before.nextAction() == null ? "Mend that first." : before.nextAction())
          .withDetail("state", before.state());
    }
    if (outcome == Outcome.DROPPED) {
      throw LakegateException.unavailable(
          "CAPTURE_UNAVAILABLE",
          "The request could not be remembered: the storage root cannot be written.",
          "See that there is space at the storage root, then try again.",
          Duration.ofSeconds(10));
    }
    LOG.infof("%s asked for a new copy of %s", subject, table);
    TableStatus state = find(table);
    return outcome == Outcome.DONE
        ? Response.ok(new ResyncAnswer(table, "begun", state)).build()
        : Response.accepted(new ResyncAnswer(table, "queued", state)).build();
  }

  private TableStatus find(String table) {
    return engine.tables().stream()
        .filter(t -> t.table().equals(table))
        .findFirst()
        .orElseThrow(
            () ->
                LakegateException.notFound(
                    "TABLE_UNKNOWN",
                    "The lakehouse description names no source table '" + table + "'.",
                    "Use a name of /api/v1/tables, such as core_order."));
  }
}
