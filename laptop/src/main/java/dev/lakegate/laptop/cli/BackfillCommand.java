package dev.lakegate.laptop.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.model.json.Json;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "backfill",
    description = {
      "Compute a range of a table anew, and what reads the table. Shows the progress until it has"
          + " ended; when this command is ended before, the backfill goes on.",
      "Exit code 0: done, or shown; 1: refused, failed or cancelled; 3: Lakegate does not run.",
      ""
    })
final class BackfillCommand implements Callable<Integer> {
  private static final Set<String> OPEN = Set.of("queued", "running");
  private static final int POLL_MILLIS = 500;

  @Mixin private HelpOption help;
  @Mixin private DataOption data;
  @Spec private CommandSpec spec;

  @Parameters(
      arity = "0..1",
      paramLabel = "TABLE",
      description = "Table, such as silver.order or gold.revenue_metrics.")
  private String table;

  @Option(
      names = "--from",
      paramLabel = "DAY",
      description = "First day of the range, or a moment, such as 2026-03-02T10:15:00Z.")
  private String from;

  @Option(
      names = "--to",
      paramLabel = "DAY",
      description = "Last day of the range, or a moment (default: now).")
  private String to;

  @Option(names = "--dry-run", description = "Say only what it would compute and read.")
  private boolean dryRun;

  @Option(
      names = "--no-cascade",
      description = "Leave what reads the table as it is; it follows by itself where rows differ.")
  private boolean alone;

  @Option(names = "--yes", description = "Do it however much it reads.")
  private boolean yes;

  @Option(names = "--list", description = "List the newest backfills.")
  private boolean list;

  @Option(
      names = "--cancel",
      paramLabel = "ID",
      description = "End the runs of a backfill that have not ended; what they did stays.")
  private String cancel;

  @Override
  public Integer call() throws InterruptedException {
    boolean make = table != null && from != null;
    if ((make ? 1 : 0) + (list ? 1 : 0) + (cancel != null ? 1 : 0) != 1
        || table != null && from == null) {
      throw new ParameterException(
          spec.commandLine(), "Give a table and --from, or --list, or --cancel.");
    }
    GatewayClient gateway = new GatewayClient(data.running());
    PrintWriter out = spec.commandLine().getOut();
    try {
      if (list) {
        list(out, gateway.get("admin", "transform", "/api/v1/backfills").path("items"));
        out.flush();
        return 0;
      }
      if (cancel != null) {
        gateway.post(
            "admin",
            "transform",
            "/api/v1/backfills/" + cancel + "/cancel",
            Json.MAPPER.createObjectNode());
        return progress(gateway, out, cancel);
      }
      ObjectNode body = Json.MAPPER.createObjectNode();
      body.put("from", from).put("to", to).put("dryRun", dryRun);
      body.put("cascade", !alone).put("confirm", yes);
      JsonNode backfill =
          gateway.post(
              "admin",
              "transform",
              "/api/v1/datasets/" + PastRuns.dataset(gateway, table) + "/backfill",
              body);
      considered(out, backfill, dryRun);
      return dryRun ? 0 : progress(gateway, out, backfill.path("id").asText());
    } catch (GatewayClient.Refusal e) {
      throw new CommandFailed(
          CommandFailed.FAILED,
          e.describe() + (e.code().equals("BACKFILL_TOO_LARGE") ? "\n  Or add --yes." : ""),
          e);
    }
  }

  static void considered(PrintWriter out, JsonNode backfill, boolean dry) {
    out.println(
        "%s %s from %s to %s, and reads about %,d rows for it."
            .formatted(
                dry ? "It would compute" : "It computes",
                backfill.path("dataset").asText(),
                backfill.path("from").asText(),
                backfill.path("to").asText(),
                backfill.path("rowsRead").asLong()));
    out.println(backfill.path("whole").asText());
    List<List<String>> rows = new ArrayList<>();
    for (JsonNode step : backfill.path("steps")) {
      rows.add(
          List.of(
              step.path("dataset").asText(),
              step.path("rowsRead").isNumber()
                  ? "%,d".formatted(step.path("rowsRead").asLong())
                  : "-"));
    }
    TextTable table =
        new TextTable(out, List.of("computes", "rows read"), new boolean[] {false, true}, rows);
    rows.forEach(table::line);
    out.flush();
  }

  static void list(PrintWriter out, JsonNode items) {
    List<List<String>> rows = new ArrayList<>();
    for (JsonNode item : items) {
      rows.add(
          List.of(
              item.path("id").asText(),
              item.path("dataset").asText(),
              item.path("from").asText(),
              item.path("to").asText(),
              item.path("state").asText(),
              item.path("done").asText() + " of " + item.path("steps").size(),
              item.path("by").asText()));
    }
    if (rows.isEmpty()) {
      out.println("There is none.");
      return;
    }
    TextTable table =
        new TextTable(
            out,
            List.of("backfill", "table", "from", "to", "state", "done", "asked by"),
            new boolean[7],
            rows);
    rows.forEach(table::line);
  }

  private static int progress(GatewayClient gateway, PrintWriter out, String id)
      throws InterruptedException {
    Map<String, String> told = new HashMap<>();
    out.println("Backfill " + id + "; './lakegate backfill --cancel " + id + "' ends it.");
    while (true) {
      JsonNode backfill = gateway.get("admin", "transform", "/api/v1/backfills/" + id);
      for (JsonNode step : backfill.path("steps")) {
        String status = step.path("status").asText();
        String dataset = step.path("dataset").asText();
        if (!status.equals(told.put(dataset, status)) && !status.equals("queued")) {
          out.println("  %s %s".formatted(dataset, status));
        }
      }
      String state = backfill.path("state").asText();
      if (!OPEN.contains(state)) {
        out.println(
            "%s: %s of %d are computed."
                .formatted(state, backfill.path("done").asText(), backfill.path("steps").size()));
        out.flush();
        return state.equals("succeeded") ? 0 : CommandFailed.FAILED;
      }
      out.flush();
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
    }
  }
}
