package dev.lakegate.laptop.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "quarantine",
    description = {
      "Show rows that are kept aside because they cannot be written or belong to no tenant, and"
          + " why. Silver does not show them.",
      "Exit code 0: there are none; 1: there are some; 3: Lakegate does not run.",
      ""
    })
final class QuarantineCommand implements Callable<Integer> {
  @Mixin private HelpOption help;
  @Mixin private DataOption data;
  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "TABLE",
      arity = "0..1",
      description = "Table, such as core_order or silver.order (default: all).")
  private String table;

  @Option(names = "--json", description = "Print the rows with all that is known of them.")
  private boolean json;

  @Override
  public Integer call() {
    GatewayClient gateway = new GatewayClient(data.running());
    PrintWriter out = spec.commandLine().getOut();
    JsonNode answer;
    try {
      String query = "";
      if (table != null) {
        JsonNode tables = gateway.get("admin", "ingest", "/api/v1/tables").path("items");
        query =
            "?table="
                + URLEncoder.encode(TableName.atSource(tables, table), StandardCharsets.UTF_8);
      }
      answer = gateway.get("admin", "ingest", "/api/v1/quarantine" + query);
    } catch (GatewayClient.Refusal e) {
      throw new CommandFailed(CommandFailed.FAILED, e.describe(), e);
    }
    if (json) {
      out.println(answer.toPrettyString());
    } else {
      print(out, answer.path("items"));
    }
    out.flush();
    return answer.path("items").isEmpty() ? 0 : CommandFailed.FAILED;
  }

  static void print(PrintWriter out, JsonNode items) {
    if (items.isEmpty()) {
      out.println("No row is in quarantine.");
      return;
    }
    List<List<String>> rows = new ArrayList<>();
    for (JsonNode row : items) {
      rows.add(
          List.of(
              row.path("table").asText(),
              row.path("key").toString(),
              row.path("committedAt").asText(),
              row.path("reason").asText()));
    }
    TextTable text =
        new TextTable(out, List.of("table", "key", "since", "why"), new boolean[4], rows);
    rows.forEach(text::line);
  }
}
