package dev.lakegate.laptop.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.laptop.backend.SampleBackend;
import dev.lakegate.laptop.backend.Shop;
import dev.lakegate.laptop.cli.DemoCommand.DemoFailed;
import dev.lakegate.laptop.cli.SourceTruth.Revenue;
import dev.lakegate.laptop.supervisor.Stack;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The steps of the demo on a running stack with fresh sample data and no traffic. */
final class Demo {
  private static final Duration CAPTURE = Duration.ofSeconds(90);
  private static final Duration LAKE = Duration.ofSeconds(300);
  private static final Duration LIVE = Duration.ofSeconds(120);
  private static final String REVENUE =
      "SELECT count(*) AS days, count(DISTINCT tenant_id) AS tenants,"
          + " sum(order_count) AS orders, sum(total_revenue) AS revenue"
          + " FROM gold.revenue_metrics";
  private static final String FIRST = "tenant-1";
  private static final String SECOND = "tenant-2";

  private final PrintWriter out;
  private final GatewayClient gateway;
  private final SampleBackend backend;
  private final SourceTruth truth;

  Demo(Stack stack, PrintWriter out) {
    this.out = out;
    this.gateway = new GatewayClient(stack.state());
    this.backend = stack.backend().orElseThrow();
    this.truth = new SourceTruth(backend);
  }

  void run() throws SQLException {
    showCapture();
    waitForTheLake();
    compareSilver();
    showThreeAnswers();
    makeLiveChanges();
    showThreeAnswers();
    showRefusals();
  }

  // -- capture ------------------------------------------------------------------------------

  private void showCapture() throws SQLException {
    heading("Rows captured from the source");
    Map<String, Long> atSource = backend.countRows();
    Map<String, JsonNode> captured = new LinkedHashMap<>();
    long from = System.nanoTime();
    String problem = "";
    while (true) {
      try {
        captured.clear();
        JsonNode state = gateway.get("admin", "ingest", "/api/v1/state");
        state.path("tables").forEach(t -> captured.put(tableName(t.path("table").asText()), t));
        problem = state.path("source").path("message").asText("");
        if (SampleBackend.TABLES.stream()
            .allMatch(
                t ->
                    captured.containsKey(t)
                        && captured.get(t).path("state").asText().equals("streaming"))) {
          break;
        }
      } catch (GatewayClient.Refusal | CommandFailed e) {
        problem = e.getMessage();
      }
      if (elapsed(from).compareTo(CAPTURE) > 0) {
        throw new DemoFailed("the initial copy did not end in time. " + problem);
      }
      pause(250);
    }
    List<List<String>> rows = new ArrayList<>();
    for (String table : SampleBackend.TABLES) {
      long copied = captured.get(table).path("rowsCopied").asLong();
      rows.add(List.of(table, "%,d".formatted(atSource.get(table)), "%,d".formatted(copied)));
      if (copied != atSource.get(table)) {
        throw new DemoFailed(
            table + " has " + atSource.get(table) + " rows but " + copied + " were captured");
      }
    }
    table(List.of("table", "at the source", "captured"), rows);
  }

  private static String tableName(String name) {
    return name.startsWith("public.") ? name.substring("public.".length()) : name;
  }

  // -- Silver and Gold ----------------------------------------------------------------------

  private void waitForTheLake() {
    heading("Silver and Gold");
    long from = System.nanoTime();
    String shown = "";
    while (true) {
      Map<String, String> states = new TreeMap<>();
      String why = "";
      try {
        for (JsonNode dataset : gateway.operations("admin").path("datasets")) {
          String layer = dataset.path("layer").asText();
          if (layer.equals("silver") || layer.equals("gold")) {
            String state = dataset.path("state").asText();
            states.put(dataset.path("dataset").asText(), state);
            if (state.equals("failed")) {
              why = dataset.path("dataset").asText() + ": " + dataset.path("reason").asText();
            }
          }
        }
      } catch (GatewayClient.Refusal | CommandFailed e) {
        why = e.getMessage();
      }
      String line =
          "fresh: %d of %d tables in Silver, %d of %d in Gold"
              .formatted(
                  count(states, "silver.", "fresh"),
                  count(states, "silver.", null),
                  count(states, "gold.", "fresh"),
                  count(states, "gold.", null));
      if (!line.equals(shown)) {
        out.println("  %5.1f s  %s".formatted(elapsed(from).toMillis() / 1e3, line));
        shown = line;
      }
      if (!states.isEmpty() && states.values().stream().allMatch("fresh"::equals)) {
        return;
      }
      if (elapsed(from).compareTo(LAKE) > 0) {
        throw new DemoFailed("Silver and Gold did not catch up in time. " + why);
      }
      pause(500);
    }
  }

  private static long count(Map<String, String> states, String prefix, String state) {
    return states.entrySet().stream()
        .filter(e -> e.getKey().startsWith(prefix))
        .filter(e -> state == null || e.getValue().equals(state))
        .count();
  }

  private void compareSilver() throws SQLException {
    List<List<String>> rows = new ArrayList<>();
    for (Map.Entry<String, Long> table : backend.countRows().entrySet()) {
      String name = "silver." + table.getKey().substring("core_".length());
      long inSilver =
          ask("engineer", "SELECT count(*) FROM " + quoted(name)).get(0).path(0).asLong();
      rows.add(List.of(name, "%,d".formatted(table.getValue()), "%,d".formatted(inSilver)));
      if (inSilver != table.getValue()) {
        throw new DemoFailed(name + " has " + inSilver + " rows, the source " + table.getValue());
      }
    }
    table(List.of("table", "at the source", "in Silver"), rows);
  }

  private static String quoted(String name) {
    String[] parts = name.split("\\.");
    return parts[0] + ".\"" + parts[1] + "\"";
  }

  // -- answers ------------------------------------------------------------------------------

  private void showThreeAnswers() throws SQLException {
    heading("One query, three principals");
    out.println("  " + REVENUE);
    List<List<String>> rows = new ArrayList<>();
    List<Revenue> answers = new ArrayList<>();
    for (String user : new String[] {"analyst@" + FIRST, "analyst@" + SECOND, "analyst"}) {
      String tenant = user.contains("@") ? user.substring(user.indexOf('@') + 1) : null;
      Revenue expected = truth.revenue(tenant);
      Revenue answer = revenue(user);
      answers.add(answer);
      rows.add(
          List.of(
              user,
              Long.toString(answer.days()),
              Long.toString(answer.tenants()),
              "%,d".formatted(answer.orders()),
              "%,.2f".formatted(answer.revenue()),
              answer.equals(expected) ? "equals the source" : "WRONG: source says " + expected));
      if (!answer.equals(expected)) {
        table(List.of("principal", "days", "tenants", "orders", "revenue", ""), rows);
        throw new DemoFailed(user + " is answered " + answer + ", the source says " + expected);
      }
    }
    table(List.of("principal", "days", "tenants", "orders", "revenue", ""), rows);
    if (answers.get(0).equals(answers.get(1)) || answers.get(2).equals(answers.get(0))) {
      throw new DemoFailed("the three principals are answered the same");
    }
  }

  private Revenue revenue(String user) {
    JsonNode row = ask(user, REVENUE).get(0);
    return new Revenue(
        row.path(0).asLong(),
        row.path(1).asLong(),
        row.path(2).asLong(),
        new BigDecimal(row.path(3).asText("0").replace("null", "0")));
  }

  // -- live changes -------------------------------------------------------------------------

  private void makeLiveChanges() throws SQLException {
    heading("Live changes at the source");
    List<List<String>> rows = new ArrayList<>();
    try (Shop shop = backend.shop(42)) {
      long[] inserted = new long[1];
      rows.add(
          live(
              "insert",
              "a completed order of " + FIRST,
              () -> {
                inserted[0] = shop.placeOrder(FIRST, "completed");
              }));
      long older = truth.completedOrderBut(FIRST, inserted[0]);
      rows.add(
          live(
              "update",
              "an older order of " + FIRST + " is refunded",
              () -> shop.setOrderStatus(older, "refunded")));
      rows.add(live("delete", "the new order of " + FIRST, () -> shop.deleteOrder(inserted[0])));
    }
    table(List.of("change", "what", "seconds until analyst@" + FIRST + " saw it"), rows);
  }

  private interface Change {
    void make() throws SQLException;
  }

  private List<String> live(String kind, String what, Change change) throws SQLException {
    Revenue before = truth.revenue(FIRST);
    long from = System.nanoTime();
    change.make();
    Revenue expected = truth.revenue(FIRST);
    if (expected.equals(before)) {
      throw new DemoFailed("the live " + kind + " changed nothing at the source");
    }
    Revenue answer = null;
    while (elapsed(from).compareTo(LIVE) < 0) {
      answer = revenue("analyst@" + FIRST);
      if (answer.equals(expected)) {
        double seconds = elapsed(from).toMillis() / 1e3;
        out.println("  %s: visible after %.1f s".formatted(kind, seconds));
        return List.of(kind, what, "%.1f".formatted(seconds));
      }
      if (!answer.equals(before)) {
        throw new DemoFailed(
            "after the live "
                + kind
                + " the answer is "
                + answer
                + ", neither the old "
                + before
                + " nor the new "
                + expected);
      }
      pause(200);
    }
    throw new DemoFailed(
        "the live " + kind + " was not visible after " + LIVE.toSeconds() + " s: " + answer);
  }

  // -- refusals -----------------------------------------------------------------------------

  private void showRefusals() {
    heading("What is refused");
    refused("analyst@" + FIRST, "SELECT * FROM silver.customer");
    refused("analyst", "SELECT email FROM gold.dim_customer");
    JsonNode all = gateway.query("analyst", "SELECT * FROM gold.dim_customer LIMIT 1", id -> {});
    List<String> columns = new ArrayList<>();
    all.path("columns").forEach(c -> columns.add(c.path("name").asText()));
    out.println("  analyst: SELECT * FROM gold.dim_customer");
    out.println("    shows " + String.join(", ", columns));
    if (columns.isEmpty() || columns.contains("email") || columns.contains("phone")) {
      throw new DemoFailed("SELECT * shows analyst the columns " + columns);
    }
  }

  private void refused(String user, String sql) {
    out.println("  " + user + ": " + sql);
    try {
      ask(user, sql);
    } catch (GatewayClient.Refusal e) {
      out.println("    " + e.describe().replace("\n", "\n    "));
      if (e.status() != 403) {
        throw new DemoFailed("the refusal has status " + e.status() + ", not 403");
      }
      return;
    }
    throw new DemoFailed(user + " was answered: " + sql);
  }

  // -- helpers ------------------------------------------------------------------------------

  private List<JsonNode> ask(String user, String sql) {
    List<JsonNode> rows = new ArrayList<>();
    gateway.query(user, sql, id -> {}).path("rows").forEach(rows::add);
    return rows;
  }

  private void heading(String text) {
    out.println();
    out.println(text);
  }

  private void table(List<String> header, List<List<String>> rows) {
    boolean[] right = new boolean[header.size()];
    for (int i = 1; i < right.length; i++) {
      int column = i;
      right[i] = rows.stream().allMatch(r -> r.get(column).matches("[\\d.,]*\\d"));
    }
    TextTable table = new TextTable(out, "  ", header, right, rows);
    rows.forEach(table::line);
  }

  private static Duration elapsed(long from) {
    return Duration.ofNanos(System.nanoTime() - from);
  }

  private static void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DemoFailed("interrupted");
    }
  }
}
