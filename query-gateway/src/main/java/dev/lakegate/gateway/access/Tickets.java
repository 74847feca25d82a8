package dev.lakegate.gateway.access;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Addresses that carry what they stand for, signed with a key of this process: a refused request
 * that offers a log-in costs no memory, however often it is repeated. Thread-safe.
 */
final class Tickets {
  /** How long a program may wait for its user. */
  static final Duration LIFE = Duration.ofMinutes(10);

  private static final Pattern SHAPE = Pattern.compile("[A-Za-z0-9_-]{1,1200}\\.[A-Za-z0-9_-]{43}");
  private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();
  private static final SecureRandom RANDOM = new SecureRandom();

  private final Clock clock;
  private final SecretKeySpec key;

  Tickets(Clock clock) {
    byte[] bytes = new byte[32];
    RANDOM.nextBytes(bytes);
    this.key = new SecretKeySpec(bytes, "HmacSHA256");
    this.clock = clock;
  }

  /** 256 random bits, safe in URLs. */
  static String random() {
    byte[] bytes = new byte[32];
    RANDOM.nextBytes(bytes);
    return ENCODER.encodeToString(bytes);
  }

  /** SHA-256, safe in URLs. */
  static String hash(String text) {
    try {
      return ENCODER.encodeToString(
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /**
   * A ticket for ten minutes.
   *
   * @param kind what it is for: one of another kind is not taken
   */
  String issue(String kind, String content) {
    long until = clock.instant().plus(LIFE).getEpochSecond();
    String payload =
        ENCODER.encodeToString((until + "\n" + content).getBytes(StandardCharsets.UTF_8));
    return payload + "." + ENCODER.encodeToString(sign(kind, payload));
  }

  /** What a ticket stands for; empty when it is not ours, of another kind or too old. */
  Optional<String> read(String kind, String ticket) {
    if (ticket == null || !SHAPE.matcher(ticket).matches()) {
      return Optional.empty();
    }
    int dot = ticket.indexOf('.');
    try {
      // Compared as text: four different last characters stand for the same bytes.
      String signature = ENCODER.encodeToString(sign(kind, ticket.substring(0, dot)));
      if (!MessageDigest.isEqual(
          ticket.substring(dot + 1).getBytes(StandardCharsets.UTF_8),
          signature.getBytes(StandardCharsets.UTF_8))) {
        return Optional.empty();
      }
      String payload =
          new String(
              Base64.getUrlDecoder().decode(ticket.substring(0, dot)), StandardCharsets.UTF_8);
      int end = payload.indexOf('\n');
      Instant until = Instant.ofEpochSecond(Long.parseLong(payload.substring(0, end)));
      return clock.instant().isBefore(until)
          ? Optional.of(payload.substring(end + 1))
          : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private byte[] sign(String kind, String payload) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(key);
      return mac.doFinal((kind + ":" + payload).getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has HmacSHA256", e);
    }
  }
}
