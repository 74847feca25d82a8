package dev.lakegate.kit.identity;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.regex.Pattern;
import java.util.zip.CRC32;

/**
 * The text of personal access tokens: {@code lgp_}, 256 random bits and a checksum. The prefix lets
 * scanners find tokens that somebody published, the checksum lets a mistyped or invented one be
 * refused without asking anybody. Thread-safe.
 */
public final class PersonalToken {
  /** What every token begins with. */
  public static final String PREFIX = "lgp_";

  private static final String DIGITS =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  private static final int SECRET_LENGTH = 43;
  private static final int CHECKSUM_LENGTH = 6;
  private static final Pattern SHAPE = Pattern.compile("lgp_[0-9A-Za-z]{49}");
  private static final SecureRandom RANDOM = new SecureRandom();

  private PersonalToken() {}

  /** A new token. */
  public static String generate() {
    byte[] secret = new byte[32];
    RANDOM.nextBytes(secret);
    String start = PREFIX + base62(new BigInteger(1, secret), SECRET_LENGTH);
    return start + checksum(start);
  }

  /** Whether a text was meant to be one; says nothing about its being good. */
  public static boolean isMeant(String text) {
    return text != null && text.startsWith(PREFIX);
  }

  /** Whether a text has the shape and the checksum of a token. */
  public static boolean isWellFormed(String text) {
    if (text == null || !SHAPE.matcher(text).matches()) {
      return false;
    }
    int end = text.length() - CHECKSUM_LENGTH;
    return checksum(text.substring(0, end)).equals(text.substring(end));
  }

  /**
   * What is kept and compared in the token's place: SHA-256 in hexadecimal digits. Slow hashes are
   * for secrets that can be guessed; 256 random bits cannot.
   */
  public static String hash(String text) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private static String checksum(String start) {
    CRC32 crc = new CRC32();
    crc.update(start.getBytes(StandardCharsets.US_ASCII));
    return base62(BigInteger.valueOf(crc.getValue()), CHECKSUM_LENGTH);
  }

  private static String base62(BigInteger number, int length) {
    char[] text = new char[length];
    BigInteger rest = number;
    for (int i = length - 1; i >= 0; i--) {
      BigInteger[] divided = rest.divideAndRemainder(BigInteger.valueOf(DIGITS.length()));
      text[i] = DIGITS.charAt(divided[1].intValue());
      rest = divided[0];
    }
    return new String(text);
  }
}
