package dev.lakegate.gateway.sql;

import java.util.List;

/** Distributions and intervals of statistics. */
final class StatisticsFunctions {
  private StatisticsFunctions() {}

  static void define() {
    for (String f : List.of("normal_cdf", "inverse_normal_cdf", "beta_cdf")) {
      Functions.def(
          f,
          c ->
              c.arity(3)
                  .result(
                      Type.DOUBLE,
                      "lk_" + f + "(" + c.dbl(0) + ", " + c.dbl(1) + ", " + c.dbl(2) + ")"));
    }
    for (String f : List.of("wilson_interval_lower", "wilson_interval_upper")) {
      Functions.def(
          f,
          c ->
              c.arity(3)
                  .result(
                      Type.DOUBLE,
                      "lk_" + f + "(" + c.bigint(0) + ", " + c.bigint(1) + ", " + c.dbl(2) + ")"));
    }
  }
}
