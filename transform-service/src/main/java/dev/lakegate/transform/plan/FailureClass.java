package dev.lakegate.transform.plan;

import java.util.Locale;
import java.util.Set;

/** What kind of thing made a run fail, which decides when it is worth trying again. */
public enum FailureClass {
  /** The storage or a service asked for fewer calls: patience helps, haste makes it worse. */
  THROTTLED(". The storage asked for fewer calls"),
  /** It may pass by itself: a lock, an input that is not there yet, a process that died. */
  TRANSIENT(""),
  /** The rows that it reads are at fault: the same rows fail again. */
  BAD_DATA(". The data is at fault"),
  /** The description or the code is at fault: whatever the rows are, it fails again. */
  CODE(". The definition is at fault"),
  /** Something else that does not pass by itself, or of which nothing is known. */
  OTHER("");

  private static final Set<String> OF_THROTTLING = Set.of("THROTTLED");
  private static final Set<String> OF_DATA =
      Set.of(
          "BRONZE_INVALID",
          "TENANT_MISSING",
          "VALUE_UNFIT",
          "RESULT_NULL",
          "GRAIN_NOT_UNIQUE",
          "EXPECTATIONS_FAILED");
  private static final Set<String> OF_CODE =
      Set.of(
          "SQL_INVALID",
          "DERIVATION_INVALID",
          "EXPECTATION_INVALID",
          "RESULT_MISMATCH",
          "SPECIFICATION_INVALID",
          "REQUEST_INVALID",
          "MODE_UNSUPPORTED",
          "VERSION_UNSUPPORTED");

  private final String sentence;

  FailureClass(String sentence) {
    this.sentence = sentence;
  }

  /**
   * The class of a failure.
   *
   * @param code of the error; null when there is none
   * @param retryable whether the jobs said that the same request may succeed later
   */
  public static FailureClass of(String code, boolean retryable) {
    if (code != null && OF_THROTTLING.contains(code)) {
      return THROTTLED;
    }
    if (code != null && OF_DATA.contains(code)) {
      return BAD_DATA;
    }
    if (code != null && OF_CODE.contains(code)) {
      return CODE;
    }
    return retryable ? TRANSIENT : OTHER;
  }

  /** Whether the same run would fail again for sure as long as nothing changes. */
  boolean waitsForAChange() {
    return this == BAD_DATA || this == CODE;
  }

  /** What follows the error in a sentence; empty where there is nothing to say. */
  String sentence() {
    return sentence;
  }

  /** The name in answers. */
  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
