package dev.lakegate.gateway.trino;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** JSON as UTF-8 bytes, written without objects in between. Used by one thread. */
final class JsonBytes {
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  private byte[] buffer;
  private int size;

  JsonBytes(int capacity) {
    buffer = new byte[capacity];
  }

  int size() {
    return size;
  }

  byte[] copy() {
    return Arrays.copyOf(buffer, size);
  }

  /** Empties it; a buffer that became very large is given up. */
  void reset(int keep) {
    size = 0;
    if (buffer.length > keep) {
      buffer = new byte[keep];
    }
  }

  private void ensure(int more) {
    if (buffer.length - size < more) {
      buffer = Arrays.copyOf(buffer, Math.max(buffer.length * 2, size + more));
    }
  }

  JsonBytes raw(char ascii) {
    ensure(1);
    buffer[size++] = (byte) ascii;
    return this;
  }

  JsonBytes raw(String ascii) {
    int n = ascii.length();
    ensure(n);
    for (int i = 0; i < n; i++) {
      buffer[size++] = (byte) ascii.charAt(i);
    }
    return this;
  }

  JsonBytes raw(byte[] bytes) {
    ensure(bytes.length);
    System.arraycopy(bytes, 0, buffer, size, bytes.length);
    size += bytes.length;
    return this;
  }

  JsonBytes name(String name) {
    return string(name).raw(':');
  }

  JsonBytes number(long value) {
    if (value < 0) {
      if (value == Long.MIN_VALUE) {
        return raw("-9223372036854775808");
      }
      raw('-');
      value = -value;
    }
    int digits = 1;
    for (long rest = value; rest >= 10; rest /= 10) {
      digits++;
    }
    ensure(digits);
    for (int i = size + digits - 1; i >= size; i--) {
      buffer[i] = (byte) ('0' + value % 10);
      value /= 10;
    }
    size += digits;
    return this;
  }

  /** A number with so many digits at least, zeros before it. */
  JsonBytes padded(int value, int digits) {
    ensure(digits);
    for (int i = size + digits - 1; i >= size; i--) {
      buffer[i] = (byte) ('0' + value % 10);
      value /= 10;
    }
    size += digits;
    return this;
  }

  JsonBytes string(String s) {
    int n = s.length();
    ensure(n * 3 + 2);
    byte[] b = buffer;
    int at = size;
    b[at++] = '"';
    int i = 0;
    for (; i < n; i++) {
      char c = s.charAt(i);
      if (c < 0x20 || c >= 0x80 || c == '"' || c == '\\') {
        break;
      }
      b[at++] = (byte) c;
    }
    size = at;
    for (; i < n; i++) {
      char c = s.charAt(i);
      if (c == '"' || c == '\\') {
        ensure((n - i) * 3 + 4);
        buffer[size++] = '\\';
        buffer[size++] = (byte) c;
      } else if (c < 0x20) {
        ensure((n - i) * 3 + 8);
        escape(c);
      } else if (c < 0x80) {
        buffer[size++] = (byte) c;
      } else if (c < 0x800) {
        buffer[size++] = (byte) (0xc0 | c >> 6);
        buffer[size++] = (byte) (0x80 | c & 0x3f);
      } else if (Character.isHighSurrogate(c)
          && i + 1 < n
          && Character.isLowSurrogate(s.charAt(i + 1))) {
        int point = Character.toCodePoint(c, s.charAt(++i));
        buffer[size++] = (byte) (0xf0 | point >> 18);
        buffer[size++] = (byte) (0x80 | point >> 12 & 0x3f);
        buffer[size++] = (byte) (0x80 | point >> 6 & 0x3f);
        buffer[size++] = (byte) (0x80 | point & 0x3f);
      } else {
        // Half of a pair is no character.
        int unit = Character.isSurrogate(c) ? 0xfffd : c;
        buffer[size++] = (byte) (0xe0 | unit >> 12);
        buffer[size++] = (byte) (0x80 | unit >> 6 & 0x3f);
        buffer[size++] = (byte) (0x80 | unit & 0x3f);
      }
    }
    ensure(1);
    buffer[size++] = '"';
    return this;
  }

  private void escape(char c) {
    buffer[size++] = '\\';
    switch (c) {
      case '\n' -> buffer[size++] = 'n';
      case '\r' -> buffer[size++] = 'r';
      case '\t' -> buffer[size++] = 't';
      default -> {
        buffer[size++] = 'u';
        buffer[size++] = '0';
        buffer[size++] = '0';
        buffer[size++] = HEX[c >> 4];
        buffer[size++] = HEX[c & 15];
      }
    }
  }
}
