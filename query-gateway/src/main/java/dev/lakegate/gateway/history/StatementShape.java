package dev.lakegate.gateway.history;

/**
 * A statement without its values, for logs that others read: what stands in quotes, numbers and
 * comments may be a person's data, the words around them are not. Pure.
 */
public final class StatementShape {
  private static final int LONGEST = 2000;

  private StatementShape() {}

  /** The statement with {@code ?} for every value and without comments, on one line. */
  public static String of(String sql) {
    StringBuilder out = new StringBuilder();
    int i = 0;
    int n = sql.length();
    while (i < n && out.length() < LONGEST) {
      char c = sql.charAt(i);
      if (c == '\'') {
        i = afterQuoted(sql, i, '\'');
        out.append('?');
      } else if (c == '"') {
        int end = afterQuoted(sql, i, '"');
        // A name in quotes may be an alias made of data.
        out.append("\"?\"");
        i = end;
      } else if (c == '-' && i + 1 < n && sql.charAt(i + 1) == '-') {
        while (i < n && sql.charAt(i) != '\n' && sql.charAt(i) != '\r') {
          i++;
        }
      } else if (c == '/' && i + 1 < n && sql.charAt(i + 1) == '*') {
        int end = sql.indexOf("*/", i + 2);
        i = end < 0 ? n : end + 2;
        out.append(' ');
      } else if (isDigit(c) || (c == '.' && i + 1 < n && isDigit(sql.charAt(i + 1)))) {
        while (i < n
            && (Character.isLetterOrDigit(sql.charAt(i))
                || sql.charAt(i) == '.'
                || sql.charAt(i) == '_')) {
          i++;
        }
        out.append('?');
      } else if (Character.isLetter(c) || c == '_') {
        while (i < n && (Character.isLetterOrDigit(sql.charAt(i)) || sql.charAt(i) == '_')) {
          out.append(sql.charAt(i));
          i++;
        }
      } else {
        out.append(Character.isWhitespace(c) || Character.isISOControl(c) ? ' ' : c);
        i++;
      }
    }
    return out.toString().replaceAll(" {2,}", " ").trim();
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  /** Two quotes in a row stand for one; without an end everything is inside. */
  private static int afterQuoted(String sql, int from, char quote) {
    int i = from + 1;
    while (i < sql.length()) {
      if (sql.charAt(i) == quote) {
        if (i + 1 < sql.length() && sql.charAt(i + 1) == quote) {
          i++;
        } else {
          return i + 1;
        }
      }
      i++;
    }
    return sql.length();
  }
}
