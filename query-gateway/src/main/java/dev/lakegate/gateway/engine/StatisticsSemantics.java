package dev.lakegate.gateway.engine;

/** Distributions of statistics. Pure; never given NULL. */
final class StatisticsSemantics {
  private StatisticsSemantics() {}

  static double wilson(long successes, long trials, double z, boolean upper) {
    if (successes < 0 || trials <= 0 || successes > trials || !(z >= 0)) {
      throw TrinoError.invalidArgument();
    }
    double n = trials;
    double p = successes / n;
    double middle = p + z * z / (2 * n);
    double half = z * Math.sqrt(p * (1 - p) / n + z * z / (4 * n * n));
    return (middle + (upper ? half : -half)) / (1 + z * z / n);
  }

  static double normal(double mean, double deviation, double x) {
    if (!(deviation > 0)) {
      throw TrinoError.invalidArgument();
    }
    return 0.5 * erfc(-(x - mean) / (deviation * Math.sqrt(2)));
  }

  /** The complement of the error function, through the incomplete gamma function. */
  private static double erfc(double x) {
    if (Double.isNaN(x)) {
      return x;
    }
    if (x < 0) {
      return 2 - erfc(-x);
    }
    if (x > 27) {
      return 0;
    }
    double t = x * x;
    if (t < 1.5) {
      // Series of the lower function.
      double term = 2 * x / Math.sqrt(Math.PI) * Math.exp(-t);
      double sum = term;
      for (int k = 1; k < 200; k++) {
        term *= t / (k + 0.5);
        sum += term;
        if (term < sum * 1e-17) {
          break;
        }
      }
      return 1 - sum;
    }
    // Continued fraction of the upper one, by Lentz's method.
    double tiny = 1e-300;
    double b = t + 0.5;
    double c = 1 / tiny;
    double d = 1 / b;
    double h = d;
    for (int i = 1; i < 500; i++) {
      double a = -i * (i - 0.5);
      b += 2;
      d = a * d + b;
      d = 1 / (Math.abs(d) < tiny ? tiny : d);
      c = b + a / c;
      c = Math.abs(c) < tiny ? tiny : c;
      h *= d * c;
      if (Math.abs(d * c - 1) < 1e-16) {
        break;
      }
    }
    return x / Math.sqrt(Math.PI) * Math.exp(-t) * h;
  }

  static double inverseNormal(double mean, double deviation, double p) {
    if (!(p > 0 && p < 1) || !(deviation > 0)) {
      throw TrinoError.invalidArgument();
    }
    if (p == 0.5) {
      return mean;
    }
    double low = -40;
    double high = 40;
    for (int i = 0; i < 200; i++) {
      double middle = (low + high) / 2;
      if (normal(0, 1, middle) < p) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return mean + deviation * (low + high) / 2;
  }

  static double beta(double a, double b, double x) {
    if (!(a > 0) || !(b > 0) || !(x >= 0 && x <= 1)) {
      throw TrinoError.invalidArgument();
    }
    if (x == 0 || x == 1) {
      return x;
    }
    double front =
        Math.exp(
            logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
    return x < (a + 1) / (a + b + 2)
        ? front * fraction(a, b, x) / a
        : 1 - front * fraction(b, a, 1 - x) / b;
  }

  private static double fraction(double a, double b, double x) {
    double tiny = 1e-300;
    double c = 1;
    double d = 1 - (a + b) * x / (a + 1);
    d = 1 / (Math.abs(d) < tiny ? tiny : d);
    double h = d;
    for (int m = 1; m < 1000; m++) {
      double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
      double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
      double change = 1;
      for (double f : new double[] {even, odd}) {
        d = 1 + f * d;
        d = 1 / (Math.abs(d) < tiny ? tiny : d);
        c = 1 + f / c;
        c = Math.abs(c) < tiny ? tiny : c;
        h *= d * c;
        change = d * c;
      }
      if (Math.abs(change - 1) < 1e-16) {
        break;
      }
    }
    return h;
  }

  private static final double[] LANCZOS = {
    0.99999999999980993,
    676.5203681218851,
    -1259.1392167224028,
    771.32342877765313,
    -176.61502916214059,
    12.507343278686905,
    -0.13857109526572012,
    9.9843695780195716e-6,
    1.5056327351493116e-7
  };

  private static double logGamma(double x) {
    if (x < 0.5) {
      return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
    }
    double y = x - 1;
    double sum = LANCZOS[0];
    for (int i = 1; i < LANCZOS.length; i++) {
      sum += LANCZOS[i] / (y + i);
    }
    double t = y + 7.5;
    return 0.5 * Math.log(2 * Math.PI) + (y + 0.5) * Math.log(t) - t + Math.log(sum);
  }
}
