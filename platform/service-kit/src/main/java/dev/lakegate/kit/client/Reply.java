package dev.lakegate.kit.client;

/**
 * A service's answer.
 *
 * @param status 2xx or 304
 * @param etag of the answer; null when it has none
 * @param body null when there is none
 */
public record Reply<T>(int status, String etag, T body) {
  /** Whether what the caller already has is still right. */
  public boolean notModified() {
    return status == 304;
  }
}
