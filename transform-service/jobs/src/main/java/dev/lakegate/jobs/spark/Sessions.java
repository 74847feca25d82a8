package dev.lakegate.jobs.spark;

import dev.lakegate.jobs.cleaning.Functions;
import dev.lakegate.jobs.storage.NioFileSystem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.mapred.JobConf;
import org.apache.spark.sql.SparkSession;

/** Spark as the jobs need it: small, quiet, without a UI, in UTC. */
public final class Sessions {
  private Sessions() {}

  /**
   * Starts a local session.
   *
   * @param scratch directory for shuffles, spills and the warehouse that nothing is stored in
   */
  public static SparkSession start(Path scratch) {
    SparkSession spark =
        SparkSession.builder()
            .master("local[2]")
            .appName("lakegate")
            .config("spark.ui.enabled", "false")
            .config("spark.ui.showConsoleProgress", "false")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.scheduler.mode", "FAIR")
            .config("spark.serializer", "org.apache.spark.serializer.KryoSerializer")
            .config("spark.local.dir", scratch.toString())
            .config("spark.sql.warehouse.dir", scratch.resolve("warehouse").toUri().toString())
            .config("spark.sql.catalogImplementation", "in-memory")
            .config("spark.sql.session.timeZone", "UTC")
            .config("spark.sql.shuffle.partitions", "2")
            .config("spark.default.parallelism", "2")
            .config("spark.sql.adaptive.enabled", "true")
            .config("spark.sql.adaptive.coalescePartitions.enabled", "true")
            .config("spark.sql.ansi.enabled", "false")
            .config("spark.sql.variable.substitute", "false")
            .config("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS")
            .config("spark.sql.parquet.datetimeRebaseModeInWrite", "CORRECTED")
            .config("spark.sql.parquet.datetimeRebaseModeInRead", "CORRECTED")
            .config("spark.sql.parquet.int96RebaseModeInRead", "CORRECTED")
            .config("spark.sql.sources.parallelPartitionDiscovery.threshold", "100000")
            .config("spark.sql.sources.partitionColumnTypeInference.enabled", "false")
            .config("spark.sql.autoBroadcastJoinThreshold", String.valueOf(16L << 20))
            .config("spark.cleaner.periodicGC.interval", "10min")
            // A laptop that slept for minutes must not find its only executor given up for lost.
            .config("spark.storage.blockManagerHeartbeatTimeoutMs", "30d")
            .config("spark.hadoop.fs.file.impl", NioFileSystem.class.getName())
            .config("spark.hadoop." + NioFileSystem.SCRATCH, scratch.toAbsolutePath().toString())
            .config("spark.hadoop.mapreduce.fileoutputcommitter.algorithm.version", "2")
            .config("spark.hadoop.mapreduce.fileoutputcommitter.marksuccessfuljobs", "false")
            .getOrCreate();
    slim(spark.sparkContext().hadoopConfiguration());
    register(spark);
    return spark;
  }

  /**
   * Leaves in Hadoop's configuration what this code or Spark set. Hadoop's defaults, more than a
   * thousand, are the defaults of the code that asks, too; but each task gets a copy of the
   * configuration, and of a commit of a few rows a third of the time went into copying it.
   */
  private static void slim(Configuration conf) {
    // Both load further defaults into every configuration when they are first used, so now.
    new JobConf(false);
    try {
      FileSystem.getFileSystemClass("file", conf);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Map<String, String> kept = new HashMap<>();
    for (Map.Entry<String, String> entry : conf) {
      String[] sources = conf.getPropertySources(entry.getKey());
      String source = sources == null || sources.length == 0 ? "" : sources[sources.length - 1];
      if (!source.endsWith("-default.xml")) {
        kept.put(entry.getKey(), conf.getRaw(entry.getKey()));
      }
    }
    conf.clear();
    kept.forEach(conf::set);
  }

  /** Makes the named functions of derivations known to a session. */
  public static void register(SparkSession spark) {
    Functions.register(spark);
  }
}
