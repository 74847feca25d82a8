package dev.lakegate.model.types;

import java.util.Locale;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The types that contracts use, in Trino's notation. Text is read without regard to case and spaces
 * and printed in one canonical form, so equal types have equal text. Immutable.
 */
public sealed interface TrinoType {
  /** Types without parameters. */
  enum Simple implements TrinoType {
    BOOLEAN("boolean"),
    SMALLINT("smallint"),
    INTEGER("integer"),
    BIGINT("bigint"),
    REAL("real"),
    DOUBLE("double"),
    DATE("date"),
    /** Microseconds, without zone. */
    TIME("time(6)"),
    /** Microseconds, without zone. */
    TIMESTAMP("timestamp(6)"),
    /** Microseconds since the epoch; the zone is for display only. */
    TIMESTAMP_WITH_TIME_ZONE("timestamp(6) with time zone"),
    VARBINARY("varbinary");

    private final String text;

    Simple(String text) {
      this.text = text;
    }

    @Override
    public String text() {
      return text;
    }

    @Override
    public String toString() {
      return text;
    }
  }

  /**
   * Exact decimal.
   *
   * @param precision digits in all, 1 to 38
   * @param scale digits after the point, 0 to precision
   */
  record Decimal(int precision, int scale) implements TrinoType {
    public Decimal {
      if (precision < 1 || precision > 38 || scale < 0 || scale > precision) {
        throw new IllegalArgumentException(
            "decimal("
                + precision
                + ","
                + scale
                + ") needs a precision from 1 to 38 and a scale from 0 to the precision");
      }
    }

    @Override
    public String text() {
      return "decimal(" + precision + "," + scale + ")";
    }

    @Override
    public String toString() {
      return text();
    }
  }

  /**
   * Text.
   *
   * @param length longest allowed, in code points; null when unbounded
   */
  record Varchar(Integer length) implements TrinoType {
    public Varchar {
      if (length != null && length < 1) {
        throw new IllegalArgumentException("varchar(" + length + ") needs a length of at least 1");
      }
    }

    @Override
    public String text() {
      return length == null ? "varchar" : "varchar(" + length + ")";
    }

    @Override
    public String toString() {
      return text();
    }
  }

  /**
   * Ordered values of one type.
   *
   * @param element their type
   */
  record Array(TrinoType element) implements TrinoType {
    public Array {
      Objects.requireNonNull(element, "element is null");
    }

    @Override
    public String text() {
      return "array(" + element.text() + ")";
    }

    @Override
    public String toString() {
      return text();
    }
  }

  /** Canonical text, which {@link #parse} reads back. */
  String text();

  /**
   * Reads a type.
   *
   * @throws IllegalArgumentException when the text names no type of this set; the message lists it
   */
  static TrinoType parse(String text) {
    return Parsing.parse(text, 0);
  }

  /** Reading of types; apart, since an interface has no private constants. */
  final class Parsing {
    private static final String ACCEPTED =
        "boolean, smallint, integer, bigint, real, double, decimal(p,s), varchar, varchar(n), date,"
            + " time(6), timestamp(6), timestamp(6) with time zone, varbinary, array(T)";
    private static final Pattern DECIMAL = Pattern.compile("decimal\\((\\d{1,2}),(\\d{1,2})\\)");
    private static final Pattern VARCHAR = Pattern.compile("varchar\\((\\d{1,9})\\)");
    private static final Pattern ARRAY = Pattern.compile("array\\((.+)\\)");
    private static final int DEEPEST = 8;

    private Parsing() {}

    private static TrinoType parse(String text, int depth) {
      Objects.requireNonNull(text, "text is null");
      if (text.length() > 200 || depth > DEEPEST) {
        throw new IllegalArgumentException("type is too long or nested too deeply");
      }
      String spaced = text.strip().toLowerCase(Locale.ROOT).replaceAll("\\s+", " ");
      String compact = spaced.replaceAll(" ?([(),]) ?", "$1").strip();
      for (Simple simple : Simple.values()) {
        if (simple.text.replace(") with", ")with").equals(compact)) {
          return simple;
        }
      }
      if (compact.equals("varchar")) {
        return new Varchar(null);
      }
      Matcher decimal = DECIMAL.matcher(compact);
      if (decimal.matches()) {
        return new Decimal(Integer.parseInt(decimal.group(1)), Integer.parseInt(decimal.group(2)));
      }
      Matcher varchar = VARCHAR.matcher(compact);
      if (varchar.matches()) {
        return new Varchar(Integer.parseInt(varchar.group(1)));
      }
      Matcher array = ARRAY.matcher(compact);
      if (array.matches()) {
        return new Array(parse(array.group(1), depth + 1));
      }
      throw new IllegalArgumentException(
          "'" + text.strip() + "' is not a type; the types are " + ACCEPTED);
    }
  }
}
