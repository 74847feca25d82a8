package dev.lakegate.gateway.engine;

/** A secured relation names a column that none of its files has. */
final class MissingColumnException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  MissingColumnException(Throwable cause) {
    super("a column is in no file", cause);
  }
}
