package dev.lakegate.laptop.identity;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;

/** Unguessable values and their comparison. Thread-safe. */
public final class Secrets {
  private static final SecureRandom RANDOM = new SecureRandom();
  // Without the characters that people confuse when they copy a password by eye.
  private static final char[] READABLE = "abcdefghjkmnpqrstuvwxyz23456789".toCharArray();

  private Secrets() {}

  /** 256 random bits, safe in URLs. */
  public static String token() {
    byte[] bytes = new byte[32];
    RANDOM.nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /** A password that a person can type: four groups of four, 79 bits. */
  public static String password() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 16; i++) {
      if (i > 0 && i % 4 == 0) {
        text.append('-');
      }
      text.append(READABLE[RANDOM.nextInt(READABLE.length)]);
    }
    return text.toString();
  }

  /** Compares in a time that does not depend on where the two differ. */
  static boolean same(String expected, String given) {
    return MessageDigest.isEqual(sha256(expected), sha256(given));
  }

  private static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
