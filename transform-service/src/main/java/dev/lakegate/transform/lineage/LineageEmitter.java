package dev.lakegate.transform.lineage;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.model.job.JobSpecification;
import dev.lakegate.model.job.RunRequest.Mode;
import dev.lakegate.model.job.RunResult;
import dev.lakegate.model.json.Json;
import dev.lakegate.transform.lineage.OpenLineage.Subject;
import dev.lakegate.transform.lineage.OpenLineage.Type;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/**
 * Tells those who listen of runs, in OpenLineage's words. Nobody who calls it waits, and nothing
 * that goes wrong here reaches them. Thread-safe.
 */
public final class LineageEmitter implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(LineageEmitter.class);

  private final OpenLineage words;
  private final List<LineageQueue> queues;
  private final Map<String, Subject> running = new ConcurrentHashMap<>();

  private LineageEmitter(OpenLineage words, List<LineageQueue> queues) {
    this.words = words;
    this.queues = List.copyOf(queues);
  }

  /**
   * Who is told, and how.
   *
   * @param file to append to; null for none
   * @param fileBytes largest size of it
   * @param filesKept full ones that are kept
   * @param url to post to; null for none
   * @param apiKey for it; null for none
   * @param timeout of a request
   * @param namespace of jobs and datasets
   * @param producer URI of who says so
   * @param waiting events that may wait
   * @param tries for one event
   * @param firstRetry time before the second
   */
  public record Settings(
      Path file,
      long fileBytes,
      int filesKept,
      URI url,
      String apiKey,
      Duration timeout,
      String namespace,
      String producer,
      int waiting,
      int tries,
      Duration firstRetry) {
    @Override
    public String toString() {
      return "Settings[file=%s, url=%s]".formatted(file, url);
    }
  }

  /** One that is open; it does nothing when there is nobody to tell. */
  public static LineageEmitter of(Settings settings) {
    List<LineageQueue> queues = new ArrayList<>();
    if (settings.file() != null) {
      queues.add(
          queue(
              new FileSink(settings.file(), settings.fileBytes(), settings.filesKept()), settings));
    }
    if (settings.url() != null) {
      queues.add(
          queue(new HttpSink(settings.url(), settings.apiKey(), settings.timeout()), settings));
    }
    return new LineageEmitter(new OpenLineage(settings.namespace(), settings.producer()), queues);
  }

  private static LineageQueue queue(LineageSink sink, Settings settings) {
    return new LineageQueue(sink, settings.waiting(), settings.tries(), settings.firstRetry());
  }

  /**
   * A run begins.
   *
   * @param request as it is sent to the jobs
   */
  public void begins(String run, String dataset, Instant at, JsonNode request) {
    if (queues.isEmpty()) {
      return;
    }
    Mode mode = Mode.valueOf(request.path("mode").asText().toUpperCase(Locale.ROOT));
    JobSpecification specification = null;
    try {
      specification =
          Json.MAPPER.treeToValue(request.path("specification"), JobSpecification.class);
    } catch (JsonProcessingException e) {
      LOG.debugf(e, "the specification of run %s cannot be read", run);
    }
    Subject subject = new Subject(run, dataset, mode, specification);
    running.put(run, subject);
    tell(Type.START, subject, at, null, null);
  }

  /** A run has succeeded. */
  public void completed(String run, Instant at, RunResult result) {
    end(Type.COMPLETE, run, at, result, null);
  }

  /** A run has failed. */
  public void failed(String run, Instant at, String error) {
    end(Type.FAIL, run, at, null, error);
  }

  /** A run was ended before it had come to an end of its own. */
  public void aborted(String run, Instant at, String error) {
    end(Type.ABORT, run, at, null, error);
  }

  /** A run that an earlier life of this service had begun came to no end. */
  public void lost(String run, String dataset, Mode mode, Instant at) {
    tell(
        Type.ABORT,
        new Subject(run, dataset, mode, null),
        at,
        null,
        "The transform service ended while this was running.");
  }

  private void end(Type type, String run, Instant at, RunResult result, String error) {
    Subject subject = running.remove(run);
    if (subject != null) {
      tell(type, subject, at, result, error);
    }
  }

  private void tell(Type type, Subject subject, Instant at, RunResult result, String error) {
    if (queues.isEmpty()) {
      return;
    }
    try {
      String event = Json.write(words.event(type, subject, at, result, error));
      queues.forEach(queue -> queue.add(event));
    } catch (RuntimeException e) {
      LOG.warnf(e, "no event of run %s can be made", subject.id());
    }
  }

  /** Events that were delivered. */
  public long sent() {
    return queues.stream().mapToLong(LineageQueue::sent).sum();
  }

  /** Events that will never be delivered. */
  public long dropped() {
    return queues.stream().mapToLong(LineageQueue::dropped).sum();
  }

  /** Takes no more, and gives what waits a little time. */
  @Override
  public void close() {
    queues.forEach(LineageQueue::close);
  }
}
