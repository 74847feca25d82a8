package dev.lakegate.gateway.engine;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Locale;

/**
 * What Trino's functions and casts of numbers do where DuckDB does something else. Pure; never
 * given NULL.
 */
final class NumberSemantics {
  private NumberSemantics() {}

  private static final BigInteger MAX_DECIMAL = BigInteger.TEN.pow(38).subtract(BigInteger.ONE);

  /** DuckDB's shortest text of a floating point number in Trino's notation: {@code 1.5E1}. */
  static String scientific(String text) {
    switch (text) {
      case "nan", "-nan":
        return "NaN";
      case "inf":
        return "Infinity";
      case "-inf":
        return "-Infinity";
      default:
        break;
    }
    boolean negative = text.startsWith("-");
    BigDecimal d = new BigDecimal(text).abs();
    if (d.signum() == 0) {
      return negative ? "-0.0E0" : "0.0E0";
    }
    BigDecimal s = d.stripTrailingZeros();
    String digits = s.unscaledValue().toString();
    int exponent = digits.length() - 1 - s.scale();
    String fraction = digits.length() > 1 ? digits.substring(1) : "0";
    return (negative ? "-" : "") + digits.charAt(0) + "." + fraction + "E" + exponent;
  }

  static BigInteger requireDecimal38(BigInteger n) {
    if (n.abs().compareTo(MAX_DECIMAL) > 0) {
      throw new TrinoError("NUMERIC_VALUE_OUT_OF_RANGE");
    }
    return n;
  }

  /** {@code n * 10^shift / d}, rounded half up (away from zero). */
  static BigInteger divide(BigInteger n, BigInteger d, int shift) {
    if (d.signum() == 0) {
      throw new TrinoError("DIVISION_BY_ZERO");
    }
    BigInteger a = shift >= 0 ? n.multiply(BigInteger.TEN.pow(shift)) : n;
    BigInteger b = shift >= 0 ? d : d.multiply(BigInteger.TEN.pow(-shift));
    return requireDecimal38(
        new BigDecimal(a).divide(new BigDecimal(b), 0, RoundingMode.HALF_UP).toBigInteger());
  }

  static BigInteger remainder(BigInteger n, BigInteger d, int shiftN, int shiftD) {
    if (d.signum() == 0) {
      throw new TrinoError("DIVISION_BY_ZERO");
    }
    return n.multiply(BigInteger.TEN.pow(shiftN)).remainder(d.multiply(BigInteger.TEN.pow(shiftD)));
  }

  static boolean toBoolean(String s) {
    return switch (s.toLowerCase(Locale.ROOT)) {
      case "t", "true", "1" -> true;
      case "f", "false", "0" -> false;
      default -> throw TrinoError.invalidCast();
    };
  }

  static long toInteger(String s, int bits) {
    try {
      long n = Long.parseLong(s);
      long max = bits == 64 ? Long.MAX_VALUE : (1L << (bits - 1)) - 1;
      if (n <= max && n >= -max - 1) {
        return n;
      }
    } catch (NumberFormatException e) {
      // Answered below.
    }
    throw TrinoError.invalidCast();
  }

  static double toDouble(String s) {
    try {
      return Double.parseDouble(s);
    } catch (NumberFormatException e) {
      throw TrinoError.invalidCast();
    }
  }

  static float toReal(String s) {
    try {
      return Float.parseFloat(s);
    } catch (NumberFormatException e) {
      throw TrinoError.invalidCast();
    }
  }

  static String toDecimal(String s, int precision, int scale) {
    try {
      if (s.length() > 100) {
        throw TrinoError.invalidCast();
      }
      BigDecimal d = new BigDecimal(s);
      if (Math.abs((long) d.scale()) > 1000) {
        throw TrinoError.invalidCast();
      }
      d = d.setScale(scale, RoundingMode.HALF_UP);
      if (d.precision() > precision && d.signum() != 0) {
        throw TrinoError.invalidCast();
      }
      return d.toPlainString();
    } catch (NumberFormatException e) {
      throw TrinoError.invalidCast();
    }
  }

  static double round(double value, int digits) {
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      return value;
    }
    double factor = Math.pow(10, digits);
    // As Trino computes it: scale, round half away from zero, scale back.
    if (value < 0) {
      return -(Math.round(-value * factor) / factor);
    }
    return Math.round(value * factor) / factor;
  }

  static String toBase(long value, long radix) {
    if (radix < Character.MIN_RADIX || radix > Character.MAX_RADIX) {
      throw TrinoError.invalidArgument();
    }
    return Long.toString(value, (int) radix);
  }

  static long fromBase(String text, long radix) {
    if (radix < Character.MIN_RADIX || radix > Character.MAX_RADIX) {
      throw TrinoError.invalidArgument();
    }
    try {
      return Long.parseLong(text, (int) radix);
    } catch (NumberFormatException e) {
      throw TrinoError.invalidArgument();
    }
  }

  static long bitCount(long n, int bits) {
    if (bits == 64) {
      return Long.bitCount(n);
    }
    long low = -(1L << (bits - 1));
    if (n < low || n > -low - 1) {
      throw TrinoError.invalidArgument();
    }
    return Long.bitCount(n & (1L << bits) - 1);
  }

  private static long mask(int bits) {
    return bits == 64 ? -1L : (1L << bits) - 1;
  }

  private static long signed(long n, int bits) {
    return n << (64 - bits) >> (64 - bits);
  }

  static long leftShift(long n, long by, int bits) {
    return by < 0 || by >= bits ? none(by) : signed(n << by, bits);
  }

  static long rightShift(long n, long by, int bits) {
    return by < 0 || by >= bits ? none(by) : signed((n & mask(bits)) >>> by, bits);
  }

  static long rightShiftArithmetic(long n, long by, int bits) {
    return by < 0 || by >= bits ? by < 0 ? none(by) : n < 0 ? -1 : 0 : n >> by;
  }

  private static long none(long by) {
    if (by < 0) {
      throw TrinoError.notSupported();
    }
    return 0;
  }
}
