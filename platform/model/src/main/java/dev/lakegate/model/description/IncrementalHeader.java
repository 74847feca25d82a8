package dev.lakegate.model.description;

import dev.lakegate.model.description.YamlObject.Text;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the key {@code incremental} of a metric's header. */
final class IncrementalHeader {
  private static final Pattern CHANGED =
      Pattern.compile("(?i)\\b" + Metric.Incremental.CHANGED + "\\b");

  private IncrementalHeader() {}

  /**
   * What the header says; null when it says nothing, or after a problem.
   *
   * @param grain columns of the metric's grain
   * @param inputs of the metric
   */
  static Metric.Incremental read(YamlObject header, Set<String> grain, List<String> inputs) {
    YamlObject yaml = header.has("incremental") ? header.object("incremental") : null;
    if (yaml == null) {
      return null;
    }
    List<Text> by = yaml.texts("by", 1);
    Set<String> columns = new LinkedHashSet<>();
    for (Text column : by) {
      columns.add(column.value());
      if (!grain.contains(column.value())) {
        yaml.problem(
            column.line(),
            "by names '" + YamlObject.shown(column.value()) + "', which is no column of the grain",
            "Use some of: " + String.join(", ", new TreeSet<>(grain)) + ".");
      }
    }
    Map<String, Metric.Input> read = new LinkedHashMap<>();
    YamlObject all = yaml.object("inputs");
    if (all != null) {
      for (Text dataset : all.keys()) {
        YamlObject one = all.object(dataset.value());
        if (!inputs.contains(dataset.value())) {
          all.problem(
              dataset.line(),
              "'" + YamlObject.shown(dataset.value()) + "' is no input",
              "Use the inputs: " + String.join(", ", inputs) + ".");
        } else if (one != null) {
          read.put(dataset.value(), input(one, dataset, columns, inputs));
        }
      }
      for (String input : inputs) {
        if (all.keys().stream().noneMatch(key -> key.value().equals(input))) {
          all.problem(
              all.line(),
              "incremental says nothing of input '" + YamlObject.shown(input) + "'",
              "Say which keys a changed row of it touches.");
        }
      }
    }
    yaml.done();
    return new Metric.Incremental(List.copyOf(columns), read);
  }

  private static Metric.Input input(
      YamlObject yaml, Text dataset, Set<String> by, Collection<String> inputs) {
    Map<String, String> expressions = new LinkedHashMap<>();
    YamlObject columns = yaml.has("columns") ? yaml.object("columns") : null;
    if (columns != null) {
      for (Text column : columns.keys()) {
        String expression = columns.text(column.value());
        if (!by.contains(column.value())) {
          columns.problem(
              column.line(),
              "'" + YamlObject.shown(column.value()) + "' is no column of by",
              "Use some of: " + LakehouseLoader.abbreviated(new TreeSet<>(by)) + ".");
        } else if (expression != null) {
          expressions.put(column.value(), expression);
          code(columns, column.value(), expression, Set.of());
        }
      }
    }
    String keys = yaml.text("keys", null);
    if (keys != null) {
      code(yaml, "keys", keys, inputs);
      if (!CHANGED.matcher(LakehouseLoader.withoutTextAndComments(keys)).find()) {
        yaml.problem(
            yaml.line("keys"),
            "keys does not read the changed rows",
            "Select from " + Metric.Incremental.CHANGED + ": the rows of the input that changed.");
      }
    } else if (!yaml.has("keys") && !expressions.keySet().containsAll(by)) {
      Set<String> missing = new TreeSet<>(by);
      missing.removeAll(expressions.keySet());
      yaml.problem(
          dataset.line(),
          "nothing tells "
              + LakehouseLoader.abbreviated(missing)
              + " of a changed row of "
              + YamlObject.shown(dataset.value()),
          "Add it to columns, or write a query of the keys under 'keys'.");
    }
    yaml.done();
    return new Metric.Input(expressions, keys);
  }

  /** What goes for the metric's SQL goes for these parts of it. */
  private static void code(YamlObject yaml, String key, String sql, Collection<String> readable) {
    String code = LakehouseLoader.withoutTextAndComments(sql);
    for (String table : LakehouseLoader.tablesIn(LakehouseLoader.DATASET, code)) {
      if (!readable.contains(table)) {
        yaml.problem(
            yaml.line(key),
            YamlObject.shown(key) + " reads " + table,
            readable.isEmpty()
                ? "Use columns of the input only."
                : "Use the metric's inputs only: " + String.join(", ", readable) + ".");
      }
    }
    if (code.contains(";")) {
      yaml.problem(
          yaml.line(key), YamlObject.shown(key) + " contains a semicolon", "Remove the ';'.");
    }
    Matcher token = LakehouseLoader.TOKEN.matcher(sql);
    Matcher now = LakehouseLoader.CLOCK.matcher(code);
    if (token.find() || now.find()) {
      yaml.problem(
          yaml.line(key),
          YamlObject.shown(key) + " depends on the clock",
          "Say what a changed row touches on any day.");
    }
  }
}
