package dev.lakegate.transform.lineage;

import dev.lakegate.model.description.HistoryTable;
import dev.lakegate.model.job.JobSpecification;
import dev.lakegate.model.job.RunResult.Lineage;
import dev.lakegate.model.job.RunResult.Lineage.Kind;
import dev.lakegate.model.job.RunResult.Lineage.OfColumn;
import dev.lakegate.model.job.RunResult.Lineage.Source;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the columns of a Silver table are made of, by its description: source columns are taken as
 * they are, derived ones are made of those that their expressions name. Pure.
 */
public final class SilverLineage {
  /** Text first, so that no word within it counts; names may be quoted. */
  private static final Pattern PART =
      Pattern.compile("'(?:[^'\\\\]|\\\\.|'')*'|\"(?:[^\"\\\\]|\\\\.)*\"|`([^`]+)`|(\\w+)");

  private SilverLineage() {}

  /** That of a table. */
  public static Lineage of(JobSpecification specification) {
    String bronze = "bronze." + specification.bronzeTable();
    // A derivation sees the source's columns and the derivations before it.
    Map<String, List<Source>> made = new LinkedHashMap<>();
    specification
        .columns()
        .forEach(
            column ->
                made.put(
                    column.name(),
                    specification.history() == null
                        ? List.of(new Source(bronze, column.name(), Kind.IDENTITY))
                        : ofVersion(bronze, column.name(), specification)));
    if (specification.derivations() != null) {
      for (JobSpecification.Derivation derivation : specification.derivations()) {
        Set<Source> sources = new LinkedHashSet<>();
        for (String name : names(derivation.expression())) {
          for (Source source : made.getOrDefault(name, List.of())) {
            sources.add(new Source(source.dataset(), source.column(), Kind.TRANSFORMATION));
          }
        }
        made.put(derivation.column(), List.copyOf(sources));
      }
    }
    List<OfColumn> columns = new ArrayList<>();
    made.forEach((column, sources) -> columns.add(new OfColumn(column, sources)));
    return new Lineage(columns, List.of());
  }

  /** A version has the tracked values as they are, and is dated and named by its changes. */
  private static List<Source> ofVersion(
      String bronze, String column, JobSpecification specification) {
    JobSpecification.History history = specification.history();
    if (history.key().contains(column) || history.columns().contains(column)) {
      return List.of(new Source(bronze, column, Kind.IDENTITY));
    }
    if (column.equals(specification.tenantColumn())) {
      return List.of(new Source(bronze, history.tenant(), Kind.IDENTITY));
    }
    List<Source> sources = new ArrayList<>();
    switch (column) {
      case HistoryTable.VALID_FROM, HistoryTable.VALID_TO -> {
        sources.add(new Source(bronze, "_commit_ts", Kind.TRANSFORMATION));
        if (column.equals(HistoryTable.VALID_FROM) && history.began() != null) {
          sources.add(new Source(bronze, history.began(), Kind.TRANSFORMATION));
        }
      }
      case HistoryTable.VERSION ->
          sources.add(new Source(bronze, "_change_seq", Kind.TRANSFORMATION));
      case HistoryTable.TRANSITION_ALLOWED -> {
        if (history.transitions() != null) {
          sources.add(new Source(bronze, history.transitions().column(), Kind.TRANSFORMATION));
        }
      }
      default -> sources.add(new Source(bronze, "_op", Kind.TRANSFORMATION));
    }
    return sources;
  }

  private static Set<String> names(String expression) {
    Set<String> names = new LinkedHashSet<>();
    Matcher part = PART.matcher(expression);
    while (part.find()) {
      String name = part.group(1) == null ? part.group(2) : part.group(1);
      if (name != null) {
        names.add(name.toLowerCase(Locale.ROOT));
      }
    }
    return names;
  }
}
