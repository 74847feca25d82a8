package dev.lakegate.kit.error;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.security.ForbiddenException;
import io.quarkus.security.UnauthorizedException;
import io.vertx.core.http.HttpServerRequest;
import jakarta.validation.ConstraintViolationException;
import jakarta.validation.ValidationException;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/**
 * Turns whatever a resource throws into the error envelope. 5xx are logged with their stack, 4xx
 * only at debug: a caller's mistake must not fill the operators' log.
 */
class ErrorMappers {
  @ServerExceptionMapper
  Response lakegate(LakegateException e) {
    return ErrorResponses.of(e);
  }

  @ServerExceptionMapper
  Response json(JsonProcessingException e) {
    return ErrorResponses.of(Problems.json(e));
  }

  @ServerExceptionMapper
  Response mismatch(MismatchedInputException e) {
    return ErrorResponses.of(Problems.json(e));
  }

  @ServerExceptionMapper
  Response violations(ConstraintViolationException e) {
    return ErrorResponses.of(Problems.violations(e));
  }

  @ServerExceptionMapper
  Response validation(ValidationException e) {
    return e instanceof ConstraintViolationException violations && isOfRequest(violations)
        ? ErrorResponses.of(Problems.violations(violations))
        : ErrorResponses.of(Problems.unexpected(e));
  }

  @ServerExceptionMapper
  Response unauthorized(UnauthorizedException e, HttpServerRequest request) {
    return ErrorResponses.of(
        Problems.notAuthenticated(e, request.headers().contains(HttpHeaders.AUTHORIZATION)));
  }

  @ServerExceptionMapper
  Response authenticationFailed(AuthenticationFailedException e) {
    return ErrorResponses.of(Problems.notAuthenticated(e, true));
  }

  @ServerExceptionMapper
  Response forbidden(ForbiddenException e) {
    return ErrorResponses.of(Problems.forbidden());
  }

  @ServerExceptionMapper
  Response web(WebApplicationException e) {
    if (e.getResponse().getStatus() < 400) {
      return e.getResponse();
    }
    if (e.getCause() instanceof JsonProcessingException json) {
      return ErrorResponses.of(Problems.json(json));
    }
    if (e.getCause() instanceof LakegateException lakegate) {
      return ErrorResponses.of(lakegate);
    }
    return ErrorResponses.of(Problems.ofStatus(e.getResponse().getStatus(), e));
  }

  @ServerExceptionMapper
  Response unexpected(Throwable e) {
    if (e instanceof IOException && "Request too large".equals(e.getMessage())) {
      // A body that did not say how long it is: the server has sent 413 and hung up already.
      return ErrorResponses.of(Problems.ofStatus(413, e));
    }
    return ErrorResponses.of(Problems.unexpected(e));
  }

  /** Violations of return values are ours, not the caller's. */
  private static boolean isOfRequest(ConstraintViolationException e) {
    return e.getConstraintViolations().stream()
        .noneMatch(v -> v.getPropertyPath().toString().contains("<return value>"));
  }
}
