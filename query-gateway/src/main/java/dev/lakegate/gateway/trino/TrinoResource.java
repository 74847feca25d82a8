package dev.lakegate.gateway.trino;

import dev.lakegate.gateway.access.ExternalAddress;
import dev.lakegate.gateway.query.Asker;
import dev.lakegate.gateway.query.Failures;
import dev.lakegate.gateway.query.QueryRequest;
import dev.lakegate.gateway.query.QueryService;
import dev.lakegate.gateway.sql.SqlBoundary;
import dev.lakegate.gateway.sql.SqlFailure;
import dev.lakegate.kit.error.LakegateException;
import dev.lakegate.kit.identity.CurrentPrincipal;
import dev.lakegate.kit.identity.ForPersonalTokens;
import dev.lakegate.kit.identity.TokenGrant;
import dev.lakegate.kit.request.RequestIds;
import dev.lakegate.model.policy.Principal;
import io.quarkus.security.Authenticated;
import io.smallrye.common.annotation.Blocking;
import io.smallrye.common.annotation.NonBlocking;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.annotation.security.PermitAll;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;
import org.eclipse.microprofile.openapi.annotations.Operation;

/** The protocol that Trino's drivers and command line speak. */
@Path("/v1")
@Authenticated
@ForPersonalTokens(TokenGrant.QUERY)
@NonBlocking
public class TrinoResource {
  private static final Duration WAIT = Duration.ofSeconds(1);
  private static final long PAGE = 1 << 20;
  private static final long MOST =
      Math.max(PAGE, Math.min(16L << 20, Runtime.getRuntime().maxMemory() / 64));
  private static final int COMPRESS_FROM = 2048;
  private static final Pattern SIZE = Pattern.compile("(\\d{1,9}(?:\\.\\d{1,3})?)(B|kB|MB|GB)");

  @Inject CurrentPrincipal caller;
  @Inject TrinoQueries queries;
  @Inject QueryService service;
  @Inject ExternalAddress address;
  @Inject TrinoConfig config;
  @Inject RoutingContext context;

  private final long startedNanos = System.nanoTime();

  @GET
  @Path("info")
  @PermitAll
  @Produces(MediaType.APPLICATION_JSON)
  @Operation(hidden = true)
  public Map<String, Object> info() {
    return Map.of(
        "nodeVersion",
        Map.of("version", SqlBoundary.TRINO),
        "environment",
        "lakegate",
        "coordinator",
        true,
        "starting",
        false,
        "uptime",
        String.format(Locale.ROOT, "%.2fm", (System.nanoTime() - startedNanos) / 60e9));
  }

  @POST
  @Path("statement")
  @Consumes(MediaType.WILDCARD)
  @Produces(MediaType.APPLICATION_JSON)
  @Operation(hidden = true)
  public Uni<Response> submit(byte[] body) {
    Principal principal = principal();
    URI base = address.base(request());
    SessionHeaders headers = new SessionHeaders(request().headers()::getAll);
    TrinoQuery q;
    try {
      q =
          queries.submit(
              new QueryRequest(
                  Asker.of(caller),
                  body == null ? "" : new String(body, StandardCharsets.UTF_8),
                  null,
                  QueryRequest.Delivery.STREAMED,
                  RequestIds.current(),
                  request().getHeader("X-Lakegate-Workgroup"),
                  headers.session()),
              headers.parametric());
    } catch (SqlFailure f) {
      return refused(base, Failures.of(f));
    } catch (LakegateException e) {
      return refused(base, e);
    }
    return first(base, q.id);
  }

  /** What is wrong stands at the next address, too. */
  private Uni<Response> refused(URI base, LakegateException e) {
    return first(base, queries.refuse(e, Asker.of(caller)));
  }

  /** As Trino does: some clients look at the first answer for nothing but the next address. */
  private Uni<Response> first(URI base, String id) {
    byte[] json = Results.first(id, new Results.Addresses(info(base, id), next(base, id, 0)));
    return Uni.createFrom().item(answer(json, List.of(), false));
  }

  @GET
  @Path("statement/executing/{id}/{slug}/{token}")
  @Produces(MediaType.APPLICATION_JSON)
  @Operation(hidden = true)
  public Uni<Response> next(
      @PathParam("id") String id,
      @PathParam("slug") String slug,
      @PathParam("token") long token,
      @QueryParam("targetResultSize") String targetResultSize) {
    Principal principal = principal();
    Optional<LakegateException> refused = queries.refused(id, slug, token, Asker.of(caller));
    if (refused.isPresent()) {
      URI base = address.base(request());
      byte[] json = Results.refused(id, refused.get(), new Results.Addresses(info(base, id), null));
      return Uni.createFrom().item(answer(json, List.of(), false));
    }
    TrinoQuery q = queries.require(id, slug, token, Asker.of(caller));
    return page(q, token, WAIT, size(targetResultSize), principal, address.base(request()));
  }

  @DELETE
  @Blocking
  @Path("statement/executing/{id}/{slug}/{token}")
  @Operation(hidden = true)
  public Response cancel(
      @PathParam("id") String id, @PathParam("slug") String slug, @PathParam("token") long token) {
    principal();
    queries.cancel(queries.require(id, slug, token, Asker.of(caller)), "USER_CANCELED");
    return Response.noContent().build();
  }

  @DELETE
  @Blocking
  @Path("query/{id}")
  @Operation(hidden = true)
  public Response kill(@PathParam("id") String id) {
    principal();
    queries.cancel(queries.require(id, Asker.of(caller)), "USER_CANCELED");
    return Response.noContent().build();
  }

  private HttpServerRequest request() {
    return context.request();
  }

  /** The caller; whoever speaks for somebody else is refused. */
  private Principal principal() {
    Principal principal = caller.require();
    for (String name : List.of("X-Trino-User", "X-Trino-Original-User")) {
      String user = request().getHeader(name);
      if (user != null && !user.isBlank() && !caller.isNamed(user.trim())) {
        throw LakegateException.forbidden(
            "IMPERSONATION_REFUSED",
            "You are '" + principal.subject() + "' and cannot act as '" + user.trim() + "'.",
            "Leave the user name out of the connection, or set it to '"
                + principal.subject()
                + "'.");
      }
    }
    if (request().getHeader("X-Trino-Set-Authorization-User") != null) {
      throw LakegateException.forbidden(
          "IMPERSONATION_REFUSED",
          "Nobody can act as somebody else here.",
          "Log in as the user that the queries are for.");
    }
    return principal;
  }

  private static long size(String asked) {
    if (asked == null) {
      return PAGE;
    }
    Matcher m = SIZE.matcher(asked.trim());
    if (!m.matches()) {
      throw LakegateException.badRequest(
          "BAD_REQUEST", "targetResultSize is no size.", "Leave it out, or send such as 16MB.");
    }
    double unit =
        switch (m.group(2)) {
          case "B" -> 1;
          case "kB" -> 1 << 10;
          case "MB" -> 1 << 20;
          default -> 1 << 30;
        };
    return (long) Math.max(1, Math.min(MOST, Double.parseDouble(m.group(1)) * unit));
  }

  private Uni<Response> page(
      TrinoQuery q, long token, Duration wait, long bytes, Principal principal, URI base) {
    boolean compress = compress();
    return Uni.createFrom()
        .completionStage(() -> q.ready(token).copy())
        .ifNoItem()
        .after(wait)
        .recoverWithItem((Void) null)
        .emitOn(Infrastructure.getDefaultWorkerPool())
        .map(ready -> page(q, token, bytes, principal, base, compress));
  }

  private Response page(
      TrinoQuery q, long token, long bytes, Principal principal, URI base, boolean compress) {
    TrinoQuery.Answer answer = answer(q, token, bytes, principal);
    String next = answer.next() < 0 ? null : next(base, q.id, answer.next());
    byte[] json = Results.of(q, answer, new Results.Addresses(info(base, q.id), next));
    return answer(json, answer.headers(), compress);
  }

  private TrinoQuery.Answer answer(TrinoQuery q, long token, long bytes, Principal principal) {
    try {
      service.requireStillGranted(q.query, principal);
    } catch (LakegateException e) {
      if (e.status() == 503) {
        throw e;
      }
      queries.cancel(q, "USER_CANCELED");
      return new TrinoQuery.Answer(List.of(), -1, e, List.of(), null);
    }
    try {
      return q.answer(token, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String next(URI base, String id, long token) {
    return base + "/v1/statement/executing/" + id + "/" + queries.slug(id, token) + "/" + token;
  }

  private static String info(URI base, String id) {
    return base + "/api/v1/queries/" + id;
  }

  private boolean compress() {
    String accepted = request().getHeader("Accept-Encoding");
    if (accepted == null || !accepted.toLowerCase(Locale.ROOT).contains("gzip")) {
      return false;
    }
    return switch (config.compression()) {
      case ALWAYS -> true;
      case NEVER -> false;
      case REMOTE -> {
        String client = address.client(request());
        yield !client.startsWith("127.")
            && !client.equals("::1")
            && !client.equals("0:0:0:0:0:0:0:1");
      }
    };
  }

  private static Response answer(
      byte[] json, List<SessionHeaders.Header> headers, boolean compress) {
    boolean small = json.length < COMPRESS_FROM;
    Response.ResponseBuilder b =
        Response.ok(compress && !small ? gzip(json) : json)
            .type(MediaType.APPLICATION_JSON_TYPE)
            .header("Cache-Control", "no-store")
            .header("X-Content-Type-Options", "nosniff");
    if (compress && !small) {
      b.header("Content-Encoding", "gzip").header("Vary", "Accept-Encoding");
    }
    headers.forEach(h -> b.header(h.name(), h.value()));
    return b.build();
  }

  private static byte[] gzip(byte[] json) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(json.length / 3 + 64);
    try (OutputStream out = new Fast(bytes)) {
      out.write(json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /** Rows of a table shrink well at the lowest level already. */
  private static final class Fast extends GZIPOutputStream {
    Fast(OutputStream out) throws IOException {
      super(out, 8192);
      def.setLevel(1);
    }
  }
}
