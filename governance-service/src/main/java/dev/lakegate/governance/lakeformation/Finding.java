package dev.lakegate.governance.lakeformation;

/**
 * Something in AWS that is not as the policy wants it, and that this service does not mend by
 * itself.
 *
 * @param severity how bad
 * @param code stable, such as {@code FOREIGN_GRANT}
 * @param object key of the item, or what it is about
 * @param message what is wrong
 * @param remedy what to do
 */
public record Finding(
    Severity severity, String code, String object, String message, String remedy) {
  /** How bad. */
  public enum Severity {
    /** Good to know. */
    INFO,
    /** Somebody reads less than they may, or it will be a problem. */
    WARNING,
    /** Somebody may read more than the policy says. */
    CRITICAL
  }

  /** Whether as long as it is there nobody may be given anything: what is given is not enforced. */
  boolean blocks() {
    return code.equals(Detectors.IAM_ALLOWED_PRINCIPALS)
        || code.equals(Detectors.HYBRID_LOCATION)
        || code.equals(Detectors.LOCATION_NOT_REGISTERED);
  }
}
