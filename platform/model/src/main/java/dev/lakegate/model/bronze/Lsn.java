package dev.lakegate.model.bronze;

import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A position in PostgreSQL's write-ahead log, an unsigned 64-bit byte offset. Immutable.
 *
 * @param value the bits of the unsigned number
 */
public record Lsn(long value) implements Comparable<Lsn> {
  /** Before every position. */
  public static final Lsn ZERO = new Lsn(0);

  private static final Pattern TEXT = Pattern.compile("([0-9A-Fa-f]{1,8})/([0-9A-Fa-f]{1,8})");

  /**
   * Reads PostgreSQL's notation, such as {@code 0/16B5940}.
   *
   * @throws IllegalArgumentException when the text is not an LSN
   */
  public static Lsn parse(String text) {
    Objects.requireNonNull(text, "text is null");
    Matcher matcher = TEXT.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("'" + text + "' is not an LSN such as 0/16B5940");
    }
    return new Lsn(
        Long.parseLong(matcher.group(1), 16) << 32 | Long.parseLong(matcher.group(2), 16));
  }

  /** PostgreSQL's notation of the unsigned number {@code value}. */
  public static String format(long value) {
    return Long.toHexString(value >>> 32).toUpperCase(java.util.Locale.ROOT)
        + "/"
        + Long.toHexString(value & 0xFFFF_FFFFL).toUpperCase(java.util.Locale.ROOT);
  }

  /** Orders by the unsigned number. */
  @Override
  public int compareTo(Lsn other) {
    return Long.compareUnsigned(value, other.value);
  }

  @Override
  public String toString() {
    return format(value);
  }
}
