package dev.lakegate.laptop.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.model.json.Json;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "replay",
    description = {
      "Look at the quarantined rows of a table again, after they were mended at the source: the"
          + " table is copied anew.",
      "Exit code 0: it begins, or there is nothing to do; 1: refused; 3: Lakegate does not run.",
      ""
    })
final class ReplayCommand implements Callable<Integer> {
  @Mixin private HelpOption help;
  @Mixin private DataOption data;
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "TABLE", description = "Table, such as core_order or silver.order.")
  private String table;

  @Override
  public Integer call() {
    GatewayClient gateway = new GatewayClient(data.running());
    PrintWriter out = spec.commandLine().getOut();
    try {
      JsonNode tables = gateway.get("admin", "ingest", "/api/v1/tables").path("items");
      String name = TableName.atSource(tables, table);
      JsonNode answer =
          gateway.post(
              "admin",
              "ingest",
              "/api/v1/quarantine/replay",
              Json.MAPPER.createObjectNode().put("table", name));
      out.println(
          answer.path("status").asText().equals("nothing")
              ? "No row of " + name + " is in quarantine."
              : name + " is copied anew; './lakegate quarantine " + name + "' shows what stays.");
      out.flush();
      return 0;
    } catch (GatewayClient.Refusal e) {
      throw new CommandFailed(CommandFailed.FAILED, e.describe(), e);
    }
  }
}
