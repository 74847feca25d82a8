package dev.lakegate.gateway.engine;

/** A file of the snapshot is gone: the snapshot is to be resolved anew. */
public final class VanishedFileException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  VanishedFileException(Throwable cause) {
    super("a file of the snapshot is gone", cause);
  }
}
