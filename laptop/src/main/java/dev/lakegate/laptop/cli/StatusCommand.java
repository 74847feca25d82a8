package dev.lakegate.laptop.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.laptop.supervisor.StackState;
import dev.lakegate.model.json.Json;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "status",
    description = {
      "Show services, capture, tables with rows, last change and lag, and why anything is empty or"
          + " late.",
      "Exit code 0: running and healthy; 1: running with a problem; 3: Lakegate does not run.",
      ""
    })
final class StatusCommand implements Callable<Integer> {
  @Mixin private HelpOption help;
  @Mixin private DataOption data;
  @Spec private CommandSpec spec;

  @Option(names = "--json", description = "Print what the gateway's /api/v1/operations answers.")
  private boolean json;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    Optional<StackState> state = data.state();
    if (state.isEmpty() || !state.get().isRunning()) {
      return down(out, state.isPresent());
    }
    if (!state.get().status().equals("ready")) {
      String message = "Lakegate is " + state.get().status() + ".";
      out.println(json ? note("down", message) : message);
      return CommandFailed.NOT_RUNNING;
    }
    JsonNode operations;
    try {
      operations = new GatewayClient(state.get()).operations("admin");
    } catch (GatewayClient.Refusal | CommandFailed e) {
      String message =
          "Lakegate runs, but its gateway gives no overview: "
              + (e instanceof GatewayClient.Refusal r ? r.describe() : e.getMessage());
      out.println(json ? note("degraded", message) : message);
      return CommandFailed.FAILED;
    }
    if (json) {
      out.println(operations.toPrettyString());
    } else {
      print(out, operations, state.get());
    }
    out.flush();
    return operations.path("state").asText().equals("degraded") ? CommandFailed.FAILED : 0;
  }

  private int down(PrintWriter out, boolean killed) {
    String message =
        "Lakegate does not run on the data directory "
            + data.directory()
            + (killed
                ? ": it was killed. Start it again with './lakegate up'; nothing captured is lost."
                : ". Start it with './lakegate up'.");
    out.println(json ? note("down", message) : message);
    out.flush();
    return CommandFailed.NOT_RUNNING;
  }

  private static String note(String state, String message) {
    ObjectNode node = Json.MAPPER.createObjectNode();
    return node.put("state", state).put("headline", message).toPrettyString();
  }

  private static void print(PrintWriter out, JsonNode operations, StackState state) {
    Instant now = Instant.now();
    out.println(operations.path("headline").asText());
    out.println();
    List<List<String>> services = new ArrayList<>();
    for (JsonNode service : operations.path("services")) {
      services.add(
          List.of(
              service.path("name").asText(),
              service.path("healthy").asBoolean() ? "healthy" : "NOT HEALTHY",
              service.path("url").asText(),
              text(service.path("message"))));
    }
    table(out, List.of("service", "state", "address", ""), new boolean[4], services);
    out.println();
    capture(out, operations.path("capture"), now);
    JsonNode policy = operations.path("policy");
    if (policy.isObject()) {
      out.println(
          "Policy: version "
              + policy.path("version").asText()
              + (policy.path("inForce").asBoolean(true) ? "" : ", NOT IN FORCE")
              + sentence(policy.path("message")));
    }
    out.println();
    List<List<String>> tables = new ArrayList<>();
    for (JsonNode dataset : operations.path("datasets")) {
      tables.add(
          List.of(
              dataset.path("dataset").asText(),
              dataset.path("state").asText(),
              dataset.hasNonNull("rows") ? "%,d".formatted(dataset.path("rows").asLong()) : "-",
              ago(dataset.path("lastChangeAt"), now),
              lag(dataset.path("lagSeconds")),
              lag(dataset.path("freshness").path("p95")),
              text(dataset.path("reason"))));
    }
    table(
        out,
        List.of("table", "state", "rows", "last change", "lag", "p95", "why"),
        new boolean[] {false, false, true, true, true, true, false},
        tables);
    out.println();
    out.println("Console: " + state.address("gateway") + "/ops");
  }

  private static void capture(PrintWriter out, JsonNode capture, Instant now) {
    if (!capture.isObject()) {
      out.println("Capture: unknown, ingest-service does not answer.");
      return;
    }
    JsonNode source = capture.path("source");
    JsonNode lag = capture.path("lag");
    out.println(
        "Capture: "
            + (source.path("connected").asBoolean() ? "connected to " : "NOT CONNECTED to ")
            + source.path("host").asText()
            + ":"
            + source.path("port").asText()
            + "/"
            + source.path("database").asText()
            + ", slot "
            + source.path("slot").asText()
            + ", last manifest "
            + (capture.hasNonNull("lastManifest") ? capture.path("lastManifest").asText() : "none")
            + " "
            + ago(capture.path("lastFlushAt"), now)
            + ", lag "
            + lag(lag.path("seconds"))
            + ", WAL retained at the source "
            + bytes(lag.path("retainedWalBytes"))
            + sentence(source.path("message")));
    for (JsonNode alarm : capture.path("alarms")) {
      out.println(
          "ALARM ("
              + alarm.path("severity").asText()
              + ", since "
              + ago(alarm.path("since"), now).replace(" ago", "")
              + "): "
              + alarm.path("message").asText()
              + sentence(alarm.path("remedy")).replaceFirst("^\\.", ""));
    }
  }

  private static void table(
      PrintWriter out, List<String> header, boolean[] right, List<List<String>> rows) {
    TextTable table = new TextTable(out, header, right, rows);
    rows.forEach(table::line);
  }

  private static String sentence(JsonNode message) {
    String text = text(message);
    return text.isEmpty() ? "" : ". " + text;
  }

  private static String text(JsonNode node) {
    return node.isNull() || node.isMissingNode() ? "" : node.asText();
  }

  private static String ago(JsonNode time, Instant now) {
    if (!time.isTextual()) {
      return "-";
    }
    try {
      Duration age = Duration.between(Instant.parse(time.asText()), now);
      long seconds = Math.max(0, age.toSeconds());
      return seconds < 120
          ? seconds + " s ago"
          : seconds < 7200 ? seconds / 60 + " min ago" : seconds / 3600 + " h ago";
    } catch (DateTimeParseException e) {
      return time.asText();
    }
  }

  private static String lag(JsonNode seconds) {
    return seconds.isNumber() ? "%.1f s".formatted(seconds.asDouble()) : "-";
  }

  private static String bytes(JsonNode bytes) {
    return bytes.isNumber() ? "%.1f MB".formatted(bytes.asLong() / 1048576.0) : "unknown";
  }
}
