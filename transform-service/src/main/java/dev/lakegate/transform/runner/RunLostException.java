package dev.lakegate.transform.runner;

/**
 * A run ended without a result: it may have committed or not. The next run finds out from the
 * table's own checkpoint.
 */
public final class RunLostException extends Exception {
  private static final long serialVersionUID = 1L;
  private final String code;

  /**
   * @param code machine-readable
   * @param message for people
   */
  public RunLostException(String code, String message) {
    super(message);
    this.code = code;
  }

  /** Machine-readable. */
  public String code() {
    return code;
  }
}
