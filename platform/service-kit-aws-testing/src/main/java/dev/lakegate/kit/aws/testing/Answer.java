package dev.lakegate.kit.aws.testing;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * What is answered to a call.
 *
 * @param status of HTTP
 * @param headers beside those of every answer
 * @param body as sent
 * @param cut whether the connection ends in the middle of the body
 */
public record Answer(int status, Map<String, String> headers, byte[] body, boolean cut) {
  /** A JSON document. */
  public static Answer json(String body) {
    return new Answer(
        200,
        Map.of("Content-Type", "application/json"),
        body.getBytes(StandardCharsets.UTF_8),
        false);
  }

  /**
   * An error in the way of the call's service.
   *
   * @param code AWS's own
   */
  public static Answer error(Call call, int status, String code, String message) {
    if (call.xml()) {
      String error =
          "<Error><Type>Sender</Type><Code>"
              + code
              + "</Code><Message>"
              + message
              + "</Message></Error>";
      return new Answer(
          status,
          Map.of("Content-Type", "text/xml"),
          (call.service().equals("s3")
                  ? "<Error><Code>" + code + "</Code><Message>" + message + "</Message></Error>"
                  : "<ErrorResponse>" + error + "<RequestId>r</RequestId></ErrorResponse>")
              .getBytes(StandardCharsets.UTF_8),
          false);
    }
    return new Answer(
        status,
        Map.of("Content-Type", "application/json", "x-amzn-ErrorType", code),
        ("{\"__type\":\"" + code + "\",\"message\":\"" + message + "\"}")
            .getBytes(StandardCharsets.UTF_8),
        false);
  }
}
