package dev.lakegate.kit.client;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.kit.error.LakegateException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;

/**
 * A call to another service failed: it could not be reached, took too long, or answered with an
 * error.
 */
public final class ServiceCallException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final Set<Integer> REFUSALS = Set.of(400, 404, 409, 422);

  private final String service;
  private final int status;
  private final String code;
  private final transient JsonNode error;

  ServiceCallException(String service, int status, String code, String message, Throwable cause) {
    this(service, status, code, message, cause, null);
  }

  ServiceCallException(
      String service, int status, String code, String message, Throwable cause, JsonNode error) {
    super(service + ": " + message, cause);
    this.service = service;
    this.status = status;
    this.code = code;
    this.error = error;
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

  /**
   * As this service tells its own caller when the other service judged what the caller sent: a
   * refusal of the request (400, 404, 409 or 422) in the other's words, anything else as 503.
   */
  public LakegateException toRefusal() {
    if (error == null || !REFUSALS.contains(status)) {
      return toUnavailable();
    }
    LakegateException refusal =
        LakegateException.of(
            status, code, error.path("message").asText(), error.path("remedy").asText());
    for (Map.Entry<String, JsonNode> detail : error.path("details").properties()) {
      refusal = refusal.withDetail(detail.getKey(), detail.getValue());
    }
    return refusal.withCause(this);
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
