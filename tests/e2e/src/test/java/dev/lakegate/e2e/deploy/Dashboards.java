package dev.lakegate.e2e.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What Grafana's dashboards and Prometheus' rules ask for. */
public final class Dashboards {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** What of PromQL is no name of a metric: text, ranges, selectors, and lists of labels. */
  private static final Pattern NO_NAMES =
      Pattern.compile(
          "\"[^\"]*\"|\\{[^}]*}|\\[[^]]*]|\\b(?:by|without|on|ignoring|group_left|group_right)\\s*\\([^)]*\\)");

  private static final Pattern NAME = Pattern.compile("[a-zA-Z_:][a-zA-Z0-9_:]*(?!\\s*\\()\\b");
  private static final Set<String> WORDS =
      Set.of(
          "and",
          "or",
          "unless",
          "bool",
          "by",
          "without",
          "on",
          "ignoring",
          "group_left",
          "group_right",
          "inf",
          "nan",
          "offset");

  private Dashboards() {}

  public static Path directory() {
    return root().resolve("deploy/monitoring");
  }

  static Path root() {
    return Path.of(System.getProperty("lakegate.basedir"));
  }

  static List<Path> files() throws IOException {
    try (Stream<Path> found = Files.list(directory().resolve("grafana/dashboards"))) {
      return found.filter(f -> f.toString().endsWith(".json")).sorted().toList();
    }
  }

  static JsonNode read(Path file) throws IOException {
    return JSON.readTree(file.toFile());
  }

  /** PromQL of all dashboards and rules, by where it stands. */
  public static Map<String, String> promql() throws IOException {
    Map<String, String> found = new LinkedHashMap<>();
    targets("expr", found);
    Path rules = directory().resolve("prometheus/rules.yml");
    for (Object group : (List<?>) ((Map<?, ?>) Yaml.read(rules)).get("groups")) {
      for (Object rule : (List<?>) ((Map<?, ?>) group).get("rules")) {
        Map<?, ?> r = (Map<?, ?>) rule;
        found.put("alert " + r.get("alert"), (String) r.get("expr"));
      }
    }
    return found;
  }

  /** SQL of all dashboards, with Grafana's macros replaced by what they stand for, by panel. */
  public static Map<String, String> sql() throws IOException {
    Map<String, String> found = new LinkedHashMap<>();
    targets("rawSql", found);
    found.replaceAll(
        (where, sql) ->
            sql.replace("$__timeFilter(at)", "at BETWEEN now() - interval '1 day' AND now()")
                .replace(
                    "$__timeGroupAlias(at, $__interval)",
                    "date_bin('1 minute', at, timestamptz 'epoch') AS \"time\""));
    return found;
  }

  private static void targets(String field, Map<String, String> found) throws IOException {
    for (Path file : files()) {
      for (JsonNode panel : read(file).path("panels")) {
        for (JsonNode target : panel.path("targets")) {
          if (target.hasNonNull(field)) {
            found.put(
                file.getFileName()
                    + ", "
                    + panel.path("title").asText()
                    + ", "
                    + target.path("refId").asText(),
                target.path(field).asText());
          }
        }
      }
    }
  }

  /** The names of metrics in PromQL. */
  static Set<String> metrics(String promql) {
    Set<String> names = new TreeSet<>();
    Matcher name = NAME.matcher(NO_NAMES.matcher(promql).replaceAll(" "));
    while (name.find()) {
      if (!WORDS.contains(name.group()) && !name.group().startsWith("$")) {
        names.add(name.group());
      }
    }
    return names;
  }

  /** Names of the series that a service shows at {@code /q/metrics}. */
  public static Set<String> exported(String metrics) {
    Set<String> names = new TreeSet<>();
    metrics
        .lines()
        .filter(l -> !l.startsWith("#") && !l.isBlank())
        .forEach(l -> names.add(l.substring(0, end(l))));
    return names;
  }

  private static int end(String line) {
    int brace = line.indexOf('{');
    int space = line.indexOf(' ');
    return brace < 0 || space < brace ? space : brace;
  }

  /** The metrics in all PromQL that nobody exports, with where they stand. */
  public static List<String> unknown(Set<String> exported) throws IOException {
    List<String> unknown = new ArrayList<>();
    for (Map.Entry<String, String> query : promql().entrySet()) {
      for (String metric : metrics(query.getValue())) {
        // Prometheus makes this one itself.
        if (!metric.equals("up") && !exported.contains(metric)) {
          unknown.add(metric + " in " + query.getKey());
        }
      }
    }
    return unknown;
  }
}
