package dev.lakegate.gateway.operations;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.List;

/**
 * The state of the whole house at one moment, as operators look at it. Parts that nobody could tell
 * are null.
 *
 * @param headline what matters most, as one or two sentences
 * @param state of everything together
 * @param services one for each, in a fixed order
 * @param alarms what somebody has to look at, the gravest first
 * @param capture what ingest-service says of itself; null when it does not answer
 * @param policy what governs queries now
 * @param datasets Gold, Silver and Bronze tables; those whose service does not answer are missing
 * @param generatedAt when this was put together, UTC
 */
record Operations(
    String headline,
    State state,
    List<Service> services,
    List<Alarm> alarms,
    JsonNode capture,
    PolicyState policy,
    List<Dataset> datasets,
    Instant generatedAt) {

  enum State {
    /** All services answer, capture is connected, nothing failed and nothing is late. */
    healthy,
    /** Everything works, but some table is behind. */
    late,
    /** Something does not work. */
    degraded
  }

  /**
   * @param url base URL; null when it is not configured
   * @param message a sentence, also when it is healthy
   * @param millis until it answered or failed to
   */
  record Service(String name, String url, boolean healthy, String message, long millis) {}

  /**
   * @param version in force; null when unknown
   * @param inForce whether queries can be decided by it
   * @param ageSeconds since it was last confirmed; null when it never was
   * @param message a sentence
   */
  record PolicyState(Long version, boolean inForce, Double ageSeconds, String message) {}

  /**
   * @param code machine-readable
   * @param severity {@code info}, {@code warning} or graver
   * @param message a sentence
   * @param since when it began, UTC; null when unknown
   * @param remedy what to do; empty when unknown
   * @param commands that the remedy names
   */
  record Alarm(
      String code,
      String severity,
      String message,
      Instant since,
      String remedy,
      List<String> commands) {}

  /**
   * How old changes were when they became visible, in seconds; what is not known is null.
   *
   * @param p50 the median
   */
  record Freshness(Double p50, Double p95, Double p99) {}

  /**
   * What was captured of a table.
   *
   * @param copied rows of the newest copy
   * @param quarantinedRows that could not be written and are kept aside; null when unknown
   * @param lossyValues that their type cannot hold and are NULL; null when unknown
   */
  record Captured(
      long copied,
      long inserts,
      long updates,
      long deletes,
      Long quarantinedRows,
      Long lossyValues) {}

  /**
   * @param dataset {@code <layer>.<table>}
   * @param state {@code empty}, {@code fresh}, {@code stale}, {@code running}, {@code held}, {@code
   *     failed}, {@code copying} or {@code unknown}
   * @param rows it holds; null when unknown
   * @param lastChangeAt when it last changed, UTC; null when it never did
   * @param lagSeconds behind its source; null when unknown
   * @param reason a sentence that says why it is in this state
   * @param nextAction what somebody has to do; null when nothing
   * @param commands for that, to be copied
   * @param freshness of Silver and Gold; null when unknown
   * @param captured of Bronze; null elsewhere
   */
  record Dataset(
      String dataset,
      String layer,
      String state,
      Long rows,
      Instant lastChangeAt,
      Double lagSeconds,
      String reason,
      String nextAction,
      List<String> commands,
      Freshness freshness,
      Captured captured) {
    Dataset(
        String dataset,
        String layer,
        String state,
        Long rows,
        Instant lastChangeAt,
        Double lagSeconds,
        String reason) {
      this(
          dataset,
          layer,
          state,
          rows,
          lastChangeAt,
          lagSeconds,
          reason,
          null,
          List.of(),
          null,
          null);
    }
  }
}
