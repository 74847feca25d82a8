package dev.lakegate.e2e.history;

import dev.lakegate.ingest.capture.CaptureEngine;
import dev.lakegate.ingest.source.SourceSettings;
import dev.lakegate.model.bronze.Lsn;
import dev.lakegate.model.bronze.Manifest;
import dev.lakegate.model.description.SourceTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * One history in a database and a lake of its own: random transactions and mishaps at a real
 * PostgreSQL, the real capture engine and the real Silver jobs, with nothing of the services in
 * between. When it has ended, Silver must equal the source.
 */
final class LightHistory {
  private static final Duration SETTLED = Duration.ofSeconds(90);

  private final long seed;
  private final Random random;
  private final OperationLog log = new OperationLog();
  private final Cluster cluster;
  private final Path directory;
  private final List<SourceTable> tables;
  private final Reader reader;
  private final boolean separate;
  private final Migrations migrations;
  private String database;
  private SourceSettings source;
  private Backend backend;
  private CaptureEngine engine;
  private Process process;
  private boolean locked;

  /**
   * @param jobs null when Bronze itself is compared with the source
   */
  LightHistory(
      long seed,
      Cluster cluster,
      SparkJobs jobs,
      DuckFiles duckdb,
      Description description,
      Path directory) {
    this.seed = seed;
    this.random = new Random(seed);
    this.cluster = cluster;
    this.directory = directory;
    List<SourceTable> all = new ArrayList<>(description.tables());
    // The first is one with values that are stored aside.
    List<SourceTable> large =
        all.stream()
            .filter(
                t ->
                    t.columns().stream()
                        .anyMatch(c -> List.of("text", "jsonb").contains(c.sourceType())))
            .toList();
    SourceTable first = large.get(random.nextInt(large.size()));
    all.remove(first);
    this.tables =
        random.nextInt(3) == 0
            ? List.of(first)
            : List.of(first, all.get(random.nextInt(all.size())));
    Path lake = directory.resolve("lake");
    this.reader =
        jobs == null
            ? new BronzeRows(lake, duckdb)
            : new SilverRuns(lake, tables, jobs, duckdb, log, random);
    this.migrations = new Migrations(random, jobs == null);
    this.separate = random.nextInt(3) == 0;
  }

  /**
   * Runs it.
   *
   * @throws AssertionError with the seed and what was done, when Silver differs in the end
   */
  void run() throws Exception {
    Files.createDirectories(directory);
    database = cluster.newDatabase();
    source =
        new SourceSettings(
            cluster.url(database), "postgres", "postgres", "slot_" + database, "lakegate");
    Map<String, List<String>> keys = new LinkedHashMap<>();
    tables.forEach(t -> keys.put(t.sourceTable(), t.key()));
    backend = new Backend(random.nextLong(), keys, log);
    log.add(
        "-- tables %s, capture %s"
            .formatted(keys.keySet(), separate ? "in a process to be killed" : "in this process"));
    Connection open = null;
    try {
      try (Connection connection = cluster.connect(database)) {
        for (int i = random.nextInt(6); i > 0; i--) {
          backend.transaction(connection);
        }
      }
      startCapture();
      for (int phase = 0; phase < 2; phase++) {
        for (int steps = 10 + random.nextInt(50); steps > 0; steps--) {
          open = step(open);
        }
        if (open != null) {
          open.commit();
          open.close();
          open = null;
          log.add("COMMIT; -- of the long transaction");
        }
        restore();
        settle();
        log.add("-- settled");
      }
      if (Boolean.getBoolean("lakegate.histories.keep")) {
        log.keep(logFile());
      }
    } catch (AssertionError | Exception e) {
      throw new AssertionError(
          "seed %d: %s%n%s%ncapture: %s".formatted(seed, e, log.keep(logFile()), captureSays()), e);
    } finally {
      if (open != null) {
        open.close();
      }
      stopCapture(false);
      cluster.drop(database, source.slot());
    }
  }

  /** Gives every table an identity again that carries its key, so that it can be captured. */
  private void restore() throws SQLException, IOException {
    try (Connection connection = cluster.connect(database)) {
      for (SourceTable table : tables) {
        backend.execute(connection, migrations.restore(connection, table));
      }
    }
  }

  private Path logFile() {
    return Description.base().resolve("tests/e2e/target/histories/light-" + seed + ".log");
  }

  /** One step; returns the transaction that is left open, if any. */
  private Connection step(Connection open) throws Exception {
    int kind = random.nextInt(100);
    if (open != null && (locked || random.nextInt(8) == 0)) {
      // Nothing else can be done to a locked table for long.
      if (!locked || random.nextInt(3) == 0) {
        return toggle(open);
      }
    }
    if (kind < 52) {
      transactions(1 + random.nextInt(4));
    } else if (kind < 57) {
      reader.some(random.nextInt(25) == 0);
    } else if (kind < 77) {
      awaitManifest();
    } else if (kind < 82) {
      return toggle(open);
    } else if (kind < 87) {
      log.add("-- capture is " + (separate ? "killed" : "stopped") + " and started");
      stopCapture(separate);
      if (random.nextBoolean()) {
        transactions(1 + random.nextInt(3));
      }
      startCapture();
    } else if (kind < 89) {
      log.add("-- capture loses its connections");
      disconnectCapture();
    } else if (kind < 90) {
      try (Connection connection = cluster.connect(database)) {
        backend.largeTransaction(connection, 2000);
      }
    } else if (kind < 91) {
      resync();
    } else if (kind < 92) {
      log.add("-- slot dropped: " + cluster.dropSlot(source.slot()));
    } else {
      alter();
    }
    return open;
  }

  /** Begins a transaction that stays open, or ends the one that is. */
  private Connection toggle(Connection open) throws SQLException {
    if (open != null) {
      open.commit();
      open.close();
      locked = false;
      log.add("COMMIT; -- of the long transaction");
      return null;
    }
    Connection connection = cluster.connect(database);
    if (random.nextInt(3) > 0) {
      backend.beginLong(connection);
    } else {
      locked = true;
      // Capture cannot read the table, so that its copy stops half-way.
      SourceTable table = tables.get(random.nextInt(tables.size()));
      backend.execute(
          connection,
          List.of("LOCK TABLE public." + table.sourceTable() + " IN ACCESS EXCLUSIVE MODE"));
    }
    return connection;
  }

  private void transactions(int count) throws SQLException {
    try (Connection connection = cluster.connect(database)) {
      for (int i = 0; i < count; i++) {
        backend.transaction(connection);
      }
    }
  }

  /** What a migration or an administrator does to a table. */
  private void alter() throws Exception {
    SourceTable table = tables.get(random.nextInt(tables.size()));
    try (Connection connection = cluster.connect(database)) {
      List<String> statements = migrations.next(connection, table);
      if (statements.stream().allMatch(sql -> sql.startsWith("VACUUM"))) {
        try (Statement statement = connection.createStatement()) {
          statement.execute("SET lock_timeout = '200ms'");
          for (String sql : statements) {
            log.add(sql + ";");
            statement.execute(sql);
          }
        } catch (SQLException e) {
          log.add("-- refused: " + e.getMessage());
        }
      } else {
        backend.execute(connection, statements);
      }
    }
  }

  /** Asks capture for a new copy of a table. */
  private void resync() throws Exception {
    if (engine != null) {
      SourceTable table = tables.get(random.nextInt(tables.size()));
      log.add(
          "-- resync of %s: %s"
              .formatted(
                  table.sourceTable(), engine.resync(table.sourceTable(), "the history asks")));
    }
  }

  /** Waits until Silver equals the source; traffic has stopped. */
  private void settle() throws Exception {
    String position;
    try (Connection connection = cluster.connect(database)) {
      try (Statement statement = connection.createStatement();
          ResultSet row = statement.executeQuery("SELECT pg_current_wal_insert_lsn()::text")) {
        row.next();
        position = row.getString(1);
      }
      backend.sentinels(connection);
    }
    log.add("-- settles");
    long end = System.nanoTime() + SETTLED.toNanos();
    // A hint alone, to spare the jobs runs: changes that a copy contains move no position.
    long soon = System.nanoTime() + TimeUnit.SECONDS.toNanos(3);
    while (!captured(position) && System.nanoTime() < soon) {
      TimeUnit.MILLISECONDS.sleep(20);
    }
    while (true) {
      reader.all();
      List<String> differences = differences();
      if (differences.isEmpty()) {
        return;
      }
      if (System.nanoTime() > end) {
        throw new AssertionError(String.join("\n", differences));
      }
      awaitManifest();
      reviveCapture();
    }
  }

  private List<String> differences() throws Exception {
    List<String> differences = new ArrayList<>();
    try (Connection connection = cluster.connect(database)) {
      connection.setAutoCommit(false);
      for (SourceTable table : tables) {
        differences.addAll(reader.differences(table, connection));
      }
    }
    return differences;
  }

  private boolean captured(String position) {
    List<Manifest> chain = reader.chain();
    return !chain.isEmpty()
        && Long.compareUnsigned(
                Lsn.parse(chain.get(chain.size() - 1).position()).value(),
                Lsn.parse(position).value())
            > 0;
  }

  /** Waits a little for the chain to grow. */
  private void awaitManifest() throws InterruptedException {
    int before = reader.chain().size();
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(600);
    while (reader.chain().size() == before && System.nanoTime() < end) {
      TimeUnit.MILLISECONDS.sleep(10);
    }
  }

  private void disconnectCapture() throws SQLException {
    cluster.execute(
        "postgres",
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '"
            + database
            + "' AND (backend_type = 'walsender' OR application_name ~ 'akegate')");
  }

  private void startCapture() throws Exception {
    if (separate) {
      process = CaptureMain.start(directory, source, tables);
    } else {
      engine = CaptureMain.engine(directory, source, tables);
      engine.start();
    }
  }

  private void reviveCapture() throws Exception {
    if (process != null && !process.isAlive()) {
      throw new AssertionError("capture ended by itself");
    }
  }

  private void stopCapture(boolean kill) throws InterruptedException, SQLException {
    if (process != null) {
      if (kill) {
        process.destroyForcibly().waitFor();
      } else {
        process.destroy();
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
          process.destroyForcibly().waitFor();
        }
      }
      process = null;
    }
    if (engine != null) {
      if (!engine.stop(Duration.ofSeconds(5))) {
        // It waits at the source for a transaction that this history holds open.
        disconnectCapture();
      }
      if (!engine.stop(Duration.ofSeconds(30))) {
        throw new AssertionError("capture does not stop");
      }
      engine = null;
    }
  }

  private String captureSays() throws Exception {
    if (engine != null) {
      return engine.state().source().message()
          + engine.state().tables().stream()
              .map(t -> "\n  " + t.table() + " " + t.state() + " " + t.reason())
              .collect(Collectors.joining());
    }
    Path output = directory.resolve("capture.log");
    if (!Files.exists(output)) {
      return "it did not run";
    }
    List<String> lines = Files.readAllLines(output);
    return String.join("\n", lines.subList(Math.max(0, lines.size() - 15), lines.size()));
  }
}
