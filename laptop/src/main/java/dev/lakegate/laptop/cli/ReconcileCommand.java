package dev.lakegate.laptop.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.model.json.Json;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "reconcile",
    description = {
      "Compare the source with Silver, row by row, at one position of the source's log: counts and"
          + " checksums per table and tenant, and the keys that differ. Traffic may go on; rows"
          + " that change meanwhile are left out and counted.",
      "Exit code 0: equal; 1: different, or not all could be compared; 3: Lakegate does not run.",
      ""
    })
final class ReconcileCommand implements Callable<Integer> {
  private static final long POLL_MILLIS = 300;
  private static final Set<String> OPEN = Set.of("queued", "running");

  @Mixin private HelpOption help;
  @Mixin private DataOption data;
  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "TABLE",
      arity = "0..*",
      description = "Tables, such as core_order or silver.order (default: all).")
  private List<String> tables = List.of();

  @Option(names = "--json", description = "Print the whole comparison as JSON.")
  private boolean json;

  @Override
  public Integer call() throws InterruptedException {
    GatewayClient gateway = new GatewayClient(data.running());
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    try {
      JsonNode result = run(gateway, err);
      if (json) {
        out.println(result.toPrettyString());
      } else {
        ReconcileText.print(out, result);
      }
      out.flush();
      return result.path("state").asText().equals("equal") ? 0 : CommandFailed.FAILED;
    } catch (GatewayClient.Refusal e) {
      throw new CommandFailed(CommandFailed.FAILED, e.describe(), e);
    }
  }

  private JsonNode run(GatewayClient gateway, PrintWriter err) throws InterruptedException {
    ObjectNode body = Json.MAPPER.createObjectNode();
    if (!tables.isEmpty()) {
      JsonNode known = gateway.get("admin", "ingest", "/api/v1/state").path("tables");
      List<String> names = new ArrayList<>();
      tables.forEach(t -> names.add(TableName.atSource(known, t)));
      ArrayNode list = body.putArray("tables");
      names.forEach(list::add);
    }
    AtomicReference<String> running = new AtomicReference<>();
    Thread cancel =
        new Thread(
            () -> {
              String id = running.get();
              if (id != null) {
                gateway.delete("admin", "ingest", "/api/v1/reconciliations/" + id);
              }
            });
    Runtime.getRuntime().addShutdownHook(cancel);
    try {
      JsonNode state = gateway.post("admin", "ingest", "/api/v1/reconciliations", body);
      String id = state.path("id").asText();
      running.set(id);
      String shown = "";
      while (OPEN.contains(state.path("state").asText())) {
        String message = state.path("message").asText();
        if (!json && !message.equals(shown)) {
          err.println(message);
          err.flush();
          shown = message;
        }
        TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
        state = gateway.get("admin", "ingest", "/api/v1/reconciliations/" + id);
      }
      return state;
    } finally {
      running.set(null);
      try {
        Runtime.getRuntime().removeShutdownHook(cancel);
      } catch (IllegalStateException e) {
        // The process is ending already, and the hook runs.
      }
    }
  }
}
