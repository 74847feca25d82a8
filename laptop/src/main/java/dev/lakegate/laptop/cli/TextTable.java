package dev.lakegate.laptop.cli;

import java.io.PrintWriter;
import java.util.List;

/**
 * Prints rows in aligned columns. The widths come from the first rows; a later value that is wider
 * moves its own line only, so that results of any size print as they come.
 */
final class TextTable {
  private static final int WIDEST = 80;

  private final PrintWriter out;
  private final String indent;
  private final boolean[] rightAligned;
  private final int[] widths;

  /**
   * @param rightAligned which columns hold numbers
   */
  TextTable(
      PrintWriter out, List<String> header, boolean[] rightAligned, List<List<String>> first) {
    this(out, "", header, rightAligned, first);
  }

  /**
   * @param indent stands before each line
   */
  TextTable(
      PrintWriter out,
      String indent,
      List<String> header,
      boolean[] rightAligned,
      List<List<String>> first) {
    this.out = out;
    this.indent = indent;
    this.rightAligned = rightAligned;
    this.widths = new int[header.size()];
    measure(header);
    first.forEach(this::measure);
    line(header);
    StringBuilder rule = new StringBuilder(indent);
    for (int i = 0; i < widths.length; i++) {
      rule.append(i == 0 ? "" : "-+-").append("-".repeat(widths[i]));
    }
    out.println(rule);
  }

  void line(List<String> row) {
    StringBuilder text = new StringBuilder(indent);
    for (int i = 0; i < row.size(); i++) {
      String cell = visible(row.get(i));
      String fill = " ".repeat(Math.max(0, widths[i] - length(cell)));
      text.append(i == 0 ? "" : " | ").append(rightAligned[i] ? fill + cell : cell + fill);
    }
    out.println(text.toString().stripTrailing());
  }

  private void measure(List<String> row) {
    for (int i = 0; i < widths.length; i++) {
      widths[i] = Math.min(WIDEST, Math.max(widths[i], length(visible(row.get(i)))));
    }
  }

  private static int length(String text) {
    return text.codePointCount(0, text.length());
  }

  /** Data must not move the cursor or change colours of the terminal. */
  static String visible(String text) {
    StringBuilder out = null;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isISOControl(c)) {
        if (out == null) {
          out = new StringBuilder(text.length() + 8).append(text, 0, i);
        }
        out.append(
            switch (c) {
              case '\n' -> "\\n";
              case '\r' -> "\\r";
              case '\t' -> "\\t";
              default -> "\\u%04x".formatted((int) c);
            });
      } else if (out != null) {
        out.append(c);
      }
    }
    return out == null ? text : out.toString();
  }
}
