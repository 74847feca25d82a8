package dev.lakegate.laptop.postgres;

/** The embedded PostgreSQL cannot be used; the message says what to do. */
public final class PostgresException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  PostgresException(String message) {
    super(message);
  }

  PostgresException(String message, Throwable cause) {
    super(message, cause);
  }
}
