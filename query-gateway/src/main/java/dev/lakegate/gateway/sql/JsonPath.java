package dev.lakegate.gateway.sql;

import io.trino.sql.tree.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The plain JSON paths: {@code $.name}, {@code $["name"]}, {@code $[0]} and their chains. */
public final class JsonPath {
  private static final Pattern STEP =
      Pattern.compile("\\.([A-Za-z_][A-Za-z0-9_]*)|\\[(\\d{1,9})\\]|\\[\"([^\"\\\\]*)\"\\]");

  private JsonPath() {}

  static void requireSimple(Node node, String path) {
    if (steps(path) == null) {
      if (path.indexOf('*') < 0 && path.indexOf("..") < 0 && path.indexOf('?') < 0) {
        throw Refusal.at(node, "INVALID_FUNCTION_ARGUMENT", "Invalid JSON path: '" + path + "'");
      }
      throw Refusal.unsupported(node, "this JSON path");
    }
  }

  /** Names (String) and positions (Integer) of a plain path; null when it is not plain. */
  public static List<Object> steps(String path) {
    if (!path.startsWith("$")) {
      return null;
    }
    List<Object> steps = new ArrayList<>();
    Matcher m = STEP.matcher(path);
    int at = 1;
    while (at < path.length()) {
      if (!m.find(at) || m.start() != at) {
        return null;
      }
      if (m.group(1) != null) {
        steps.add(m.group(1));
      } else if (m.group(2) != null) {
        steps.add(Integer.parseInt(m.group(2)));
      } else {
        steps.add(m.group(3));
      }
      at = m.end();
    }
    return steps;
  }
}
