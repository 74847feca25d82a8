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
    name = "restore",
    description = {
      "Bring a table back to what it held at an instant. It stays there, whatever is captured"
          + " meanwhile, until './lakegate release' lets it go on: then everything that came after"
          + " that instant is applied again.",
      "Exit code 0: done; 1: refused or failed; 3: Lakegate does not run.",
      ""
    })
final class RestoreCommand implements Callable<Integer> {
  @Mixin private HelpOption help;
  @Mixin private DataOption data;
  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "TABLE", description = "Table, such as silver.order.")
  private String table;

  @Parameters(
      index = "1",
      paramLabel = "INSTANT",
      description = "A moment, such as 2026-03-02T10:15:00Z, or the name of a kept state.")
  private String instant;

  @Option(names = "--dry-run", description = "Say only how many rows would change.")
  private boolean dryRun;

  @Override
  public Integer call() throws InterruptedException {
    GatewayClient gateway = new GatewayClient(data.running());
    PrintWriter out = spec.commandLine().getOut();
    try {
      String name = PastRuns.dataset(gateway, table);
      ObjectNode body = Json.MAPPER.createObjectNode();
      body.put("instant", instant).put("dryRun", dryRun);
      JsonNode asked =
          gateway.post("admin", "transform", "/api/v1/tables/" + name + "/restore", body);
      JsonNode run = PastRuns.await(gateway, asked.path("id").asText());
      out.println(
          "%s %s: %s rows %s, %s %s."
              .formatted(
                  name,
                  dryRun ? "would change" : "is restored",
                  run.path("rowsUpserted").asText("0"),
                  dryRun ? "would come back or differ" : "came back or differ",
                  run.path("rowsDeleted").asText("0"),
                  dryRun ? "would go" : "went"));
      if (!dryRun) {
        out.println("It stays so until './lakegate release " + name + "'.");
      }
      out.flush();
      return 0;
    } catch (GatewayClient.Refusal e) {
      throw new CommandFailed(CommandFailed.FAILED, e.describe(), e);
    }
  }
}
