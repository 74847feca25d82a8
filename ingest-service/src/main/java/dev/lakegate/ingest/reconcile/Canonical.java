package dev.lakegate.ingest.reconcile;

import dev.lakegate.model.types.TrinoType;
import dev.lakegate.model.types.TrinoType.Decimal;
import dev.lakegate.model.types.TrinoType.Simple;
import dev.lakegate.model.types.TrinoType.Varchar;
import java.util.Optional;

/**
 * One form of a value for both sides, as DuckDB expressions: the type that Silver has. Written from
 * docs/TYPES.md, not from capture's code, so that an error there does not hide itself. Pure.
 */
final class Canonical {
  private static final String DATE = "^[0-9]{4,7}-[0-9]{2}-[0-9]{2}$";
  private static final String TIME =
      "^[0-9]{4,6}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,6})?([+]00)?$";

  private Canonical() {}

  /** DuckDB's name of a type; empty for one that no source column can have in Silver. */
  static Optional<String> duckdb(TrinoType type) {
    if (type instanceof Decimal decimal) {
      return Optional.of("DECIMAL(" + decimal.precision() + "," + decimal.scale() + ")");
    }
    if (type instanceof Varchar) {
      return Optional.of("VARCHAR");
    }
    if (type instanceof Simple simple) {
      return switch (simple) {
        case BOOLEAN -> Optional.of("BOOLEAN");
        // Silver keeps narrow integers as wider ones.
        case SMALLINT, INTEGER, BIGINT -> Optional.of("BIGINT");
        case REAL -> Optional.of("FLOAT");
        case DOUBLE -> Optional.of("DOUBLE");
        case DATE -> Optional.of("DATE");
        // Silver keeps a time without a zone as if it were UTC.
        case TIMESTAMP, TIMESTAMP_WITH_TIME_ZONE -> Optional.of("TIMESTAMP WITH TIME ZONE");
        case VARBINARY -> Optional.of("BLOB");
        case TIME -> Optional.empty();
      };
    }
    return Optional.empty();
  }

  /**
   * A value as COPY printed it.
   *
   * @param bronze type that the value's PostgreSQL type maps to; what it cannot hold is NULL
   * @param silver type that Silver has
   * @param text DuckDB expression of the text
   */
  static String ofSource(TrinoType bronze, TrinoType silver, String text) {
    String typed = typed(bronze, text);
    return bronze.equals(silver)
        ? typed
        : "CAST(" + typed + " AS " + duckdb(silver).orElseThrow() + ")";
  }

  private static String typed(TrinoType type, String text) {
    String duckdb = duckdb(type).orElse("VARCHAR");
    if (type == Simple.VARBINARY) {
      // As bytea_output = hex prints it: \x and pairs of digits.
      return "unhex(substr(" + text + ", 3))";
    }
    if (type == Simple.DATE
        || type == Simple.TIMESTAMP
        || type == Simple.TIMESTAMP_WITH_TIME_ZONE) {
      // Infinite and BC ones are text that does not look like this.
      return "CASE WHEN regexp_matches("
          + text
          + ", '"
          + (type == Simple.DATE ? DATE : TIME)
          + "') THEN TRY_CAST("
          + text
          + " AS "
          + duckdb
          + ") END";
    }
    if (type instanceof Decimal) {
      return "TRY_CAST(" + text + " AS " + duckdb + ")";
    }
    return duckdb.equals("VARCHAR") ? text : "CAST(" + text + " AS " + duckdb + ")";
  }

  /** A value as a Parquet file of Silver or Bronze holds it. */
  static String ofFile(TrinoType silver, String column) {
    return "CAST(" + column + " AS " + duckdb(silver).orElseThrow() + ")";
  }

  /** A key's value as text, the same for both sides. */
  static String keyText(TrinoType type, String canonical) {
    return type == Simple.TIMESTAMP || type == Simple.TIMESTAMP_WITH_TIME_ZONE
        ? "strftime(" + canonical + " AT TIME ZONE 'UTC', '%Y-%m-%d %H:%M:%S.%f')"
        : "CAST(" + canonical + " AS VARCHAR)";
  }
}
