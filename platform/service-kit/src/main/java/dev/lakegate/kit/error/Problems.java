package dev.lakegate.kit.error;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import io.quarkus.oidc.OIDCException;
import io.vertx.core.VertxException;
import jakarta.validation.ConstraintViolation;
import jakarta.validation.ConstraintViolationException;
import jakarta.validation.Path;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import javax.net.ssl.SSLException;
import org.jboss.logging.Logger;

/** Puts what frameworks throw into words that callers can act on. */
final class Problems {
  private static final Logger LOG = Logger.getLogger(Problems.class);

  private Problems() {}

  static LakegateException unexpected(Throwable cause) {
    return LakegateException.of(
            500,
            "INTERNAL",
            "The service failed unexpectedly.",
            "Try again. If it stays so, give the request id to the operators; their log has the"
                + " cause.")
        .withCause(cause);
  }

  /** Whether the token is bad, or it cannot be told because the issuer's keys cannot be had. */
  static LakegateException notAuthenticated(Throwable cause, boolean tokenSent) {
    for (Throwable t = cause; t != null; t = t.getCause()) {
      if (t instanceof SocketException
          || t instanceof UnknownHostException
          || t instanceof TimeoutException
          || t instanceof SSLException
          || t instanceof VertxException
          || t instanceof OIDCException) {
        return LakegateException.unavailable(
                "IDENTITY_UNAVAILABLE",
                "The identity provider's keys cannot be had, so no token can be verified.",
                "Try again in a moment; if it stays so, look at the identity provider and at"
                    + " lakegate.identity.jwks-url.",
                Duration.ofSeconds(2))
            .withCause(cause);
      }
    }
    LOG.debugf(cause, "a token was refused");
    return unauthenticated(tokenSent);
  }

  private static LakegateException unauthenticated(boolean tokenSent) {
    return tokenSent
        ? LakegateException.unauthorized(
            "TOKEN_INVALID",
            "The bearer token is not valid here.",
            "Get a new token from the identity provider; check its issuer, audience and expiry.")
        : LakegateException.unauthorized(
            "TOKEN_MISSING",
            "This address needs a bearer token.",
            "Send the header 'Authorization: Bearer <access token>'.");
  }

  static LakegateException forbidden() {
    return LakegateException.forbidden(
        "FORBIDDEN",
        "You may not do this.",
        "Ask an administrator for a persona that may, or log in as somebody else.");
  }

  static LakegateException ofStatus(int status, Throwable cause) {
    return switch (status) {
      case 400 ->
          LakegateException.badRequest(
              "BAD_REQUEST",
              "The request is malformed.",
              "Compare the request with the OpenAPI description at /q/openapi.");
      case 401 -> unauthenticated(false);
      case 403 -> forbidden();
      case 404 ->
          LakegateException.notFound(
              "NOT_FOUND",
              "There is nothing at this address.",
              "Compare the path with the OpenAPI description at /q/openapi.");
      case 405 ->
          LakegateException.of(
              405,
              "METHOD_NOT_ALLOWED",
              "This address does not take this method.",
              "Compare the method with the OpenAPI description at /q/openapi.");
      case 406 ->
          LakegateException.of(
              406,
              "NOT_ACCEPTABLE",
              "None of the media types in Accept can be produced.",
              "Send 'Accept: application/json'.");
      case 413 ->
          LakegateException.tooLarge(
              "REQUEST_TOO_LARGE",
              "The request body is larger than this service takes.",
              "Send less at once.");
      case 414 ->
          LakegateException.of(
              414, "URI_TOO_LONG", "The address is too long.", "Send less in the query string.");
      case 415 ->
          LakegateException.of(
              415,
              "UNSUPPORTED_MEDIA_TYPE",
              "The request body has a media type that this address does not take.",
              "Send 'Content-Type: application/json'.");
      case 431 ->
          LakegateException.of(
              431, "HEADERS_TOO_LARGE", "The request headers are too large.", "Send less headers.");
      default ->
          status >= 500
              ? (status == 500
                  ? unexpected(cause)
                  : LakegateException.of(
                          status,
                          "UNAVAILABLE",
                          "The service cannot answer now.",
                          "Try again in a moment.")
                      .withCause(cause))
              : LakegateException.of(
                  status,
                  "REQUEST_REFUSED",
                  "The request was refused with status " + status + ".",
                  "Compare the request with the OpenAPI description at /q/openapi.");
    };
  }

  static LakegateException json(JsonProcessingException e) {
    String field = e instanceof JsonMappingException mapping ? path(mapping) : "";
    String where =
        e.getLocation() == null
            ? ""
            : " at line "
                + e.getLocation().getLineNr()
                + ", column "
                + e.getLocation().getColumnNr();
    String what;
    if (e instanceof UnrecognizedPropertyException) {
      what = "field '" + field + "' is not known";
    } else if (e instanceof ValueInstantiationException && ownWords(e.getCause()) != null) {
      what =
          (field.isEmpty() ? "" : "field '" + field + "' is not valid: ") + ownWords(e.getCause());
    } else if (e instanceof MismatchedInputException && !field.isEmpty()) {
      what = "field '" + field + "' is missing or of the wrong type";
    } else if (e instanceof JsonMappingException && !field.isEmpty()) {
      what = "field '" + field + "' is not valid";
    } else if (e instanceof MismatchedInputException) {
      what = "it has the wrong shape";
    } else {
      what = "it is not JSON";
    }
    LakegateException problem =
        LakegateException.badRequest(
            "BODY_INVALID",
            "The request body cannot be read: " + what + where + ".",
            "Compare the body with the OpenAPI description at /q/openapi.");
    return field.isEmpty() ? problem : problem.withDetail("field", field);
  }

  /** What a record of ours says about its arguments; it speaks of the request alone. */
  private static String ownWords(Throwable cause) {
    return cause instanceof IllegalArgumentException || cause instanceof NullPointerException
        ? cause.getMessage()
        : null;
  }

  /** Jackson's path without class names: {@code events[3].at}. */
  private static String path(JsonMappingException e) {
    StringBuilder path = new StringBuilder();
    for (JsonMappingException.Reference step : e.getPath()) {
      if (step.getFieldName() != null) {
        path.append(path.isEmpty() ? "" : ".").append(step.getFieldName());
      } else {
        path.append('[').append(step.getIndex()).append(']');
      }
    }
    return path.toString();
  }

  static LakegateException violations(ConstraintViolationException e) {
    List<Map<String, Object>> fields =
        e.getConstraintViolations().stream()
            .sorted(Comparator.comparing(v -> field(v.getPropertyPath()) + v.getMessage()))
            .map(
                v ->
                    Map.<String, Object>of("field", field(v.getPropertyPath()), "message", text(v)))
            .toList();
    String all =
        fields.stream()
            .map(f -> "'" + f.get("field") + "' " + f.get("message"))
            .collect(Collectors.joining("; "));
    return LakegateException.badRequest(
            "FIELD_INVALID", "The request is not valid: " + all + ".", "Correct these fields.")
        .withDetail("fields", fields);
  }

  private static String text(ConstraintViolation<?> violation) {
    return violation.getMessage();
  }

  /** The path without the method and parameter that Bean Validation puts before it. */
  private static String field(Path path) {
    List<Path.Node> nodes = new ArrayList<>();
    path.forEach(nodes::add);
    boolean onMethod =
        !nodes.isEmpty() && nodes.get(0).getKind() == jakarta.validation.ElementKind.METHOD;
    List<Path.Node> own = onMethod ? nodes.subList(1, nodes.size()) : nodes;
    if (onMethod && own.size() > 1) {
      own = own.subList(1, own.size());
    }
    return own.stream()
        .map(Object::toString)
        .filter(step -> !step.isBlank())
        .collect(Collectors.joining("."));
  }
}
