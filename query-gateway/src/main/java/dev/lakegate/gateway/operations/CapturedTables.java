package dev.lakegate.gateway.operations;

import static dev.lakegate.gateway.operations.OperationsReport.decimal;
import static dev.lakegate.gateway.operations.OperationsReport.instant;
import static dev.lakegate.gateway.operations.OperationsReport.number;
import static dev.lakegate.gateway.operations.OperationsReport.seconds;
import static dev.lakegate.gateway.operations.OperationsReport.text;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.gateway.operations.Operations.Captured;
import dev.lakegate.gateway.operations.Operations.Dataset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Bronze tables as ingest-service tells of them. Pure, and tolerant of whatever is missing. */
final class CapturedTables {
  private CapturedTables() {}

  /**
   * @param capture the state of capture
   * @param tables the list of tables in full; null when it was not told
   */
  static List<Dataset> of(JsonNode capture, JsonNode tables) {
    Map<String, JsonNode> full = new HashMap<>();
    if (tables != null) {
      tables.path("items").forEach(t -> full.put(text(t, "table", "?"), t));
    }
    List<Dataset> datasets = new ArrayList<>();
    for (JsonNode table : capture.path("tables")) {
      JsonNode more = full.getOrDefault(text(table, "table", "?"), table);
      datasets.add(dataset(table, more, capture));
    }
    return datasets;
  }

  private static Dataset dataset(JsonNode table, JsonNode more, JsonNode capture) {
    String dataset = text(table, "dataset", "");
    String captured = text(table, "table", "?");
    String name =
        dataset.startsWith("bronze.")
            ? dataset
            : "bronze." + captured.substring(captured.lastIndexOf('.') + 1);
    long rows =
        table.path("rowsCopied").asLong()
            + table.path("inserts").asLong()
            + table.path("updates").asLong()
            + table.path("deletes").asLong();
    Double lag = decimal(capture.path("lag"), "seconds");
    boolean connected = capture.path("source").path("connected").asBoolean(false);
    boolean late = lag != null && lag > OperationsReport.CAPTURE_LATE.toSeconds();
    String reported = text(table, "state", "unknown");
    String state =
        switch (reported) {
          case "waiting" -> rows == 0 ? "empty" : "stale";
          case "copying" -> "copying";
          case "held" -> "held";
          case "failed" -> "failed";
          case "streaming" -> !connected || late ? "stale" : rows == 0 ? "empty" : "fresh";
          default -> "unknown";
        };
    String otherwise =
        switch (reported) {
          case "waiting" -> "Its first copy has not begun.";
          case "copying" -> "Its copy is under way" + percent(table) + ".";
          case "held" -> "Capture holds it back.";
          case "failed" -> "Capture of it failed.";
          case "streaming" ->
              !connected
                  ? "Capture is not connected to the source."
                  : late
                      ? "Capture is " + seconds(lag) + " behind the source."
                      : rows == 0 ? "The source table has no rows." : "Capture follows the source.";
          default -> "ingest-service does not say how it stands.";
        };
    return new Dataset(
        name,
        "bronze",
        state,
        rows,
        instant(table, "lastChangeAt"),
        lag,
        reason(table, more, otherwise),
        nextAction(more),
        commands(captured, more),
        null,
        new Captured(
            table.path("rowsCopied").asLong(),
            table.path("inserts").asLong(),
            table.path("updates").asLong(),
            table.path("deletes").asLong(),
            number(more, "quarantinedRows"),
            number(more, "lossyValues")));
  }

  private static String reason(JsonNode table, JsonNode more, String otherwise) {
    String reason = text(more, "reason", text(table, "reason", otherwise));
    String pending = text(more.path("pendingApproval"), "explanation", null);
    return pending == null || reason.contains(pending)
        ? reason
        : reason + " Silver waits for an approval: " + pending;
  }

  private static String nextAction(JsonNode more) {
    return text(more, "nextAction", null);
  }

  private static List<String> commands(String table, JsonNode more) {
    Set<String> all = new LinkedHashSet<>();
    if (more.path("pendingApproval").isObject()) {
      all.add("./lakegate approve " + table);
      all.add("./lakegate resync " + table);
    }
    all.addAll(Commands.in(text(more, "nextAction", ""), text(more, "reason", "")));
    return List.copyOf(all);
  }

  private static String percent(JsonNode table) {
    Double percent = decimal(table, "progressPercent");
    return percent == null ? "" : String.format(Locale.ROOT, " (%.0f %%)", percent);
  }
}
