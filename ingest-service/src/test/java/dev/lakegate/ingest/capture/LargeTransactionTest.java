package dev.lakegate.ingest.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.ingest.testing.CaptureProcess;
import dev.lakegate.ingest.testing.TestSource;
import dev.lakegate.model.bronze.BronzeFile;
import dev.lakegate.model.bronze.BronzeFile.Kind;
import dev.lakegate.model.bronze.Manifest;
import dev.lakegate.model.bronze.ManifestReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.stream.Collectors;
import org.duckdb.DuckDBDriver;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A transaction larger than memory is spilled, and becomes visible in one manifest. */
class LargeTransactionTest {
  private static final long MAX_RESIDENT_KILOBYTES = 384 << 10;

  @TempDir Path directory;

  @Test
  void aHundredThousandRowsInAHeapOfATenthOfThem() throws Exception {
    capture(100_000);
  }

  @Test
  @Tag("long")
  void aMillionRowsInTheSameHeap() throws Exception {
    capture(1_000_000);
  }

  private void capture(int rows) throws Exception {
    TestSource source = TestSource.start();
    source.seed(1, 1);
    Path log = directory.resolve("log");
    Process process = CaptureProcess.start(directory, source, 10_000, 2 << 20, log);
    try {
      ManifestReader reader = new ManifestReader(directory.resolve("lake"));
      TestSource.await(
          "the copies are complete",
          Duration.ofSeconds(90),
          () ->
              reader.chain(1, 1000).stream().mapToLong(m -> m.copiesCompleted().size()).sum() == 8);
      long before = reader.last().orElseThrow().number();
      source.execute(
          "BEGIN; SET LOCAL session_replication_role = replica;"
              + "INSERT INTO core_orderitem SELECT i, now(), now(), 1, 1, 0, 1, 1, 1, 'tenant-' || i"
              + " % 3 FROM generate_series(1, "
              + rows
              + ") i; UPDATE core_orderitem SET quantity = 2 WHERE id % 10 = 0; COMMIT");
      TestSource.await(
          "it is captured",
          Duration.ofMinutes(5),
          () -> reader.last().orElseThrow().number() > before || !process.isAlive());
      assertThat(process.isAlive()).as(() -> log.toString()).isTrue();
      Manifest manifest = reader.read(before + 1).orElseThrow();
      List<BronzeFile> files = manifest.files();
      assertThat(files).allMatch(f -> f.kind() == Kind.STREAM);
      assertThat(files.stream().mapToLong(BronzeFile::rows).sum()).isEqualTo(rows + rows / 10);
      assertThat(files.size()).as("spilled in parts").isGreaterThan(9);
      assertThat(sums(files))
          .isEqualTo(rows + "/" + (long) rows * (rows + 1) / 2 + "/" + rows / 10);
      if (Files.exists(Path.of("/proc/self/status"))) {
        assertThat(peakResident(process.pid())).isLessThan(MAX_RESIDENT_KILOBYTES);
      }
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  /** Inserts, sum of their keys, updates. */
  private String sums(List<BronzeFile> files) throws Exception {
    String paths =
        files.stream()
            .map(f -> "'" + directory.resolve("lake").resolve(f.path()) + "'")
            .collect(Collectors.joining(", "));
    try (Connection duckdb = new DuckDBDriver().connect("jdbc:duckdb:", new Properties());
        Statement statement = duckdb.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT count(*) FILTER (_op = 'I'), sum(id) FILTER (_op = 'I'), count(*) FILTER"
                    + " (_op = 'U' AND quantity = 2) FROM read_parquet(["
                    + paths
                    + "], hive_partitioning = false)")) {
      row.next();
      return row.getString(1) + "/" + row.getString(2) + "/" + row.getString(3);
    }
  }

  private static long peakResident(long pid) throws Exception {
    return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
        .filter(line -> line.startsWith("VmHWM:"))
        .map(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElseThrow();
  }
}
