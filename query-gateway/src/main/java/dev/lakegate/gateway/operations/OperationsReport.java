package dev.lakegate.gateway.operations;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.gateway.operations.Operations.Alarm;
import dev.lakegate.gateway.operations.Operations.Dataset;
import dev.lakegate.gateway.operations.Operations.Freshness;
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

  /** States that a sentence of their own tells of. */
  private static final List<String> SAID = List.of("copying", "held");

  private OperationsReport() {}

  /**
   * @param ingest its capture state
   * @param tables its tables in full; when they are not told, what its capture state says of them
   * @param transform its datasets
   * @param published the datasets as they were published, for when transform-service is silent
   * @param policy what governs queries
   */
  static Operations of(
      List<Service> services,
      Answer ingest,
      Answer tables,
      Answer transform,
      List<Dataset> published,
      PolicyState policy,
      Instant now) {
    JsonNode capture = ingest.good() ? ingest.body() : null;
    List<Dataset> datasets = new ArrayList<>();
    List<Alarm> alarms = new ArrayList<>();
    if (transform.good()) {
      transform.body().path("items").forEach(item -> datasets.add(dataset(item)));
    } else {
      datasets.addAll(published);
    }
    if (capture != null) {
      datasets.addAll(CapturedTables.of(capture, tables.good() ? tables.body() : null));
      capture.path("alarms").forEach(node -> alarms.add(alarm(node)));
    }
    alarms.sort(Comparator.comparing(alarm -> !grave(alarm)));
    State state = state(services, ingest, transform, capture, policy, datasets, alarms);
    return new Operations(
        headline(services, ingest, transform, capture, policy, datasets, alarms),
        state,
        services,
        List.copyOf(alarms),
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
        text(item, "reason", "transform-service gave no reason."),
        text(item, "nextAction", null),
        Commands.in(text(item, "nextAction", ""), text(item, "reason", "")),
        freshness(item.path("freshness")),
        null);
  }

  private static Freshness freshness(JsonNode node) {
    Double p50 = decimal(node, "p50");
    Double p95 = decimal(node, "p95");
    Double p99 = decimal(node, "p99");
    return p50 == null && p95 == null && p99 == null ? null : new Freshness(p50, p95, p99);
  }

  private static Alarm alarm(JsonNode node) {
    String remedy = text(node, "remedy", "");
    return new Alarm(
        text(node, "code", "UNKNOWN"),
        text(node, "severity", "warning").toLowerCase(Locale.ROOT),
        text(node, "message", "ingest-service does not say what it is."),
        instant(node, "since"),
        remedy,
        Commands.in(remedy));
  }

  private static boolean grave(Alarm alarm) {
    return !alarm.severity().equals("warning") && !alarm.severity().equals("info");
  }

  private static State state(
      List<Service> services,
      Answer ingest,
      Answer transform,
      JsonNode capture,
      PolicyState policy,
      List<Dataset> datasets,
      List<Alarm> alarms) {
    if (!services.stream().allMatch(Service::healthy)
        || !ingest.good()
        || !transform.good()
        || !policy.inForce()
        || !capture.path("source").path("connected").asBoolean(false)
        || datasets.stream().anyMatch(OperationsReport::broken)
        || alarms.stream().anyMatch(OperationsReport::grave)) {
      return State.degraded;
    }
    return datasets.stream().anyMatch(OperationsReport::late)
            || alarms.stream().anyMatch(alarm -> alarm.severity().equals("warning"))
        ? State.late
        : State.healthy;
  }

  private static boolean broken(Dataset dataset) {
    return dataset.state().equals("failed") || dataset.state().equals("unknown");
  }

  /** Work that is under way or waits for its turn is no delay until it takes too long. */
  private static boolean late(Dataset dataset) {
    return switch (dataset.state()) {
      case "copying", "held" -> true;
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
      List<Dataset> datasets,
      List<Alarm> alarms) {
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
    alarms.stream()
        .filter(OperationsReport::grave)
        .limit(1)
        .forEach(alarm -> sentences.add(sentence(alarm.message())));
    List<Dataset> held =
        datasets.stream().filter(dataset -> dataset.state().equals("held")).toList();
    if (!held.isEmpty()) {
      Dataset first = held.get(0);
      sentences.add(
          names(held)
              + (held.size() == 1 ? " waits" : " wait")
              + " for a decision"
              + because(first.reason()));
    }
    List<Dataset> copying =
        datasets.stream().filter(dataset -> dataset.state().equals("copying")).toList();
    if (!copying.isEmpty()) {
      sentences.add("The first copy of " + names(copying) + " is under way.");
    }
    List<Dataset> late =
        datasets.stream()
            .filter(dataset -> late(dataset) && !SAID.contains(dataset.state()))
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
    if (sentences.isEmpty() && !alarms.isEmpty()) {
      sentences.add(sentence(alarms.get(0).message()));
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

  private static String sentence(String text) {
    String said = text.strip();
    return said.matches("(?s).*[.!?]") ? said : said + ".";
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

  static String seconds(double seconds) {
    return seconds < 120
        ? String.format(Locale.ROOT, seconds < 10 ? "%.1f s" : "%.0f s", seconds)
        : String.format(Locale.ROOT, "%.0f min", seconds / 60);
  }

  static String text(JsonNode node, String field, String otherwise) {
    String text = node.path(field).asText("");
    return text.isBlank() || node.path(field).isNull() ? otherwise : text;
  }

  static Long number(JsonNode node, String field) {
    return node.path(field).isNumber() ? node.path(field).asLong() : null;
  }

  static Double decimal(JsonNode node, String field) {
    return node.path(field).isNumber() ? node.path(field).asDouble() : null;
  }

  static Instant instant(JsonNode node, String field) {
    try {
      return node.path(field).isTextual() ? Instant.parse(node.path(field).asText()) : null;
    } catch (DateTimeException e) {
      return null;
    }
  }
}
