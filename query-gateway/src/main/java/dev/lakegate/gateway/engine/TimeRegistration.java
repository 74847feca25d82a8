package dev.lakegate.gateway.engine;

import static dev.lakegate.gateway.engine.TrinoFunctions.def;
import static dev.lakegate.gateway.engine.TrinoFunctions.of;
import static dev.lakegate.gateway.engine.TrinoFunctions.setOrNull;
import static org.duckdb.DuckDBColumnType.BIGINT;
import static org.duckdb.DuckDBColumnType.DATE;
import static org.duckdb.DuckDBColumnType.DOUBLE;
import static org.duckdb.DuckDBColumnType.INTEGER;
import static org.duckdb.DuckDBColumnType.TIMESTAMP_WITH_TIME_ZONE;
import static org.duckdb.DuckDBColumnType.VARCHAR;

import java.sql.SQLException;
import org.duckdb.DuckDBConnection;

/**
 * Registers {@link TimeSemantics}, {@link JodaSemantics} and {@link StatisticsSemantics} with
 * DuckDB.
 */
final class TimeRegistration {
  private TimeRegistration() {}

  static void register(DuckDBConnection c) throws SQLException {
    def(
        c,
        "lk_to_time",
        BIGINT,
        of(VARCHAR),
        (in, r, out) -> out.setLong(r, TimeSemantics.toTime(in[0].getString(r))));
    def(
        c,
        "lk_round_time",
        BIGINT,
        of(BIGINT, INTEGER),
        (in, r, out) -> out.setLong(r, TimeSemantics.roundTime(in[0].getLong(r), in[1].getInt(r))));
    def(
        c,
        "lk_time_text",
        VARCHAR,
        of(BIGINT, INTEGER),
        (in, r, out) ->
            setOrNull(out, r, TimeSemantics.timeText(in[0].getLong(r), in[1].getInt(r))));
    def(
        c,
        "lk_to_instant",
        TIMESTAMP_WITH_TIME_ZONE,
        of(VARCHAR, INTEGER),
        (in, r, out) ->
            out.setOffsetDateTime(r, TimeSemantics.toInstant(in[0].getString(r), in[1].getInt(r))));
    def(
        c,
        "lk_far_time",
        BIGINT,
        of(BIGINT, BIGINT),
        (in, r, out) ->
            out.setLong(
                r,
                TimeSemantics.within(
                    in[0].getLong(r), in[1].getLong(r), TrinoError::invalidArgument)));
    def(
        c,
        "lk_far_date",
        BIGINT,
        of(BIGINT, BIGINT),
        (in, r, out) ->
            out.setLong(
                r,
                TimeSemantics.within(
                    in[0].getLong(r), in[1].getLong(r), TrinoError::notSupported)));
    def(
        c,
        "lk_moved",
        TIMESTAMP_WITH_TIME_ZONE,
        of(BIGINT, BIGINT, VARCHAR),
        (in, r, out) ->
            out.setOffsetDateTime(
                r, TimeSemantics.moved(in[0].getLong(r), in[1].getLong(r), in[2].getString(r))));
    def(
        c,
        "lk_from_iso_timestamp",
        TIMESTAMP_WITH_TIME_ZONE,
        of(VARCHAR),
        (in, r, out) -> out.setOffsetDateTime(r, TimeSemantics.fromIsoUtc(in[0].getString(r))));
    def(
        c,
        "lk_from_iso_date",
        DATE,
        of(VARCHAR),
        (in, r, out) -> out.setDate(r, TimeSemantics.fromIsoDate(in[0].getString(r))));
    def(
        c,
        "lk_parse_duration",
        BIGINT,
        of(VARCHAR),
        (in, r, out) -> out.setLong(r, TimeSemantics.parseDuration(in[0].getString(r))));
    def(
        c,
        "lk_human_seconds",
        VARCHAR,
        of(DOUBLE),
        (in, r, out) -> setOrNull(out, r, TimeSemantics.humanReadable(in[0].getDouble(r))));
    def(
        c,
        "lk_format_datetime",
        VARCHAR,
        of(BIGINT, VARCHAR, VARCHAR),
        (in, r, out) ->
            setOrNull(
                out,
                r,
                JodaSemantics.format(in[0].getLong(r), in[1].getString(r), in[2].getString(r))));
    def(
        c,
        "lk_parse_datetime",
        TIMESTAMP_WITH_TIME_ZONE,
        of(VARCHAR, VARCHAR),
        (in, r, out) ->
            out.setOffsetDateTime(
                r, JodaSemantics.parseUtc(in[0].getString(r), in[1].getString(r))));
    def(
        c,
        "lk_normal_cdf",
        DOUBLE,
        of(DOUBLE, DOUBLE, DOUBLE),
        (in, r, out) ->
            out.setDouble(
                r,
                StatisticsSemantics.normal(
                    in[0].getDouble(r), in[1].getDouble(r), in[2].getDouble(r))));
    def(
        c,
        "lk_inverse_normal_cdf",
        DOUBLE,
        of(DOUBLE, DOUBLE, DOUBLE),
        (in, r, out) ->
            out.setDouble(
                r,
                StatisticsSemantics.inverseNormal(
                    in[0].getDouble(r), in[1].getDouble(r), in[2].getDouble(r))));
    def(
        c,
        "lk_beta_cdf",
        DOUBLE,
        of(DOUBLE, DOUBLE, DOUBLE),
        (in, r, out) ->
            out.setDouble(
                r,
                StatisticsSemantics.beta(
                    in[0].getDouble(r), in[1].getDouble(r), in[2].getDouble(r))));
    def(
        c,
        "lk_wilson_interval_lower",
        DOUBLE,
        of(BIGINT, BIGINT, DOUBLE),
        (in, r, out) ->
            out.setDouble(
                r,
                StatisticsSemantics.wilson(
                    in[0].getLong(r), in[1].getLong(r), in[2].getDouble(r), false)));
    def(
        c,
        "lk_wilson_interval_upper",
        DOUBLE,
        of(BIGINT, BIGINT, DOUBLE),
        (in, r, out) ->
            out.setDouble(
                r,
                StatisticsSemantics.wilson(
                    in[0].getLong(r), in[1].getLong(r), in[2].getDouble(r), true)));
  }
}
