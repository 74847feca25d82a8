package dev.lakegate.ingest.pgoutput;

/** Bytes that are not a pgoutput message of protocol version 1. The message says what and where. */
public final class MalformedMessageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  MalformedMessageException(String message) {
    super(message);
  }
}
