package dev.lakegate.benchmarks;

import io.debezium.embedded.Connect;
import io.debezium.engine.DebeziumEngine;
import io.debezium.engine.RecordChangeEvent;
import java.nio.file.Path;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.connect.source.SourceRecord;

/**
 * Debezium's embedded engine in a process of its own. Its records are counted and thrown away: not
 * even made into JSON, so that nothing is measured but Debezium.
 */
final class DebeziumChild {
  private DebeziumChild() {}

  /** Arguments: {@code copy|drain PORT SLOT FOLDER RECORDS}. */
  public static void main(String[] arguments) throws Exception {
    Path folder = Path.of(arguments[3]);
    long expected = Long.parseLong(arguments[4]);
    Properties settings = new Properties();
    settings.setProperty("name", arguments[2]);
    settings.setProperty("connector.class", "io.debezium.connector.postgresql.PostgresConnector");
    settings.setProperty(
        "offset.storage", "org.apache.kafka.connect.storage.FileOffsetBackingStore");
    settings.setProperty("offset.storage.file.filename", folder.resolve("offsets").toString());
    settings.setProperty("offset.flush.interval.ms", "1000");
    settings.setProperty("database.hostname", "localhost");
    settings.setProperty("database.port", arguments[1]);
    settings.setProperty("database.user", "postgres");
    settings.setProperty("database.password", "postgres");
    settings.setProperty("database.dbname", "postgres");
    settings.setProperty("topic.prefix", "bench");
    settings.setProperty("plugin.name", "pgoutput");
    settings.setProperty("slot.name", arguments[2]);
    settings.setProperty("publication.name", arguments[2]);
    settings.setProperty("publication.autocreate.mode", "disabled");
    settings.setProperty("schema.include.list", "public");
    settings.setProperty("snapshot.mode", arguments[0].equals("copy") ? "initial" : "no_data");
    // Beyond its defaults, as its documentation advises for throughput.
    settings.setProperty("max.batch.size", "8192");
    settings.setProperty("max.queue.size", "32768");
    settings.setProperty("snapshot.fetch.size", "10240");
    AtomicLong seen = new AtomicLong();
    CountDownLatch all = new CountDownLatch(1);
    double cpu = BenchSource.ownCpu();
    long started = System.nanoTime();
    DebeziumEngine<RecordChangeEvent<SourceRecord>> engine =
        DebeziumEngine.create(io.debezium.engine.format.ChangeEventFormat.of(Connect.class))
            .using(settings)
            .notifying(
                (records, committer) -> {
                  for (RecordChangeEvent<SourceRecord> record : records) {
                    committer.markProcessed(record);
                  }
                  committer.markBatchFinished();
                  if (seen.addAndGet(records.size()) >= expected) {
                    all.countDown();
                  }
                })
            .build();
    ExecutorService executor = Executors.newSingleThreadExecutor();
    executor.execute(engine);
    if (!all.await(10, TimeUnit.MINUTES)) {
      throw new IllegalStateException(seen + " of " + expected + " records");
    }
    System.out.printf(
        "seconds=%.3f cpu=%.2f rss=%d changes=%d%n",
        (System.nanoTime() - started) / 1e9,
        BenchSource.ownCpu() - cpu,
        CaptureChild.peakRss(),
        seen.get());
    engine.close();
    executor.shutdownNow();
    System.exit(0);
  }
}
