package dev.lakegate.ingest.preflight;

import dev.lakegate.ingest.preflight.Finding.Severity;
import dev.lakegate.ingest.preflight.PreflightFacts.Table;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Judges what the probe found. Pure. */
final class PreflightRules {
  /**
   * Rows a second that the copy makes of narrow tables, conversion and fsync included:
   * docs/PERFORMANCE.md, the slowest of the measured rounds on 2 cores.
   */
  static final long COPY_ROWS_PER_SECOND = 140_000;

  /** The same of wide rows, in bytes of the table at the source. */
  static final long COPY_BYTES_PER_SECOND = 20L << 20;

  private PreflightRules() {}

  static PreflightReport report(PreflightFacts facts) {
    List<Finding> findings = new ArrayList<>(ServerRules.of(facts));
    long rows = 0;
    long bytes = 0;
    for (Table table : facts.tables()) {
      List<Finding> ofTable = TableRules.of(facts, table);
      findings.addAll(ofTable);
      if (table.at() != null
          && ofTable.stream().noneMatch(f -> f.severity() == Severity.BLOCKING)) {
        rows += Math.max(0, table.at().rows());
        bytes += table.at().bytes();
      }
    }
    return report(findings, rows, bytes);
  }

  /** What there is to say when the source could not even be asked. */
  static PreflightReport unreachable(String message, String remedy) {
    return report(
        List.of(new Finding("CONNECTION", Severity.BLOCKING, null, message, remedy)), 0, 0);
  }

  private static PreflightReport report(List<Finding> findings, long rows, long bytes) {
    List<Finding> sorted = new ArrayList<>(findings);
    sorted.sort(Comparator.comparing(Finding::severity).reversed());
    long blocking = count(findings, Severity.BLOCKING);
    long warnings = count(findings, Severity.WARNING);
    String headline =
        blocking > 0
            ? blocking
                + (blocking == 1 ? " finding keeps" : " findings keep")
                + " capture from working"
                + (warnings > 0 ? ", and there are " + warnings + " warnings." : ".")
            : warnings > 0
                ? "Capture will work; "
                    + warnings
                    + (warnings == 1 ? " finding deserves" : " findings deserve")
                    + " a look."
                : "Everything is as it should be.";
    return new PreflightReport(
        blocking > 0 ? Severity.BLOCKING : warnings > 0 ? Severity.WARNING : Severity.OK,
        headline,
        rows,
        bytes,
        copySeconds(rows, bytes),
        sorted);
  }

  private static long count(List<Finding> findings, Severity severity) {
    return findings.stream().filter(f -> f.severity() == severity).count();
  }

  /** Rows and bytes both take time; whichever takes longer decides. At least a second. */
  static long copySeconds(long rows, long bytes) {
    return Math.max(
        1,
        Math.max(
            ceiling(Math.max(0, rows), COPY_ROWS_PER_SECOND),
            ceiling(Math.max(0, bytes), COPY_BYTES_PER_SECOND)));
  }

  private static long ceiling(long amount, long perSecond) {
    return (amount + perSecond - 1) / perSecond;
  }

  static String duration(long seconds) {
    return seconds < 120
        ? seconds + " s"
        : seconds < 7200 ? seconds / 60 + " min" : seconds / 3600 + " h";
  }

  static String size(long bytes) {
    return bytes < 10L << 20
        ? (bytes + 1023) / 1024 + " kB"
        : bytes < 10L << 30 ? (bytes >> 20) + " MB" : (bytes >> 30) + " GB";
  }
}
