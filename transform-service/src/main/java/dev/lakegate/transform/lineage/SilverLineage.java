package dev.lakegate.transform.lineage;

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
                made.put(column.name(), List.of(new Source(bronze, column.name(), Kind.IDENTITY))));
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
