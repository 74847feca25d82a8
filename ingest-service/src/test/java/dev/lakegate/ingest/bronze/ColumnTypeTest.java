package dev.lakegate.ingest.bronze;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Properties;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.duckdb.DuckDBDriver;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Values of each type, as PostgreSQL prints them, through the expression that Bronze uses. */
class ColumnTypeTest {
  private static Connection duckdb;

  @BeforeContainer
  static void open() throws SQLException {
    duckdb = new DuckDBDriver().connect("jdbc:duckdb:", new Properties());
    try (Statement statement = duckdb.createStatement()) {
      statement.execute("SET TimeZone = 'UTC'");
    }
  }

  @AfterContainer
  static void close() throws SQLException {
    duckdb.close();
  }

  /** Strict and tolerant conversions of texts, as text again. */
  private static List<String> through(String type, List<String> texts, String back)
      throws SQLException {
    ColumnType column = ColumnType.of(type);
    List<String> strict = convert(column.strict(), texts, back);
    if (column.tolerant() != null) {
      assertThat(convert(column.tolerant(), texts, back)).isEqualTo(strict);
    }
    return strict;
  }

  private static List<String> convert(String expression, List<String> texts, String back)
      throws SQLException {
    StringBuilder values = new StringBuilder();
    for (String text : texts) {
      values.append(values.length() == 0 ? "" : ", ").append("('").append(text).append("')");
    }
    List<String> result = new ArrayList<>();
    try (Statement statement = duckdb.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT "
                    + String.format(back, String.format(expression, "v"))
                    + " FROM (VALUES "
                    + values
                    + ") t(v)")) {
      while (rows.next()) {
        result.add(rows.getString(1));
      }
    }
    return result;
  }

  private static final String AS_TEXT = "CAST(%s AS VARCHAR)";

  @Property(tries = 40)
  void shouldKeepEveryInteger(@ForAll @Size(min = 1, max = 50) List<Long> longs)
      throws SQLException {
    List<String> texts = longs.stream().map(String::valueOf).toList();
    assertThat(through("bigint", texts, AS_TEXT)).isEqualTo(texts);
    List<String> ints = longs.stream().map(n -> String.valueOf(n.intValue())).toList();
    assertThat(through("integer", ints, AS_TEXT)).isEqualTo(ints);
    List<String> shorts = longs.stream().map(n -> String.valueOf(n.shortValue())).toList();
    assertThat(through("smallint", shorts, AS_TEXT)).isEqualTo(shorts);
  }

  @Property(tries = 60)
  void shouldKeepEveryDecimal(
      @ForAll @Size(min = 1, max = 30) List<BigInteger> digits,
      @ForAll @IntRange(min = 1, max = 38) int precision,
      @ForAll @IntRange(min = 0, max = 38) int anyScale)
      throws SQLException {
    int scale = Math.min(anyScale, precision);
    List<String> texts =
        digits.stream()
            .map(d -> new BigDecimal(d.mod(BigInteger.TEN.pow(precision)), scale).toPlainString())
            .toList();
    assertThat(through("numeric(" + precision + "," + scale + ")", texts, AS_TEXT))
        .usingElementComparator((a, b) -> new BigDecimal(a).compareTo(new BigDecimal(b)))
        .isEqualTo(texts);
  }

  @Property(tries = 40)
  void shouldKeepEveryFloat(
      @ForAll @Size(min = 1, max = 40) List<Double> doubles,
      @ForAll @Size(min = 1, max = 40) List<Float> floats)
      throws SQLException {
    List<String> texts = new ArrayList<>(doubles.stream().map(String::valueOf).toList());
    texts.addAll(
        List.of("NaN", "Infinity", "-Infinity", "-0", "5e-324", "1.7976931348623157e+308"));
    assertThat(through("double precision", texts, AS_TEXT).stream().map(ColumnTypeTest::number))
        .isEqualTo(texts.stream().map(ColumnTypeTest::number).toList());
    List<String> reals = new ArrayList<>(floats.stream().map(String::valueOf).toList());
    reals.addAll(List.of("NaN", "Infinity", "-Infinity", "1e-45", "3.4028235e+38"));
    assertThat(
            through("real", reals, AS_TEXT).stream()
                .map(t -> Float.valueOf(number(t).floatValue())))
        .isEqualTo(reals.stream().map(t -> Float.valueOf(number(t).floatValue())).toList());
  }

  private static Double number(String text) {
    return switch (text.toLowerCase()) {
      case "nan" -> Double.NaN;
      case "inf", "infinity" -> Double.POSITIVE_INFINITY;
      case "-inf", "-infinity" -> Double.NEGATIVE_INFINITY;
      default -> Double.valueOf(text);
    };
  }

  @Property(tries = 40)
  void shouldKeepEveryDateOfOurEra(
      @ForAll @Size(min = 1, max = 40)
          List<@LongRange(min = -719_162, max = 2_145_031_948) Long> days)
      throws SQLException {
    List<String> texts = days.stream().map(d -> date(LocalDate.ofEpochDay(d))).toList();
    List<String> expected = days.stream().map(String::valueOf).toList();
    assertThat(through("date", texts, "datediff('day', DATE '1970-01-01', %s)::VARCHAR"))
        .isEqualTo(expected);
  }

  private static String date(LocalDate date) {
    return "%04d-%02d-%02d".formatted(date.getYear(), date.getMonthValue(), date.getDayOfMonth());
  }

  @Property(tries = 40)
  void shouldKeepEveryMicrosecondOfOurEra(
      @ForAll @Size(min = 1, max = 40)
          List<@LongRange(min = -62_135_596_800_000_000L, max = 9_223_371_331_199_999_999L) Long>
              micros)
      throws SQLException {
    List<String> texts = micros.stream().map(ColumnTypeTest::time).toList();
    List<String> expected = micros.stream().map(String::valueOf).toList();
    assertThat(
            through(
                "timestamp with time zone",
                texts.stream().map(t -> t + "+00").toList(),
                "epoch_us(%s)::VARCHAR"))
        .isEqualTo(expected);
    assertThat(through("timestamp without time zone", texts, "epoch_us(%s)::VARCHAR"))
        .isEqualTo(expected);
  }

  private static String time(long micros) {
    LocalDateTime time =
        LocalDateTime.ofEpochSecond(
            Math.floorDiv(micros, 1_000_000L),
            (int) Math.floorMod(micros, 1_000_000L) * 1000,
            java.time.ZoneOffset.UTC);
    String text =
        "%s %02d:%02d:%02d"
            .formatted(
                date(time.toLocalDate()), time.getHour(), time.getMinute(), time.getSecond());
    int fraction = time.getNano() / 1000;
    return fraction == 0 ? text : text + (".%06d".formatted(fraction)).replaceAll("0+$", "");
  }

  @Property(tries = 40)
  void shouldKeepEveryByte(@ForAll @Size(min = 1, max = 20) List<byte[]> bytes)
      throws SQLException {
    List<String> hex = bytes.stream().map(b -> HexFormat.of().formatHex(b)).toList();
    assertThat(through("bytea", hex.stream().map(h -> "\\x" + h).toList(), "lower(hex(%s))"))
        .isEqualTo(hex);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "numeric | varchar",
        "numeric(38,10) | decimal(38,10)",
        "numeric(39,0) | varchar",
        "numeric(10,12) | varchar",
        "numeric(5,-2) | varchar",
        "timestamp(3) with time zone | timestamp(6) with time zone",
        "timestamp without time zone | timestamp(6)",
        "time without time zone | varchar",
        "character(3) | varchar",
        "integer[] | varchar",
        "int4range | varchar",
        "some_enum | varchar",
        "interval | varchar",
        "unheard_of | varchar",
      })
  void shouldMapAsTheDocumentationSays(String postgres, String trino) {
    assertThat(ColumnType.of(postgres).trino()).isEqualTo(trino);
  }
}
