package dev.lakegate.laptop.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "tables",
    description = {
      "Show where the capture of each table stands: copying, streaming, held or failed, why, and"
          + " what to do next.",
      "Exit code 0: all are copied or on their way; 1: a table is held or failed; 3: Lakegate does"
          + " not run.",
      ""
    })
final class TablesCommand implements Callable<Integer> {
  @Mixin private HelpOption help;
  @Mixin private DataOption data;
  @Spec private CommandSpec spec;

  @Option(names = "--json", description = "Print what ingest-service's /api/v1/tables answers.")
  private boolean json;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    JsonNode answer;
    try {
      answer = new GatewayClient(data.running()).get("admin", "ingest", "/api/v1/tables");
    } catch (GatewayClient.Refusal e) {
      throw new CommandFailed(CommandFailed.FAILED, e.describe(), e);
    }
    boolean bad = false;
    for (JsonNode table : answer.path("items")) {
      String state = table.path("state").asText();
      bad |= state.equals("held") || state.equals("failed");
    }
    if (json) {
      out.println(answer.toPrettyString());
    } else {
      print(out, answer.path("items"));
    }
    out.flush();
    return bad ? CommandFailed.FAILED : 0;
  }

  static void print(PrintWriter out, JsonNode items) {
    List<List<String>> rows = new ArrayList<>();
    for (JsonNode table : items) {
      String state = table.path("state").asText();
      boolean copying = state.equals("copying") && table.hasNonNull("progressPercent");
      rows.add(
          List.of(
              table.path("table").asText(),
              copying ? state + " " + table.path("progressPercent").asText() + "%" : state,
              number(table.path("rowsCopied")),
              number(table.path("inserts")),
              number(table.path("updates")),
              number(table.path("deletes")),
              why(table)));
    }
    TextTable text =
        new TextTable(
            out,
            List.of("table", "state", "copied", "inserts", "updates", "deletes", "why"),
            new boolean[] {false, false, true, true, true, true, false},
            rows);
    rows.forEach(text::line);
  }

  private static String number(JsonNode node) {
    return node.isNumber() ? "%,d".formatted(node.asLong()) : "-";
  }

  private static String why(JsonNode table) {
    String reason = table.hasNonNull("reason") ? table.path("reason").asText() : "";
    String next = table.hasNonNull("nextAction") ? table.path("nextAction").asText() : "";
    return reason.contains(next) ? reason : (reason + " " + next).strip();
  }
}
