package dev.lakegate.laptop.cli;

/** A command ends without success; the message is for the person who gave it. */
final class CommandFailed extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** The command was carried out and its answer is no. */
  static final int FAILED = 1;

  /** Lakegate does not run. */
  static final int NOT_RUNNING = 3;

  private final int exitCode;

  CommandFailed(int exitCode, String message) {
    super(message);
    this.exitCode = exitCode;
  }

  CommandFailed(int exitCode, String message, Throwable cause) {
    super(message, cause);
    this.exitCode = exitCode;
  }

  int exitCode() {
    return exitCode;
  }
}
