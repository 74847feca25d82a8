package dev.lakegate.gateway.limits;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Token buckets by key: each fills at a steady rate up to its burst, and every query takes a token
 * of each of its buckets, or of none. Thread-safe.
 */
public final class Rates {
  private static final int MAX_BUCKETS = 10_000;

  // Guarded by this.
  private final Map<String, Bucket> buckets = new HashMap<>();

  /**
   * How fast a bucket fills.
   *
   * @param key of whom it is
   * @param perSecond tokens, more than 0
   * @param burst most tokens that it holds, at least 1
   */
  public record Rate(String key, double perSecond, double burst) {
    public Rate {
      if (!(perSecond > 0) || !(burst >= 1)) {
        throw new IllegalArgumentException("rate of " + key + " lets nothing through");
      }
    }
  }

  private static final class Bucket {
    private double tokens;
    private long at;
    private final Rate rate;

    private Bucket(Rate rate, long now) {
      this.rate = rate;
      this.tokens = rate.burst();
      this.at = now;
    }

    private void fill(long now) {
      tokens = Math.min(rate.burst(), tokens + (now - at) / 1e9 * rate.perSecond());
      at = now;
    }
  }

  /**
   * Takes a token of each bucket.
   *
   * @param now nanoseconds of a clock that does not go back
   * @return 0 when they were taken, otherwise nanoseconds until they could be
   */
  public synchronized long take(List<Rate> rates, long now) {
    long wait = 0;
    for (Rate r : rates) {
      Bucket b = bucket(r, now);
      if (b.tokens < 1) {
        wait = Math.max(wait, (long) Math.ceil((1 - b.tokens) / r.perSecond() * 1e9));
      }
    }
    if (wait == 0) {
      rates.forEach(r -> bucket(r, now).tokens -= 1);
    }
    return wait;
  }

  private Bucket bucket(Rate rate, long now) {
    Bucket b = buckets.get(rate.key());
    if (b == null || !b.rate.equals(rate)) {
      if (buckets.size() >= MAX_BUCKETS) {
        // A full bucket is as good as none.
        buckets
            .values()
            .removeIf(
                old -> {
                  old.fill(now);
                  return old.tokens >= old.rate.burst();
                });
      }
      b = new Bucket(rate, now);
      buckets.put(rate.key(), b);
    }
    b.fill(now);
    return b;
  }

  synchronized int size() {
    return buckets.size();
  }
}
