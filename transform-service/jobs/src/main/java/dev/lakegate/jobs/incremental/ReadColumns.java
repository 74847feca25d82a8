package dev.lakegate.jobs.incremental;

import dev.lakegate.jobs.protocol.Column;
import dev.lakegate.jobs.protocol.Incremental;
import dev.lakegate.jobs.protocol.Specification;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which columns of its inputs a metric can read: those whose names stand anywhere in its SQL, or
 * all, where the SQL takes columns without naming them. A change of others alone is none for it.
 * Pure.
 */
final class ReadColumns {
  private static final Pattern WORD = Pattern.compile("\\w+");
  private static final Pattern COUNT = Pattern.compile("(?i)\\bcount\\s*\\(\\s*\\*\\s*\\)");

  /** A star that is no multiplication, and joins over columns that nobody names. */
  private static final Pattern UNNAMED =
      Pattern.compile("(?i)(\\bselect|\\bdistinct|\\ball|[,.(])\\s*\\*|\\bnatural\\b");

  private final boolean all;
  private final Set<String> words = new LinkedHashSet<>();

  private ReadColumns(String sql) {
    this.all = UNNAMED.matcher(COUNT.matcher(sql).replaceAll("count(1)")).find();
    Matcher word = WORD.matcher(sql.toLowerCase(Locale.ROOT));
    while (word.find()) {
      words.add(word.group());
    }
  }

  static ReadColumns of(Specification specification) {
    StringBuilder sql = new StringBuilder(specification.sql());
    for (Incremental.Input input : specification.incremental().inputs().values()) {
      input.columns().values().forEach(expression -> sql.append('\n').append(expression));
      if (input.keys() != null) {
        sql.append('\n').append(input.keys());
      }
    }
    return new ReadColumns(sql.toString());
  }

  /** Those of a table that the metric can read. */
  List<Column> among(List<Column> columns) {
    List<Column> read = new ArrayList<>();
    for (Column column : columns) {
      if (all || words.contains(column.name().toLowerCase(Locale.ROOT))) {
        read.add(column);
      }
    }
    return read.isEmpty() ? columns : read;
  }
}
