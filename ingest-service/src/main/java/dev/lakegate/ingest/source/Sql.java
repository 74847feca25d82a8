package dev.lakegate.ingest.source;

/** Quoting for PostgreSQL. */
public final class Sql {
  private Sql() {}

  /** A name, quoted. */
  public static String identifier(String name) {
    return "\"" + name.replace("\"", "\"\"") + "\"";
  }

  /** A text constant, quoted. */
  public static String literal(String text) {
    return "'" + text.replace("'", "''") + "'";
  }
}
