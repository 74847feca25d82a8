package dev.lakegate.ingest.capture;

import dev.lakegate.model.bronze.SchemaVersion;
import dev.lakegate.model.bronze.SchemaVersion.Effect;
import dev.lakegate.model.bronze.SchemaVersion.SourceColumn;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a schema version changes for readers of the one before. Pure.
 *
 * @param effect the gravest of its changes
 * @param explanation a sentence; null for a first version
 * @param added names of columns that were not there before
 * @param dropped names of columns that are gone
 */
record SchemaDifference(
    Effect effect, String explanation, List<String> added, List<String> dropped) {
  private static final Pattern WITH_LENGTH =
      Pattern.compile("(character varying|bit varying)(?:\\((\\d+)\\))?");
  private static final Pattern NUMERIC = Pattern.compile("numeric\\((\\d+),(-?\\d+)\\)");
  private static final Pattern TIME =
      Pattern.compile("(timestamp|time)(?:\\((\\d)\\))? (with|without) time zone");
  private static final int FULL_TIME_PRECISION = 6;

  SchemaDifference {
    added = List.copyOf(added);
    dropped = List.copyOf(dropped);
  }

  /**
   * @param before null before the first version
   * @param key of the version after it
   * @param columns of the version after it
   */
  static SchemaDifference between(
      SchemaVersion before, List<String> key, List<SourceColumn> columns) {
    if (before == null) {
      return new SchemaDifference(Effect.FIRST, null, List.of(), List.of());
    }
    Map<String, SourceColumn> former = byName(before.columns());
    Map<String, SourceColumn> present = byName(columns);
    Effect effect = Effect.ADDITIVE;
    List<String> sentences = new ArrayList<>();
    List<String> dropped =
        former.keySet().stream().filter(name -> !present.containsKey(name)).toList();
    for (String name : dropped) {
      effect = Effect.DESTRUCTIVE;
      sentences.add("column " + name + " is gone");
    }
    List<String> added =
        present.keySet().stream().filter(name -> !former.containsKey(name)).toList();
    for (String name : added) {
      sentences.add("column " + name + " (" + present.get(name).sourceType() + ") was added");
    }
    for (SourceColumn column : columns) {
      SourceColumn was = former.get(column.name());
      if (was != null && !was.sourceType().equals(column.sourceType())) {
        effect = graver(effect, widens(was, column) ? Effect.WIDENING : Effect.DESTRUCTIVE);
        sentences.add(
            "column "
                + column.name()
                + " became "
                + column.sourceType()
                + " and was "
                + was.sourceType());
      }
    }
    if (!before.key().equals(key)) {
      effect = Effect.DESTRUCTIVE;
      sentences.add(
          "the key became ("
              + String.join(", ", key)
              + ") and was ("
              + String.join(", ", before.key())
              + ")");
    }
    if (sentences.isEmpty()) {
      sentences.add("the same columns are stored anew");
    }
    String text = String.join("; ", sentences);
    return new SchemaDifference(
        effect, Character.toUpperCase(text.charAt(0)) + text.substring(1) + ".", added, dropped);
  }

  /**
   * Why rows that exist must be copied anew, since their values did not come through the log; empty
   * when they did.
   *
   * @param unlogged columns whose values in existing rows the log may not have carried
   * @param rewritten whether the table's rows were rewritten since the version before
   */
  Optional<String> recopyReason(Set<String> unlogged, boolean rewritten) {
    if (effect == Effect.FIRST) {
      return Optional.empty();
    }
    for (String column : added) {
      if (unlogged.contains(column)) {
        return Optional.of(
            "Column " + column + " was added with values that the log does not carry.");
      }
    }
    if (!added.isEmpty() && !dropped.isEmpty()) {
      return Optional.of(
          "Columns ("
              + String.join(", ", dropped)
              + ") are gone and ("
              + String.join(", ", added)
              + ") appeared, as after a renaming, whose values the log does not carry.");
    }
    return rewritten
        ? Optional.of("Its rows were rewritten together with a change of its schema.")
        : Optional.empty();
  }

  /** Whether every value of the one type is a value of the other, printed the same way. */
  static boolean widens(SourceColumn from, SourceColumn to) {
    String a = from.sourceType();
    String b = to.sourceType();
    List<String> integers = List.of("smallint", "integer", "bigint");
    if (integers.contains(a) && integers.contains(b)) {
      return integers.indexOf(a) <= integers.indexOf(b);
    }
    if (a.equals("real") && b.equals("double precision")) {
      return true;
    }
    Matcher text = WITH_LENGTH.matcher(a);
    if (text.matches() || a.equals("text")) {
      boolean characters = a.equals("text") || a.startsWith("character");
      if (characters && b.equals("text")) {
        return true;
      }
      Matcher longer = WITH_LENGTH.matcher(b);
      return longer.matches()
          && longer.group(1).startsWith("character") == characters
          && (longer.group(2) == null
              || text.matches()
                  && text.group(2) != null
                  && Long.parseLong(text.group(2)) <= Long.parseLong(longer.group(2)));
    }
    Matcher narrow = NUMERIC.matcher(a);
    Matcher wide = NUMERIC.matcher(b);
    if (narrow.matches() && wide.matches()) {
      return narrow.group(2).equals(wide.group(2))
          && Integer.parseInt(narrow.group(1)) <= Integer.parseInt(wide.group(1))
          // Beyond 38 digits Bronze stores text.
          && from.type().startsWith("decimal") == to.type().startsWith("decimal");
    }
    Matcher coarse = TIME.matcher(a);
    Matcher fine = TIME.matcher(b);
    return coarse.matches()
        && fine.matches()
        && coarse.group(1).equals(fine.group(1))
        && coarse.group(3).equals(fine.group(3))
        // A time is stored as its text, whose length follows the precision; a timestamp is not.
        && digits(coarse.group(2)) <= digits(fine.group(2));
  }

  private static int digits(String precision) {
    return precision == null ? FULL_TIME_PRECISION : Integer.parseInt(precision);
  }

  private static Effect graver(Effect one, Effect other) {
    return one.compareTo(other) >= 0 ? one : other;
  }

  private static Map<String, SourceColumn> byName(List<SourceColumn> columns) {
    Map<String, SourceColumn> byName = new LinkedHashMap<>();
    columns.forEach(c -> byName.put(c.name(), c));
    return byName;
  }
}
