package dev.lakegate.gateway.engine;

import static dev.lakegate.gateway.engine.TrinoFunctions.def;
import static dev.lakegate.gateway.engine.TrinoFunctions.of;
import static dev.lakegate.gateway.engine.TrinoFunctions.put;
import static dev.lakegate.gateway.engine.TrinoFunctions.setOrNull;
import static org.duckdb.DuckDBColumnType.BIGINT;
import static org.duckdb.DuckDBColumnType.BOOLEAN;
import static org.duckdb.DuckDBColumnType.VARCHAR;

import java.sql.SQLException;
import org.duckdb.DuckDBConnection;

/**
 * Registers {@link TextSemantics}, {@link RegexpSemantics} and {@link UrlSemantics} with DuckDB.
 */
final class TextRegistration {
  private TextRegistration() {}

  static void register(DuckDBConnection c) throws SQLException {
    def(
        c,
        "lk_hamming",
        BIGINT,
        of(VARCHAR, VARCHAR),
        (in, r, out) ->
            out.setLong(r, TextSemantics.hamming(in[0].getString(r), in[1].getString(r))));
    def(
        c,
        "lk_soundex",
        VARCHAR,
        of(VARCHAR),
        (in, r, out) -> setOrNull(out, r, TextSemantics.soundex(in[0].getString(r))));
    def(
        c,
        "lk_luhn",
        BOOLEAN,
        of(VARCHAR),
        (in, r, out) -> out.setBoolean(r, TextSemantics.luhn(in[0].getString(r))));
    def(
        c,
        "lk_normalize",
        VARCHAR,
        of(VARCHAR, VARCHAR),
        (in, r, out) ->
            setOrNull(out, r, TextSemantics.normalize(in[0].getString(r), in[1].getString(r))));
    def(
        c,
        "lk_from_utf8_or",
        VARCHAR,
        of(VARCHAR, VARCHAR),
        (in, r, out) ->
            setOrNull(out, r, TextSemantics.fromUtf8Hex(in[0].getString(r), in[1].getString(r))));
    def(
        c,
        "lk_split",
        VARCHAR,
        of(VARCHAR, VARCHAR, BIGINT),
        (in, r, out) ->
            setOrNull(
                out,
                r,
                TextSemantics.splitLimited(
                    in[0].getString(r), in[1].getString(r), in[2].getLong(r))));
    def(
        c,
        "lk_to_uuid",
        VARCHAR,
        of(VARCHAR),
        (in, r, out) -> setOrNull(out, r, TextSemantics.toUuid(in[0].getString(r))));
    def(
        c,
        "lk_format",
        VARCHAR,
        of(VARCHAR, VARCHAR),
        (in, r, out) ->
            setOrNull(out, r, TextSemantics.format(in[0].getString(r), in[1].getString(r))));
    def(
        c,
        "lk_regexp_extract_all",
        VARCHAR,
        of(VARCHAR, VARCHAR, BIGINT),
        (in, r, out) ->
            setOrNull(
                out,
                r,
                RegexpSemantics.extractAll(
                    in[0].getString(r), in[1].getString(r), in[2].getLong(r))));
    def(
        c,
        "lk_regexp_split",
        VARCHAR,
        of(VARCHAR, VARCHAR),
        (in, r, out) ->
            setOrNull(out, r, RegexpSemantics.split(in[0].getString(r), in[1].getString(r))));
    def(
        c,
        "lk_regexp_pieces",
        VARCHAR,
        of(VARCHAR, VARCHAR),
        (in, r, out) ->
            setOrNull(out, r, RegexpSemantics.pieces(in[0].getString(r), in[1].getString(r))));
    def(
        c,
        "lk_regexp_position",
        BIGINT,
        of(VARCHAR, VARCHAR),
        (in, r, out) ->
            out.setLong(r, RegexpSemantics.position(in[0].getString(r), in[1].getString(r))));
    def(
        c,
        "lk_url",
        VARCHAR,
        of(VARCHAR, VARCHAR),
        (in, r, out) ->
            setOrNull(out, r, UrlSemantics.part(in[0].getString(r), in[1].getString(r))));
    def(
        c,
        "lk_url_parameter",
        VARCHAR,
        of(VARCHAR, VARCHAR),
        (in, r, out) ->
            setOrNull(out, r, UrlSemantics.parameter(in[0].getString(r), in[1].getString(r))));
    def(
        c,
        "lk_url_encode",
        VARCHAR,
        of(VARCHAR),
        (in, r, out) -> setOrNull(out, r, UrlSemantics.encode(in[0].getString(r))));
    def(
        c,
        "lk_url_decode",
        VARCHAR,
        of(VARCHAR),
        (in, r, out) -> setOrNull(out, r, UrlSemantics.decode(in[0].getString(r))));
    def(
        c,
        "lk_split_map_keys",
        VARCHAR,
        of(VARCHAR, VARCHAR, VARCHAR),
        (in, r, out) ->
            put(
                out,
                r,
                TextSemantics.splitToMap(
                    in[0].getString(r), in[1].getString(r), in[2].getString(r), true, true)));
    def(
        c,
        "lk_split_map_values",
        VARCHAR,
        of(VARCHAR, VARCHAR, VARCHAR),
        (in, r, out) ->
            put(
                out,
                r,
                TextSemantics.splitToMap(
                    in[0].getString(r), in[1].getString(r), in[2].getString(r), false, true)));
    def(
        c,
        "lk_split_map_multi_keys",
        VARCHAR,
        of(VARCHAR, VARCHAR, VARCHAR),
        (in, r, out) ->
            put(
                out,
                r,
                TextSemantics.splitToMap(
                    in[0].getString(r), in[1].getString(r), in[2].getString(r), true, false)));
    def(
        c,
        "lk_split_map_multi_values",
        VARCHAR,
        of(VARCHAR, VARCHAR, VARCHAR),
        (in, r, out) ->
            put(
                out,
                r,
                TextSemantics.splitToMap(
                    in[0].getString(r), in[1].getString(r), in[2].getString(r), false, false)));
  }
}
