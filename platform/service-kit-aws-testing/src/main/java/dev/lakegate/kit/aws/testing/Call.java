package dev.lakegate.kit.aws.testing;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.model.json.Json;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A call as it arrives on the wire.
 *
 * @param service as in the scope of its signature, such as {@code lakeformation}
 * @param operation as in AWS's reference; the method and path where the protocol has no name
 * @param body as sent
 */
public record Call(String service, String operation, byte[] body) {
  private static final Pattern SCOPE = Pattern.compile("Credential=[^/]+/\\d+/[^/]+/([^/]+)/");
  private static final Pattern ACTION = Pattern.compile("(?:^|&)Action=([^&]+)");
  private static final Pattern NAME = Pattern.compile("/[A-Z][A-Za-z]+");

  static Call of(
      String method,
      String path,
      String authorization,
      String contentType,
      String target,
      byte[] body) {
    Matcher scope = SCOPE.matcher(authorization == null ? "" : authorization);
    String service = scope.find() ? scope.group(1) : "";
    String operation = method + " " + path;
    if (target != null) {
      operation = target.substring(target.indexOf('.') + 1);
    } else if (contentType != null && contentType.startsWith("application/x-www-form-urlencoded")) {
      Matcher action = ACTION.matcher(new String(body, StandardCharsets.UTF_8));
      operation =
          action.find() ? URLDecoder.decode(action.group(1), StandardCharsets.UTF_8) : operation;
    } else if (NAME.matcher(path).matches()) {
      operation = path.substring(1);
    }
    return new Call(service, operation, body);
  }

  /** Whether its service speaks XML. */
  boolean xml() {
    return switch (service) {
      case "iam", "sts", "sns", "s3" -> true;
      default -> false;
    };
  }

  /** The body as JSON; an empty object when there is none. */
  public JsonNode json() {
    return body.length == 0
        ? Json.read("{}", JsonNode.class)
        : Json.read(new String(body, StandardCharsets.UTF_8), JsonNode.class);
  }
}
