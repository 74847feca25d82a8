package dev.lakegate.model.bronze;

import java.math.BigInteger;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * Where a change stands in the order of all changes of a source. Its text form {@code _change_seq}
 * is {@value #LENGTH} ASCII characters that sort as the sequences compare: epoch (4 hex digits),
 * phase (0 or 1), position (40 decimal digits), ordinal (8 hex digits), all lower case. Immutable.
 *
 * @param epoch 0 to 65535; a new one starts when positions stop being comparable
 * @param phase copied rows come before streamed ones
 * @param position not negative, at most 40 decimal digits; for our own engine the LSN as an
 *     unsigned number
 * @param ordinal 0 to 2^32-1; index of the change within its transaction
 */
public record ChangeSequence(int epoch, Phase phase, BigInteger position, long ordinal)
    implements Comparable<ChangeSequence> {
  /** Characters of the text form. */
  public static final int LENGTH = 4 + 1 + 40 + 8;

  private static final Pattern TEXT = Pattern.compile("[0-9a-f]{4}[01][0-9]{40}[0-9a-f]{8}");
  private static final BigInteger POSITIONS = BigInteger.TEN.pow(40);
  private static final String ZEROS = "0".repeat(40);

  /** How a change was read from the source. */
  public enum Phase {
    /** Read by the initial copy. */
    COPY,
    /** Read from the log. */
    STREAM
  }

  public ChangeSequence {
    Objects.requireNonNull(phase, "phase is null");
    Objects.requireNonNull(position, "position is null");
    if (epoch < 0 || epoch > 0xFFFF) {
      throw new IllegalArgumentException("epoch " + epoch + " is not from 0 to 65535");
    }
    if (position.signum() < 0 || position.compareTo(POSITIONS) >= 0) {
      throw new IllegalArgumentException("position " + position + " is not of 1 to 40 digits");
    }
    if (ordinal < 0 || ordinal > 0xFFFF_FFFFL) {
      throw new IllegalArgumentException("ordinal " + ordinal + " is not from 0 to 4294967295");
    }
  }

  /** The sequence of a row that was copied under the snapshot at {@code lsn}. */
  public static ChangeSequence ofCopy(int epoch, Lsn lsn) {
    return new ChangeSequence(epoch, Phase.COPY, unsigned(lsn.value()), 0);
  }

  /**
   * The sequence of the {@code ordinal}-th change of the transaction that committed at {@code lsn}.
   */
  public static ChangeSequence ofStream(int epoch, Lsn lsn, long ordinal) {
    return new ChangeSequence(epoch, Phase.STREAM, unsigned(lsn.value()), ordinal);
  }

  /**
   * The text form without the intermediate objects: for each row of a stream.
   *
   * @param epoch 0 to 65535
   * @param phase copy or stream
   * @param lsn unsigned
   * @param ordinal 0 to 2^32-1
   */
  public static String format(int epoch, Phase phase, long lsn, long ordinal) {
    if (epoch < 0 || epoch > 0xFFFF || ordinal < 0 || ordinal > 0xFFFF_FFFFL) {
      throw new IllegalArgumentException(
          "epoch " + epoch + " or ordinal " + ordinal + " too large");
    }
    StringBuilder out = new StringBuilder(LENGTH);
    hex(out, epoch, 4);
    out.append(phase == Phase.COPY ? '0' : '1');
    String digits = Long.toUnsignedString(lsn);
    out.append(ZEROS, 0, 40 - digits.length()).append(digits);
    hex(out, ordinal, 8);
    return out.toString();
  }

  /**
   * Reads the text form.
   *
   * @throws IllegalArgumentException when the text is not a change sequence
   */
  public static ChangeSequence parse(String text) {
    Objects.requireNonNull(text, "text is null");
    if (!TEXT.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "'"
              + (text.length() > 80 ? text.substring(0, 80) + "..." : text)
              + "' is not a change sequence: 4 hex digits, 0 or 1, 40 digits, 8 hex digits");
    }
    return new ChangeSequence(
        Integer.parseInt(text.substring(0, 4), 16),
        text.charAt(4) == '0' ? Phase.COPY : Phase.STREAM,
        new BigInteger(text.substring(5, 45)),
        Long.parseLong(text.substring(45), 16));
  }

  /** The epoch as manifests write it: 4 hex digits. */
  public static String formatEpoch(int epoch) {
    if (epoch < 0 || epoch > 0xFFFF) {
      throw new IllegalArgumentException("epoch " + epoch + " is not from 0 to 65535");
    }
    StringBuilder out = new StringBuilder(4);
    hex(out, epoch, 4);
    return out.toString();
  }

  /**
   * Reads an epoch of 4 hex digits.
   *
   * @throws IllegalArgumentException when the text is anything else
   */
  public static int parseEpoch(String text) {
    Objects.requireNonNull(text, "text is null");
    if (!text.matches("[0-9a-f]{4}")) {
      throw new IllegalArgumentException("'" + text + "' is not an epoch: 4 hex digits");
    }
    return Integer.parseInt(text, 16);
  }

  /** The text form. */
  public String format() {
    StringBuilder out = new StringBuilder(LENGTH);
    hex(out, epoch, 4);
    out.append(phase == Phase.COPY ? '0' : '1');
    String digits = position.toString();
    out.append(ZEROS, 0, 40 - digits.length()).append(digits);
    hex(out, ordinal, 8);
    return out.toString();
  }

  /** By epoch, phase, position, ordinal: as the text forms sort. */
  @Override
  public int compareTo(ChangeSequence other) {
    int order = Integer.compare(epoch, other.epoch);
    if (order == 0) {
      order = phase.compareTo(other.phase);
    }
    if (order == 0) {
      order = position.compareTo(other.position);
    }
    return order != 0 ? order : Long.compare(ordinal, other.ordinal);
  }

  @Override
  public String toString() {
    return format();
  }

  private static BigInteger unsigned(long value) {
    return new BigInteger(Long.toUnsignedString(value));
  }

  private static void hex(StringBuilder out, long value, int digits) {
    for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) {
      out.append(Character.forDigit((int) (value >>> shift & 0xF), 16));
    }
  }
}
