package dev.lakegate.kit.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import dev.lakegate.kit.request.RequestIds;
import dev.lakegate.model.json.Json;
import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.context.Context;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Calls one other service with this service's own token: JSON both ways, bounded in time and size,
 * with the request id of the request being served. Blocking. Thread-safe.
 */
public final class ServiceClient {
  private static final int MAX_BYTES = 16 * 1024 * 1024;

  private final String service;
  private final URI base;
  private final Duration timeout;
  private final HttpClient http;
  private final ServiceTokens tokens;

  ServiceClient(String service, URI base, Duration timeout, HttpClient http, ServiceTokens tokens) {
    this.service = service;
    this.base = base;
    this.timeout = timeout;
    this.http = http;
    this.tokens = tokens;
  }

  /**
   * GET.
   *
   * @param path with its query, from {@code /}
   * @param type {@link JsonNode} or a class of the model
   * @throws ServiceCallException unless the answer is 2xx
   */
  public <T> T get(String path, Class<T> type) {
    return send(request(path).GET(), type).body();
  }

  /**
   * GET, unless the service still has the version that the caller knows.
   *
   * @param etag of the last answer; null at first
   * @throws ServiceCallException unless the answer is 2xx or 304
   */
  public <T> Reply<T> getIfChanged(String path, String etag, Class<T> type) {
    HttpRequest.Builder request = request(path).GET();
    if (etag != null) {
      request.header("If-None-Match", etag);
    }
    return send(request, type);
  }

  /**
   * POST.
   *
   * @param body written as JSON
   * @throws ServiceCallException unless the answer is 2xx
   */
  public <T> T post(String path, Object body, Class<T> type) {
    return send(
            request(path)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(Json.write(body))),
            type)
        .body();
  }

  private HttpRequest.Builder request(String path) {
    String root = base.toString();
    HttpRequest.Builder request =
        HttpRequest.newBuilder(
                URI.create(
                    (root.endsWith("/") ? root.substring(0, root.length() - 1) : root) + path))
            .timeout(timeout)
            .header("Accept", "application/json");
    String requestId = RequestIds.current();
    if (requestId != null) {
      request.header(RequestIds.HEADER, requestId);
    }
    // Nothing is written where no trace is being made.
    GlobalOpenTelemetry.getPropagators()
        .getTextMapPropagator()
        .inject(Context.current(), request, HttpRequest.Builder::setHeader);
    return request;
  }

  private <T> Reply<T> send(HttpRequest.Builder request, Class<T> type) {
    request.setHeader("Authorization", "Bearer " + tokens.get());
    Answer answer = exchange(request.build());
    if (answer.status() == 401) {
      // The issuer may have changed its keys: one new token, then it is an error.
      tokens.forget();
      request.setHeader("Authorization", "Bearer " + tokens.get());
      answer = exchange(request.build());
    }
    if (answer.status() == 304) {
      return new Reply<>(304, answer.etag(), null);
    }
    if (answer.status() < 200 || answer.status() > 299) {
      throw refusal(answer);
    }
    return new Reply<>(answer.status(), answer.etag(), read(answer, type));
  }

  private record Answer(int status, String etag, byte[] body) {}

  private Answer exchange(HttpRequest request) {
    // The request's own timeout ends with the headers; a body that trickles must end too.
    CompletableFuture<Answer> call =
        http.sendAsync(request, HttpResponse.BodyHandlers.ofInputStream())
            .thenApplyAsync(this::drain);
    try {
      return call.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      call.cancel(true);
      throw timeout(e);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      if (cause instanceof ServiceCallException known) {
        throw known;
      }
      if (cause instanceof HttpTimeoutException) {
        throw timeout(cause);
      }
      throw new ServiceCallException(
          service, 0, "UNREACHABLE", "cannot be reached at " + base, cause);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ServiceCallException(service, 0, "INTERRUPTED", "interrupted", e);
    }
  }

  private Answer drain(HttpResponse<InputStream> response) {
    try (InputStream in = response.body()) {
      byte[] body = in.readNBytes(MAX_BYTES + 1);
      if (body.length > MAX_BYTES) {
        throw new ServiceCallException(
            service, response.statusCode(), "BAD_ANSWER", "answered with too much", null);
      }
      return new Answer(
          response.statusCode(), response.headers().firstValue("ETag").orElse(null), body);
    } catch (IOException e) {
      throw new ServiceCallException(
          service, response.statusCode(), "UNREACHABLE", "broke off its answer", e);
    }
  }

  private ServiceCallException timeout(Throwable cause) {
    return new ServiceCallException(
        service, 0, "TIMEOUT", "did not answer within " + timeout.toMillis() + " ms", cause);
  }

  private <T> T read(Answer answer, Class<T> type) {
    if (answer.body().length == 0 || type == Void.class) {
      return null;
    }
    try {
      ObjectReader reader = Json.MAPPER.readerFor(type);
      return reader.readValue(answer.body());
    } catch (IOException e) {
      throw new ServiceCallException(
          service,
          answer.status(),
          "BAD_ANSWER",
          "answered something that is no " + type.getSimpleName(),
          e);
    }
  }

  private ServiceCallException refusal(Answer answer) {
    String code = "STATUS_" + answer.status();
    String message = "answered with status " + answer.status();
    JsonNode error = null;
    try {
      error = Json.MAPPER.readTree(answer.body()).path("error");
      if (error.hasNonNull("code")) {
        code = error.get("code").asText();
        message += ": " + error.path("message").asText();
      }
    } catch (JsonProcessingException e) {
      // Not an envelope: the status has to do.
    } catch (IOException e) {
      throw new IllegalStateException("reading from memory failed", e);
    }
    return new ServiceCallException(service, answer.status(), code, message, null, error);
  }
}
