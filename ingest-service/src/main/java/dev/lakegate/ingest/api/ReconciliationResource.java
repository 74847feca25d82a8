package dev.lakegate.ingest.api;

import dev.lakegate.ingest.reconcile.Reconciliation;
import dev.lakegate.kit.error.LakegateException;
import dev.lakegate.kit.identity.CurrentPrincipal;
import dev.lakegate.model.description.SourceTable;
import io.quarkus.security.Authenticated;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Comparing the source with Silver. For operators and services. */
@Path("/api/v1/reconciliations")
@Authenticated
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
public class ReconciliationResource {
  @Inject ReconcileService service;
  @Inject ConfiguredSource source;
  @Inject CurrentPrincipal caller;
  @Inject OperatorAudit audit;

  /**
   * What to compare.
   *
   * @param tables names of source tables; null or empty: all that are described
   */
  public record Request(List<String> tables) {}

  /** Begins a comparison: 202 with its state. */
  @POST
  @Blocking
  public Response start(Request request) throws InterruptedException {
    List<String> named = request == null || request.tables() == null ? List.of() : request.tables();
    String tables = String.join(",", named);
    return audit.keep(
        "reconcile", tables.isEmpty() ? "all tables" : tables, Map.of(), () -> started(request));
  }

  private Response started(Request request) {
    caller.requireOperatorOrService();
    List<SourceTable> described = source.tables();
    List<SourceTable> chosen = described;
    if (request != null && request.tables() != null && !request.tables().isEmpty()) {
      chosen = new ArrayList<>();
      for (String name : request.tables()) {
        chosen.add(
            described.stream()
                .filter(t -> t.sourceTable().equals(name))
                .findFirst()
                .orElseThrow(
                    () ->
                        LakegateException.notFound(
                            "TABLE_NOT_FOUND",
                            "No source table " + name + " is described.",
                            "Name one of "
                                + described.stream().map(SourceTable::sourceTable).toList()
                                + ".")));
      }
    }
    Reconciliation started =
        service
            .reconciliations()
            .start(chosen.stream().distinct().toList())
            .orElseThrow(
                () ->
                    LakegateException.tooMany(
                        "TOO_MANY_RECONCILIATIONS",
                        "Four comparisons are waiting already.",
                        "Wait for one to end, or cancel it.",
                        Duration.ofSeconds(30)));
    return Response.accepted(started)
        .location(URI.create("/api/v1/reconciliations/" + started.id()))
        .build();
  }

  /** The last comparisons, newest first. */
  @GET
  public Map<String, Object> list() {
    caller.requireOperatorOrService();
    Map<String, Object> list = new LinkedHashMap<>();
    list.put("items", service.reconciliations().list());
    list.put("next", null);
    return list;
  }

  /** One comparison. */
  @GET
  @Path("/{id}")
  public Reconciliation get(@PathParam("id") String id) {
    caller.requireOperatorOrService();
    return service.reconciliations().find(id).orElseThrow(() -> unknown(id));
  }

  /** Ends one; 204, also when it has ended. */
  @DELETE
  @Path("/{id}")
  @Blocking
  public void cancel(@PathParam("id") String id) throws InterruptedException {
    audit.keep(
        "cancel-reconcile",
        id,
        Map.of(),
        () -> {
          cancelled(id);
          return null;
        });
  }

  private void cancelled(String id) {
    caller.requireOperatorOrService();
    if (!service.reconciliations().cancel(id)) {
      throw unknown(id);
    }
  }

  private static LakegateException unknown(String id) {
    return LakegateException.notFound(
        "NOT_FOUND",
        "There is no comparison " + id + ".",
        "The last twenty are remembered until the service ends; start another.");
  }
}
