package dev.lakegate.gateway.sql;

/**
 * How LIKE is written. DuckDB matches a constant without {@code _} and escapes part by part; for
 * any other pattern it tries every place for every {@code %}, in one call that nothing stops: four
 * of them over 200 characters take half a minute. Such a pattern goes to a function of ours. Pure.
 */
final class Likes {
  private Likes() {}

  /**
   * The condition.
   *
   * @param x the value
   * @param pattern the pattern
   * @param constant the pattern's text where it is known, otherwise null
   * @param escape one character, or null
   */
  static String sql(String x, String pattern, String constant, String escape) {
    if (constant != null && isBounded(constant, escape)) {
      return "("
          + x
          + " LIKE "
          + pattern
          + (escape == null ? "" : " ESCAPE " + Duck.quote(escape))
          + ")";
    }
    return "lk_like(" + x + ", " + pattern + ", " + Duck.quote(escape == null ? "" : escape) + ")";
  }

  private static boolean isBounded(String pattern, String escape) {
    boolean parts = escape == null && pattern.indexOf('_') < 0;
    return parts || pattern.chars().filter(c -> c == '%').count() <= 1;
  }
}
