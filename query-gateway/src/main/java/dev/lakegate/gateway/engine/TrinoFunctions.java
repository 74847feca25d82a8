package dev.lakegate.gateway.engine;

import static org.duckdb.DuckDBColumnType.BIGINT;
import static org.duckdb.DuckDBColumnType.BOOLEAN;
import static org.duckdb.DuckDBColumnType.DATE;
import static org.duckdb.DuckDBColumnType.DOUBLE;
import static org.duckdb.DuckDBColumnType.FLOAT;
import static org.duckdb.DuckDBColumnType.HUGEINT;
import static org.duckdb.DuckDBColumnType.INTEGER;
import static org.duckdb.DuckDBColumnType.TIMESTAMP;
import static org.duckdb.DuckDBColumnType.TIMESTAMP_WITH_TIME_ZONE;
import static org.duckdb.DuckDBColumnType.VARCHAR;

import java.math.BigInteger;
import java.sql.SQLException;
import java.time.LocalDateTime;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.duckdb.DuckDBColumnType;
import org.duckdb.DuckDBConnection;
import org.duckdb.DuckDBFunctions;
import org.duckdb.DuckDBReadableVector;
import org.duckdb.DuckDBScalarFunctionBuilder;
import org.duckdb.DuckDBWritableVector;

/**
 * Registers {@link TrinoSemantics} with DuckDB as functions named {@code lk_...}: the places where
 * DuckDB's own functions would answer otherwise than Trino's. NULL in, NULL out. Arguments are
 * evaluated once, whatever their text's length, which keeps nested expressions small.
 */
final class TrinoFunctions {
  private TrinoFunctions() {}

  /** Reads arguments of one row and writes its result. */
  @FunctionalInterface
  interface RowFunction {
    void apply(DuckDBReadableVector[] in, long row, DuckDBWritableVector out);
  }

  static void register(DuckDBConnection c) throws SQLException {
    def(
        c,
        "lk_fail",
        VARCHAR,
        of(VARCHAR),
        (in, r, out) -> {
          throw new TrinoError(in[0].getString(r));
        });
    budget(c);
    sample(c);
    JsonRegistration.register(c);
    TextRegistration.register(c);
    TimeRegistration.register(c);
    BinaryRegistration.register(c);
    text(c, "lk_scientific", NumberSemantics::scientific);
    text(c, "lk_upper", TextSemantics::upper);
    text(c, "lk_lower", TextSemantics::lower);
    text(c, "lk_reverse", TextSemantics::reverse);
    text(c, "lk_trim", s -> TextSemantics.trim(s, true, true));
    text(c, "lk_ltrim", s -> TextSemantics.trim(s, true, false));
    text(c, "lk_rtrim", s -> TextSemantics.trim(s, false, true));
    text(c, "lk_hex", TextSemantics::requireHex);
    text(c, "lk_from_utf8", TextSemantics::fromUtf8Hex);
    text2(c, "lk_trim_of", (s, t) -> TextSemantics.trim(s, t, true, true));
    text2(c, "lk_ltrim_of", (s, t) -> TextSemantics.trim(s, t, true, false));
    text2(c, "lk_rtrim_of", (s, t) -> TextSemantics.trim(s, t, false, true));
    def(
        c,
        "lk_fit",
        VARCHAR,
        of(VARCHAR, INTEGER),
        (in, r, out) -> put(out, r, TextSemantics.fit(in[0].getString(r), in[1].getInt(r))));
    def(
        c,
        "lk_to_boolean",
        BOOLEAN,
        of(VARCHAR),
        (in, r, out) -> out.setBoolean(r, NumberSemantics.toBoolean(in[0].getString(r))));
    def(
        c,
        "lk_to_integer",
        BIGINT,
        of(VARCHAR, INTEGER),
        (in, r, out) ->
            out.setLong(r, NumberSemantics.toInteger(in[0].getString(r), in[1].getInt(r))));
    def(
        c,
        "lk_to_double",
        DOUBLE,
        of(VARCHAR),
        (in, r, out) -> out.setDouble(r, NumberSemantics.toDouble(in[0].getString(r))));
    def(
        c,
        "lk_to_real",
        FLOAT,
        of(VARCHAR),
        (in, r, out) -> out.setFloat(r, NumberSemantics.toReal(in[0].getString(r))));
    def(
        c,
        "lk_to_decimal",
        VARCHAR,
        of(VARCHAR, INTEGER, INTEGER),
        (in, r, out) ->
            put(
                out,
                r,
                NumberSemantics.toDecimal(in[0].getString(r), in[1].getInt(r), in[2].getInt(r))));
    def(
        c,
        "lk_to_date",
        DATE,
        of(VARCHAR),
        (in, r, out) -> out.setDate(r, TimeSemantics.toDate(in[0].getString(r))));
    def(
        c,
        "lk_to_timestamp",
        TIMESTAMP,
        of(VARCHAR),
        (in, r, out) -> out.setTimestamp(r, TimeSemantics.toTimestamp(in[0].getString(r))));
    def(
        c,
        "lk_round_timestamp",
        TIMESTAMP,
        of(TIMESTAMP, BIGINT),
        (in, r, out) ->
            out.setTimestamp(
                r, TimeSemantics.roundTimestamp(in[0].getLocalDateTime(r), in[1].getLong(r))));
    def(
        c,
        "lk_unscaled",
        HUGEINT,
        of(VARCHAR),
        (in, r, out) -> out.setHugeInt(r, new BigInteger(in[0].getString(r).replace(".", ""))));
    def(
        c,
        "lk_decimal38",
        HUGEINT,
        of(HUGEINT),
        (in, r, out) -> out.setHugeInt(r, NumberSemantics.requireDecimal38(in[0].getHugeInt(r))));
    def(
        c,
        "lk_divide",
        HUGEINT,
        of(HUGEINT, HUGEINT, INTEGER),
        (in, r, out) ->
            out.setHugeInt(
                r,
                NumberSemantics.divide(in[0].getHugeInt(r), in[1].getHugeInt(r), in[2].getInt(r))));
    def(
        c,
        "lk_remainder",
        HUGEINT,
        of(HUGEINT, HUGEINT, INTEGER, INTEGER),
        (in, r, out) ->
            out.setHugeInt(
                r,
                NumberSemantics.remainder(
                    in[0].getHugeInt(r), in[1].getHugeInt(r), in[2].getInt(r), in[3].getInt(r))));
    def(
        c,
        "lk_substr",
        VARCHAR,
        of(VARCHAR, BIGINT),
        (in, r, out) ->
            put(
                out,
                r,
                TextSemantics.substr(in[0].getString(r), in[1].getLong(r), Long.MAX_VALUE)));
    def(
        c,
        "lk_substr_of",
        VARCHAR,
        of(VARCHAR, BIGINT, BIGINT),
        (in, r, out) ->
            put(
                out,
                r,
                TextSemantics.substr(in[0].getString(r), in[1].getLong(r), in[2].getLong(r))));
    def(
        c,
        "lk_replace",
        VARCHAR,
        of(VARCHAR, VARCHAR, VARCHAR),
        (in, r, out) ->
            put(
                out,
                r,
                TextSemantics.replace(in[0].getString(r), in[1].getString(r), in[2].getString(r))));
    def(
        c,
        "lk_split_part",
        VARCHAR,
        of(VARCHAR, VARCHAR, BIGINT),
        (in, r, out) ->
            setOrNull(
                out,
                r,
                TextSemantics.splitPart(in[0].getString(r), in[1].getString(r), in[2].getLong(r))));
    def(
        c,
        "lk_lpad",
        VARCHAR,
        of(VARCHAR, BIGINT, VARCHAR),
        (in, r, out) ->
            put(
                out,
                r,
                TextSemantics.pad(in[0].getString(r), in[1].getLong(r), in[2].getString(r), true)));
    def(
        c,
        "lk_rpad",
        VARCHAR,
        of(VARCHAR, BIGINT, VARCHAR),
        (in, r, out) ->
            put(
                out,
                r,
                TextSemantics.pad(
                    in[0].getString(r), in[1].getLong(r), in[2].getString(r), false)));
    def(
        c,
        "lk_chr",
        VARCHAR,
        of(BIGINT),
        (in, r, out) -> put(out, r, TextSemantics.chr(in[0].getLong(r))));
    def(
        c,
        "lk_translate",
        VARCHAR,
        of(VARCHAR, VARCHAR, VARCHAR),
        (in, r, out) ->
            put(
                out,
                r,
                TextSemantics.translate(
                    in[0].getString(r), in[1].getString(r), in[2].getString(r))));
    def(
        c,
        "lk_levenshtein",
        BIGINT,
        of(VARCHAR, VARCHAR),
        (in, r, out) ->
            out.setLong(r, TextSemantics.levenshtein(in[0].getString(r), in[1].getString(r))));
    def(
        c,
        "lk_to_base",
        VARCHAR,
        of(BIGINT, BIGINT),
        (in, r, out) -> put(out, r, NumberSemantics.toBase(in[0].getLong(r), in[1].getLong(r))));
    def(
        c,
        "lk_from_base",
        BIGINT,
        of(VARCHAR, BIGINT),
        (in, r, out) ->
            out.setLong(r, NumberSemantics.fromBase(in[0].getString(r), in[1].getLong(r))));
    def(
        c,
        "lk_round_double",
        DOUBLE,
        of(DOUBLE, INTEGER),
        (in, r, out) ->
            out.setDouble(r, NumberSemantics.round(in[0].getDouble(r), in[1].getInt(r))));
    def(
        c,
        "lk_date_diff",
        BIGINT,
        of(VARCHAR, TIMESTAMP, TIMESTAMP),
        (in, r, out) ->
            out.setLong(
                r,
                TimeSemantics.dateDiff(
                    in[0].getString(r), in[1].getLocalDateTime(r), in[2].getLocalDateTime(r))));
    def(
        c,
        "lk_from_unixtime",
        TIMESTAMP_WITH_TIME_ZONE,
        of(DOUBLE),
        (in, r, out) -> out.setOffsetDateTime(r, TimeSemantics.fromUnixtime(in[0].getDouble(r))));
    def(
        c,
        "lk_date_format",
        VARCHAR,
        of(TIMESTAMP, VARCHAR),
        (in, r, out) ->
            put(out, r, TimeSemantics.dateFormat(in[0].getLocalDateTime(r), in[1].getString(r))));
    def(
        c,
        "lk_date_parse",
        TIMESTAMP,
        of(VARCHAR, VARCHAR),
        (in, r, out) -> {
          LocalDateTime t = TimeSemantics.dateParse(in[0].getString(r), in[1].getString(r));
          out.setTimestamp(r, t);
        });
    def(
        c,
        "lk_like",
        BOOLEAN,
        of(VARCHAR, VARCHAR, VARCHAR),
        (in, r, out) ->
            out.setBoolean(
                r,
                LikeSemantics.matches(in[0].getString(r), in[1].getString(r), in[2].getString(r))));
    def(
        c,
        "lk_regexp_like",
        BOOLEAN,
        of(VARCHAR, VARCHAR),
        (in, r, out) ->
            out.setBoolean(r, RegexpSemantics.like(in[0].getString(r), in[1].getString(r))));
    def(
        c,
        "lk_regexp_extract",
        VARCHAR,
        of(VARCHAR, VARCHAR, BIGINT),
        (in, r, out) ->
            setOrNull(
                out,
                r,
                RegexpSemantics.extract(in[0].getString(r), in[1].getString(r), in[2].getLong(r))));
    def(
        c,
        "lk_regexp_replace",
        VARCHAR,
        of(VARCHAR, VARCHAR, VARCHAR),
        (in, r, out) ->
            put(
                out,
                r,
                RegexpSemantics.replace(
                    in[0].getString(r), in[1].getString(r), in[2].getString(r))));
    def(
        c,
        "lk_regexp_count",
        BIGINT,
        of(VARCHAR, VARCHAR),
        (in, r, out) ->
            out.setLong(r, RegexpSemantics.count(in[0].getString(r), in[1].getString(r))));
  }

  /**
   * Passes sizes of values through and fails when those of one chunk are together too large. DuckDB
   * does not count text within expressions as memory, and the driver makes Java values of whole
   * chunks; so whatever makes text longer and whatever leaves the engine goes by here. The second
   * argument is among how many such steps a statement divides what it is given.
   */
  private static void budget(DuckDBConnection c) throws SQLException {
    try (DuckDBScalarFunctionBuilder b = DuckDBFunctions.scalarFunction()) {
      b.withName("lk_budget")
          .withParameters(BIGINT, BIGINT)
          .withReturnType(BOOLEAN)
          .withVectorizedFunction(
              (chunk, out) -> {
                DuckDBReadableVector in = chunk.vector(0);
                DuckDBReadableVector steps = chunk.vector(1);
                long sum = 0;
                for (long r = 0; r < chunk.rowCount(); r++) {
                  long size = in.isNull(r) ? 0 : in.getLong(r);
                  sum += size;
                  ChunkBudget.require(size, sum, steps.getLong(r));
                  out.setBoolean(r, true);
                }
              })
          .register(c);
    }
    try (DuckDBScalarFunctionBuilder b = DuckDBFunctions.scalarFunction()) {
      b.withName("lk_output")
          .withParameters(BIGINT, BIGINT)
          .withReturnType(BOOLEAN)
          .withVectorizedFunction(
              (chunk, out) -> {
                DuckDBReadableVector in = chunk.vector(0);
                long sum = 0;
                for (long r = 0; r < chunk.rowCount(); r++) {
                  long size = in.isNull(r) ? 0 : in.getLong(r);
                  sum += size;
                  ChunkBudget.require(size, 0);
                  out.setBoolean(r, true);
                }
                if (sum > 0) {
                  OutputBudget.SHARED.require(chunk.vector(1).getLong(0), sum);
                }
              })
          .register(c);
    }
  }

  /** Whether a row is of a sample of so many per cent; each row by itself. */
  private static void sample(DuckDBConnection c) throws SQLException {
    try (DuckDBScalarFunctionBuilder b = DuckDBFunctions.scalarFunction()) {
      b.withName("lk_sample")
          .withParameters(DOUBLE)
          .withReturnType(BOOLEAN)
          .withVolatile()
          .withVectorizedFunction(
              (chunk, out) -> {
                DuckDBReadableVector in = chunk.vector(0);
                for (long r = 0; r < chunk.rowCount(); r++) {
                  out.setBoolean(
                      r, ThreadLocalRandom.current().nextDouble() * 100 < in.getDouble(r));
                }
              })
          .register(c);
    }
  }

  static void setOrNull(DuckDBWritableVector out, long row, String value) {
    if (value == null) {
      out.setNull(row);
    } else {
      put(out, row, value);
    }
  }

  static void put(DuckDBWritableVector out, long row, String value) {
    ChunkBudget.written(value.length());
    out.setString(row, value);
  }

  static List<DuckDBColumnType> of(DuckDBColumnType... types) {
    return List.of(types);
  }

  static void text(DuckDBConnection c, String name, java.util.function.UnaryOperator<String> f)
      throws SQLException {
    def(c, name, VARCHAR, of(VARCHAR), (in, r, out) -> put(out, r, f.apply(in[0].getString(r))));
  }

  static void text2(DuckDBConnection c, String name, java.util.function.BinaryOperator<String> f)
      throws SQLException {
    def(
        c,
        name,
        VARCHAR,
        of(VARCHAR, VARCHAR),
        (in, r, out) -> setOrNull(out, r, f.apply(in[0].getString(r), in[1].getString(r))));
  }

  static void def(
      DuckDBConnection connection,
      String name,
      DuckDBColumnType result,
      List<DuckDBColumnType> parameters,
      RowFunction f)
      throws SQLException {
    try (DuckDBScalarFunctionBuilder b = DuckDBFunctions.scalarFunction()) {
      b.withName(name)
          .withParameters(parameters.toArray(new DuckDBColumnType[0]))
          .withReturnType(result)
          .withVectorizedFunction(
              (chunk, out) -> {
                DuckDBReadableVector[] in = new DuckDBReadableVector[parameters.size()];
                for (int i = 0; i < in.length; i++) {
                  in[i] = chunk.vector(i);
                }
                long rows = chunk.rowCount();
                ChunkBudget.begin();
                for (long r = 0; r < rows; r++) {
                  boolean none = false;
                  for (DuckDBReadableVector v : in) {
                    none |= v.isNull(r);
                  }
                  if (none) {
                    out.setNull(r);
                  } else {
                    try {
                      f.apply(in, r, out);
                    } catch (StackOverflowError e) {
                      // Java's regular expressions recurse with the length of the text.
                      throw new TrinoError("REGEXP_TOO_COMPLEX");
                    }
                  }
                }
              })
          .register(connection);
    }
  }
}
