package dev.lakegate.governance.lakeformation;

import dev.lakegate.model.lakeformation.RowFilter;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Whether two filters say the same about rows, where that can be told from their texts. Pure. */
final class RowTexts {
  private static final Pattern ONE = Pattern.compile("\\s*(\\w+)\\s*=\\s*('(?:[^']|'')*')\\s*");
  private static final Pattern LIST =
      Pattern.compile(
          "\\s*(\\w+)\\s+[Ii][Nn]\\s*\\(\\s*('(?:[^']|'')*'(?:\\s*,\\s*'(?:[^']|'')*')*)\\s*\\)\\s*");
  private static final Pattern LITERAL = Pattern.compile("'(?:[^']|'')*'");

  private RowTexts() {}

  static boolean same(RowFilter one, RowFilter other) {
    return one instanceof RowFilter.Expression a && other instanceof RowFilter.Expression b
        ? normal(a.text()).equals(normal(b.text()))
        : one.equals(other);
  }

  // A list of one is an equation, and the order of a list means nothing.
  private static String normal(String text) {
    Matcher one = ONE.matcher(text);
    Matcher list = LIST.matcher(text);
    if (!one.matches() && !list.matches()) {
      return text.strip();
    }
    Matcher found = one.matches() ? one : list;
    TreeSet<String> values = new TreeSet<>();
    Matcher literal = LITERAL.matcher(found.group(2));
    while (literal.find()) {
      values.add(literal.group());
    }
    return found.group(1) + " IN " + values;
  }
}
