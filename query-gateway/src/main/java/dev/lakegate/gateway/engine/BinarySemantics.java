package dev.lakegate.gateway.engine;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.zip.CRC32;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** What Trino's functions of binary text do, on hexadecimal text. Pure; never given NULL. */
final class BinarySemantics {
  private static final HexFormat HEX = HexFormat.of().withUpperCase();
  private static final String BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

  private BinarySemantics() {}

  static byte[] bytes(String hex) {
    return HEX.parseHex(hex);
  }

  static String hex(byte[] bytes) {
    return HEX.formatHex(bytes);
  }

  static String reverse(String hex) {
    byte[] b = bytes(hex);
    byte[] r = new byte[b.length];
    for (int i = 0; i < b.length; i++) {
      r[i] = b[b.length - 1 - i];
    }
    return hex(r);
  }

  static String digest(String hex, String algorithm) {
    try {
      return hex(MessageDigest.getInstance(algorithm).digest(bytes(hex)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  static String hmac(String hex, String key, String algorithm) {
    byte[] k = bytes(key);
    if (k.length == 0) {
      throw TrinoError.notSupported();
    }
    try {
      Mac mac = Mac.getInstance(algorithm);
      mac.init(new SecretKeySpec(k, algorithm));
      return hex(mac.doFinal(bytes(hex)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  static long crc32(String hex) {
    CRC32 c = new CRC32();
    c.update(bytes(hex));
    return c.getValue();
  }

  static String toBase64(String hex, boolean url) {
    return (url ? Base64.getUrlEncoder() : Base64.getEncoder()).encodeToString(bytes(hex));
  }

  static String fromBase64(String text, boolean url) {
    try {
      return hex((url ? Base64.getUrlDecoder() : Base64.getDecoder()).decode(text));
    } catch (IllegalArgumentException e) {
      throw TrinoError.invalidArgument();
    }
  }

  static String toBase32(String hex) {
    byte[] in = bytes(hex);
    StringBuilder b = new StringBuilder();
    for (int i = 0; i < in.length; i += 5) {
      long block = 0;
      int present = Math.min(5, in.length - i);
      for (int k = 0; k < 5; k++) {
        block = block << 8 | (k < present ? in[i + k] & 0xff : 0);
      }
      int signs = (present * 8 + 4) / 5;
      for (int k = 0; k < 8; k++) {
        b.append(k < signs ? BASE32.charAt((int) (block >> (35 - 5 * k) & 31)) : '=');
      }
    }
    return b.toString();
  }

  static String fromBase32(String text) {
    String in = text.replaceFirst("=+$", "");
    ByteBuffer out = ByteBuffer.allocate(in.length() * 5 / 8);
    long bits = 0;
    int count = 0;
    for (int i = 0; i < in.length(); i++) {
      int v = BASE32.indexOf(in.charAt(i));
      if (v < 0) {
        throw TrinoError.invalidArgument();
      }
      bits = bits << 5 | v;
      count += 5;
      if (count >= 8) {
        count -= 8;
        out.put((byte) (bits >> count));
      }
    }
    return hex(out.array());
  }

  static String toBigEndian(long n, int bits) {
    return bits == 64
        ? hex(ByteBuffer.allocate(8).putLong(n).array())
        : hex(ByteBuffer.allocate(4).putInt((int) n).array());
  }

  static long fromBigEndian(String hex, int bits) {
    byte[] b = bytes(hex);
    if (b.length * 8 != bits) {
      throw TrinoError.invalidArgument();
    }
    return bits == 64 ? ByteBuffer.wrap(b).getLong() : ByteBuffer.wrap(b).getInt();
  }

  static String toIeee754(double d) {
    return toBigEndian(Double.doubleToLongBits(d), 64);
  }

  static double fromIeee754(String hex) {
    return Double.longBitsToDouble(fromBigEndian(hex, 64));
  }

  // ------------------------------------------------------------------ hashes

  private static final long P1 = 0x9E3779B185EBCA87L;
  private static final long P2 = 0xC2B2AE3D27D4EB4FL;
  private static final long P3 = 0x165667B19E3779F9L;
  private static final long P4 = 0x85EBCA77C2B2AE63L;
  private static final long P5 = 0x27D4EB2F165667C5L;

  private static long round(long acc, long input) {
    return Long.rotateLeft(acc + input * P2, 31) * P1;
  }

  /** XXH64 with seed 0, most significant byte first. */
  static String xxhash64(String hex) {
    ByteBuffer in = ByteBuffer.wrap(bytes(hex)).order(ByteOrder.LITTLE_ENDIAN);
    long length = in.remaining();
    long h;
    if (length >= 32) {
      long[] v = {P1 + P2, P2, 0, -P1};
      while (in.remaining() >= 32) {
        for (int i = 0; i < 4; i++) {
          v[i] = round(v[i], in.getLong());
        }
      }
      h =
          Long.rotateLeft(v[0], 1)
              + Long.rotateLeft(v[1], 7)
              + Long.rotateLeft(v[2], 12)
              + Long.rotateLeft(v[3], 18);
      for (long x : v) {
        h = (h ^ round(0, x)) * P1 + P4;
      }
    } else {
      h = P5;
    }
    h += length;
    while (in.remaining() >= 8) {
      h = Long.rotateLeft(h ^ round(0, in.getLong()), 27) * P1 + P4;
    }
    if (in.remaining() >= 4) {
      h = Long.rotateLeft(h ^ (in.getInt() & 0xffffffffL) * P1, 23) * P2 + P3;
    }
    while (in.hasRemaining()) {
      h = Long.rotateLeft(h ^ (in.get() & 0xff) * P5, 11) * P1;
    }
    h = (h ^ h >>> 33) * P2;
    h = (h ^ h >>> 29) * P3;
    return toBigEndian(h ^ h >>> 32, 64);
  }

  private static long mix(long k) {
    long x = (k ^ k >>> 33) * 0xff51afd7ed558ccdL;
    x = (x ^ x >>> 33) * 0xc4ceb9fe1a85ec53L;
    return x ^ x >>> 33;
  }

  /** MurmurHash3 for 64-bit machines, 128 bits, seed 0. */
  static String murmur3(String hex) {
    final long c1 = 0x87c37b91114253d5L;
    final long c2 = 0x4cf5ad432745937fL;
    ByteBuffer in = ByteBuffer.wrap(bytes(hex)).order(ByteOrder.LITTLE_ENDIAN);
    int length = in.remaining();
    long h1 = 0;
    long h2 = 0;
    while (in.remaining() >= 16) {
      h1 ^= Long.rotateLeft(in.getLong() * c1, 31) * c2;
      h1 = (Long.rotateLeft(h1, 27) + h2) * 5 + 0x52dce729L;
      h2 ^= Long.rotateLeft(in.getLong() * c2, 33) * c1;
      h2 = (Long.rotateLeft(h2, 31) + h1) * 5 + 0x38495ab5L;
    }
    byte[] rest = new byte[16];
    int tail = in.remaining();
    in.get(rest, 0, tail);
    ByteBuffer t = ByteBuffer.wrap(rest).order(ByteOrder.LITTLE_ENDIAN);
    long k1 = t.getLong();
    long k2 = t.getLong();
    if (tail > 8) {
      h2 ^= Long.rotateLeft(k2 * c2, 33) * c1;
    }
    if (tail > 0) {
      h1 ^= Long.rotateLeft(k1 * c1, 31) * c2;
    }
    h1 ^= length;
    h2 ^= length;
    h1 += h2;
    h2 += h1;
    h1 = mix(h1);
    h2 = mix(h2);
    h1 += h2;
    h2 += h1;
    return hex(
        ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putLong(h1).putLong(h2).array());
  }
}
