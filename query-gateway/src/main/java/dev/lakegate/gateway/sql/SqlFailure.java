package dev.lakegate.gateway.sql;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A statement that is refused or that failed, with the reason code that clients see. The message
 * never quotes data, only what the user wrote and names, which are not secret.
 */
public final class SqlFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String code;
  private final transient Map<String, Object> details;

  /**
   * A failure at a position.
   *
   * @param code machine-readable, Trino's error name where Trino has one
   * @param message for people
   * @param line from 1; 0 when there is no position
   * @param column from 1
   */
  public SqlFailure(String code, String message, int line, int column) {
    super(message, null, false, false);
    this.code = code;
    this.details = new LinkedHashMap<>();
    if (line > 0) {
      details.put("line", line);
      details.put("column", column);
    }
  }

  /** A failure without a position. */
  public SqlFailure(String code, String message) {
    this(code, message, 0, 0);
  }

  /** Adds a detail for the error's {@code details}. */
  public SqlFailure with(String key, Object value) {
    details.put(key, value);
    return this;
  }

  /** The machine-readable reason. */
  public String code() {
    return code;
  }

  /** Position and other facts, in order. */
  public Map<String, Object> details() {
    return details;
  }
}
