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
    name = "resync",
    description = {
      "Copy a table anew. Silver keeps serving what it has, and takes the new copy over when it is"
          + " complete; rows that the source no longer has are removed then.",
      "Exit code 0: the copy begins or will begin; 1: refused; 3: Lakegate does not run.",
      ""
    })
final class ResyncCommand implements Callable<Integer> {
  @Mixin private HelpOption help;
  @Mixin private DataOption data;
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "TABLE", description = "Table, such as core_order or silver.order.")
  private String table;

  @Option(names = "--reason", paramLabel = "TEXT", description = "Why, for the logs.")
  private String reason;

  @Override
  public Integer call() {
    GatewayClient gateway = new GatewayClient(data.running());
    PrintWriter out = spec.commandLine().getOut();
    try {
      JsonNode tables = gateway.get("admin", "ingest", "/api/v1/tables").path("items");
      String name = TableName.atSource(tables, table);
      ObjectNode body = Json.MAPPER.createObjectNode();
      if (reason != null) {
        body.put("reason", reason);
      }
      JsonNode answer = gateway.post("admin", "ingest", "/api/v1/tables/" + name + "/resync", body);
      out.println(
          answer.path("status").asText().equals("queued")
              ? name + " will be copied anew as soon as capture can; './lakegate tables' shows it."
              : name + " is copied anew; './lakegate tables' shows how far it is.");
      out.flush();
      return 0;
    } catch (GatewayClient.Refusal e) {
      throw new CommandFailed(CommandFailed.FAILED, e.describe(), e);
    }
  }
}
