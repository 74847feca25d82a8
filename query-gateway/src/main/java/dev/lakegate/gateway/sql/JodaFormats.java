package dev.lakegate.gateway.sql;

import io.trino.sql.tree.Node;
import java.util.ArrayList;
import java.util.List;

/** Joda-Time's patterns, as format_datetime and parse_datetime take them. */
public final class JodaFormats {
  private static final String FORMAT = "yYMdHhmsSEaZDx";
  private static final String PARSE = "yYMdHhmsSaZ";

  private JodaFormats() {}

  /**
   * A piece of a pattern.
   *
   * @param letter of a field, or 0 for text
   * @param count how often the letter stands there
   * @param text when it is text
   */
  public record Piece(char letter, int count, String text) {}

  /** The pieces of a pattern; null when it has a quote that does not end. */
  public static List<Piece> pieces(String pattern) {
    List<Piece> pieces = new ArrayList<>();
    for (int i = 0; i < pattern.length(); ) {
      char c = pattern.charAt(i);
      if (c == '\'') {
        StringBuilder text = new StringBuilder();
        int at = i + 1;
        if (at < pattern.length() && pattern.charAt(at) == '\'') {
          pieces.add(new Piece((char) 0, 1, "'"));
          i += 2;
          continue;
        }
        while (true) {
          if (at >= pattern.length()) {
            return null;
          }
          if (pattern.charAt(at) == '\'') {
            if (at + 1 < pattern.length() && pattern.charAt(at + 1) == '\'') {
              at++;
            } else {
              break;
            }
          }
          text.append(pattern.charAt(at++));
        }
        pieces.add(new Piece((char) 0, 1, text.toString()));
        i = at + 1;
      } else if (c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z') {
        int end = i;
        while (end < pattern.length() && pattern.charAt(end) == c) {
          end++;
        }
        pieces.add(new Piece(c, end - i, ""));
        i = end;
      } else {
        pieces.add(new Piece((char) 0, 1, String.valueOf(c)));
        i++;
      }
    }
    return pieces;
  }

  static void requireFormat(Node node, String pattern) {
    require(node, pattern, FORMAT);
  }

  static void requireParse(Node node, String pattern) {
    require(node, pattern, PARSE);
    for (Piece p : pieces(pattern)) {
      boolean named = p.letter() == 'Z' && p.count() > 2;
      if (named || (p.letter() == 'M' && p.count() > 2)) {
        throw Refusal.unsupported(node, "parsing names of months or time zones");
      }
    }
  }

  private static void require(Node node, String pattern, String known) {
    List<Piece> pieces = pieces(pattern);
    if (pieces == null || pieces.isEmpty()) {
      throw Refusal.at(node, "INVALID_FUNCTION_ARGUMENT", "Invalid format: '" + pattern + "'");
    }
    for (Piece p : pieces) {
      if (p.letter() != 0 && known.indexOf(p.letter()) < 0) {
        throw Refusal.unsupported(node, "the letter " + p.letter() + " in a date format");
      }
    }
  }
}
