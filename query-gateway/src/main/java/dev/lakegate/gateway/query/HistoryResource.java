package dev.lakegate.gateway.query;

import dev.lakegate.gateway.history.History;
import dev.lakegate.kit.error.LakegateException;
import dev.lakegate.kit.identity.CurrentPrincipal;
import dev.lakegate.kit.identity.ForPersonalTokens;
import dev.lakegate.kit.identity.TokenGrant;
import dev.lakegate.kit.paging.Cursor;
import io.quarkus.security.Authenticated;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.LinkedHashMap;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.Operation;

/** Queries that have ended, also those of former runs of this service. */
@Path("/api/v1/history")
@Authenticated
@ForPersonalTokens(TokenGrant.QUERY)
@Blocking
public class HistoryResource {
  private static final int PAGE = 100;
  private static final int MAX_PAGE = 1000;

  @Inject CurrentPrincipal caller;
  @Inject QueryService service;

  @GET
  @Produces(MediaType.APPLICATION_JSON)
  @Operation(summary = "Own queries that have ended, newest first; administrators see all")
  public Response list(@QueryParam("limit") Integer limit, @QueryParam("cursor") String cursor) {
    Asker asker = Asker.of(caller);
    int n = limit == null ? PAGE : limit;
    if (n < 1 || n > MAX_PAGE) {
      throw LakegateException.badRequest(
          "LIMIT_INVALID",
          "limit is not between 1 and " + MAX_PAGE + ".",
          "Leave it out, or send a number in that range.");
    }
    String[] parts = Cursor.decode(cursor, 1);
    History.Page page;
    try {
      page =
          service
              .history()
              .read(
                  caller.isAdministrator() ? null : LimitSets.line(asker.principal()),
                  asker.token(),
                  parts == null ? null : parts[0],
                  n);
    } catch (IllegalArgumentException e) {
      throw LakegateException.badRequest(
          "CURSOR_INVALID", "This is no cursor of this list.", "Pass 'next' as it was given.");
    }
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("items", page.entries());
    body.put("next", page.next() == null ? null : Cursor.encode(page.next()));
    return Response.ok(body).header("Cache-Control", "no-store").build();
  }
}
