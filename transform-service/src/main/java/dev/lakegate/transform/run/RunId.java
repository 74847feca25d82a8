package dev.lakegate.transform.run;

import java.security.SecureRandom;
import java.time.Clock;
import java.util.Objects;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/**
 * Makes ids of runs: 10 characters of time in milliseconds and 6 of chance, in Crockford's base 32.
 * Ids of one maker rise strictly, even within a millisecond or when the clock is put back.
 * Thread-safe.
 */
public final class RunId {
  private static final String ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  private static final Pattern FORM = Pattern.compile("[0-7][" + ALPHABET + "]{15}");
  private static final long CHANCE = 1L << 30;

  private final Clock clock;
  private final RandomGenerator random;
  private long lastTime = -1;
  private long lastChance;

  public RunId(Clock clock) {
    this(clock, new SecureRandom());
  }

  RunId(Clock clock, RandomGenerator random) {
    this.clock = Objects.requireNonNull(clock, "clock is null");
    this.random = Objects.requireNonNull(random, "random is null");
  }

  /** The next id. */
  public synchronized String next() {
    long time = clock.millis();
    if (time > lastTime) {
      lastTime = time;
      // The upper half stays free, so that many ids of one millisecond can follow.
      lastChance = random.nextLong(CHANCE / 2);
    } else if (++lastChance == CHANCE) {
      lastTime++;
      lastChance = 0;
    }
    char[] id = new char[16];
    encode(lastTime, id, 0, 10);
    encode(lastChance, id, 10, 6);
    return new String(id);
  }

  private static void encode(long value, char[] into, int from, int length) {
    for (int i = from + length - 1; i >= from; i--) {
      into[i] = ALPHABET.charAt((int) (value & 31));
      value >>>= 5;
    }
  }

  /** Whether a text has the form of an id. */
  public static boolean isValid(String text) {
    return text != null && FORM.matcher(text).matches();
  }
}
