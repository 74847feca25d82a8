package dev.lakegate.ingest.bronze;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How Bronze stores a PostgreSQL type. The source always sends text (DateStyle ISO, TimeZone UTC,
 * bytea_output hex), which DuckDB converts.
 *
 * @param trino type of the Parquet column in Trino's notation
 * @param strict DuckDB expression over {@code %1$s} that fails on a value the type cannot hold
 * @param tolerant the same, but NULL for such a value; null when the conversion cannot fail
 * @param lossy values that the type cannot hold, for people; null when there are none
 */
record ColumnType(String trino, String strict, String tolerant, String lossy) {
  static final ColumnType TEXT = new ColumnType("varchar", "%1$s", null, null);

  private static final Pattern NUMERIC = Pattern.compile("numeric\\((\\d+),(\\d+)\\)");
  private static final Pattern TIMESTAMP =
      Pattern.compile("timestamp(?:\\(\\d\\))? (with|without) time zone");
  private static final int MAX_PRECISION = 38;

  /**
   * @param postgresType as {@code format_type} prints it, domains already replaced by their base
   */
  static ColumnType of(String postgresType) {
    String type = postgresType.toLowerCase(Locale.ROOT);
    switch (type) {
      case "boolean":
        return cast("boolean", "BOOLEAN");
      case "smallint":
        return cast("smallint", "SMALLINT");
      case "integer":
        return cast("integer", "INTEGER");
      case "bigint":
        return cast("bigint", "BIGINT");
      case "real":
        return cast("real", "FLOAT");
      case "double precision":
        return cast("double", "DOUBLE");
      case "date":
        return finite("date", "DATE");
      case "bytea":
        return new ColumnType("varbinary", "from_hex(substr(%1$s, 3))", null, null);
      default:
        break;
    }
    Matcher numeric = NUMERIC.matcher(type);
    if (numeric.matches()) {
      int precision = Integer.parseInt(numeric.group(1));
      int scale = Integer.parseInt(numeric.group(2));
      if (precision >= 1 && precision <= MAX_PRECISION && scale <= precision) {
        String decimal = "(" + precision + "," + scale + ")";
        return cast("decimal" + decimal, "DECIMAL" + decimal, "NaN");
      }
    }
    Matcher timestamp = TIMESTAMP.matcher(type);
    if (timestamp.matches()) {
      return timestamp.group(1).equals("with")
          ? finite("timestamp(6) with time zone", "TIMESTAMPTZ")
          : finite("timestamp(6)", "TIMESTAMP");
    }
    return TEXT;
  }

  private static ColumnType cast(String trino, String duckdb) {
    return cast(trino, duckdb, null);
  }

  private static ColumnType cast(String trino, String duckdb, String lossy) {
    return new ColumnType(
        trino, "CAST(%1$s AS " + duckdb + ")", "TRY_CAST(%1$s AS " + duckdb + ")", lossy);
  }

  /**
   * DuckDB knows infinite dates and times and some before Christ, not every reader of Parquet does:
   * they are no values for us.
   */
  private static ColumnType finite(String trino, String duckdb) {
    String finite = "CASE WHEN %1$s < '0' OR %1$s > ':' OR suffix(%1$s, 'BC') THEN ";
    return new ColumnType(
        trino,
        "CAST(" + finite + "'not finite' ELSE %1$s END AS " + duckdb + ")",
        "TRY_CAST(" + finite + "NULL ELSE %1$s END AS " + duckdb + ")",
        duckdb.equals("DATE")
            ? "infinity, -infinity, BC"
            : "infinity, -infinity, BC, after 294247-01-10");
  }
}
