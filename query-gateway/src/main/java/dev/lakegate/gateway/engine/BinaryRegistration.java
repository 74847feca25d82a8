package dev.lakegate.gateway.engine;

import static dev.lakegate.gateway.engine.TrinoFunctions.def;
import static dev.lakegate.gateway.engine.TrinoFunctions.of;
import static dev.lakegate.gateway.engine.TrinoFunctions.put;
import static dev.lakegate.gateway.engine.TrinoFunctions.setOrNull;
import static org.duckdb.DuckDBColumnType.BIGINT;
import static org.duckdb.DuckDBColumnType.DOUBLE;
import static org.duckdb.DuckDBColumnType.INTEGER;
import static org.duckdb.DuckDBColumnType.VARCHAR;

import java.sql.SQLException;
import org.duckdb.DuckDBConnection;

/** Registers {@link BinarySemantics} with DuckDB. */
final class BinaryRegistration {
  private BinaryRegistration() {}

  static void register(DuckDBConnection c) throws SQLException {
    def(
        c,
        "lk_xxhash64",
        VARCHAR,
        of(VARCHAR),
        (in, r, out) -> setOrNull(out, r, BinarySemantics.xxhash64(in[0].getString(r))));
    def(
        c,
        "lk_murmur3",
        VARCHAR,
        of(VARCHAR),
        (in, r, out) -> setOrNull(out, r, BinarySemantics.murmur3(in[0].getString(r))));
    def(
        c,
        "lk_crc32",
        BIGINT,
        of(VARCHAR),
        (in, r, out) -> out.setLong(r, BinarySemantics.crc32(in[0].getString(r))));
    def(
        c,
        "lk_to_base32",
        VARCHAR,
        of(VARCHAR),
        (in, r, out) -> setOrNull(out, r, BinarySemantics.toBase32(in[0].getString(r))));
    def(
        c,
        "lk_from_base32",
        VARCHAR,
        of(VARCHAR),
        (in, r, out) -> setOrNull(out, r, BinarySemantics.fromBase32(in[0].getString(r))));
    def(
        c,
        "lk_to_big_endian",
        VARCHAR,
        of(BIGINT, INTEGER),
        (in, r, out) ->
            setOrNull(out, r, BinarySemantics.toBigEndian(in[0].getLong(r), in[1].getInt(r))));
    def(
        c,
        "lk_from_big_endian",
        BIGINT,
        of(VARCHAR, INTEGER),
        (in, r, out) ->
            out.setLong(r, BinarySemantics.fromBigEndian(in[0].getString(r), in[1].getInt(r))));
    def(
        c,
        "lk_to_ieee754",
        VARCHAR,
        of(DOUBLE),
        (in, r, out) -> setOrNull(out, r, BinarySemantics.toIeee754(in[0].getDouble(r))));
    def(
        c,
        "lk_from_ieee754",
        DOUBLE,
        of(VARCHAR),
        (in, r, out) -> out.setDouble(r, BinarySemantics.fromIeee754(in[0].getString(r))));
    def(
        c,
        "lk_reverse_bytes",
        VARCHAR,
        of(VARCHAR),
        (in, r, out) -> setOrNull(out, r, BinarySemantics.reverse(in[0].getString(r))));
    def(
        c,
        "lk_sha1",
        VARCHAR,
        of(VARCHAR),
        (in, r, out) -> put(out, r, BinarySemantics.digest(in[0].getString(r), "SHA-1")));
    def(
        c,
        "lk_sha512",
        VARCHAR,
        of(VARCHAR),
        (in, r, out) -> put(out, r, BinarySemantics.digest(in[0].getString(r), "SHA-512")));
    def(
        c,
        "lk_hmac_md5",
        VARCHAR,
        of(VARCHAR, VARCHAR),
        (in, r, out) ->
            put(out, r, BinarySemantics.hmac(in[0].getString(r), in[1].getString(r), "HmacMD5")));
    def(
        c,
        "lk_hmac_sha1",
        VARCHAR,
        of(VARCHAR, VARCHAR),
        (in, r, out) ->
            put(out, r, BinarySemantics.hmac(in[0].getString(r), in[1].getString(r), "HmacSHA1")));
    def(
        c,
        "lk_hmac_sha256",
        VARCHAR,
        of(VARCHAR, VARCHAR),
        (in, r, out) ->
            put(
                out,
                r,
                BinarySemantics.hmac(in[0].getString(r), in[1].getString(r), "HmacSHA256")));
    def(
        c,
        "lk_hmac_sha512",
        VARCHAR,
        of(VARCHAR, VARCHAR),
        (in, r, out) ->
            put(
                out,
                r,
                BinarySemantics.hmac(in[0].getString(r), in[1].getString(r), "HmacSHA512")));
    def(
        c,
        "lk_to_base64",
        VARCHAR,
        of(VARCHAR),
        (in, r, out) -> put(out, r, BinarySemantics.toBase64(in[0].getString(r), false)));
    def(
        c,
        "lk_from_base64",
        VARCHAR,
        of(VARCHAR),
        (in, r, out) -> put(out, r, BinarySemantics.fromBase64(in[0].getString(r), false)));
    def(
        c,
        "lk_to_base64url",
        VARCHAR,
        of(VARCHAR),
        (in, r, out) -> put(out, r, BinarySemantics.toBase64(in[0].getString(r), true)));
    def(
        c,
        "lk_from_base64url",
        VARCHAR,
        of(VARCHAR),
        (in, r, out) -> put(out, r, BinarySemantics.fromBase64(in[0].getString(r), true)));
    def(
        c,
        "lk_bit_count",
        BIGINT,
        of(BIGINT, INTEGER),
        (in, r, out) ->
            out.setLong(r, NumberSemantics.bitCount(in[0].getLong(r), in[1].getInt(r))));
    def(
        c,
        "lk_bitwise_left_shift",
        BIGINT,
        of(BIGINT, BIGINT, INTEGER),
        (in, r, out) ->
            out.setLong(
                r, NumberSemantics.leftShift(in[0].getLong(r), in[1].getLong(r), in[2].getInt(r))));
    def(
        c,
        "lk_bitwise_right_shift",
        BIGINT,
        of(BIGINT, BIGINT, INTEGER),
        (in, r, out) ->
            out.setLong(
                r,
                NumberSemantics.rightShift(in[0].getLong(r), in[1].getLong(r), in[2].getInt(r))));
    def(
        c,
        "lk_bitwise_right_shift_arithmetic",
        BIGINT,
        of(BIGINT, BIGINT, INTEGER),
        (in, r, out) ->
            out.setLong(
                r,
                NumberSemantics.rightShiftArithmetic(
                    in[0].getLong(r), in[1].getLong(r), in[2].getInt(r))));
  }
}
