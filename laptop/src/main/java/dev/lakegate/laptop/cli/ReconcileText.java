package dev.lakegate.laptop.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/** A comparison of source and Silver for people. */
final class ReconcileText {
  private ReconcileText() {}

  static void print(PrintWriter out, JsonNode result) {
    List<List<String>> rows = new ArrayList<>();
    for (JsonNode table : result.path("tables")) {
      rows.add(
          List.of(
              table.path("table").asText(),
              table.path("state").asText(),
              "%,d".formatted(table.path("sourceRows").asLong()),
              "%,d".formatted(table.path("silverRows").asLong()),
              "%,d".formatted(table.path("tenants").asLong()),
              "%,d".formatted(table.path("inMotion").asLong()),
              "%,d".formatted(table.path("quarantined").asLong()),
              note(table)));
    }
    TextTable text =
        new TextTable(
            out,
            List.of(
                "table", "result", "source", "silver", "tenants", "in motion", "quarantined", ""),
            new boolean[] {false, false, true, true, true, true, true, false},
            rows);
    rows.forEach(text::line);
    for (JsonNode table : result.path("tables")) {
      if (table.path("state").asText().equals("different")) {
        out.println();
        differences(out, table);
      }
    }
    out.println();
    out.println(
        result.path("message").asText()
            + (result.hasNonNull("position")
                ? " Position " + result.path("position").asText() + "."
                : ""));
  }

  private static String note(JsonNode table) {
    if (table.hasNonNull("reason")) {
      return table.path("reason").asText();
    }
    StringBuilder note = new StringBuilder();
    table
        .path("notCompared")
        .forEach(c -> note.append(note.length() == 0 ? "" : ", ").append(c.asText()));
    return note.length() == 0 ? "" : "derived, so not compared: " + note;
  }

  private static void differences(PrintWriter out, JsonNode table) {
    out.println(
        "%s: %,d missing in Silver, %,d ghosts in Silver, %,d differing, %,d more than once"
            .formatted(
                table.path("table").asText(),
                table.path("missing").asLong(),
                table.path("ghosts").asLong(),
                table.path("differing").asLong(),
                table.path("duplicates").asLong()));
    for (JsonNode tenant : table.path("differingTenants")) {
      out.println(
          "  tenant %s: %,d rows at the source, %,d in Silver, checksums %s"
              .formatted(
                  TextTable.visible(tenant.path("tenant").asText()),
                  tenant.path("sourceRows").asLong(),
                  tenant.path("silverRows").asLong(),
                  tenant.path("sourceChecksum").equals(tenant.path("silverChecksum"))
                      ? "equal"
                      : "different"));
    }
    for (JsonNode example : table.path("examples")) {
      StringBuilder columns = new StringBuilder();
      example
          .path("columns")
          .forEach(c -> columns.append(columns.length() == 0 ? " in " : ", ").append(c.asText()));
      out.println(
          TextTable.visible(
              "  %s %s%s%s"
                  .formatted(
                      example.path("kind").asText(),
                      example.path("key").toString(),
                      tenants(example),
                      columns)));
    }
  }

  private static String tenants(JsonNode example) {
    String source = example.path("sourceTenant").asText("-");
    String silver = example.path("silverTenant").asText("-");
    if (!example.hasNonNull("sourceTenant")) {
      return example.hasNonNull("silverTenant") ? " of " + silver : "";
    }
    return source.equals(silver) || !example.hasNonNull("silverTenant")
        ? " of " + source
        : " of " + source + ", in Silver of " + silver;
  }
}
