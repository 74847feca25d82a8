package dev.lakegate.gateway.trino;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.gateway.sql.Type;
import dev.lakegate.gateway.sql.Types;
import dev.lakegate.model.json.Json;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class ValueEncoderTest {
  private static String encoded(String type, Object value) {
    return encoded(Types.parse(type), value);
  }

  private static Type clock(int precision) {
    return new Type(Type.Kind.TIME, precision, 0, java.util.List.of(), java.util.List.of(), null);
  }

  private static Type plain(Type.Kind kind) {
    return new Type(kind, -1, 0, java.util.List.of(), java.util.List.of(), null);
  }

  private static String encoded(Type type, Object value) {
    JsonBytes out = new JsonBytes(4);
    ValueEncoder.of(type, true).write(out, value);
    return new String(out.copy(), java.nio.charset.StandardCharsets.UTF_8);
  }

  @Test
  void shouldWriteValuesAsTrinoDoes() {
    assertThat(encoded("bigint", Long.MIN_VALUE)).isEqualTo("-9223372036854775808");
    assertThat(encoded("bigint", 0L)).isEqualTo("0");
    assertThat(encoded("double", Double.NaN)).isEqualTo("\"NaN\"");
    assertThat(encoded("double", Double.NEGATIVE_INFINITY)).isEqualTo("\"-Infinity\"");
    assertThat(encoded("decimal(38,2)", new BigDecimal("1E+3").setScale(2)))
        .isEqualTo("\"1000.00\"");
    assertThat(encoded("varbinary", new byte[] {1, 2})).isEqualTo("\"AQI=\"");
    assertThat(encoded("date", LocalDate.of(2026, 1, 31))).isEqualTo("\"2026-01-31\"");
    assertThat(encoded("timestamp(0)", LocalDateTime.of(2026, 1, 31, 1, 2, 3)))
        .isEqualTo("\"2026-01-31 01:02:03\"");
    assertThat(encoded("timestamp(6)", LocalDateTime.of(2026, 1, 31, 1, 2, 3, 4000)))
        .isEqualTo("\"2026-01-31 01:02:03.000004\"");
    assertThat(encoded("timestamp(3)", LocalDateTime.of(12026, 1, 31, 1, 2, 3)))
        .isEqualTo("\"+12026-01-31 01:02:03.000\"");
    assertThat(encoded("timestamp(3) with time zone", Instant.parse("2026-01-31T01:02:03.4Z")))
        .isEqualTo("\"2026-01-31 01:02:03.400 UTC\"");
    assertThat(encoded(plain(Type.Kind.INTERVAL_YEAR_MONTH), -14L)).isEqualTo("\"-1-2\"");
    assertThat(encoded(plain(Type.Kind.INTERVAL_DAY_SECOND), -90_061_001L))
        .isEqualTo("\"-1 01:01:01.001\"");
    assertThat(encoded(clock(0), java.time.LocalTime.of(1, 2, 3))).isEqualTo("\"01:02:03\"");
    assertThat(encoded(clock(6), java.time.LocalTime.of(1, 2, 3, 4000)))
        .isEqualTo("\"01:02:03.000004\"");
    assertThat(encoded("array(integer)", Arrays.asList(1, null))).isEqualTo("[1,null]");
    assertThat(encoded("row(a integer, b varchar)", Arrays.asList(1, "x"))).isEqualTo("[1,\"x\"]");
    Map<Object, Object> map = new LinkedHashMap<>();
    map.put(1L, null);
    map.put(2L, new BigDecimal("1.5"));
    assertThat(encoded("map(bigint, decimal(2,1))", map)).isEqualTo("{\"1\":null,\"2\":\"1.5\"}");
  }

  @Property(tries = 2000)
  void shouldWriteAnyTextAsJson(@ForAll String text) throws IOException {
    JsonNode read = Json.MAPPER.readTree(encoded("varchar", text));
    // Half of a surrogate pair is no character, and no UTF-8 has it.
    String valid =
        new String(
            text.replaceAll(
                    "[\\ud800-\\udbff](?![\\udc00-\\udfff])|(?<![\\ud800-\\udbff])[\\udc00-\\udfff]",
                    "\ufffd")
                .getBytes(java.nio.charset.StandardCharsets.UTF_8),
            java.nio.charset.StandardCharsets.UTF_8);
    assertThat(read.asText()).isEqualTo(valid);
  }

  @Property(tries = 1000)
  void shouldWriteAnyNumber(@ForAll long n) {
    assertThat(encoded("bigint", n)).isEqualTo(Long.toString(n));
  }

  @Test
  void shouldShowTimesInTheirZone() {
    Type berlin =
        new Type(
            Type.Kind.TIMESTAMP_TZ,
            3,
            0,
            java.util.List.of(),
            java.util.List.of(),
            "Europe/Berlin");
    JsonBytes out = new JsonBytes(4);
    ValueEncoder.of(berlin, true).write(out, Instant.parse("2026-07-31T22:02:03.4Z"));
    assertThat(new String(out.copy(), java.nio.charset.StandardCharsets.UTF_8))
        .isEqualTo("\"2026-08-01 00:02:03.400 Europe/Berlin\"");
  }
}
