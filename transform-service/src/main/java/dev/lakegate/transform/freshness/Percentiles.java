package dev.lakegate.transform.freshness;

/**
 * How long changes took from their commit at the source until they could be queried, in seconds.
 *
 * @param p50 half of the changes took no longer
 * @param p95 95 of 100 took no longer
 * @param p99 99 of 100 took no longer
 * @param samples how many are known
 */
public record Percentiles(double p50, double p95, double p99, int samples) {

  /** By nearest rank, of at least one value in rising order. */
  static Percentiles of(double[] sorted) {
    return new Percentiles(rank(sorted, 50), rank(sorted, 95), rank(sorted, 99), sorted.length);
  }

  private static double rank(double[] sorted, int percent) {
    int rank = (int) Math.ceil(percent / 100.0 * sorted.length);
    return sorted[Math.max(rank, 1) - 1];
  }
}
