package dev.lakegate.laptop.cli;

import dev.lakegate.laptop.backend.SampleSize;
import picocli.CommandLine.Option;

/** How large the sample source is when it is made. */
final class SampleOptions {
  @Option(
      names = "--tenants",
      paramLabel = "N",
      defaultValue = "" + SampleSize.DEFAULT_TENANTS,
      description = "Sample source: tenants (default: ${DEFAULT-VALUE}).")
  int tenants;

  @Option(
      names = "--rows",
      paramLabel = "N",
      defaultValue = "" + SampleSize.DEFAULT_ROWS,
      description =
          "Sample source: about so many rows in all tables (default: ${DEFAULT-VALUE}; 0: none).")
  long rows;

  @Option(
      names = "--days",
      paramLabel = "N",
      defaultValue = "" + SampleSize.DEFAULT_DAYS,
      description = "Sample source: days of history (default: ${DEFAULT-VALUE}).")
  int days;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "" + SampleSize.DEFAULT_SEED,
      description = "Sample source: picks another data set (default: ${DEFAULT-VALUE}).")
  long seed;

  SampleSize size() {
    try {
      return SampleSize.endingToday(tenants, rows, days, seed);
    } catch (IllegalArgumentException e) {
      throw new CommandFailed(2, e.getMessage(), e);
    }
  }
}
