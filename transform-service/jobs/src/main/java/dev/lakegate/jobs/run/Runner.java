package dev.lakegate.jobs.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.jobs.JobException;
import dev.lakegate.jobs.gold.GoldJob;
import dev.lakegate.jobs.past.PastJob;
import dev.lakegate.jobs.protocol.Json;
import dev.lakegate.jobs.protocol.RunRequest;
import dev.lakegate.jobs.protocol.RunResult;
import dev.lakegate.jobs.protocol.Specification;
import dev.lakegate.jobs.silver.SilverJob;
import dev.lakegate.jobs.silver.VersionsJob;
import dev.lakegate.jobs.snapshot.SnapshotCatalog;
import dev.lakegate.jobs.spark.Scratch;
import dev.lakegate.jobs.table.Retention;
import dev.lakegate.jobs.table.TableLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/** Runs requests on one Spark session. Safe for use by many threads. */
public final class Runner {
  private static final Pattern THROTTLING =
      Pattern.compile(
          "SlowDown|Slow Down|Throttl|Rate exceeded|TooManyRequests|RequestLimitExceeded"
              + "|ProvisionedThroughputExceeded|Status Code: 503");

  /** Key of the log's context; Spark gives on those that begin so. */
  private static final String RUN = "mdc.run";

  private static final Logger LOG = LoggerFactory.getLogger(Runner.class);

  private final Supplier<SparkSession> spark;
  private final Path scratch;
  private final Retention retention;
  private final int duckMegabytes;

  /**
   * A runner.
   *
   * @param spark the session; asked for only when a request is good
   * @param scratch directory for temporary files
   * @param retention how long old files and commits are kept
   * @param duckMegabytes what DuckDB may hold in memory
   */
  public Runner(
      Supplier<SparkSession> spark, Path scratch, Retention retention, int duckMegabytes) {
    this.spark = spark;
    this.scratch = scratch;
    this.retention = retention;
    this.duckMegabytes = duckMegabytes;
  }

  /**
   * Runs a request to its end. Never throws for what is wrong with the request or the run: that is
   * in the result.
   *
   * @param json the run request
   * @param progress is told each stage
   */
  public ObjectNode run(JsonNode json, Consumer<String> progress) {
    RunResult result = new RunResult();
    String runId = Json.textOrNull(json, "runId");
    String dataset = Json.textOrNull(json.path("specification"), "dataset");
    Path directory = null;
    // The log names the run; Spark gives it on to its tasks.
    MDC.put(RUN, runId);
    try {
      RunRequest request = RunRequest.of(json);
      if (!Files.isDirectory(request.storageRoot())) {
        throw JobException.permanent(
            "STORAGE_MISSING", "storage root " + request.storageRoot() + " is not a directory");
      }
      Specification specification = request.specification();
      Path catalog =
          SnapshotCatalog.directory(
              request.storageRoot(), specification.database(), specification.name());
      directory = Files.createDirectories(scratch.resolve("run-" + UUID.randomUUID()));
      try (TableLock lock = TableLock.acquire(catalog, dataset)) {
        RunContext context =
            new RunContext(spark.get(), request, retention, directory, duckMegabytes, progress);
        if (request.past() != null) {
          new PastJob(context, request).run(result);
        } else if (specification.versions() != null) {
          new VersionsJob(context, request).run(result);
        } else if (specification.kind() == Specification.Kind.SILVER) {
          new SilverJob(context, request).run(result);
        } else {
          new GoldJob(context, request).run(result);
        }
      }
      return result.succeeded(runId, dataset);
    } catch (JobException e) {
      LOG.warn("{} failed: {} {}", dataset, e.code(), e.getMessage());
      return result.failed(runId, dataset, e.code(), e.getMessage(), e.retryable());
    } catch (InvalidPathException e) {
      LOG.error("{} failed", dataset, e);
      return result.failed(
          runId,
          dataset,
          "LOCALE_UNSUITABLE",
          "the locale of this process cannot write the file name "
              + e.getInput()
              + "; start it with LC_ALL=C.UTF-8",
          false);
    } catch (Exception | LinkageError | OutOfMemoryError e) {
      LOG.error("{} failed", dataset, e);
      return result.failed(
          runId, dataset, isThrottling(e) ? "THROTTLED" : "RUN_FAILED", message(e), true);
    } finally {
      MDC.remove(RUN);
      if (directory != null) {
        try {
          Scratch.delete(directory);
        } catch (IOException e) {
          LOG.warn("could not remove {}", directory, e);
        }
      }
    }
  }

  /** Whether the storage asked for fewer calls, by what it and its clients say then. */
  static boolean isThrottling(Throwable error) {
    for (Throwable e = error; e != null; e = e.getCause() == e ? null : e.getCause()) {
      if (THROTTLING.matcher(e.getClass().getName() + " " + e.getMessage()).find()) {
        return true;
      }
    }
    return false;
  }

  private static String message(Throwable error) {
    Throwable root = error;
    while (root.getCause() != null && root.getCause() != root) {
      root = root.getCause();
    }
    String text = error.getClass().getSimpleName() + ": " + error.getMessage();
    if (root != error) {
      text += "; caused by " + root.getClass().getSimpleName() + ": " + root.getMessage();
    }
    return text.length() > 2000 ? text.substring(0, 2000) : text;
  }
}
