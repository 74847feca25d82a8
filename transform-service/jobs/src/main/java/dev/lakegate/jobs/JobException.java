package dev.lakegate.jobs;

/** A run that cannot go on, with what a caller and a person need to act on it. */
public final class JobException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String code;
  private final boolean retryable;

  private JobException(String code, String message, boolean retryable, Throwable cause) {
    super(message, cause);
    this.code = code;
    this.retryable = retryable;
  }

  /**
   * The same request would fail again.
   *
   * @param code stable identifier in upper case
   * @param message what is wrong, where, and what to do
   */
  public static JobException permanent(String code, String message) {
    return new JobException(code, message, false, null);
  }

  /** As {@link #permanent(String, String)}, with the reason underneath. */
  public static JobException permanent(String code, String message, Throwable cause) {
    return new JobException(code, message, false, cause);
  }

  /** The same request may succeed later. */
  public static JobException retryable(String code, String message) {
    return new JobException(code, message, true, null);
  }

  /** Stable identifier in upper case, such as {@code CHECKPOINT_MISSING}. */
  public String code() {
    return code;
  }

  /** Whether the same request may succeed later. */
  public boolean retryable() {
    return retryable;
  }
}
