package dev.lakegate.kit.error;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A request that cannot be answered, with everything its caller needs to act: HTTP status, a stable
 * code, what is wrong and what to do about it. The mappers of this package turn it into the error
 * envelope; nothing else about it reaches the caller. Immutable: the {@code with} methods copy.
 */
public final class LakegateException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final String code;
  private final String remedy;
  private final transient Map<String, Object> details;
  private final Duration retryAfter;

  private LakegateException(
      int status,
      String code,
      String message,
      String remedy,
      Map<String, Object> details,
      Duration retryAfter,
      Throwable cause) {
    super(requireNonNull(message, "message is null"), cause);
    if (status < 400 || status > 599) {
      throw new IllegalArgumentException("status is not an error: " + status);
    }
    this.status = status;
    this.code = requireNonNull(code, "code is null");
    this.remedy = requireNonNull(remedy, "remedy is null");
    this.details = Collections.unmodifiableMap(new LinkedHashMap<>(details));
    this.retryAfter = retryAfter;
  }

  /** Any status from 400 to 599. */
  public static LakegateException of(int status, String code, String message, String remedy) {
    return new LakegateException(status, code, message, remedy, Map.of(), null, null);
  }

  /** 400: the request is malformed. */
  public static LakegateException badRequest(String code, String message, String remedy) {
    return of(400, code, message, remedy);
  }

  /** 401: the caller did not prove who they are. */
  public static LakegateException unauthorized(String code, String message, String remedy) {
    return of(401, code, message, remedy);
  }

  /** 403: the caller may not do this. */
  public static LakegateException forbidden(String code, String message, String remedy) {
    return of(403, code, message, remedy);
  }

  /** 404: there is no such thing, or the caller may not know of it. */
  public static LakegateException notFound(String code, String message, String remedy) {
    return of(404, code, message, remedy);
  }

  /** 409: it contradicts the present state. */
  public static LakegateException conflict(String code, String message, String remedy) {
    return of(409, code, message, remedy);
  }

  /** 412: {@code If-Match} names another version than the present one. */
  public static LakegateException preconditionFailed(String code, String message, String remedy) {
    return of(412, code, message, remedy);
  }

  /** 413: the request is larger than this service takes. */
  public static LakegateException tooLarge(String code, String message, String remedy) {
    return of(413, code, message, remedy);
  }

  /** 422: the request is well formed, but its content is not valid. */
  public static LakegateException invalid(String code, String message, String remedy) {
    return of(422, code, message, remedy);
  }

  /** 428: {@code If-Match} is missing. */
  public static LakegateException preconditionRequired(String code, String message, String remedy) {
    return of(428, code, message, remedy);
  }

  /** 429: too many requests or too much work at once; the caller may try again after the time. */
  public static LakegateException tooMany(
      String code, String message, String remedy, Duration retryAfter) {
    return new LakegateException(
        429, code, message, remedy, Map.of(), requireNonNull(retryAfter), null);
  }

  /** 503: something that this needs is not there now; the caller may try again after the time. */
  public static LakegateException unavailable(
      String code, String message, String remedy, Duration retryAfter) {
    return new LakegateException(
        503, code, message, remedy, Map.of(), requireNonNull(retryAfter), null);
  }

  /**
   * With a detail for programs.
   *
   * @param value anything that has a JSON form; null is kept
   */
  public LakegateException withDetail(String name, Object value) {
    Map<String, Object> more = new LinkedHashMap<>(details);
    more.put(requireNonNull(name, "name is null"), value);
    return copy(more, getCause());
  }

  /** With its cause, which is logged (for 5xx) and never shown. */
  public LakegateException withCause(Throwable cause) {
    return copy(details, cause);
  }

  private LakegateException copy(Map<String, Object> newDetails, Throwable cause) {
    return new LakegateException(status, code, getMessage(), remedy, newDetails, retryAfter, cause);
  }

  /** HTTP status, 400 to 599. */
  public int status() {
    return status;
  }

  /** Stable, upper case with underscores. */
  public String code() {
    return code;
  }

  /** What the caller can do. */
  public String remedy() {
    return remedy;
  }

  /** Details for programs, in the order they were added. */
  public Map<String, Object> details() {
    return details;
  }

  /** When to try again; empty when trying again does not help. */
  public Optional<Duration> retryAfter() {
    return Optional.ofNullable(retryAfter);
  }
}
