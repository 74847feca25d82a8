package dev.lakegate.jobs.cleaning;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonValuesTest {
  private static final String JSON =
      """
      {"source": "web", "vip": true, "no": "False", "address": {"city": "S\u00e3o Paulo", "zip": 12345, "deep": {"er": "x"}},
       "list": [{"city": "wrong"}], "nothing": null, "product_id": 42, "quoted": " 42 ", "whole": 42.0, "part": 42.5,
       "large": 9223372036854775808, "price": "12.345", "odd": {"product_id": 7}, "exp": 1e2}
      """;

  @Test
  void readsWhatIsThere() {
    assertThat(JsonValues.text(JSON, "source")).isEqualTo("web");
    assertThat(JsonValues.text(JSON, "address.city")).isEqualTo("S\u00e3o Paulo");
    assertThat(JsonValues.text(JSON, "address.zip")).isEqualTo("12345");
    assertThat(JsonValues.text(JSON, "address.deep.er")).isEqualTo("x");
    assertThat(JsonValues.text(JSON, "vip")).isEqualTo("true");
    assertThat(JsonValues.bool(JSON, "vip")).isTrue();
    assertThat(JsonValues.bool(JSON, "no")).isFalse();
    assertThat(JsonValues.bigint(JSON, "product_id")).isEqualTo(42);
    assertThat(JsonValues.bigint(JSON, "quoted")).isEqualTo(42);
    assertThat(JsonValues.bigint(JSON, "whole")).isEqualTo(42);
    assertThat(JsonValues.bigint(JSON, "exp")).isEqualTo(100);
    assertThat(JsonValues.decimal(JSON, "price")).isEqualTo(new BigDecimal("12.3450000000"));
    assertThat(JsonValues.decimal(JSON, "part")).isEqualTo(new BigDecimal("42.5000000000"));
  }

  @Test
  void anotherTypeOrNothingIsNull() {
    assertThat(JsonValues.text(JSON, "address")).isNull();
    assertThat(JsonValues.text(JSON, "list")).isNull();
    assertThat(JsonValues.text(JSON, "list.city")).isNull();
    assertThat(JsonValues.text(JSON, "nothing")).isNull();
    assertThat(JsonValues.text(JSON, "nothing.more")).isNull();
    assertThat(JsonValues.text(JSON, "city")).isNull();
    assertThat(JsonValues.text(JSON, "source.more")).isNull();
    assertThat(JsonValues.text(JSON, "")).isNull();
    assertThat(JsonValues.text(JSON, null)).isNull();
    assertThat(JsonValues.text(null, "source")).isNull();
    assertThat(JsonValues.bool(JSON, "source")).isNull();
    assertThat(JsonValues.bigint(JSON, "vip")).isNull();
    assertThat(JsonValues.bigint(JSON, "part")).isNull();
    assertThat(JsonValues.bigint(JSON, "large")).isNull();
    assertThat(JsonValues.bigint(JSON, "source")).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "null",
        "7",
        "[]",
        "{",
        "{\"a\"",
        "{\"a\":",
        "{\"b\": x, \"a\": 1}",
        "{a: 1}"
      })
  void whatIsNoJsonIsNull(String json) {
    assertThat(JsonValues.text(json, "a")).isNull();
    assertThat(JsonValues.bigint(json, "a")).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1e999999999",
        "1e-999999999",
        "-1e2147483647",
        "1e99999999999",
        "NaN",
        "\"1e101\""
      })
  void numbersThatWouldTakeAllMemoryAreNone(String number) {
    String json = "{\"a\": " + number + "}";
    assertThat(JsonValues.decimal(json, "a")).isNull();
    assertThat(JsonValues.bigint(json, "a")).isNull();
  }

  @Test
  void largeNumbersAreReadAsFarAsTheyFit() {
    assertThat(JsonValues.decimal("{\"a\": " + "9".repeat(28) + "}", "a")).isNotNull();
    assertThat(JsonValues.decimal("{\"a\": " + "9".repeat(29) + "}", "a")).isNull();
    assertThat(JsonValues.decimal("{\"a\": 0.00000000005}", "a"))
        .isEqualTo(new BigDecimal("0.0000000001"));
    assertThat(JsonValues.bigint("{\"a\": -9223372036854775808}", "a")).isEqualTo(Long.MIN_VALUE);
  }

  @Test
  void noTextIsAnError() {
    Random random = new Random(11);
    for (int i = 0; i < 20_000; i++) {
      StringBuilder json = new StringBuilder(JSON);
      for (int j = random.nextInt(4); j >= 0; j--) {
        json.setCharAt(random.nextInt(json.length()), (char) random.nextInt(300));
      }
      JsonValues.text(json.toString(), "address.city");
      JsonValues.decimal(json.toString(), "price");
    }
  }
}
