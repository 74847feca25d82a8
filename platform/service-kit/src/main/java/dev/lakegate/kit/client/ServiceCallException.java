package dev.lakegate.kit.client;

import dev.lakegate.kit.error.LakegateException;
import java.time.Duration;

/**
 * A call to another service failed: it could not be reached, took too long, or answered with an
 * error.
 */
public final class ServiceCallException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String service;
  private final int status;
  private final String code;

  ServiceCallException(String service, int status, String code, String message, Throwable cause) {
    super(service + ": " + message, cause);
    this.service = service;
    this.status = status;
    this.code = code;
  }

  /** Name of the service that was called. */
  public String service() {
    return service;
  }

  /** HTTP status of its answer; 0 when there was none. */
  public int status() {
    return status;
  }

  /** Code of its error envelope, or {@code UNREACHABLE}, {@code TIMEOUT}, {@code BAD_ANSWER}. */
  public String code() {
    return code;
  }

  /** As this service tells its own caller: 503, without what the other said. */
  public LakegateException toUnavailable() {
    return LakegateException.unavailable(
            "SERVICE_UNAVAILABLE",
            "The " + service + " service, which this needs, did not answer properly.",
            "Try again in a moment; if it stays so, look at the health of " + service + ".",
            Duration.ofSeconds(2))
        .withDetail("service", service)
        .withCause(this);
  }
}
