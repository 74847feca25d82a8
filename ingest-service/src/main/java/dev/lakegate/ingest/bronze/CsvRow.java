package dev.lakegate.ingest.bronze;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Reads rows as PostgreSQL's COPY writes them as CSV. Stateless and thread-safe. */
public final class CsvRow {
  private CsvRow() {}

  /**
   * The fields of one row as COPY wrote it, for rows that are looked at one by one.
   *
   * @return null for NULL, which is an empty field without quotes
   */
  public static List<String> fields(byte[] csv) {
    List<String> fields = new ArrayList<>();
    int end = csv.length > 0 && csv[csv.length - 1] == '\n' ? csv.length - 1 : csv.length;
    int at = 0;
    while (at <= end) {
      int start = at;
      boolean quoted = false;
      while (at < end && (quoted || csv[at] != ',')) {
        quoted ^= csv[at] == '"';
        at++;
      }
      String field = new String(csv, start, at - start, StandardCharsets.UTF_8);
      fields.add(
          field.isEmpty()
              ? null
              : field.charAt(0) == '"'
                  ? field.substring(1, field.length() - 1).replace("\"\"", "\"")
                  : field);
      at++;
    }
    return fields;
  }

  /** First field of a CSV row; null when it is empty and not quoted. */
  static String first(byte[] csv) {
    if (csv.length > 0 && csv[0] == '"') {
      StringBuilder quoted = null;
      int from = 1;
      for (int i = 1; i < csv.length; i++) {
        if (csv[i] == '"') {
          boolean doubled = i + 1 < csv.length && csv[i + 1] == '"';
          String part = new String(csv, from, i - from, StandardCharsets.UTF_8);
          if (!doubled) {
            return quoted == null ? part : quoted.append(part).toString();
          }
          quoted = quoted == null ? new StringBuilder() : quoted;
          quoted.append(part).append('"');
          i++;
          from = i + 1;
        }
      }
      throw new IllegalArgumentException("a quoted CSV field without end");
    }
    int end = 0;
    while (end < csv.length && csv[end] != ',' && csv[end] != '\n') {
      end++;
    }
    return end == 0 ? null : new String(csv, 0, end, StandardCharsets.UTF_8);
  }

  /** Index after the first field and its separator; -1 when it is quoted. */
  static int firstEnd(byte[] csv) {
    if (csv[0] == '"') {
      return -1;
    }
    int end = 0;
    while (csv[end] != ',' && csv[end] != '\n') {
      end++;
    }
    return end + 1;
  }
}
