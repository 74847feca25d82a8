package dev.lakegate.gateway;

import dev.lakegate.model.bronze.BronzeFile;
import dev.lakegate.model.bronze.BronzePaths;
import dev.lakegate.model.bronze.Manifest;
import dev.lakegate.model.json.Json;
import dev.lakegate.model.snapshot.Snapshot;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A small lake on disk: Parquet written by a DuckDB of its own, snapshots and manifests as the
 * contracts say.
 */
public final class TestLake implements AutoCloseable {
  private static final DateTimeFormatter INSTANT = DateTimeFormatter.ofPattern("uuuuMMddHHmmssSSS");

  private final Path root;
  private final Connection duckdb;
  private LocalDateTime clock = LocalDateTime.parse("2026-03-02T10:00:00");
  private int file;
  private long manifest;

  /** A lake below a directory. */
  public TestLake(Path root) {
    this.root = root;
    try {
      Files.createDirectories(root);
      duckdb = new org.duckdb.DuckDBDriver().connect("jdbc:duckdb:", new java.util.Properties());
      try (Statement s = duckdb.createStatement()) {
        s.execute("SET TimeZone = 'UTC'");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Where it is. */
  public Path root() {
    return root;
  }

  /** A column of a table to publish. */
  public static Snapshot.Column column(String name, String type) {
    return new Snapshot.Column(name, type, true, name);
  }

  /**
   * Publishes a table: one file for each tenant.
   *
   * @param rows a query by tenant, whose columns are the table's
   */
  public void publish(
      String database, String table, List<Snapshot.Column> columns, Map<String, String> rows) {
    publish(database, table, "tenant", List.of("tenant_id"), columns, rows);
  }

  /** The instant published last. */
  public String instant() {
    return INSTANT.format(clock);
  }

  /** When the instant published last could be read from: a second after its commit began. */
  public Instant publishedAt() {
    return clock.toInstant(ZoneOffset.UTC).plusSeconds(1);
  }

  /** Takes a table's states out of the catalog. */
  public void forget(String database, String table) {
    Path folder = root.resolve("_catalog").resolve(database).resolve(table);
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path f : files) {
        Files.delete(f);
      }
    } catch (NoSuchFileException e) {
      // Nothing was published of it.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Says of a table that it was made of a former state.
   *
   * @param facts by which that state was read, JSON; null when nobody knows
   */
  public void asOf(String database, String table, Instant expiresAt, String facts) {
    Path folder = root.resolve("_catalog").resolve(database).resolve(table);
    try {
      Files.createDirectories(folder);
      Files.writeString(
          folder.resolve("asof.json"),
          "{\"version\":1,\"expiresAt\":\"%s\"%s}"
              .formatted(expiresAt, facts == null ? "" : ",\"facts\":" + facts));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Lets time pass before the next publication. */
  public void pass(int seconds) {
    clock = clock.plusSeconds(seconds);
  }

  /** Publishes a table of another scope; the key of each query is its partition's value. */
  public void publish(
      String database,
      String table,
      String scope,
      List<String> partitionBy,
      List<Snapshot.Column> columns,
      Map<String, String> rows) {
    clock = clock.plusNanos(1_000_000);
    String instant = instant();
    List<Snapshot.File> files = new ArrayList<>();
    rows.forEach(
        (tenant, sql) -> {
          String folder =
              partitionBy.isEmpty()
                  ? ""
                  : partitionBy.get(0) + "=" + BronzePaths.partitionValue(tenant) + "/";
          String path =
              database + "/" + table + "/" + folder + (file++) + "_" + instant + ".parquet";
          long count = write(path, sql);
          Map<String, String> partition = new HashMap<>();
          partitionBy.forEach(p -> partition.put(p, tenant));
          files.add(new Snapshot.File(path, partition, count, size(path), Map.of(), Map.of()));
        });
    Snapshot snapshot =
        new Snapshot(
            Snapshot.VERSION,
            database,
            table,
            scope,
            instant,
            publishedAt(),
            "Table " + table + ".",
            scope.equals("tenant") ? "tenant_id" : null,
            columns,
            partitionBy,
            files,
            Json.MAPPER.createObjectNode(),
            Instant.parse("2026-03-02T10:15:30Z"));
    publish(snapshot);
  }

  private void publish(Snapshot snapshot) {
    try {
      Path folder = root.resolve("_catalog").resolve(snapshot.database()).resolve(snapshot.table());
      Files.createDirectories(folder);
      Files.writeString(folder.resolve(snapshot.instant() + ".json"), Json.write(snapshot));
      Path temporary = folder.resolve("tmp");
      Files.writeString(temporary, Json.write(snapshot));
      Files.move(
          temporary,
          folder.resolve("current.json"),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * A file of a table to publish.
   *
   * @param partition value of each partition column
   * @param sql its rows
   */
  public record Contents(Map<String, String> partition, String sql) {}

  /**
   * Publishes a table file by file.
   *
   * @param measured columns whose smallest and largest values the snapshot lists
   */
  public void publish(
      String database,
      String table,
      List<Snapshot.Column> columns,
      List<String> partitionBy,
      List<Contents> contents,
      List<String> measured) {
    clock = clock.plusNanos(1_000_000);
    String instant = instant();
    List<Snapshot.File> files = new ArrayList<>();
    for (Contents c : contents) {
      StringBuilder folder = new StringBuilder();
      for (String p : partitionBy) {
        folder
            .append(p)
            .append('=')
            .append(BronzePaths.partitionValue(c.partition().get(p)))
            .append('/');
      }
      String path = database + "/" + table + "/" + folder + (file++) + "_" + instant + ".parquet";
      long count = write(path, c.sql());
      Map<String, String> min = new HashMap<>();
      Map<String, String> max = new HashMap<>();
      for (String column : measured) {
        min.put(column, value("min", column, path));
        max.put(column, value("max", column, path));
      }
      min.values().removeIf(java.util.Objects::isNull);
      max.values().removeIf(java.util.Objects::isNull);
      files.add(new Snapshot.File(path, c.partition(), count, size(path), min, max));
    }
    publish(
        new Snapshot(
            Snapshot.VERSION,
            database,
            table,
            "tenant",
            instant,
            publishedAt(),
            "Table " + table + ".",
            "tenant_id",
            columns,
            partitionBy,
            files,
            Json.MAPPER.createObjectNode(),
            Instant.parse("2026-03-02T10:15:30Z")));
  }

  /** As snapshots write it: times in UTC, ISO-8601. */
  private String value(String function, String column, String path) {
    try (Statement s = duckdb.createStatement();
        ResultSet r =
            s.executeQuery(
                "SELECT v, typeof(v), v::VARCHAR FROM (SELECT "
                    + function
                    + "(\""
                    + column
                    + "\") AS v FROM read_parquet('"
                    + root.resolve(path)
                    + "', hive_partitioning=false))")) {
      r.next();
      String text = r.getString(3);
      return text == null || !r.getString(2).startsWith("TIMESTAMP")
          ? text
          : text.replace(' ', 'T').replaceAll("\\+00$", "") + "Z";
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Writes a manifest that names one Bronze file for each tenant; key "" is the unknown tenant. */
  public void capture(String sourceTable, Map<String, String> rows) {
    manifest++;
    List<BronzeFile> files = new ArrayList<>();
    int[] index = {0};
    LocalDate date = LocalDate.parse("2026-03-02");
    rows.forEach(
        (key, sql) -> {
          String tenant = key.isEmpty() ? null : key;
          String path = BronzePaths.file(sourceTable, date, tenant, manifest, index[0]++);
          long count = write(path, sql);
          files.add(
              new BronzeFile(
                  path,
                  sourceTable,
                  tenant,
                  date,
                  count,
                  size(path),
                  BronzeFile.Kind.STREAM,
                  1,
                  1,
                  "00011000000000000000000000000000000002381229600000000",
                  "00011000000000000000000000000000000002381236800000000",
                  Instant.parse("2026-03-02T10:15:30Z")));
        });
    Manifest m =
        new Manifest(
            Manifest.VERSION,
            manifest,
            "0001",
            "7301234567890123456/app",
            1,
            Instant.parse("2026-03-02T10:15:31Z"),
            "00011000000000000000000000000000000002381229600000000",
            "00011000000000000000000000000000000002381236800000000",
            "0/16B5940",
            files,
            List.of(),
            List.of(),
            List.of(),
            List.of());
    try {
      Path folder = root.resolve(BronzePaths.MANIFESTS);
      Files.createDirectories(folder);
      Files.writeString(root.resolve(BronzePaths.manifest(manifest)), Json.write(m));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private long write(String path, String sql) {
    Path target = root.resolve(path);
    try {
      Files.createDirectories(target.getParent());
      try (Statement s = duckdb.createStatement()) {
        s.execute("COPY (" + sql + ") TO '" + target + "' (FORMAT parquet, COMPRESSION snappy)");
        try (ResultSet r =
            s.executeQuery(
                "SELECT count(*) FROM read_parquet('" + target + "', hive_partitioning=false)")) {
          r.next();
          return r.getLong(1);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private long size(String path) {
    try {
      return Files.size(root.resolve(path));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      duckdb.close();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
