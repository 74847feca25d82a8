package dev.lakegate.transform.run;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;
import java.util.Optional;

/** Where a run is in its life. */
public enum RunStatus {
  /** Asked for, not started. */
  QUEUED,
  /** In progress. */
  RUNNING,
  /** Committed and published. */
  SUCCEEDED,
  /** Ended with an error. */
  FAILED,
  /** Ended because somebody asked for it. */
  CANCELLED,
  /** Ended together with the service that had started it. */
  INTERRUPTED;

  /** The name in answers and in the database. */
  @JsonValue
  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The status of that name. */
  public static Optional<RunStatus> of(String wireName) {
    for (RunStatus status : values()) {
      if (status.wireName().equals(wireName)) {
        return Optional.of(status);
      }
    }
    return Optional.empty();
  }

  /** Whether nothing more will happen to it. */
  public boolean isFinal() {
    return this != QUEUED && this != RUNNING;
  }
}
