package dev.lakegate.laptop.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.Map;

/** A preflight report for people: what is bad first, with what mends it. */
final class PreflightText {
  private static final Map<String, String> MARKS =
      Map.of("blocking", "BLOCKING", "warning", "warning ", "ok", "ok      ");

  private PreflightText() {}

  static void print(PrintWriter out, JsonNode report) {
    for (JsonNode finding : report.path("findings")) {
      String severity = finding.path("severity").asText();
      out.println(
          MARKS.getOrDefault(severity, severity)
              + "  "
              + (finding.hasNonNull("table") ? finding.path("table").asText() + ": " : "")
              + TextTable.visible(finding.path("message").asText()));
      if (finding.hasNonNull("remedy")) {
        out.println("          -> " + TextTable.visible(finding.path("remedy").asText()));
      }
    }
    out.println();
    out.println(report.path("headline").asText());
    if (report.path("bytes").asLong() > 0) {
      out.println(
          "About %,d rows, %,d MB; the first copy takes about %,d s."
              .formatted(
                  report.path("rows").asLong(),
                  (report.path("bytes").asLong() + 1048575) >> 20,
                  report.path("copySeconds").asLong()));
    }
  }
}
