package dev.lakegate.ingest.preflight;

import dev.lakegate.ingest.preflight.Finding.Severity;
import java.util.List;

/**
 * What preflight found.
 *
 * @param verdict the worst severity among the findings
 * @param headline a sentence
 * @param rows estimated rows of all tables that can be captured
 * @param bytes their size at the source
 * @param copySeconds estimated duration of their first copy
 * @param findings the worst first; in the order of looking among equals
 */
public record PreflightReport(
    Severity verdict,
    String headline,
    long rows,
    long bytes,
    long copySeconds,
    List<Finding> findings) {
  public PreflightReport {
    findings = List.copyOf(findings);
  }
}
