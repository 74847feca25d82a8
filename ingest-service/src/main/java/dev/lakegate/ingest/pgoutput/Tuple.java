package dev.lakegate.ingest.pgoutput;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * A row as the log carries it: for each column NULL, a text value, or nothing because the value is
 * TOASTed and did not change. Values stay bytes (UTF-8) until someone asks. Immutable.
 */
public final class Tuple {
  private static final int NULL = -1;
  private static final int UNCHANGED = -2;

  private final byte[] bytes;
  private final int[] offsets;
  private final int[] lengths;

  Tuple(byte[] bytes, int[] offsets, int[] lengths) {
    this.bytes = bytes;
    this.offsets = offsets;
    this.lengths = lengths;
  }

  /** A row of these texts; null stands for NULL. */
  public static Tuple ofTexts(List<String> texts) {
    byte[][] values = new byte[texts.size()][];
    int[] offsets = new int[texts.size()];
    int[] lengths = new int[texts.size()];
    int size = 0;
    for (int i = 0; i < values.length; i++) {
      String text = texts.get(i);
      values[i] = text == null ? new byte[0] : text.getBytes(StandardCharsets.UTF_8);
      offsets[i] = size;
      lengths[i] = text == null ? NULL : values[i].length;
      size += values[i].length;
    }
    byte[] bytes = new byte[size];
    for (int i = 0; i < values.length; i++) {
      System.arraycopy(values[i], 0, bytes, offsets[i], values[i].length);
    }
    return new Tuple(bytes, offsets, lengths);
  }

  static int nullLength() {
    return NULL;
  }

  static int unchangedLength() {
    return UNCHANGED;
  }

  /** Number of columns. */
  public int size() {
    return lengths.length;
  }

  /** Whether the column is NULL. */
  public boolean isNull(int column) {
    return lengths[column] == NULL;
  }

  /** Whether the log did not carry the value because it is TOASTed and unchanged. */
  public boolean isUnchanged(int column) {
    return lengths[column] == UNCHANGED;
  }

  /** Whether the column has a text value. */
  public boolean hasText(int column) {
    return lengths[column] >= 0;
  }

  /** The text value; null when {@link #hasText} is false. */
  public String text(int column) {
    return hasText(column)
        ? new String(bytes, offsets[column], lengths[column], StandardCharsets.UTF_8)
        : null;
  }

  /** The array that {@link #offset} and {@link #length} point into; not to be changed. */
  public byte[] array() {
    return bytes;
  }

  /** Where the column's text starts; meaningless without {@link #hasText}. */
  public int offset(int column) {
    return offsets[column];
  }

  /** Length of the column's text in bytes; negative without {@link #hasText}. */
  public int length(int column) {
    return lengths[column];
  }

  /** Whether both tuples carry the same for the column. */
  public boolean sameValue(int column, Tuple other) {
    int length = lengths[column];
    if (length != other.lengths[column]) {
      return false;
    }
    return length <= 0
        || Arrays.equals(
            bytes,
            offsets[column],
            offsets[column] + length,
            other.bytes,
            other.offsets[column],
            other.offsets[column] + length);
  }

  @Override
  public boolean equals(Object object) {
    if (!(object instanceof Tuple other) || other.size() != size()) {
      return false;
    }
    for (int i = 0; i < size(); i++) {
      if (!sameValue(i, other)) {
        return false;
      }
    }
    return true;
  }

  @Override
  public int hashCode() {
    int hash = size();
    for (int i = 0; i < size(); i++) {
      hash = 31 * hash + lengths[i];
      for (int at = 0; at < lengths[i]; at++) {
        hash = 31 * hash + bytes[offsets[i] + at];
      }
    }
    return hash;
  }

  @Override
  public String toString() {
    return "Tuple of " + size() + " columns";
  }
}
