package dev.lakegate.laptop.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.model.json.Json;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "asof",
    description = {
      "Make a table of its own of what a table held at an instant. Who may read the table reads it,"
          + " and it is removed when its time has ended. The same again is the same table.",
      "Exit code 0: it is there, or removed; 1: refused or failed; 3: Lakegate does not run.",
      ""
    })
final class AsOfCommand implements Callable<Integer> {
  @Mixin private HelpOption help;
  @Mixin private DataOption data;
  @Spec private CommandSpec spec;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "TABLE",
      description = "Table, such as silver.order.")
  private String table;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "INSTANT",
      description = "A moment, such as 2026-03-02T10:15:00Z, or the name of a kept state.")
  private String instant;

  @Option(
      names = "--days",
      paramLabel = "N",
      description = "How long it is wanted (default: 7, as the service is configured).")
  private Integer days;

  @Option(names = "--list", description = "List those that there are.")
  private boolean list;

  @Option(names = "--drop", paramLabel = "TABLE", description = "Remove one before its time.")
  private String drop;

  @Override
  public Integer call() throws InterruptedException {
    boolean make = table != null && instant != null;
    if ((make ? 1 : 0) + (list ? 1 : 0) + (drop != null ? 1 : 0) != 1) {
      throw new ParameterException(
          spec.commandLine(), "Give a table and an instant, or --list, or --drop.");
    }
    GatewayClient gateway = new GatewayClient(data.running());
    PrintWriter out = spec.commandLine().getOut();
    try {
      if (list) {
        list(gateway, out);
      } else if (drop != null) {
        JsonNode dropped = gateway.deleted("admin", "transform", "/api/v1/asof/" + drop);
        if (dropped.hasNonNull("run")) {
          PastRuns.await(gateway, dropped.path("run").asText());
        }
        out.println(drop + " is removed.");
      } else {
        make(gateway, out);
      }
      out.flush();
      return 0;
    } catch (GatewayClient.Refusal e) {
      throw new CommandFailed(CommandFailed.FAILED, e.describe(), e);
    }
  }

  private void make(GatewayClient gateway, PrintWriter out) throws InterruptedException {
    ObjectNode body = Json.MAPPER.createObjectNode();
    body.put("table", PastRuns.dataset(gateway, table)).put("instant", instant);
    if (days != null) {
      body.put("expiresInDays", days);
    }
    JsonNode made = gateway.post("admin", "transform", "/api/v1/asof", body);
    if (made.hasNonNull("run")) {
      PastRuns.await(gateway, made.path("run").asText());
    }
    out.println(
        "%s is %s as it was at instant %s, readable since %s; it is kept until %s."
            .formatted(
                made.path("table").asText(),
                made.path("origin").asText(),
                made.path("instant").asText(),
                made.path("statePublishedAt").asText(),
                made.path("expiresAt").asText()));
  }

  private static void list(GatewayClient gateway, PrintWriter out) {
    List<List<String>> rows = new ArrayList<>();
    for (JsonNode item : gateway.get("admin", "transform", "/api/v1/asof").path("items")) {
      rows.add(
          List.of(
              item.path("table").asText(),
              item.path("state").asText(),
              item.path("rows").asText(""),
              item.path("statePublishedAt").asText(),
              item.path("expiresAt").asText()));
    }
    if (rows.isEmpty()) {
      out.println("There is none.");
      return;
    }
    TextTable text =
        new TextTable(
            out,
            List.of("table", "state", "rows", "readable since", "kept until"),
            new boolean[] {false, false, true, false, false},
            rows);
    rows.forEach(text::line);
  }
}
