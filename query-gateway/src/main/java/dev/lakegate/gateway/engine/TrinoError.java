package dev.lakegate.gateway.engine;

/**
 * A failure inside a function, which crosses DuckDB as text and is recognised on the other side.
 */
final class TrinoError extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Marks our codes in DuckDB's messages. */
  static final String MARK = "LAKEGATE-ERROR:";

  TrinoError(String code) {
    super(MARK + code, null, false, false);
  }

  static TrinoError invalidCast() {
    return new TrinoError("INVALID_CAST_ARGUMENT");
  }

  static TrinoError invalidArgument() {
    return new TrinoError("INVALID_FUNCTION_ARGUMENT");
  }

  static TrinoError notSupported() {
    return new TrinoError("NOT_SUPPORTED");
  }
}
