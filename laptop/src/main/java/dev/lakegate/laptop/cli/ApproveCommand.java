package dev.lakegate.laptop.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.model.json.Json;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "approve",
    description = {
      "Let Silver take over a schema change that takes something away (a dropped or renamed column,"
          + " a narrower type). Until then that one table is held.",
      "Exit code 0: approved; 1: refused; 3: Lakegate does not run.",
      ""
    })
final class ApproveCommand implements Callable<Integer> {
  @Mixin private HelpOption help;
  @Mixin private DataOption data;
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "TABLE", description = "Table, such as core_order or silver.order.")
  private String table;

  @Option(
      names = "--schema-version",
      paramLabel = "N",
      description = "Version that was looked at (default: the one that Silver waits at).")
  private Integer schemaVersion;

  @Override
  public Integer call() {
    GatewayClient gateway = new GatewayClient(data.running());
    PrintWriter out = spec.commandLine().getOut();
    try {
      JsonNode tables = gateway.get("admin", "ingest", "/api/v1/tables").path("items");
      String name = TableName.atSource(tables, table);
      ObjectNode body = Json.MAPPER.createObjectNode();
      int version = schemaVersion != null ? schemaVersion : pending(tables, name);
      body.put("schemaVersion", version);
      gateway.post("admin", "ingest", "/api/v1/tables/" + name + "/approve", body);
      out.println("Version " + version + " of " + name + " is approved; Silver goes on.");
      out.flush();
      return 0;
    } catch (GatewayClient.Refusal e) {
      throw new CommandFailed(CommandFailed.FAILED, e.describe(), e);
    }
  }

  private static int pending(JsonNode tables, String name) {
    for (JsonNode table : tables) {
      if (table.path("table").asText().equals(name) && table.hasNonNull("pendingApproval")) {
        return table.path("pendingApproval").path("schemaVersion").asInt();
      }
    }
    throw new CommandFailed(
        CommandFailed.FAILED, "Silver waits for no approval of " + name + ": nothing to approve.");
  }
}
