package dev.lakegate.jobs.cleaning;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * Reads single values out of JSON texts that anybody may have written: what is missing, malformed
 * or of another type gives null, never an error.
 *
 * <p>A path names members from the outside in, with dots between: {@code address.city}.
 */
public final class JsonValues {
  /** Digits behind the point of {@link #decimal}. */
  static final int SCALE = 10;

  private static final int PRECISION = 38;
  private static final int LONGEST_NUMBER = 100;
  private static final JsonFactory FACTORY = new JsonFactory();

  private JsonValues() {}

  /**
   * A text, or a number or truth value as text.
   *
   * @return null for an object, an array, JSON's null and what is not there
   */
  public static String text(String json, String path) {
    return read(
        json, path, parser -> parser.currentToken().isScalarValue() ? textOf(parser) : null);
  }

  /** A whole number, also one in quotes; null when it is none or has more than 64 bits. */
  public static Long bigint(String json, String path) {
    BigDecimal number = number(json, path);
    if (number == null) {
      return null;
    }
    try {
      return number.longValueExact();
    } catch (ArithmeticException e) {
      return null;
    }
  }

  /**
   * A number, also one in quotes, rounded half up to ten digits behind the point; null when it is
   * none or has more than 28 digits before it.
   */
  public static BigDecimal decimal(String json, String path) {
    BigDecimal number = number(json, path);
    if (number == null) {
      return null;
    }
    BigDecimal rounded = number.setScale(SCALE, RoundingMode.HALF_UP);
    return rounded.precision() > PRECISION ? null : rounded;
  }

  /** True or false, also in quotes; null when it is neither. */
  public static Boolean bool(String json, String path) {
    String text = text(json, path);
    if (text == null) {
      return null;
    }
    if (text.trim().equalsIgnoreCase("true")) {
      return Boolean.TRUE;
    }
    return text.trim().equalsIgnoreCase("false") ? Boolean.FALSE : null;
  }

  /** Numbers with an exponent that nobody means are none: to round them could take all memory. */
  private static BigDecimal number(String json, String path) {
    String text = text(json, path);
    if (text == null || text.length() > LONGEST_NUMBER) {
      return null;
    }
    try {
      BigDecimal number = new BigDecimal(text.trim());
      return Math.abs((long) number.scale()) > LONGEST_NUMBER ? null : number;
    } catch (NumberFormatException e) {
      return null;
    }
  }

  private static String textOf(JsonParser parser) throws IOException {
    return parser.currentToken() == JsonToken.VALUE_NULL ? null : parser.getText();
  }

  private interface Reader<T> {
    T read(JsonParser parser) throws IOException;
  }

  private static <T> T read(String json, String path, Reader<T> reader) {
    if (json == null || path == null) {
      return null;
    }
    try (JsonParser parser = FACTORY.createParser(json)) {
      parser.nextToken();
      int from = 0;
      while (from <= path.length()) {
        int dot = path.indexOf('.', from);
        int to = dot < 0 ? path.length() : dot;
        if (!enter(parser, path.substring(from, to))) {
          return null;
        }
        from = to + 1;
      }
      return reader.read(parser);
    } catch (IOException e) {
      // Not JSON: there is no such value.
      return null;
    }
  }

  /** Moves from an object to the value of its member; false when there is none. */
  private static boolean enter(JsonParser parser, String member) throws IOException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      return false;
    }
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      boolean found = parser.getCurrentName().equals(member);
      parser.nextToken();
      if (found) {
        return true;
      }
      parser.skipChildren();
    }
    return false;
  }
}
