package dev.lakegate.gateway.query;

import dev.lakegate.gateway.catalog.Lake;
import dev.lakegate.gateway.catalog.PrincipalCatalog;
import dev.lakegate.kit.error.LakegateException;
import dev.lakegate.kit.identity.CurrentPrincipal;
import dev.lakegate.kit.identity.ForPersonalTokens;
import dev.lakegate.kit.identity.TokenGrant;
import dev.lakegate.kit.paging.Page;
import dev.lakegate.model.description.SavedQuery;
import dev.lakegate.model.policy.Principal;
import io.quarkus.security.Authenticated;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;

/** Saved queries whose tables the caller may read: what they ask for, and their answers. */
@Path("/api/v1/saved-queries")
@Authenticated
@ForPersonalTokens(TokenGrant.QUERY)
@Blocking
@Produces(MediaType.APPLICATION_JSON)
public class SavedQueryResource {
  @Inject CurrentPrincipal caller;
  @Inject QueryService service;
  @Inject QueryResource queries;

  /** A saved query that the caller may run. */
  public record Saved(String name, String description, String sql) {}

  /**
   * A saved query with the values that it asks for.
   *
   * @param parameters types of its question marks, in order; {@code unknown} where any will do
   */
  public record Described(String name, String description, String sql, List<String> parameters) {}

  /**
   * How to run it.
   *
   * @param parameters values for its question marks, in their order; null for none
   * @param maxRows most rows wanted; null for all
   * @param waitMillis how long to wait for the end; null for 2000
   */
  public record Run(List<JsonParameters.Parameter> parameters, Long maxRows, Long waitMillis) {}

  @GET
  @Operation(
      operationId = "listSavedQueries",
      summary = "Saved queries whose tables the caller may read")
  public Page<Saved> list() {
    PrincipalCatalog catalog = catalog();
    List<Saved> items = new ArrayList<>();
    for (SavedQuery q : service.lake().description().queries()) {
      if (readable(catalog, q)) {
        items.add(new Saved(q.name(), q.description(), q.sql()));
      }
    }
    return new Page<>(items, null);
  }

  @GET
  @Path("{name}")
  @Operation(operationId = "getSavedQuery", summary = "One of them, with its parameters' types")
  public Described get(@PathParam("name") String name) {
    SavedQuery q = require(name);
    return new Described(
        q.name(), q.description(), q.sql(), service.parameters(caller.require(), q.sql()));
  }

  @POST
  @Path("{name}")
  @Consumes(MediaType.APPLICATION_JSON)
  @Produces({MediaType.APPLICATION_JSON, "application/x-ndjson", "text/csv"})
  @Operation(
      operationId = "runSavedQuery",
      summary = "Run one of them with values for its parameters; answers are those of a query")
  @APIResponse(
      responseCode = "200",
      content = @Content(schema = @Schema(implementation = ApiTypes.State.class)))
  public Response run(
      @PathParam("name") String name,
      Run run,
      @HeaderParam("Accept") String accept,
      @HeaderParam("X-Lakegate-Workgroup") String workgroup) {
    SavedQuery q = require(name);
    Run asked = run == null ? new Run(null, null, null) : run;
    return queries.submit(
        new QueryResource.Submission(
            q.sql(), asked.maxRows(), asked.waitMillis(), asked.parameters()),
        accept,
        workgroup,
        null);
  }

  private SavedQuery require(String name) {
    PrincipalCatalog catalog = catalog();
    return service.lake().description().queries().stream()
        .filter(q -> q.name().equals(name) && readable(catalog, q))
        .findFirst()
        .orElseThrow(
            () ->
                LakegateException.notFound(
                    "SAVED_QUERY_NOT_FOUND",
                    "There is no such saved query, or you may not read all of its tables.",
                    "GET /api/v1/saved-queries lists those that you can run."));
  }

  private boolean readable(PrincipalCatalog catalog, SavedQuery q) {
    Lake lake = service.lake();
    return q.inputs().stream()
        .allMatch(
            input -> {
              String[] parts = input.split("\\.", 2);
              return parts.length == 2
                  && lake.resolve(parts[0], parts[1])
                      .map(d -> catalog.resolved(d).decision().allowed())
                      .orElse(false);
            });
  }

  private PrincipalCatalog catalog() {
    Principal principal = caller.require();
    return new PrincipalCatalog(service.lake(), service.requirePolicy(), principal);
  }
}
