package dev.lakegate.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.jobs.protocol.Json;
import dev.lakegate.jobs.run.Runner;
import dev.lakegate.jobs.spark.Scratch;
import dev.lakegate.jobs.spark.Sessions;
import dev.lakegate.jobs.table.Retention;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.SparkSession;

/** A lake in a test's directory: writes Bronze, runs jobs in this process, reads tables back. */
public final class TestLake {
  private static SparkSession spark;
  private static Scratch scratch;
  private static Connection duck;

  private final Path root;
  private Retention retention;
  private long manifest;
  private ArrayNode pending = Json.object().putArray("files");

  public TestLake(Path directory) {
    this(
        directory,
        Retention.of(
            java.time.Duration.ofHours(2),
            java.time.Duration.ofHours(1),
            java.time.Duration.ofDays(8),
            20,
            60,
            40));
  }

  public TestLake(Path directory, Retention retention) {
    this.root = directory.resolve("lake");
    this.retention = retention;
    try {
      Files.createDirectories(root);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  public static synchronized SparkSession spark() {
    if (spark == null) {
      scratch();
      spark = Sessions.start(scratch.directory());
    }
    return spark;
  }

  private static synchronized Path scratch() {
    if (scratch == null) {
      try {
        scratch =
            Scratch.create(
                Path.of(System.getProperty("lakegate.jobs.args")).getParent().resolve("work"));
        Runtime.getRuntime()
            .addShutdownHook(
                new Thread(
                    () -> {
                      try {
                        scratch.close();
                      } catch (IOException e) {
                        System.err.println(e);
                      }
                    }));
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }
    return scratch.directory();
  }

  public void retention(Retention retention) {
    this.retention = retention;
  }

  public Path root() {
    return root;
  }

  public long manifest() {
    return manifest;
  }

  /** The contracts' golden files; {@code $golden} references are resolved. */
  public static JsonNode golden(String name) {
    Path directory =
        Path.of(System.getProperty("lakegate.basedir"))
            .resolve("platform/model/src/main/resources/contracts/golden");
    try {
      JsonNode node = Json.read(directory.resolve(name));
      if (node.path("specification").has("$golden")) {
        ((ObjectNode) node)
            .set("specification", golden(node.path("specification").path("$golden").asText()));
      }
      return node;
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** Begins the next manifest. */
  public TestLake nextManifest() {
    manifest++;
    return this;
  }

  /** Writes a Bronze file of the present manifest from a SELECT. */
  public TestLake bronze(String table, String select) {
    return bronze(table, 1, select);
  }

  /** As {@link #bronze(String, String)}, of a version of the source's schema. */
  public TestLake bronze(String table, int schemaVersion, String select) {
    int number = pending.size();
    String path =
        "bronze/%s/load_date=2026-03-02/%020d-%d.parquet".formatted(table, manifest, number);
    write(path, select);
    pending
        .addObject()
        .put("manifest", manifest)
        .put("path", path)
        .put("kind", "stream")
        .put("schemaVersion", schemaVersion)
        .put("generation", 1)
        .put("rows", 1)
        .put("bytes", 1);
    return this;
  }

  /** Writes a Parquet file. */
  public void write(String path, String select) {
    Path file = root.resolve(path);
    try {
      Files.createDirectories(file.getParent());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    duck("COPY (" + select + ") TO '" + file + "' (FORMAT parquet, COMPRESSION snappy)");
  }

  public ObjectNode silverRequest(JsonNode specification) {
    ObjectNode request = Json.object();
    request.put("version", 1);
    request.put("runId", "run-" + manifest);
    request.put("mode", "incremental");
    request.put("storageRoot", root.toString());
    request.set("specification", specification);
    request.putNull("after");
    request.putObject("through").put("epoch", "0001").put("manifest", manifest);
    request.set("files", pending.deepCopy());
    request.put("watermark", "2026-03-02T10:15:30.123456Z");
    return request;
  }

  public ObjectNode goldRequest(JsonNode specification, String asOf) {
    ObjectNode request = Json.object();
    request.put("version", 1);
    request.put("runId", "gold");
    request.put("mode", "incremental");
    request.put("storageRoot", root.toString());
    request.set("specification", specification);
    request.putObject("through");
    request.put("asOf", asOf);
    request.putNull("watermark");
    return request;
  }

  /** Runs everything that is pending of one Silver table. */
  public JsonNode silver(JsonNode specification) {
    ObjectNode request = silverRequest(specification);
    forgetPending();
    return run(request);
  }

  public void forgetPending() {
    pending = Json.object().putArray("files");
  }

  public JsonNode run(JsonNode request) {
    return new Runner(TestLake::spark, scratch(), retention, 256).run(request, stage -> {});
  }

  public JsonNode current(String dataset) {
    try {
      return Json.read(
          root.resolve("_catalog").resolve(dataset.replace('.', '/')).resolve("current.json"));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** {@code read_parquet} over the current snapshot's files. */
  public String table(String dataset) {
    List<String> files = new ArrayList<>();
    for (JsonNode file : current(dataset).path("files")) {
      files.add("'" + root.resolve(file.path("path").asText()).toString().replace("'", "''") + "'");
    }
    if (files.isEmpty()) {
      throw new IllegalStateException(dataset + " has no files");
    }
    return "read_parquet(["
        + String.join(",", files)
        + "], union_by_name=true, hive_partitioning=false)";
  }

  public boolean isEmpty(String dataset) {
    return current(dataset).path("files").size() == 0;
  }

  /** Rows as texts, columns joined by a bar, through DuckDB. */
  public static synchronized List<String> query(String sql) {
    try (Statement statement = duck().createStatement()) {
      List<String> result = new ArrayList<>();
      try (ResultSet rows = statement.executeQuery(sql)) {
        int columns = rows.getMetaData().getColumnCount();
        while (rows.next()) {
          StringBuilder row = new StringBuilder();
          for (int i = 1; i <= columns; i++) {
            row.append(i == 1 ? "" : "|").append(rows.getString(i));
          }
          result.add(row.toString());
        }
      }
      return result;
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  public static synchronized void duck(String sql) {
    try (Statement statement = duck().createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  private static Connection duck() throws SQLException {
    if (duck == null) {
      duck = DriverManager.getConnection("jdbc:duckdb:");
      try (Statement statement = duck.createStatement()) {
        statement.execute("SET TimeZone = 'UTC'");
        statement.execute("SET threads = 2");
        statement.execute("SET memory_limit = '256MB'");
      }
    }
    return duck;
  }

  /** Rows that Spark reads through Hudi, each as text. */
  public List<String> hudi(String path, String expression) {
    return spark()
        .read()
        .format("hudi")
        .load(root.resolve(path).toString())
        .selectExpr(expression)
        .as(org.apache.spark.sql.Encoders.STRING())
        .collectAsList();
  }
}
