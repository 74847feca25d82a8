package dev.lakegate.laptop.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.PrintWriter;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "why",
    description = {
      "Say why a table is stale, held, failed or empty, or what it reflects, with the evidence: what"
          + " it has consumed, its last run, and how its inputs stand.",
      "Exit code 0: it reflects everything, or is on the way; 1: it does not; 3: Lakegate does not"
          + " run.",
      ""
    })
final class WhyCommand implements Callable<Integer> {
  private static final Set<String> FINE = Set.of("fresh", "empty", "running");

  @Mixin private HelpOption help;
  @Mixin private DataOption data;
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "TABLE", description = "Table, such as gold.revenue_metrics.")
  private String table;

  @Option(names = "--json", description = "Print what transform-service answers of it.")
  private boolean json;

  @Override
  public Integer call() {
    GatewayClient gateway = new GatewayClient(data.running());
    PrintWriter out = spec.commandLine().getOut();
    try {
      String name = PastRuns.dataset(gateway, table);
      JsonNode items = gateway.get("admin", "transform", "/api/v1/datasets").path("items");
      JsonNode dataset = JsonNodeFactory.instance.objectNode();
      for (JsonNode item : items) {
        dataset = item.path("dataset").asText().equals(name) ? item : dataset;
      }
      if (json) {
        out.println(dataset.toPrettyString());
      } else {
        ArrayNode inputs = JsonNodeFactory.instance.arrayNode();
        for (JsonNode item : gateway.get("admin", "transform", "/api/v1/lineage").path("items")) {
          if (item.path("dataset").asText().equals(name)) {
            item.path("inputs").forEach(inputs::add);
          }
        }
        RunsText.why(out, dataset, items, inputs);
      }
      out.flush();
      return FINE.contains(dataset.path("state").asText()) ? 0 : CommandFailed.FAILED;
    } catch (GatewayClient.Refusal e) {
      throw new CommandFailed(CommandFailed.FAILED, e.describe(), e);
    }
  }
}
