package dev.lakegate.e2e.history;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.e2e.Gateway;
import dev.lakegate.e2e.Stack;
import dev.lakegate.model.description.SourceTable;
import java.io.IOException;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * One history on a whole Lakegate: random transactions at the source, one mishap or more among
 * them, then traffic stops, and Silver, Gold and the gateway's answers must equal the source.
 */
final class StackHistory {
  /**
   * More than the promised minute: a killed process has to start first, a table to be copied anew,
   * and machines that run tests are busy. How long it took is printed.
   */
  private static final Duration SETTLED = Duration.ofMinutes(4);

  private static final String REVENUE_AT_THE_SOURCE =
      """
      SELECT tenant_id, to_char(order_date, 'YYYY-MM-DD'), count(*)::text,
             sum(total)::numeric(18,2)::text
      FROM core_order WHERE status = 'completed' GROUP BY 1, 2
      """;
  private static final String REVENUE =
      "SELECT tenant_id, dt, order_count, total_revenue FROM gold.revenue_metrics ";

  /** What goes wrong. */
  enum Mishap {
    NONE,
    CAPTURE_KILLED,
    SPARK_KILLED,
    TRANSFORM_KILLED,
    MIGRATION,
    CONNECTIONS_LOST,
    RESYNC,
    SOURCE_CRASHED,
    SLOT_DROPPED,
    GATEWAY_KILLED,
    GOVERNANCE_KILLED
  }

  private final long seed;
  private final Mishap mishap;
  private final Random random;
  private final OperationLog log = new OperationLog();
  private final Cluster cluster;
  private final String database;
  private final Stack stack;
  private final DuckFiles duckdb;
  private final List<SourceTable> described;
  private final List<SourceTable> tables;
  private final Backend backend;
  private final Migrations migrations;
  private final FormerStates former;

  StackHistory(
      long seed,
      Mishap mishap,
      Cluster cluster,
      String database,
      Stack stack,
      DuckFiles duckdb,
      Description description,
      FormerStates former) {
    this.seed = seed;
    this.mishap = mishap;
    this.random = new Random(seed);
    this.cluster = cluster;
    this.database = database;
    this.stack = stack;
    this.duckdb = duckdb;
    this.described = description.tables();
    List<String> names = new ArrayList<>(List.of("order"));
    names.add(List.of("event", "customer", "product", "tenant", "invoice").get(random.nextInt(5)));
    this.tables = description.tables(names);
    Map<String, List<String>> keys = new LinkedHashMap<>();
    tables.forEach(t -> keys.put(t.sourceTable(), t.key()));
    this.backend = new Backend(random.nextLong(), keys, log);
    this.migrations = new Migrations(random, true);
    this.former = former;
  }

  /**
   * Runs it.
   *
   * @return seconds from the last change until everything was equal
   * @throws AssertionError with the seed and what was done, when something differs in the end
   */
  double run() throws Exception {
    log.add(
        "-- tables %s, mishap %s"
            .formatted(tables.stream().map(SourceTable::name).toList(), mishap));
    try {
      int steps = 6 + random.nextInt(10);
      int when = random.nextInt(steps);
      for (int step = 0; step < steps; step++) {
        if (step == when) {
          goWrong();
        }
        try (Connection connection = cluster.connect(database)) {
          for (int i = 1 + random.nextInt(5); i > 0; i--) {
            backend.transaction(connection);
          }
          if (random.nextInt(12) == 0) {
            backend.largeTransaction(connection, 3000);
          }
        }
        // So that changes meet the flush and the runs at every stage.
        TimeUnit.MILLISECONDS.sleep(random.nextInt(700));
      }
      return settle();
    } catch (AssertionError | Exception e) {
      throw new AssertionError(
          "seed %d, %s: %s%n%s"
              .formatted(
                  seed,
                  mishap,
                  e,
                  log.keep(
                      Description.base()
                          .resolve("tests/e2e/target/histories/stack-" + seed + ".log"))),
          e);
    }
  }

  private void goWrong() throws Exception {
    log.add("-- " + mishap);
    switch (mishap) {
      case NONE -> {}
      case CAPTURE_KILLED -> stack.process("ingest-service").destroyForcibly();
      case TRANSFORM_KILLED -> stack.process("transform-service").destroyForcibly();
      case GATEWAY_KILLED -> stack.process("query-gateway").destroyForcibly();
      case GOVERNANCE_KILLED -> stack.process("governance-service").destroyForcibly();
      case SPARK_KILLED -> sparkAtWork().destroyForcibly();
      case CONNECTIONS_LOST -> cluster.disconnect(database);
      case SOURCE_CRASHED -> cluster.restart();
      case SLOT_DROPPED -> log.add("-- slot dropped: " + cluster.dropSlot("lakegate"));
      case RESYNC -> resync(tables.get(random.nextInt(tables.size())));
      case MIGRATION -> {
        for (int i = 1 + random.nextInt(3); i > 0; i--) {
          migrate(tables.get(random.nextInt(tables.size())));
        }
      }
    }
  }

  private ProcessHandle sparkAtWork() throws Exception {
    Gateway transform = new Gateway(stack.address("transform"), stack.token("engineer"));
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
    while (System.nanoTime() < end
        && transform.get("/api/v1/runs?status=running").body().path("items").isEmpty()) {
      TimeUnit.MILLISECONDS.sleep(20);
    }
    TimeUnit.MILLISECONDS.sleep(random.nextInt(800));
    return stack.spark();
  }

  private void migrate(SourceTable table) throws Exception {
    try (Connection connection = cluster.connect(database)) {
      List<String> statements = migrations.next(connection, table);
      if (statements.get(0).startsWith("VACUUM")) {
        try (Statement statement = connection.createStatement()) {
          log.add(statements.get(0));
          statement.execute(statements.get(0));
        }
      } else {
        backend.execute(connection, statements);
      }
    }
  }

  private void resync(SourceTable table) throws Exception {
    Gateway ingest = new Gateway(stack.address("ingest"), stack.token("engineer"));
    Gateway.Reply reply =
        ingest.post("/api/v1/tables/" + table.sourceTable() + "/resync", Map.of("reason", "test"));
    log.add("-- resync of " + table.sourceTable() + ": " + reply.status());
  }

  /** As an operator does it: whatever waits for a decision gets one. */
  private void decide() throws Exception {
    Gateway ingest = new Gateway(stack.address("ingest"), stack.token("engineer"));
    for (SourceTable table : tables) {
      JsonNode state;
      try {
        state = ingest.get("/api/v1/tables/" + table.sourceTable()).body();
      } catch (IOException e) {
        // It is starting again.
        return;
      }
      JsonNode pending = state.path("pendingApproval");
      if (pending.hasNonNull("schemaVersion")) {
        if (pending.path("explanation").asText().contains("extra_") && random.nextBoolean()) {
          Gateway.Reply reply =
              ingest.post(
                  "/api/v1/tables/" + table.sourceTable() + "/approve",
                  Map.of("schemaVersion", pending.path("schemaVersion").asInt()));
          log.add("-- approve %s: %s".formatted(pending, reply));
        } else {
          resync(table);
        }
      }
    }
  }

  private double settle() throws Exception {
    try (Connection connection = cluster.connect(database)) {
      for (SourceTable table : tables) {
        backend.execute(connection, migrations.restore(connection, table));
      }
      backend.sentinels(connection);
    }
    log.add("-- settles");
    long started = System.nanoTime();
    long end = started + SETTLED.toNanos();
    while (true) {
      List<String> differences = differences();
      if (differences.isEmpty()) {
        double seconds = (System.nanoTime() - started) / 1e9;
        formerStates();
        return seconds;
      }
      if (System.nanoTime() > end) {
        throw new AssertionError(String.join("\n", differences) + "\n" + says());
      }
      decide();
      TimeUnit.MILLISECONDS.sleep(500);
    }
  }

  /** What was so when histories before this one ended is still told, and this end remembered. */
  private void formerStates() throws Exception {
    Gateway engineer = stack.gateway("engineer");
    List<String> differences = former.differences(engineer, random);
    if (!differences.isEmpty()) {
      throw new AssertionError(String.join("\n", differences));
    }
    try (Connection connection = cluster.connect(database)) {
      connection.setAutoCommit(false);
      for (SourceTable table : tables) {
        Told told = Told.of(table, connection);
        former.record(
            table.dataset(), told.names(), table.key(), told.expected(), engineer, told::actual);
      }
      former.record(
          "gold.revenue_metrics",
          List.of("tenant_id", "dt", "order_count", "total_revenue"),
          List.of("tenant_id", "dt"),
          DuckFiles.rows(connection, REVENUE_AT_THE_SOURCE),
          engineer,
          (gateway, asOf) -> gateway.query(REVENUE + asOf).rows());
    }
  }

  private List<String> differences() throws Exception {
    List<String> differences = new ArrayList<>();
    SilverFiles files = new SilverFiles(stack.data().resolve("lake"), duckdb);
    try (Connection connection = cluster.connect(database)) {
      connection.setAutoCommit(false);
      for (SourceTable table : described) {
        differences.addAll(files.differences(table, connection, true));
      }
      if (!differences.isEmpty()) {
        return differences;
      }
      Gateway engineer = stack.gateway("engineer");
      try {
        for (SourceTable table : tables) {
          differences.addAll(throughGateway(table, connection, engineer));
        }
        differences.addAll(
            Rows.differences(
                "gold.revenue_metrics",
                List.of("tenant_id", "dt", "order_count", "total_revenue"),
                List.of("tenant_id", "dt"),
                DuckFiles.rows(connection, REVENUE_AT_THE_SOURCE),
                engineer.query(REVENUE).rows()));
      } catch (IOException e) {
        differences.add("the gateway does not answer: " + e);
      }
    }
    return differences;
  }

  private static List<String> throughGateway(SourceTable table, Connection source, Gateway gateway)
      throws Exception {
    Told told = Told.of(table, source);
    return Rows.differences(
        "the gateway's " + table.dataset(),
        told.names(),
        table.key(),
        told.expected(),
        told.actual(gateway, ""));
  }

  private String says() {
    try {
      StringBuilder text = new StringBuilder();
      JsonNode status = stack.status();
      text.append(status.path("capture").path("source").path("message").asText());
      for (JsonNode table : status.path("capture").path("tables")) {
        if (!table.path("state").asText().equals("streaming")) {
          text.append("\n").append(table);
        }
      }
      for (JsonNode dataset : status.path("datasets")) {
        if (!dataset.path("state").asText().equals("fresh")) {
          text.append("\n").append(dataset);
        }
      }
      return text.toString();
    } catch (IOException | InterruptedException | AssertionError e) {
      return "no status: " + e;
    }
  }
}
