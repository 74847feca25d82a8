package dev.lakegate.kit.error;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.lakegate.kit.request.RequestIds;
import dev.lakegate.model.json.Json;
import io.quarkus.runtime.configuration.MemorySize;
import io.quarkus.security.AuthenticationException;
import io.quarkus.security.ForbiddenException;
import io.quarkus.security.UnauthorizedException;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** The same envelope for what fails before or beside the resources: security and the router. */
@ApplicationScoped
class RouterErrors {
  // After the request id (1000), before the server's own check (2), which answers without a body.
  private static final int BEFORE_SERVER = 900;

  @ConfigProperty(name = "quarkus.http.limits.max-body-size")
  Optional<MemorySize> maxBodySize;

  void limitBody(@Observes Filters filters) {
    maxBodySize.ifPresent(
        max -> filters.register(context -> limitBody(context, max.asLongValue()), BEFORE_SERVER));
  }

  private static void limitBody(RoutingContext context, long maxBytes) {
    String length = context.request().getHeader(HttpHeaders.CONTENT_LENGTH);
    if (length == null || !tooLong(length, maxBytes)) {
      context.next();
      return;
    }
    context.response().putHeader("Connection", "close");
    context.response().endHandler(sent -> context.request().connection().close());
    answer(context, Problems.ofStatus(413, null));
  }

  private static boolean tooLong(String length, long maxBytes) {
    try {
      return Long.parseLong(length) > maxBytes;
    } catch (NumberFormatException e) {
      return true;
    }
  }

  void register(@Observes Router router) {
    router.route().order(Integer.MIN_VALUE).failureHandler(RouterErrors::fail);
    router.route().last().handler(context -> answer(context, Problems.ofStatus(404, null)));
  }

  private static void fail(RoutingContext context) {
    Throwable cause = context.failure();
    boolean token = context.request().headers().contains("Authorization");
    if (cause instanceof LakegateException lakegate) {
      answer(context, lakegate);
    } else if (cause instanceof AuthenticationException || cause instanceof UnauthorizedException) {
      answer(context, Problems.notAuthenticated(cause, token));
    } else if (cause instanceof ForbiddenException) {
      answer(context, Problems.forbidden());
    } else if (cause instanceof JsonProcessingException json) {
      answer(context, Problems.json(json));
    } else if (context.statusCode() >= 400 && (cause == null || context.statusCode() < 500)) {
      // The router refuses some requests with a cause, as HTTP/1.1 without a host: no failure of
      // ours.
      answer(context, Problems.ofStatus(context.statusCode(), null));
    } else {
      answer(context, Problems.unexpected(cause));
    }
  }

  static void answer(RoutingContext context, LakegateException problem) {
    HttpServerResponse response = context.response();
    if (response.ended()) {
      return;
    }
    if (response.headWritten()) {
      // The status line is gone: breaking the connection is the only way to say that it failed.
      response.reset();
      return;
    }
    ErrorResponses.log(problem);
    response.setStatusCode(problem.status()).putHeader("Content-Type", "application/json");
    problem
        .retryAfter()
        .ifPresent(after -> response.putHeader("Retry-After", "" + ErrorResponses.seconds(after)));
    if (problem.status() == 401) {
      response.putHeader("WWW-Authenticate", "Bearer");
    }
    response.end(Json.write(ErrorEnvelope.of(problem, RequestIds.of(context))));
  }
}
