package dev.lakegate.laptop.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/** Runs, as people read them. */
final class RunsText {
  private RunsText() {}

  static void list(PrintWriter out, JsonNode items) {
    List<List<String>> rows = new ArrayList<>();
    for (JsonNode run : items) {
      rows.add(
          List.of(
              run.path("id").asText(),
              run.path("dataset").asText(),
              run.path("mode").asText(),
              run.path("status").asText(),
              shortened(text(run.path(run.hasNonNull("startedAt") ? "startedAt" : "queuedAt"))),
              seconds(run.path("durationMillis")),
              number(run.path("rowsRead")),
              number(run.path("rowsUpserted")),
              number(run.path("rowsDeleted")),
              number(run.path("rowsRejected")),
              bytes(run.path("bytesWritten")),
              run.hasNonNull("errorCode") ? run.path("errorCode").asText() : ""));
    }
    if (rows.isEmpty()) {
      out.println("There are none.");
      return;
    }
    TextTable table =
        new TextTable(
            out,
            List.of(
                "run",
                "table",
                "mode",
                "status",
                "started",
                "took",
                "read",
                "written",
                "deleted",
                "rejected",
                "bytes",
                "error"),
            new boolean[] {
              false, false, false, false, false, true, true, true, true, true, true, false
            },
            rows);
    rows.forEach(table::line);
    out.println();
    out.println("'./lakegate runs --log RUN' shows one with its log.");
  }

  static void one(PrintWriter out, JsonNode run) {
    out.println(
        "%s of %s, %s: %s"
            .formatted(
                run.path("id").asText(),
                run.path("dataset").asText(),
                run.path("mode").asText(),
                run.path("status").asText()));
    out.println("  " + run.path("reason").asText());
    for (JsonNode input : run.path("inputs")) {
      out.println(
          "  reads %s %s up to %s"
              .formatted(
                  input.path("dataset").asText(),
                  input.hasNonNull("from")
                      ? "after " + input.path("from").asText()
                      : "from its beginning",
                  input.hasNonNull("to") ? input.path("to").asText() : "what there is"));
    }
    if (run.hasNonNull("rowsRead")) {
      out.println(
          "  %s rows read, %s written, %s deleted, %s rejected, %s"
              .formatted(
                  number(run.path("rowsRead")),
                  number(run.path("rowsUpserted")),
                  number(run.path("rowsDeleted")),
                  number(run.path("rowsRejected")),
                  bytes(run.path("bytesWritten"))));
    }
    if (run.hasNonNull("durationMillis")) {
      out.println("  took " + seconds(run.path("durationMillis")));
    }
    if (run.hasNonNull("errorCode")) {
      out.println(
          "  %s: %s".formatted(run.path("errorCode").asText(), run.path("errorMessage").asText()));
    }
    out.println();
  }

  /**
   * Why a dataset stands as it does.
   *
   * @param items all datasets
   * @param inputs what it reads
   */
  static void why(PrintWriter out, JsonNode dataset, JsonNode items, JsonNode inputs) {
    out.println(
        "%s is %s: %s"
            .formatted(
                dataset.path("dataset").asText(),
                dataset.path("state").asText(),
                dataset.path("reason").asText()));
    if (dataset.hasNonNull("nextAction")) {
      out.println("  -> " + dataset.path("nextAction").asText());
    }
    if (dataset.hasNonNull("behindSince")) {
      out.println(
          "  It lacks changes that were captured at %s or later, %.1f s ago."
              .formatted(
                  dataset.path("behindSince").asText(), dataset.path("lagSeconds").asDouble()));
    }
    if (dataset.hasNonNull("checkpoint")) {
      out.println("  It has consumed " + dataset.path("checkpoint") + ".");
    }
    JsonNode last = dataset.path("lastRun");
    if (last.isObject()) {
      out.println(
          "  Its last run %s %s at %s%s."
              .formatted(
                  last.path("id").asText(),
                  last.path("status").asText(),
                  last.path("finishedAt").asText(),
                  last.hasNonNull("errorCode")
                      ? " with " + last.path("errorCode").asText() + describe(last)
                      : ""));
      out.println("  './lakegate runs --log " + last.path("id").asText() + "' shows it.");
    }
    if (dataset.hasNonNull("nextTryAt")) {
      out.println("  It is tried again at " + dataset.path("nextTryAt").asText() + ".");
    }
    List<List<String>> rows = new ArrayList<>();
    for (JsonNode input : inputs) {
      for (JsonNode item : items) {
        if (item.path("dataset").asText().equals(input.asText())) {
          rows.add(
              List.of(input.asText(), item.path("state").asText(), item.path("reason").asText()));
        }
      }
    }
    if (!rows.isEmpty()) {
      out.println();
      TextTable table = new TextTable(out, List.of("reads", "state", "why"), new boolean[3], rows);
      rows.forEach(table::line);
    }
  }

  private static String describe(JsonNode last) {
    return switch (last.path("errorClass").asText("")) {
      case "throttled" -> " (the storage asked for fewer calls)";
      case "transient" -> " (which passes by itself)";
      case "bad_data" -> " (because of the data: the same rows fail again)";
      case "code" -> " (because of the definition: it fails until that is mended)";
      default -> "";
    };
  }

  private static String text(JsonNode node) {
    return node.isNull() || node.isMissingNode() ? "" : node.asText();
  }

  /** Without fractions of seconds. */
  private static String shortened(String time) {
    return time.replaceFirst("\\.\\d+Z$", "Z");
  }

  private static String number(JsonNode node) {
    return node.isNumber() ? "%,d".formatted(node.asLong()) : "-";
  }

  private static String seconds(JsonNode millis) {
    return millis.isNumber() ? "%.1f s".formatted(millis.asLong() / 1000.0) : "-";
  }

  private static String bytes(JsonNode bytes) {
    return bytes.isNumber() ? "%.1f kB".formatted(bytes.asLong() / 1000.0) : "-";
  }
}
