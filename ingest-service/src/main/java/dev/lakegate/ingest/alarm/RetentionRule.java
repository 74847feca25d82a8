package dev.lakegate.ingest.alarm;

import dev.lakegate.ingest.alarm.Alarm.Severity;
import java.time.Instant;
import java.util.Optional;

/**
 * When the log that the slot retains becomes a threat: to the slot where {@code
 * max_slot_wal_keep_size} limits it, to the source's disk where nothing does. Pure.
 *
 * @param unlimitedBytes bound to judge by where the source has none
 */
record RetentionRule(long unlimitedBytes) {
  static final String CODE = "WAL_RETENTION";
  static final String LOST = "SLOT_LOST";
  private static final double WARNING = 0.5;
  private static final double CRITICAL = 0.8;
  private static final String LET_IT_END =
      "It is gone when the copy is: './lakegate status' says how far it is. ";
  private static final String CATCH_UP =
      "Let capture catch up: './lakegate status' says what keeps it. ";

  /** What the slot may retain before it, or the disk, is in danger. */
  long limit(SlotFacts facts) {
    return facts.limitBytes() == null ? unlimitedBytes : facts.limitBytes();
  }

  Optional<Alarm> judge(SlotFacts facts, Instant now) {
    if (!facts.exists()) {
      return Optional.empty();
    }
    if ("lost".equals(facts.walStatus())) {
      return Optional.of(
          new Alarm(
              LOST,
              Severity.CRITICAL,
              null,
              facts.temporary()
                  ? "The source has let go of log that a copy needed; its tables are copied anew."
                  : "The source has let go of log that the slot needed; everything is copied anew.",
              now,
              "Raise max_slot_wal_keep_size at the source, so that it does not happen again."));
    }
    long limit = limit(facts);
    boolean limited = facts.limitBytes() != null;
    long left =
        limited && facts.safeBytes() != null ? facts.safeBytes() : limit - facts.retainedBytes();
    double used = limit <= 0 ? 1 : 1 - (double) left / limit;
    boolean unreserved = "unreserved".equals(facts.walStatus());
    if (used < WARNING && !unreserved) {
      return Optional.empty();
    }
    String retained =
        (facts.temporary() ? "The temporary slot of a copy retains " : "The slot retains ")
            + megabytes(facts.retainedBytes())
            + " of log at the source";
    String message =
        unreserved
            ? retained + ", more than it may: the source can let go of it at any moment."
            : limited
                ? retained
                    + "; after "
                    + megabytes(Math.max(0, left))
                    + " more it is lost, and "
                    + (facts.temporary() ? "its tables have" : "everything has")
                    + " to be copied anew."
                : retained
                    + ", without a limit; "
                    + megabytes(limit)
                    + " is where this alarm expects its disk to suffer.";
    String raise =
        limited
            ? "Or raise the limit: ALTER SYSTEM SET max_slot_wal_keep_size = '"
                + Math.max(1024, limit * 2 >> 20)
                + "MB'; SELECT pg_reload_conf();"
            : "Set max_slot_wal_keep_size at the source to what its disk can spare; the bound of"
                + " this alarm is lakegate.alarms.unlimited-wal.";
    return Optional.of(
        new Alarm(
            CODE,
            unreserved || used >= CRITICAL ? Severity.CRITICAL : Severity.WARNING,
            null,
            message,
            now,
            (facts.temporary() ? LET_IT_END : CATCH_UP) + raise));
  }

  static String megabytes(long bytes) {
    return "%,d MB".formatted(bytes + (1 << 20) - 1 >> 20);
  }
}
