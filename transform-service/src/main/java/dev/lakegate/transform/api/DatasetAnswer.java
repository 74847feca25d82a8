package dev.lakegate.transform.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.model.description.FlagTable;
import dev.lakegate.model.description.Problem;
import dev.lakegate.model.description.Quarantine;
import dev.lakegate.model.job.JobSpecification;
import dev.lakegate.model.json.Json;
import dev.lakegate.transform.freshness.Percentiles;
import dev.lakegate.transform.plan.Bronze;
import dev.lakegate.transform.plan.FailureClass;
import dev.lakegate.transform.plan.History;
import dev.lakegate.transform.plan.Plan;
import dev.lakegate.transform.plan.Published;
import dev.lakegate.transform.run.View;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How all datasets stand.
 *
 * @param items one per dataset, inputs before those that read them
 * @param next always null: the list is complete
 * @param descriptionProblems what is wrong with the lakehouse description; the last valid one is in
 *     force
 * @param manifests the chain of manifests
 * @param runner how the job runner is doing
 * @param controlProblem what is wrong with the control database; null when nothing is
 * @param standby why this service only watches, as another one works; null when it does not
 * @param generatedAt when this was looked at
 */
public record DatasetAnswer(
    List<Item> items,
    String next,
    List<Problem> descriptionProblems,
    Manifests manifests,
    Runner runner,
    String controlProblem,
    String standby,
    Instant generatedAt) {

  private static final int MOST_TENANTS = 50;

  private static final DateTimeFormatter INSTANT =
      DateTimeFormatter.ofPattern("uuuuMMddHHmmssSSS", Locale.ROOT);

  /**
   * One dataset.
   *
   * @param dataset {@code <schema>.<name>}
   * @param layer silver or gold
   * @param state empty, fresh, stale, running, held or failed
   * @param reason one or more sentences
   * @param nextAction what somebody has to do; null when nothing
   * @param rows of the current snapshot; null when there is none
   * @param lastCommitAt time of the current snapshot's commit; null when there is none
   * @param watermark newest source commit that it fully reflects; null when unknown
   * @param lagSeconds age of the oldest captured change that it does not reflect; 0 when it
   *     reflects all
   * @param behindSince when that change was captured; null when it reflects all
   * @param nextTryAt when it is tried again after a failure; null otherwise
   * @param checkpoint what it has consumed; null when nothing
   * @param lastRun the last run that ended; null when none is known
   * @param freshness how long changes of the last hour took from their commit at the source until
   *     they could be queried, in seconds; null when there were none
   * @param rowsLeftOut changed rows that it lacks, because the log did not carry one of their
   *     values and it is known nowhere; 0 after the next copy
   * @param rowsQuarantined its rows that are in quarantine, for they do not meet what is expected
   * @param columnsLeftOut names of source columns that it cannot have
   * @param expectations what its rows are expected to meet, and how many do not; of a Silver table
   *     also those that its quarantine and its table of flags hold
   */
  public record Item(
      String dataset,
      String layer,
      String state,
      String reason,
      String nextAction,
      Long rows,
      Instant lastCommitAt,
      Instant watermark,
      double lagSeconds,
      Instant behindSince,
      Instant nextTryAt,
      JsonNode checkpoint,
      LastRun lastRun,
      Percentiles freshness,
      long rowsLeftOut,
      long rowsQuarantined,
      List<String> columnsLeftOut,
      List<Expected> expectations) {}

  /**
   * What rows are expected to meet.
   *
   * @param name of the expectation
   * @param severity flag or block
   * @param rows that do not meet it; of a Silver table, those that block are in its quarantine
   * @param tenants with the most of them, 50 at most; empty for a table without tenants
   */
  public record Expected(String name, String severity, long rows, Map<String, Long> tenants) {}

  /**
   * The last run that ended.
   *
   * @param id of it
   * @param status how it ended
   * @param finishedAt when
   * @param errorCode null when it succeeded
   * @param errorClass throttled, transient, bad_data, code or other; null unless it failed
   */
  public record LastRun(
      String id, String status, Instant finishedAt, String errorCode, String errorClass) {}

  /**
   * The chain of manifests.
   *
   * @param last number of its end; null when it is empty
   * @param epoch of that; null when it is empty
   * @param newestCommitAt newest source commit in it; null when there is none
   * @param problem what stops it; null when nothing does
   */
  public record Manifests(Long last, String epoch, Instant newestCommitAt, String problem) {}

  /**
   * The job runner.
   *
   * @param state starting, ready, busy, down or closed
   * @param message a sentence
   * @param since when that began
   * @param starts of its process
   */
  public record Runner(String state, String message, Instant since, int starts) {}

  /** With what the datasets' specifications expect of their rows. */
  static DatasetAnswer of(View view, Map<String, JobSpecification> specifications) {
    Bronze.Head head = view.head();
    return new DatasetAnswer(
        view.plan().statuses().stream().map(status -> item(view, status, specifications)).toList(),
        null,
        view.descriptionProblems(),
        new Manifests(
            head == null ? null : head.manifest(),
            head == null ? null : head.epoch(),
            head == null ? null : head.newestCommitAt(),
            view.manifestProblem()),
        new Runner(
            lower(view.runner().phase()),
            view.runner().message(),
            view.runner().since(),
            view.runner().starts()),
        view.controlProblem(),
        view.standby(),
        view.at());
  }

  private static Item item(
      View view, Plan.Status status, Map<String, JobSpecification> specifications) {
    Published published = view.published().get(status.dataset());
    History history = view.history().getOrDefault(status.dataset(), History.NONE);
    History.Last last = history.last();
    List<String> columns = view.columnsLeftOut().getOrDefault(status.dataset(), List.of());
    return new Item(
        status.dataset(),
        DatasetResource.schema(status.dataset()),
        lower(status.state()),
        reason(status, history, columns),
        nextAction(view.sources().get(status.dataset()), history.rowsLeftOut()),
        published == null ? null : published.rows(),
        published == null ? null : commitTime(published),
        view.watermarks().get(status.dataset()),
        status.behindSince() == null
            ? 0
            : Math.max(0, Duration.between(status.behindSince(), view.at()).toMillis() / 1000.0),
        status.behindSince(),
        status.nextTryAt(),
        published == null ? null : checkpoint(published),
        last == null
            ? null
            : new LastRun(
                last.runId(),
                lower(last.outcome()),
                last.finishedAt(),
                last.errorCode(),
                last.outcome() == History.Outcome.FAILED
                    ? FailureClass.of(last.errorCode(), last.retryable()).wireName()
                    : null),
        view.freshness().get(status.dataset()),
        history.rowsLeftOut(),
        history.rowsQuarantined(),
        columns,
        expectations(status.dataset(), view.published(), specifications));
  }

  private static List<Expected> expectations(
      String dataset,
      Map<String, Published> published,
      Map<String, JobSpecification> specifications) {
    List<Expected> result = new ArrayList<>();
    String flags = dataset + FlagTable.SUFFIX;
    for (String table : List.of(dataset, flags)) {
      JobSpecification specification = specifications.get(table);
      if (specification == null
          || table.equals(flags)
              && (specification.inputs() == null || !specification.inputs().contains(dataset))) {
        continue;
      }
      boolean silver = specification.kind() == JobSpecification.Kind.SILVER;
      for (JobSpecification.Expectation expectation : specification.expectations()) {
        String kept = silver && expectation.blocking() ? dataset + Quarantine.SUFFIX : table;
        result.add(
            expected(
                expectation,
                published.containsKey(kept)
                    ? published.get(kept).unmet().getOrDefault(expectation.name(), Map.of())
                    : Map.of()));
      }
    }
    return result;
  }

  private static Expected expected(
      JobSpecification.Expectation expectation, Map<String, Long> tenants) {
    Map<String, Long> most = new LinkedHashMap<>();
    tenants.entrySet().stream()
        .filter(count -> !count.getKey().isEmpty())
        .sorted(
            Map.Entry.<String, Long>comparingByValue()
                .reversed()
                .thenComparing(Map.Entry.comparingByKey()))
        .limit(MOST_TENANTS)
        .forEach(count -> most.put(count.getKey(), count.getValue()));
    return new Expected(
        expectation.name(),
        expectation.blocking() ? "block" : "flag",
        tenants.values().stream().mapToLong(Long::longValue).sum(),
        most);
  }

  /** What a table lacks is said whatever its state is: nobody looks at a column for it. */
  private static String reason(Plan.Status status, History history, List<String> columns) {
    StringBuilder reason = new StringBuilder(status.reason());
    if (history.rowsQuarantined() > 0) {
      reason.append(
          " %d rows are in %s%s: they do not meet what is expected of them."
              .formatted(history.rowsQuarantined(), status.dataset(), Quarantine.SUFFIX));
    }
    if (history.rowsLeftOut() > 0) {
      reason.append(
          " It lacks up to %d changed rows, of which the log did not carry a value that is known nowhere."
              .formatted(history.rowsLeftOut()));
    }
    if (!columns.isEmpty()) {
      reason.append(
          " It cannot have these columns of the source because of their names: %s."
              .formatted(String.join(", ", columns)));
    }
    return reason.toString();
  }

  private static String nextAction(String source, long rowsLeftOut) {
    return rowsLeftOut == 0 || source == null
        ? null
        : "./lakegate resync %s copies the table anew, with the rows that it lacks."
            .formatted(source);
  }

  /** The commit's time is in its instant; one of another form falls back to its publication. */
  private static Instant commitTime(Published published) {
    try {
      return LocalDateTime.parse(published.instant(), INSTANT).toInstant(ZoneOffset.UTC);
    } catch (DateTimeParseException e) {
      return published.publishedAt();
    }
  }

  private static JsonNode checkpoint(Published published) {
    if (published.bronze() != null) {
      return Json.MAPPER.valueToTree(published.bronze());
    }
    ObjectNode tree = Json.MAPPER.createObjectNode();
    published.inputs().entrySet().stream()
        .sorted(java.util.Map.Entry.comparingByKey())
        .forEach(input -> tree.put(input.getKey(), input.getValue()));
    if (published.asOf() != null) {
      tree.put("asOf", published.asOf().toString());
    }
    return tree.isEmpty() ? null : tree;
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
