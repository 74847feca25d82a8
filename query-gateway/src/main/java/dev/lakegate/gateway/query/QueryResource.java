package dev.lakegate.gateway.query;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.lakegate.gateway.sql.SecuredQuery.OutputColumn;
import dev.lakegate.kit.error.LakegateException;
import dev.lakegate.kit.identity.CurrentPrincipal;
import dev.lakegate.kit.identity.ForPersonalTokens;
import dev.lakegate.kit.identity.TokenGrant;
import dev.lakegate.kit.paging.Cursor;
import dev.lakegate.kit.request.RequestIds;
import dev.lakegate.model.json.Json;
import dev.lakegate.model.policy.Principal;
import io.quarkus.security.Authenticated;
import io.smallrye.common.annotation.Blocking;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;

/** Queries over REST. */
@Path("/api/v1/queries")
@Authenticated
@ForPersonalTokens(TokenGrant.QUERY)
@Blocking
public class QueryResource {
  private static final JsonFactory JSON = new JsonFactory();
  private static final int PAGE = 1000;
  private static final int MAX_PAGE = 10_000;
  private static final int PAGE_BYTES = 1024 * 1024;
  private static final long DEFAULT_WAIT = 2000;
  private static final long MAX_WAIT = 30_000;

  @Inject CurrentPrincipal caller;
  @Inject QueryService service;
  @Inject RoutingContext context;

  /**
   * What to run.
   *
   * @param sql one Trino query
   * @param maxRows most rows wanted; null for all
   * @param waitMillis how long to wait for the end; null for 2000
   * @param parameters values for its question marks, in their order; null for none
   */
  public record Submission(
      String sql, Long maxRows, Long waitMillis, List<JsonParameters.Parameter> parameters) {}

  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @Produces({MediaType.APPLICATION_JSON, "application/x-ndjson", "text/csv"})
  @Operation(
      operationId = "submitQuery",
      summary = "Run a query; Accept chooses JSON (kept, paged), NDJSON or CSV (streamed)")
  @APIResponse(
      responseCode = "200",
      description = "Finished: the state with the first page, or all rows as NDJSON or CSV",
      content = {
        @Content(
            mediaType = MediaType.APPLICATION_JSON,
            schema = @Schema(implementation = ApiTypes.State.class)),
        @Content(mediaType = "application/x-ndjson", schema = @Schema(type = SchemaType.STRING)),
        @Content(mediaType = "text/csv", schema = @Schema(type = SchemaType.STRING))
      })
  @APIResponse(
      responseCode = "202",
      description = "Not finished yet",
      content =
          @Content(
              mediaType = MediaType.APPLICATION_JSON,
              schema = @Schema(implementation = ApiTypes.State.class)))
  @APIResponse(
      responseCode = "400",
      description = "Not a query that can be run",
      content =
          @Content(
              mediaType = MediaType.APPLICATION_JSON,
              schema = @Schema(implementation = ApiTypes.Envelope.class)))
  public Response submit(
      Submission submission,
      @HeaderParam("Accept") String accept,
      @HeaderParam("X-Lakegate-Workgroup") String workgroupHeader,
      @QueryParam("workgroup") String workgroupParameter) {
    String workgroup = workgroupParameter == null ? workgroupHeader : workgroupParameter;
    Asker asker = Asker.of(caller);
    if (submission == null) {
      throw LakegateException.badRequest(
          "SQL_MISSING", "The request has no body.", "Send {\"sql\": \"SELECT ...\"}.");
    }
    String format = format(accept);
    if (format.equals(MediaType.APPLICATION_JSON)) {
      return kept(asker, submission, workgroup);
    }
    return streamed(asker, submission, format, workgroup);
  }

  private static String format(String accept) {
    if (accept == null) {
      return MediaType.APPLICATION_JSON;
    }
    for (String part : accept.toLowerCase(Locale.ROOT).split(",")) {
      String type = part.split(";")[0].trim();
      switch (type) {
        case "application/x-ndjson", "text/csv", MediaType.APPLICATION_JSON:
          return type;
        case "*/*", "application/*":
          return MediaType.APPLICATION_JSON;
        default:
          break;
      }
    }
    return MediaType.APPLICATION_JSON;
  }

  private Response kept(Asker asker, Submission s, String workgroup) {
    long wait = wait(s.waitMillis(), DEFAULT_WAIT);
    GatewayQuery q = service.admit(request(asker, s, QueryRequest.Delivery.KEPT, workgroup));
    // Until the answer tells its id, nobody else can ask for it or cancel it.
    AtomicBoolean answered = new AtomicBoolean();
    context.addEndHandler(
        sent -> {
          if (sent.failed() && !answered.get()) {
            q.cancel("CLIENT_GONE");
          }
        });
    service.keep(q);
    await(q, wait);
    // What is refused is refused before anybody is told to come back later.
    awaitPlanned(q);
    answered.set(true);
    if (q.state().ended() && q.error() != null) {
      throw q.error();
    }
    boolean finished = q.state() == GatewayQuery.State.FINISHED;
    return Response.status(finished ? 200 : 202)
        .type(MediaType.APPLICATION_JSON_TYPE)
        .header("Cache-Control", "no-store")
        .entity(state(q, finished))
        .build();
  }

  private Response streamed(Asker asker, Submission s, String format, String workgroup) {
    GatewayQuery q = service.submit(request(asker, s, QueryRequest.Delivery.STREAMED, workgroup));
    // The routing context is that of whatever request a thread works on, and the clock has none.
    HttpServerResponse response = context.response();
    HttpConnection connection = context.request().connection();
    // A client that stops reading holds a place to run: when the time is over it is cut off.
    q.onStop(
        () -> {
          if (response.headWritten() && !response.ended()) {
            cutOff(connection);
          }
        });
    // A client that goes away while nothing is written yet is seen by its connection alone.
    connection.closeHandler(gone -> q.cancel("CLIENT_GONE"));
    Runs.Stream stream = service.stream(q);
    StreamingOutput out =
        o -> stream.write(format.equals("text/csv") ? RowFormats.csv(o) : RowFormats.ndjson(o));
    return Response.ok(out)
        .type(format.equals("text/csv") ? "text/csv; charset=utf-8" : format)
        .header("Cache-Control", "no-store")
        .header("X-Query-Id", q.id)
        .build();
  }

  /**
   * Closing it properly would first send what is written already, to a client that reads nothing.
   */
  private static void cutOff(HttpConnection connection) {
    if (connection instanceof ConnectionBase c) {
      c.channelHandlerContext().close();
    } else {
      connection.close();
    }
  }

  private static QueryRequest request(
      Asker asker, Submission s, QueryRequest.Delivery delivery, String workgroup) {
    return new QueryRequest(
        asker,
        s.sql(),
        s.maxRows(),
        delivery,
        RequestIds.current(),
        workgroup,
        QueryRequest.ClientSession.none(JsonParameters.values(s.parameters())));
  }

  private static long wait(Long asked, long otherwise) {
    if (asked == null) {
      return otherwise;
    }
    if (asked < 0 || asked > MAX_WAIT) {
      throw LakegateException.badRequest(
          "WAIT_INVALID",
          "waitMillis is not between 0 and " + MAX_WAIT + ".",
          "Leave it out, or send a number in that range.");
    }
    return asked;
  }

  private static void awaitPlanned(GatewayQuery q) {
    try {
      q.awaitPlanned();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void await(GatewayQuery q, long millis) {
    try {
      q.await(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @GET
  @Path("{id}")
  @Produces(MediaType.APPLICATION_JSON)
  @Operation(operationId = "getQuery", summary = "The state of a query")
  @APIResponse(
      responseCode = "200",
      content = @Content(schema = @Schema(implementation = ApiTypes.State.class)))
  public Response status(@PathParam("id") String id, @QueryParam("waitMillis") Long waitMillis) {
    GatewayQuery q = find(id);
    await(q, wait(waitMillis, 0));
    return Response.ok(state(q, false)).header("Cache-Control", "no-store").build();
  }

  @GET
  @Path("{id}/rows")
  @Produces(MediaType.APPLICATION_JSON)
  @Operation(operationId = "getRows", summary = "A page of a finished query's rows")
  @APIResponse(
      responseCode = "200",
      content = @Content(schema = @Schema(implementation = ApiTypes.Rows.class)))
  public Response rows(
      @PathParam("id") String id,
      @QueryParam("cursor") String cursor,
      @QueryParam("limit") Integer limit) {
    Principal principal = caller.require();
    // Rows are for their owner alone: an administrator may see more or less than the owner.
    GatewayQuery q = service.find(id, Asker.of(caller), false);
    int n = limit == null ? PAGE : limit;
    if (n < 1 || n > MAX_PAGE) {
      throw LakegateException.badRequest(
          "LIMIT_INVALID",
          "limit is not between 1 and " + MAX_PAGE + ".",
          "Leave it out, or send a number in that range.");
    }
    if (q.error() != null) {
      throw q.error();
    }
    if (q.state() != GatewayQuery.State.FINISHED || q.result == null) {
      throw LakegateException.conflict(
          "QUERY_NOT_FINISHED",
          "The query has no kept result (yet).",
          "Ask GET /api/v1/queries/{id}?waitMillis=5000 until its state is finished.");
    }
    service.requireStillGranted(q, principal);
    String[] parts = Cursor.decode(cursor, 2);
    long from = 0;
    if (parts != null) {
      from = Cursor.number(parts[1]);
      if (!parts[0].equals(q.id) || from < 0 || from > q.rows()) {
        throw LakegateException.badRequest(
            "CURSOR_INVALID", "This is no cursor of this query.", "Pass 'next' as it was given.");
      }
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator out = JSON.createGenerator(bytes)) {
      out.writeStartObject();
      page(out, q, from, n);
      out.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Response.ok(bytes.toByteArray()).header("Cache-Control", "no-store").build();
  }

  private static void page(JsonGenerator out, GatewayQuery q, long from, int limit)
      throws IOException {
    List<byte[]> rows = q.result.read(from, limit, PAGE_BYTES);
    out.writeArrayFieldStart("rows");
    for (byte[] row : rows) {
      out.writeRawValue(new String(row, java.nio.charset.StandardCharsets.UTF_8));
    }
    out.writeEndArray();
    long next = from + rows.size();
    out.writeStringField("next", next < q.rows() ? Cursor.encode(q.id, next) : null);
  }

  @DELETE
  @Path("{id}")
  @Operation(operationId = "cancelQuery", summary = "Cancel a query")
  @APIResponse(responseCode = "204", description = "Asked to stop, or ended before")
  public Response cancel(@PathParam("id") String id) {
    find(id).cancel("USER_CANCELED");
    return Response.noContent().build();
  }

  @GET
  @Produces(MediaType.APPLICATION_JSON)
  @Operation(
      operationId = "listQueries",
      summary = "Own queries, newest first; administrators see all")
  @APIResponse(
      responseCode = "200",
      content = @Content(schema = @Schema(implementation = ApiTypes.Queries.class)))
  public Response list(@QueryParam("limit") Integer limit, @QueryParam("cursor") String cursor) {
    Asker asker = Asker.of(caller);
    int n = limit == null ? 100 : Math.max(1, Math.min(limit, 1000));
    String[] parts = Cursor.decode(cursor, 2);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator out = JSON.createGenerator(bytes)) {
      out.writeStartObject();
      out.writeArrayFieldStart("items");
      String next = null;
      int written = 0;
      GatewayQuery last = null;
      for (GatewayQuery q : service.list(asker, caller.isAdministrator())) {
        if (parts != null && !after(q, parts)) {
          continue;
        }
        out.flush();
        if (written == n || (written > 0 && bytes.size() > PAGE_BYTES)) {
          next = Cursor.encode(last.submittedAt.toString(), last.id);
          break;
        }
        writeState(out, q, false);
        last = q;
        written++;
      }
      out.writeEndArray();
      out.writeStringField("next", next);
      out.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Response.ok(bytes.toByteArray()).header("Cache-Control", "no-store").build();
  }

  private static boolean after(GatewayQuery q, String[] cursor) {
    Instant at;
    try {
      at = Instant.parse(cursor[0]);
    } catch (java.time.format.DateTimeParseException e) {
      throw LakegateException.badRequest(
          "CURSOR_INVALID", "This is no cursor of this list.", "Pass 'next' as it was given.");
    }
    int order = q.submittedAt.compareTo(at);
    return order < 0 || (order == 0 && q.id.compareTo(cursor[1]) < 0);
  }

  private GatewayQuery find(String id) {
    return service.find(id, Asker.of(caller), caller.isAdministrator());
  }

  private static byte[] state(GatewayQuery q, boolean withRows) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator out = JSON.createGenerator(bytes)) {
      writeState(out, q, withRows);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static void writeState(JsonGenerator out, GatewayQuery q, boolean withRows)
      throws IOException {
    GatewayQuery.State state = q.state();
    out.writeStartObject();
    out.writeStringField("id", q.id);
    out.writeStringField("state", state.name().toLowerCase(Locale.ROOT));
    out.writeStringField("submittedAt", q.submittedAt.toString());
    out.writeStringField("sql", q.sql);
    out.writeStringField("principal", q.principal.subject());
    out.writeStringField("workgroup", q.limits.workgroup());
    List<OutputColumn> columns = q.columns();
    if (columns == null) {
      out.writeNullField("columns");
    } else {
      out.writeArrayFieldStart("columns");
      List<String> names = RowFormats.names(columns);
      for (int i = 0; i < columns.size(); i++) {
        out.writeStartObject();
        out.writeStringField("name", names.get(i));
        out.writeStringField("type", columns.get(i).type().display());
        out.writeEndObject();
      }
      out.writeEndArray();
    }
    if (withRows) {
      page(out, q, 0, PAGE);
    } else {
      out.writeNullField("rows");
      out.writeNullField("next");
    }
    if (state == GatewayQuery.State.FINISHED) {
      out.writeNumberField("rowCount", q.rows());
    } else {
      out.writeNullField("rowCount");
    }
    out.writeBooleanField("truncated", q.truncated());
    Planned p = q.plan();
    out.writeArrayFieldStart("notes");
    if (p != null) {
      for (Planned.Note n : p.notes()) {
        out.writeStartObject();
        out.writeStringField("code", n.code());
        out.writeStringField("message", n.message());
        out.writeEndObject();
      }
    }
    out.writeEndArray();
    out.writeObjectFieldStart("stats");
    out.writeNumberField("elapsedMillis", q.elapsedMillis());
    out.writeNumberField("progress", Math.round(q.progress() * 1e4) / 1e4);
    out.writeNumberField("filesRead", p == null ? 0 : p.files());
    out.writeNumberField("bytesRead", p == null ? 0 : p.bytes());
    out.writeNumberField("rowsRead", p == null ? 0 : p.rows());
    out.writeBooleanField("cached", q.isFromCache());
    out.writeEndObject();
    LakegateException error = q.error();
    if (error == null) {
      out.writeNullField("error");
    } else {
      Map<String, Object> body = new LinkedHashMap<>();
      body.put("code", error.code());
      body.put("message", error.getMessage());
      body.put("remedy", error.remedy());
      body.put("requestId", q.requestId == null ? "" : q.requestId);
      body.put("details", error.details());
      out.writeFieldName("error");
      out.writeRawValue(Json.write(body));
    }
    out.writeEndObject();
  }
}
