package dev.lakegate.model.description;

import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Names in a query that may stand for personal data: those of its inputs' columns, and the aliases
 * of expressions that mention such a name. It reads the text and does not understand it, so it
 * finds rather too many: what is no personal data says so. Stateless.
 */
final class PersonalNames {
  /** An alias, or a type within CAST, or a common table expression, which has no name here. */
  private static final Pattern ALIAS = Pattern.compile("(?i)\\bAS\\s+`?([a-z_]\\w*)`?");

  private static final Pattern WORD = Pattern.compile("[A-Za-z_]\\w*");

  private PersonalNames() {}

  /**
   * All of them, in lower case.
   *
   * @param code Spark SQL without texts and comments
   * @param personal columns of the inputs that hold personal data
   */
  static Set<String> of(String code, Set<String> personal) {
    Set<String> names = new TreeSet<>(personal);
    boolean more = true;
    while (more) {
      more = false;
      Matcher alias = ALIAS.matcher(code);
      while (alias.find()) {
        String name = alias.group(1).toLowerCase(Locale.ROOT);
        if (!names.contains(name) && mentions(expression(code, alias.start()), names)) {
          more |= names.add(name);
        }
      }
    }
    return names;
  }

  private static boolean mentions(String expression, Set<String> names) {
    Set<String> words = new HashSet<>();
    Matcher word = WORD.matcher(expression);
    while (word.find()) {
      words.add(word.group().toLowerCase(Locale.ROOT));
    }
    return words.stream().anyMatch(names::contains);
  }

  /** What stands before an alias; empty when that is a table, or the alias is a type. */
  private static String expression(String code, int end) {
    int depth = 0;
    int i = end - 1;
    for (; i >= 0; i--) {
      char c = code.charAt(i);
      if (c == ')') {
        depth++;
      } else if (c == '(') {
        if (depth == 0) {
          // AS within CAST.
          return "";
        }
        depth--;
      } else if (depth == 0 && c == ',') {
        break;
      } else if (depth == 0 && Character.isLetter(c) && (i == 0 || !isPart(code.charAt(i - 1)))) {
        String word = word(code, i);
        if (word.equals("FROM") || word.equals("JOIN")) {
          return "";
        }
        if (word.equals("SELECT") || word.equals("DISTINCT")) {
          break;
        }
      }
    }
    return code.substring(Math.max(0, i), end);
  }

  private static boolean isPart(char c) {
    return Character.isLetterOrDigit(c) || c == '_' || c == '.' || c == '`';
  }

  private static String word(String code, int start) {
    int end = start;
    while (end < code.length() && isPart(code.charAt(end))) {
      end++;
    }
    return code.substring(start, end).toUpperCase(Locale.ROOT);
  }
}
