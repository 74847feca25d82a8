package dev.lakegate.benchmarks;

import dev.lakegate.ingest.bronze.BronzeWriter;
import dev.lakegate.ingest.bronze.ManifestChain;
import dev.lakegate.ingest.bronze.ManifestDraft;
import dev.lakegate.ingest.bronze.Stage;
import dev.lakegate.ingest.bronze.TableSchema;
import dev.lakegate.ingest.pgoutput.PgOutputDecoder;
import dev.lakegate.ingest.pgoutput.PgOutputMessage.Insert;
import dev.lakegate.ingest.pgoutput.Tuple;
import dev.lakegate.model.bronze.BronzeFile;
import dev.lakegate.model.bronze.ChangeSequence;
import dev.lakegate.model.bronze.ChangeSequence.Phase;
import dev.lakegate.model.bronze.Lsn;
import dev.lakegate.model.bronze.Manifest;
import dev.lakegate.model.bronze.ManifestReader;
import dev.lakegate.model.bronze.SchemaVersion;
import dev.lakegate.model.bronze.SchemaVersion.SourceColumn;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether a flush takes longer the more manifests there are: the same small flush (five tenants,
 * fifty changes) into an empty lake and into one of 10,000 manifests, taking turns. Right when the
 * chains have every manifest and every row afterwards.
 */
final class FlushBenchmark implements Benchmarks.Benchmark {
  private static final long MANIFESTS = 10_000;
  private static final int ROUNDS = 5;
  private static final int FLUSHES = 20;
  private static final int TENANTS = 5;
  private static final int ROWS = 50;

  private static final SchemaVersion SCHEMA =
      new SchemaVersion(
          "core_order",
          1,
          List.of("id"),
          List.of(
              new SourceColumn("id", "bigint", "bigint", false),
              new SourceColumn("notes", "text", "varchar", true),
              new SourceColumn("tenant_id", "text", "varchar", false)));

  @Override
  public void run(Benchmarks.Options options) throws Exception {
    long manifests = options.rows().orElse(MANIFESTS);
    int rounds = options.rounds().orElse(ROUNDS);
    Path directory = Files.createTempDirectory("lakegate-bench");
    try {
      Path full = directory.resolve("full");
      try (ManifestChain chain = ManifestChain.open(full)) {
        for (long number = 1; number <= manifests; number++) {
          append(chain, chain.draft());
        }
      }
      System.out.printf(
          "%,d manifests; %d rounds of %d flushes after one to warm up%n",
          manifests, rounds, FLUSHES);
      List<Double> ratios = new ArrayList<>();
      try (Lake few = new Lake(directory.resolve("few"), directory.resolve("work-few"));
          Lake many = new Lake(full, directory.resolve("work-many"))) {
        for (int round = 0; round <= rounds; round++) {
          double fewMillis = few.flushes();
          double manyMillis = many.flushes();
          if (round > 0) {
            ratios.add(manyMillis / fewMillis);
            System.out.printf(
                "round %d: median flush %.1f ms on few manifests, %.1f ms on many, ratio %.2f%n",
                round, fewMillis, manyMillis, manyMillis / fewMillis);
          }
        }
        few.check(0, rounds);
        many.check(manifests, rounds);
      }
      long started = System.nanoTime();
      ManifestChain.open(full).close();
      System.out.printf(
          "ratio of durations, median (spread): %s; a start on many manifests looks at their names"
              + " in %d ms; all manifests and rows are there%n",
          Figures.spread(ratios), (System.nanoTime() - started) / 1_000_000);
    } finally {
      BenchSource.delete(directory);
    }
  }

  private static void append(ManifestChain chain, ManifestDraft draft) throws IOException {
    chain.append(draft, "0001", "1/bench", 1, Lsn.format(draft.number() * 100), Instant.now());
  }

  private static final class Lake implements AutoCloseable {
    private final ManifestChain chain;
    private final BronzeWriter writer;
    private long ids;

    Lake(Path root, Path scratch) throws IOException, SQLException {
      chain = ManifestChain.open(root);
      writer = new BronzeWriter(chain, scratch, "128MB");
    }

    /** Median in milliseconds. */
    double flushes() throws IOException, SQLException {
      List<Double> millis = new ArrayList<>();
      for (int flush = 0; flush < FLUSHES; flush++) {
        ManifestDraft draft = chain.draft();
        try (Stage stage =
            Stage.ofStream(
                writer.newStageFile(SCHEMA.table()), new TableSchema(SCHEMA, "tenant_id"), 1)) {
          for (int row = 0; row < ROWS; row++) {
            String tenant = "tenant-" + row % TENANTS;
            stage.addChange(
                'I',
                ChangeSequence.format(1, Phase.STREAM, draft.number() * 100, row),
                1_772_446_530_123_456L,
                LocalDate.of(2026, 3, 2),
                tenant,
                null,
                null,
                tuple(Long.toString(ids++), "some note", tenant),
                null);
          }
          long started = System.nanoTime();
          writer.write(stage, draft);
          append(chain, draft);
          millis.add((System.nanoTime() - started) / 1e6);
        }
      }
      return Figures.median(millis);
    }

    void check(long before, int rounds) {
      List<Manifest> manifests = new ManifestReader(chain.root()).chain(1, Integer.MAX_VALUE);
      long flushes = (long) (rounds + 1) * FLUSHES;
      long rows =
          manifests.stream().flatMap(m -> m.files().stream()).mapToLong(BronzeFile::rows).sum();
      if (manifests.size() != before + flushes || rows != flushes * ROWS) {
        throw new IllegalStateException(manifests.size() + " manifests with " + rows + " rows");
      }
    }

    @Override
    public void close() throws IOException {
      writer.close();
      chain.close();
    }
  }

  /** A row as the log carries it. */
  private static Tuple tuple(String... values) {
    ByteBuffer message = ByteBuffer.allocate(1024);
    message.put((byte) 'I').putInt(1).put((byte) 'N').putShort((short) values.length);
    for (String value : values) {
      byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
      message.put((byte) 't').putInt(bytes.length).put(bytes);
    }
    message.flip();
    return ((Insert) PgOutputDecoder.decode(message)).row();
  }
}
