package dev.lakegate.gateway.query;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** Shapes of answers, for the API's description; they are written as streams of JSON. */
final class ApiTypes {
  private ApiTypes() {}

  /** A column of a result. */
  @Schema(name = "ResultColumn")
  record Column(
      String name,
      @Schema(description = "in Trino's notation", example = "decimal(18,2)") String type) {}

  /** A remark about an answer. */
  @Schema(name = "QueryNote")
  record Note(String code, String message) {}

  /** What a query took. */
  @Schema(name = "QueryStats")
  record Stats(
      long elapsedMillis,
      @Schema(description = "what of its input is read, from 0 to 1; 1 when it has ended")
          double progress,
      int filesRead,
      long bytesRead,
      long rowsRead,
      @Schema(description = "whether a former answer was given again") boolean cached) {}

  /** Why a query failed, or a request did. */
  @Schema(name = "Problem")
  record Problem(
      String code, String message, String remedy, String requestId, Map<String, Object> details) {}

  /** The body of every error. */
  @Schema(name = "ProblemEnvelope")
  record Envelope(Problem error) {}

  /** A query. */
  @Schema(name = "QueryState")
  record State(
      String id,
      @Schema(enumeration = {"queued", "running", "finished", "failed", "cancelled"}) String state,
      Instant submittedAt,
      String sql,
      String principal,
      @Schema(nullable = true) List<Column> columns,
      @Schema(nullable = true, description = "the first page, only from POST")
          List<List<Object>> rows,
      @Schema(nullable = true, description = "cursor of the next page") String next,
      @Schema(nullable = true) Long rowCount,
      boolean truncated,
      List<Note> notes,
      Stats stats,
      @Schema(nullable = true) Problem error) {}

  /** A page of rows. */
  @Schema(name = "RowsPage")
  record Rows(List<List<Object>> rows, @Schema(nullable = true) String next) {}

  /** A page of queries. */
  @Schema(name = "QueryPage")
  record Queries(List<State> items, @Schema(nullable = true) String next) {}
}
