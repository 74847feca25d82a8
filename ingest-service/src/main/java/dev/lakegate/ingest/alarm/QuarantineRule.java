package dev.lakegate.ingest.alarm;

import dev.lakegate.ingest.alarm.Alarm.Severity;
import java.time.Instant;
import java.util.Optional;

/** Rows in quarantine are missing in Silver, which somebody should know. Pure. */
public final class QuarantineRule {
  /** Of the alarm. */
  public static final String CODE = "QUARANTINE";

  private QuarantineRule() {}

  /**
   * The alarm of one table.
   *
   * @param rows in quarantine
   */
  public static Optional<Alarm> judge(String table, long rows, Instant now) {
    return rows == 0
        ? Optional.empty()
        : Optional.of(
            new Alarm(
                CODE,
                Severity.WARNING,
                table,
                rows
                    + (rows == 1 ? " row of " : " rows of ")
                    + table
                    + (rows == 1 ? " is" : " are")
                    + " in quarantine; Silver does not show "
                    + (rows == 1 ? "it." : "them."),
                now,
                "./lakegate quarantine "
                    + table
                    + " tells why. Once mended at the source a row is taken over by itself, or"
                    + " with ./lakegate replay "
                    + table
                    + " at the latest."));
  }
}
