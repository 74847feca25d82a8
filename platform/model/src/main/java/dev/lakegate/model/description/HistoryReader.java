package dev.lakegate.model.description;

import dev.lakegate.model.description.YamlObject.Text;
import dev.lakegate.model.types.TrinoType;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads {@code history} of a table. */
final class HistoryReader {
  private HistoryReader() {}

  /**
   * The history that a table asks for; null when it asks for none.
   *
   * @param columns of the source
   * @param replaced names of columns that derivations replace
   * @param key of the table
   * @param tenantColumn of the table; null when it has none
   */
  static SourceTable.History read(
      YamlObject table,
      Map<String, SourceTable.Column> columns,
      Set<String> replaced,
      List<String> key,
      String tenantColumn) {
    if (!table.has("history")) {
      return null;
    }
    YamlObject yaml = table.object("history");
    if (yaml == null) {
      return null;
    }
    Set<String> tracked = new LinkedHashSet<>();
    for (Text column : yaml.texts("columns", 1)) {
      if (!columns.containsKey(column.value())) {
        LakehouseLoader.unknownColumn(yaml, column, "history", columns.keySet());
      } else if (replaced.contains(column.value())) {
        yaml.problem(
            column.line(),
            "column '" + column.value() + "' is replaced by a derivation",
            "Leave it out: its history would show what Silver does not.");
      } else if (key.contains(column.value()) || column.value().equals(tenantColumn)) {
        yaml.problem(
            column.line(),
            "column '" + column.value() + "' is part of every version anyway",
            "Name columns that change, besides the key and the tenant.");
      } else {
        tracked.add(column.value());
      }
    }
    for (String part : key) {
      if (replaced.contains(part)) {
        yaml.problem(
            yaml.line("columns"),
            "key column '" + part + "' is replaced by a derivation",
            "A table has a history only with the source's own key.");
      }
    }
    for (String own : HistoryTable.OWN) {
      if (tracked.contains(own) || key.contains(own)) {
        yaml.problem(
            yaml.line("columns"),
            "column '" + own + "' would occur twice in the history",
            "It is where the history keeps its own: the table cannot have one.");
      }
    }
    String began = yaml.text("began", null);
    if (began != null) {
      SourceTable.Column column = columns.get(began);
      if (column == null) {
        LakehouseLoader.unknownColumn(
            yaml, new Text(began, yaml.line("began")), "began", columns.keySet());
      } else if (replaced.contains(began)
          || column.type() != null && column.type() != TrinoType.Simple.TIMESTAMP_WITH_TIME_ZONE) {
        yaml.problem(
            yaml.line("began"),
            "'" + began + "' cannot say when a row began",
            "Name a column of the source of type timestamp(6) with time zone.");
      }
    }
    HistoryTable.Transitions transitions = transitions(yaml, tracked, columns);
    yaml.done();
    return new SourceTable.History(List.copyOf(tracked), began, transitions);
  }

  private static HistoryTable.Transitions transitions(
      YamlObject history, Set<String> tracked, Map<String, SourceTable.Column> columns) {
    if (!history.has("transitions")) {
      return null;
    }
    YamlObject yaml = history.object("transitions");
    if (yaml == null) {
      return null;
    }
    String column = yaml.text("column");
    if (column != null && !tracked.contains(column)) {
      LakehouseLoader.unknownColumn(
          yaml, new Text(column, yaml.line("column")), "transitions", tracked);
    } else if (column != null
        && columns.get(column).type() != null
        && !(columns.get(column).type() instanceof TrinoType.Varchar)) {
      yaml.problem(
          yaml.line("column"), "'" + column + "' is no text", "Transitions are between texts.");
    }
    Map<String, List<String>> allowed = new LinkedHashMap<>();
    YamlObject from = yaml.object("allowed");
    if (from != null) {
      for (Text state : from.keys()) {
        allowed.put(state.value(), from.texts(state.value()).stream().map(Text::value).toList());
      }
      if (allowed.isEmpty()) {
        yaml.problem(
            yaml.line("allowed"), "no transition is allowed", "Name what may follow what.");
      }
      for (Text state : from.keys()) {
        for (Text next : from.texts(state.value())) {
          if (!allowed.containsKey(next.value())) {
            from.problem(
                next.line(),
                "'" + YamlObject.shown(next.value()) + "' is no state of its own",
                "Add '" + YamlObject.shown(next.value()) + ": []', or what may follow it.");
          }
        }
      }
    }
    yaml.done();
    return column == null ? null : new HistoryTable.Transitions(column, allowed);
  }
}
