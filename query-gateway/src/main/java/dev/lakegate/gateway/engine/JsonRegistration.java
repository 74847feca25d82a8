package dev.lakegate.gateway.engine;

import static dev.lakegate.gateway.engine.TrinoFunctions.def;
import static dev.lakegate.gateway.engine.TrinoFunctions.of;
import static dev.lakegate.gateway.engine.TrinoFunctions.setOrNull;
import static org.duckdb.DuckDBColumnType.BIGINT;
import static org.duckdb.DuckDBColumnType.BOOLEAN;
import static org.duckdb.DuckDBColumnType.DOUBLE;
import static org.duckdb.DuckDBColumnType.FLOAT;
import static org.duckdb.DuckDBColumnType.INTEGER;
import static org.duckdb.DuckDBColumnType.VARCHAR;

import java.sql.SQLException;
import org.duckdb.DuckDBConnection;
import org.duckdb.DuckDBWritableVector;

/** Registers {@link JsonSemantics} with DuckDB. */
final class JsonRegistration {
  private JsonRegistration() {}

  static void register(DuckDBConnection c) throws SQLException {
    def(
        c,
        "lk_json_extract_scalar",
        VARCHAR,
        of(VARCHAR, VARCHAR),
        (in, r, out) ->
            setOrNull(
                out, r, JsonSemantics.jsonExtractScalar(in[0].getString(r), in[1].getString(r))));
    def(
        c,
        "lk_json_parse",
        VARCHAR,
        of(VARCHAR),
        (in, r, out) -> setOrNull(out, r, JsonSemantics.parse(in[0].getString(r))));
    def(
        c,
        "lk_json_quote",
        VARCHAR,
        of(VARCHAR),
        (in, r, out) -> setOrNull(out, r, JsonSemantics.quote(in[0].getString(r))));
    def(
        c,
        "lk_json_text",
        VARCHAR,
        of(VARCHAR),
        (in, r, out) -> setOrNull(out, r, JsonSemantics.unquoted(in[0].getString(r))));
    def(
        c,
        "lk_json_double",
        VARCHAR,
        of(DOUBLE),
        (in, r, out) -> setOrNull(out, r, JsonSemantics.ofDouble(in[0].getDouble(r))));
    def(
        c,
        "lk_json_real",
        VARCHAR,
        of(FLOAT),
        (in, r, out) -> setOrNull(out, r, JsonSemantics.ofReal(in[0].getFloat(r))));
    def(
        c,
        "lk_json_to_boolean",
        BOOLEAN,
        of(VARCHAR),
        (in, r, out) -> set(out, r, JsonSemantics.toBoolean(in[0].getString(r))));
    def(
        c,
        "lk_json_to_integer",
        BIGINT,
        of(VARCHAR, INTEGER),
        (in, r, out) -> set(out, r, JsonSemantics.toInteger(in[0].getString(r), in[1].getInt(r))));
    def(
        c,
        "lk_json_to_double",
        DOUBLE,
        of(VARCHAR),
        (in, r, out) -> set(out, r, JsonSemantics.toDouble(in[0].getString(r))));
    def(
        c,
        "lk_json_to_decimal",
        VARCHAR,
        of(VARCHAR, INTEGER, INTEGER),
        (in, r, out) ->
            setOrNull(
                out,
                r,
                JsonSemantics.toDecimal(in[0].getString(r), in[1].getInt(r), in[2].getInt(r))));
    def(
        c,
        "lk_json_to_varchar",
        VARCHAR,
        of(VARCHAR),
        (in, r, out) -> setOrNull(out, r, JsonSemantics.toVarchar(in[0].getString(r))));
    def(
        c,
        "lk_json_elements",
        VARCHAR,
        of(VARCHAR),
        (in, r, out) -> setOrNull(out, r, JsonSemantics.elements(in[0].getString(r))));
    def(
        c,
        "lk_json_keys",
        VARCHAR,
        of(VARCHAR),
        (in, r, out) -> setOrNull(out, r, JsonSemantics.keys(in[0].getString(r))));
    def(
        c,
        "lk_json_values",
        VARCHAR,
        of(VARCHAR),
        (in, r, out) -> setOrNull(out, r, JsonSemantics.values(in[0].getString(r))));
    def(
        c,
        "lk_json_field",
        VARCHAR,
        of(VARCHAR, INTEGER, INTEGER, VARCHAR),
        (in, r, out) ->
            setOrNull(
                out,
                r,
                JsonSemantics.field(
                    in[0].getString(r), in[1].getInt(r), in[2].getInt(r), in[3].getString(r))));
    def(
        c,
        "lk_json_extract",
        VARCHAR,
        of(VARCHAR, VARCHAR),
        (in, r, out) ->
            setOrNull(out, r, JsonSemantics.extract(in[0].getString(r), in[1].getString(r))));
    def(
        c,
        "lk_json_size",
        BIGINT,
        of(VARCHAR, VARCHAR),
        (in, r, out) -> set(out, r, JsonSemantics.size(in[0].getString(r), in[1].getString(r))));
    def(
        c,
        "lk_json_array_length",
        BIGINT,
        of(VARCHAR),
        (in, r, out) -> set(out, r, JsonSemantics.jsonArrayLength(in[0].getString(r))));
    def(
        c,
        "lk_json_array_get",
        VARCHAR,
        of(VARCHAR, BIGINT),
        (in, r, out) ->
            setOrNull(out, r, JsonSemantics.arrayGet(in[0].getString(r), in[1].getLong(r))));
    def(
        c,
        "lk_json_array_contains",
        BOOLEAN,
        of(VARCHAR, VARCHAR),
        (in, r, out) ->
            set(out, r, JsonSemantics.arrayContains(in[0].getString(r), in[1].getString(r))));
    def(
        c,
        "lk_is_json_scalar",
        BOOLEAN,
        of(VARCHAR),
        (in, r, out) -> out.setBoolean(r, JsonSemantics.isScalar(in[0].getString(r))));
    def(
        c,
        "lk_json_exists",
        BOOLEAN,
        of(VARCHAR, VARCHAR),
        (in, r, out) ->
            out.setBoolean(r, JsonSemantics.exists(in[0].getString(r), in[1].getString(r))));
    def(
        c,
        "lk_json_query",
        VARCHAR,
        of(VARCHAR, VARCHAR, VARCHAR),
        (in, r, out) ->
            setOrNull(
                out,
                r,
                JsonSemantics.query(in[0].getString(r), in[1].getString(r), in[2].getString(r))));
    def(
        c,
        "lk_json_value",
        VARCHAR,
        of(VARCHAR, VARCHAR, VARCHAR),
        (in, r, out) ->
            setOrNull(
                out,
                r,
                JsonSemantics.value(in[0].getString(r), in[1].getString(r), in[2].getString(r))));
  }

  private static void set(DuckDBWritableVector out, long row, Boolean value) {
    if (value == null) {
      out.setNull(row);
    } else {
      out.setBoolean(row, value);
    }
  }

  private static void set(DuckDBWritableVector out, long row, Long value) {
    if (value == null) {
      out.setNull(row);
    } else {
      out.setLong(row, value);
    }
  }

  private static void set(DuckDBWritableVector out, long row, Double value) {
    if (value == null) {
      out.setNull(row);
    } else {
      out.setDouble(row, value);
    }
  }
}
