package dev.lakegate.gateway.sql;

import io.trino.sql.tree.Node;

/** MySQL date formats, as date_format and date_parse take them. */
public final class DateFormats {
  private static final String FORMAT = "abcdefHhIijkMmprSsTvWwYy%x";
  private static final String PARSE = "YmdHhIisSfpbMecky%";

  private DateFormats() {}

  static void requireFormat(Node node, String format) {
    require(node, format, FORMAT.replace("w", ""));
  }

  static void requireParse(Node node, String format) {
    require(node, format, PARSE);
  }

  private static void require(Node node, String format, String known) {
    for (int i = 0; i < format.length(); i++) {
      if (format.charAt(i) == '%') {
        if (++i == format.length() || known.indexOf(format.charAt(i)) < 0) {
          throw Refusal.unsupported(
              node,
              i == format.length()
                  ? "a date format that ends in %"
                  : "date format specifier %" + format.charAt(i));
        }
      }
    }
  }
}
