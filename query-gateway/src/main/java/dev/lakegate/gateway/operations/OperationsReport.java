package dev.lakegate.gateway.operations;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.gateway.operations.Operations.Dataset;
import dev.lakegate.gateway.operations.Operations.PolicyState;
import dev.lakegate.gateway.operations.Operations.Service;
import dev.lakegate.gateway.operations.Operations.State;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Puts the services' answers together and says in a sentence what they amount to. Pure: whatever an
 * answer lacks is unknown, and nothing in it makes this fail.
 */
final class OperationsReport {
  /** Capture further behind than this holds its tables up; flushes alone may take 15 s. */
  static final Duration CAPTURE_LATE = Duration.ofSeconds(30);

  /** A table further behind the source than this is late: less is what everybody may expect. */
  static final Duration LATE = Duration.ofSeconds(60);

  private static final List<String> LAYERS = List.of("bronze", "silver", "gold");

  private OperationsReport() {}

  /**
   * @param ingest its capture state
   * @param transform its datasets
   * @param published the datasets as they were published, for when transform-service is silent
   * @param policy what governs queries
   */
  static Operations of(
      List<Service> services,
      Answer ingest,
      Answer transform,
      List<Dataset> published,
      PolicyState policy,
      Instant now) {
    JsonNode capture = ingest.good() ? ingest.body() : null;
    List<Dataset> datasets = new ArrayList<>();
    if (transform.good()) {
      transform.body().path("items").forEach(item -> datasets.add(dataset(item)));
    } else {
      datasets.addAll(published);
    }
    if (capture != null) {
      JsonNode shown = capture;
      capture.path("tables").forEach(table -> datasets.add(bronze(table, shown)));
    }
    State state = state(services, ingest, transform, capture, policy, datasets);
    return new Operations(
        headline(services, ingest, transform, capture, policy, datasets),
        state,
        services,
        capture,
        policy,
        List.copyOf(datasets),
        now);
  }

  private static Dataset dataset(JsonNode item) {
    String name = text(item, "dataset", "?");
    String layer =
        text(item, "layer", name.contains(".") ? name.substring(0, name.indexOf('.')) : "?");
    String state = text(item, "state", "unknown");
    return new Dataset(
        name,
        layer,
        state,
        number(item, "rows"),
        instant(item, "lastCommitAt"),
        decimal(item, "lagSeconds"),
        text(item, "reason", "transform-service gave no reason."));
  }

  private static Dataset bronze(JsonNode table, JsonNode capture) {
    JsonNode source = capture.path("source");
    String dataset = text(table, "dataset", "");
    String captured = text(table, "table", "?");
    String name =
        dataset.startsWith("bronze.")
            ? dataset
            : "bronze." + captured.substring(captured.lastIndexOf('.') + 1);
    long rows =
        table.path("rowsCopied").asLong()
            + table.path("inserts").asLong()
            + table.path("updates").asLong()
            + table.path("deletes").asLong();
    Double lag = decimal(capture.path("lag"), "seconds");
    boolean connected = source.path("connected").asBoolean(false);
    boolean late = lag != null && lag > CAPTURE_LATE.toSeconds();
    String reported = text(table, "state", "unknown");
    String state =
        switch (reported) {
          case "waiting" -> rows == 0 ? "empty" : "stale";
          case "copying" -> "copying";
          case "held" -> "stale";
          case "failed" -> "failed";
          case "streaming" -> !connected || late ? "stale" : rows == 0 ? "empty" : "fresh";
          default -> "unknown";
        };
    String otherwise =
        switch (reported) {
          case "waiting" -> "Its first copy has not begun.";
          case "copying" -> "Its first copy is under way" + percent(table) + ".";
          case "held" -> "Capture holds it back.";
          case "failed" -> "Capture of it failed.";
          case "streaming" ->
              !connected
                  ? "Capture is not connected to the source."
                  : late
                      ? "Capture is " + seconds(lag) + " behind the source."
                      : rows == 0 ? "The source table has no rows." : "Capture follows the source.";
          default -> "ingest-service does not say how it stands.";
        };
    return new Dataset(
        name,
        "bronze",
        state,
        rows,
        instant(table, "lastChangeAt"),
        lag,
        text(table, "reason", otherwise));
  }

  private static State state(
      List<Service> services,
      Answer ingest,
      Answer transform,
      JsonNode capture,
      PolicyState policy,
      List<Dataset> datasets) {
    if (!services.stream().allMatch(Service::healthy)
        || !ingest.good()
        || !transform.good()
        || !policy.inForce()
        || !capture.path("source").path("connected").asBoolean(false)
        || datasets.stream().anyMatch(OperationsReport::broken)) {
      return State.degraded;
    }
    return datasets.stream().anyMatch(OperationsReport::late) ? State.late : State.healthy;
  }

  private static boolean broken(Dataset dataset) {
    return dataset.state().equals("failed") || dataset.state().equals("unknown");
  }

  /** Work that is under way or waits for its turn is no delay until it takes too long. */
  private static boolean late(Dataset dataset) {
    return switch (dataset.state()) {
      case "copying" -> true;
      case "stale", "running" ->
          dataset.lagSeconds() == null || dataset.lagSeconds() > LATE.toSeconds();
      default -> false;
    };
  }

  /** The worst first: what is down and what follows from it, then what failed, then what waits. */
  private static String headline(
      List<Service> services,
      Answer ingest,
      Answer transform,
      JsonNode capture,
      PolicyState policy,
      List<Dataset> datasets) {
    List<String> sentences = new ArrayList<>();
    for (Service service : services) {
      if (!service.healthy()) {
        sentences.add(
            service.name() + " is not healthy: " + consequence(service.name(), policy) + ".");
      }
    }
    unanswered(services, "ingest-service", ingest, sentences);
    unanswered(services, "transform-service", transform, sentences);
    if (!policy.inForce() && healthy(services, "governance-service")) {
      sentences.add(policy.message());
    }
    if (capture != null && !capture.path("source").path("connected").asBoolean(false)) {
      sentences.add(
          "Capture is not connected to the source"
              + because(text(capture.path("source"), "message", "")));
    }
    List<Dataset> failed =
        datasets.stream()
            .filter(OperationsReport::broken)
            // That a silent service's tables are unknown has been said.
            .filter(dataset -> transform.good() || !dataset.state().equals("unknown"))
            .toList();
    if (!failed.isEmpty()) {
      Dataset first = failed.get(0);
      sentences.add(
          first.dataset()
              + (failed.size() == 1 ? " is " : " and " + others(failed.size() - 1) + " are ")
              + first.state()
              + because(first.reason()));
    }
    List<Dataset> copying =
        datasets.stream().filter(dataset -> dataset.state().equals("copying")).toList();
    if (!copying.isEmpty()) {
      sentences.add("The first copy of " + names(copying) + " is under way.");
    }
    List<Dataset> late =
        datasets.stream()
            .filter(dataset -> late(dataset) && !dataset.state().equals("copying"))
            .toList();
    if (!late.isEmpty()) {
      // The one furthest behind is where the others' delay comes from, or nearest to it.
      Dataset worst =
          late.stream()
              .max(
                  Comparator.comparingDouble(OperationsReport::lag)
                      .thenComparing(dataset -> -LAYERS.indexOf(dataset.layer())))
              .orElseThrow();
      sentences.add(
          (late.size() == 1
                  ? worst.dataset() + " is"
                  : late.size() + " of " + datasets.size() + " tables are")
              + " more than a minute behind the source"
              + because((late.size() == 1 ? "" : worst.dataset() + ": ") + worst.reason()));
    }
    if (sentences.isEmpty()) {
      return allWell(services.size(), datasets);
    }
    // More than three sentences are no headline; the rest is on the page.
    return String.join(" ", sentences.subList(0, Math.min(3, sentences.size())));
  }

  private static String allWell(int services, List<Dataset> datasets) {
    long empty = datasets.stream().filter(dataset -> dataset.state().equals("empty")).count();
    String well = "All " + services + " services are healthy; ";
    if (datasets.isEmpty()) {
      return well + "there are no tables yet.";
    }
    if (empty == datasets.size()) {
      return well + "no table has rows yet.";
    }
    boolean working =
        datasets.stream()
            .anyMatch(
                dataset -> dataset.state().equals("stale") || dataset.state().equals("running"));
    double lag = datasets.stream().mapToDouble(OperationsReport::knownLag).max().orElse(0);
    String behind = working ? ", none more than " + seconds(Math.ceil(lag)) + " behind" : "";
    return empty == 0
        ? well + "all " + datasets.size() + " tables are fresh" + behind + "."
        : well
            + (datasets.size() - empty)
            + " tables are fresh"
            + behind
            + "; "
            + empty
            + (empty == 1 ? " has" : " have")
            + " no rows yet.";
  }

  private static String consequence(String service, PolicyState policy) {
    return switch (service) {
      case "ingest-service" -> "changes wait at the source until it is back";
      case "transform-service" -> "Silver and Gold stay as they are until it is back";
      case "governance-service" ->
          policy.inForce()
              ? "the last policy serves for a minute, then queries are refused"
              : "no policy is in force, and queries are refused";
      default -> "see its message";
    };
  }

  /** Of a table that nobody can say is how late, the worst is assumed. */
  private static double lag(Dataset dataset) {
    return dataset.lagSeconds() == null ? Double.MAX_VALUE : dataset.lagSeconds();
  }

  private static double knownLag(Dataset dataset) {
    return dataset.lagSeconds() == null ? 0 : dataset.lagSeconds();
  }

  /** A service can be healthy and still not answer what it was asked. */
  private static void unanswered(
      List<Service> services, String name, Answer answer, List<String> sentences) {
    if (!answer.good() && healthy(services, name)) {
      sentences.add(
          name + " is healthy, but does not say how its tables stand. " + answer.problem());
    }
  }

  private static boolean healthy(List<Service> services, String name) {
    return services.stream().anyMatch(service -> service.name().equals(name) && service.healthy());
  }

  private static String names(List<Dataset> datasets) {
    String first =
        datasets.stream().limit(2).map(Dataset::dataset).collect(Collectors.joining(", "));
    return datasets.size() > 2 ? first + " and " + others(datasets.size() - 2) : first;
  }

  private static String others(int count) {
    return count == 1 ? "1 other table" : count + " other tables";
  }

  private static String because(String reason) {
    String text = reason.strip();
    if (text.isEmpty()) {
      return ".";
    }
    return ": " + lowerFirst(text) + (text.matches("(?s).*[.!?]") ? "" : ".");
  }

  /** Lower case unless the first word is a name: {@code WAL}, {@code silver.order}. */
  private static String lowerFirst(String text) {
    return text.length() > 1
            && Character.isUpperCase(text.charAt(0))
            && Character.isLowerCase(text.charAt(1))
        ? text.substring(0, 1).toLowerCase(Locale.ROOT) + text.substring(1)
        : text;
  }

  private static String percent(JsonNode table) {
    Double percent = decimal(table, "progressPercent");
    return percent == null ? "" : String.format(Locale.ROOT, " (%.0f %%)", percent);
  }

  static String seconds(double seconds) {
    return seconds < 120
        ? String.format(Locale.ROOT, seconds < 10 ? "%.1f s" : "%.0f s", seconds)
        : String.format(Locale.ROOT, "%.0f min", seconds / 60);
  }

  private static String text(JsonNode node, String field, String otherwise) {
    String text = node.path(field).asText("");
    return text.isBlank() || node.path(field).isNull() ? otherwise : text;
  }

  private static Long number(JsonNode node, String field) {
    return node.path(field).isNumber() ? node.path(field).asLong() : null;
  }

  private static Double decimal(JsonNode node, String field) {
    return node.path(field).isNumber() ? node.path(field).asDouble() : null;
  }

  private static Instant instant(JsonNode node, String field) {
    try {
      return node.path(field).isTextual() ? Instant.parse(node.path(field).asText()) : null;
    } catch (DateTimeException e) {
      return null;
    }
  }
}
