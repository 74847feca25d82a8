package dev.lakegate.kit.error;

import java.util.Map;

/**
 * The body of every error answer.
 *
 * @param error what went wrong
 */
public record ErrorEnvelope(Body error) {
  /**
   * What went wrong.
   *
   * @param code stable, upper case with underscores
   * @param message for people
   * @param remedy what to do
   * @param requestId identifies the request in the logs
   * @param details for programs; empty when there are none
   */
  public record Body(
      String code, String message, String remedy, String requestId, Map<String, Object> details) {}

  static ErrorEnvelope of(LakegateException problem, String requestId) {
    return new ErrorEnvelope(
        new Body(
            problem.code(),
            problem.getMessage(),
            problem.remedy(),
            requestId == null ? "" : requestId,
            problem.details()));
  }
}
