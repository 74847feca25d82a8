package dev.lakegate.gateway.sql;

import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Which regular expressions mean the same to Java's engine as to Trino's (Joni with Java's syntax).
 */
public final class Regexps {
  private static final String ESCAPES = "dDwWsSbBtnr\\.^$|?*+()[]{}/-\"'&#@!%:;,=<>~`_ 123456789";

  private Regexps() {}

  /** Why a pattern is not taken, or null. Starts with "invalid" when it is no pattern at all. */
  static String problem(String pattern) {
    if (pattern.length() > 1000) {
      return "a pattern of more than 1000 characters";
    }
    try {
      Pattern.compile(pattern);
    } catch (PatternSyntaxException e) {
      return "invalid pattern: " + e.getDescription();
    }
    boolean inClass = false;
    for (int i = 0; i < pattern.length(); i++) {
      char c = pattern.charAt(i);
      if (c == '\\') {
        char next = pattern.charAt(++i);
        if (ESCAPES.indexOf(next) < 0) {
          return "escape \\" + next;
        }
        continue;
      }
      if (inClass) {
        if (c == '[' || (c == '&' && pattern.startsWith("&&", i))) {
          return "a nested character class";
        }
        if (c == ']') {
          inClass = false;
        }
        continue;
      }
      if (c == '[') {
        inClass = true;
        if (pattern.startsWith("[]", i) || pattern.startsWith("[^]", i)) {
          return "a bracket that opens a class";
        }
      }
      if (c == '(' && pattern.startsWith("(?", i)) {
        boolean known =
            pattern.startsWith("(?:", i)
                || pattern.startsWith("(?=", i)
                || pattern.startsWith("(?!", i)
                || pattern.startsWith("(?<=", i)
                || pattern.startsWith("(?<!", i)
                || (pattern.startsWith("(?i)", i) && i == 0);
        if (!known) {
          return "a group with options";
        }
      }
    }
    return null;
  }

  /** Whether a pattern's meaning on text beyond ASCII depends on the engine. */
  public static boolean asciiOnly(String pattern) {
    return pattern.startsWith("(?i)") || pattern.matches("(?s).*\\\\[dDwWsSbB].*");
  }
}
