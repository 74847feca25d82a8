package dev.lakegate.gateway.operations;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.gateway.operations.Operations.Service;
import dev.lakegate.gateway.policy.PolicyPoller;
import dev.lakegate.kit.client.ServiceCallException;
import dev.lakegate.kit.client.ServiceClients;
import dev.lakegate.kit.config.ServicesConfig;
import dev.lakegate.model.json.Json;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * Asks every service at once how it stands. Each question has a short deadline, so that one service
 * that hangs does not hide what the others say: that is when operators look. Thread-safe; however
 * many operators look, the services are asked about once a second.
 */
@ApplicationScoped
class OperationsProbe {
  private static final Duration QUESTION = Duration.ofMillis(2500);
  private static final Duration ALL_QUESTIONS = Duration.ofMillis(3500);
  private static final Duration SHARED_FOR = Duration.ofMillis(800);

  private final HttpClient http;
  private final ServicesConfig config;
  private final ServiceClients clients;
  private final PublishedTables published;
  private final PolicyPoller policies;
  private final Clock clock = Clock.systemUTC();
  private final ExecutorService threads;

  private Operations latest;
  private long latestAt;

  @Inject
  OperationsProbe(
      HttpClient http,
      ServicesConfig config,
      ServiceClients clients,
      PublishedTables published,
      PolicyPoller policies) {
    this.http = http;
    this.config = config;
    this.clients = clients;
    this.published = published;
    this.policies = policies;
    AtomicInteger number = new AtomicInteger();
    this.threads =
        Executors.newFixedThreadPool(
            8,
            task -> {
              Thread thread = new Thread(task, "operations-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
  }

  @PreDestroy
  void stop() {
    threads.shutdownNow();
  }

  /** How everything stands, at most a second old. Blocking, for at most about 3.5 seconds. */
  synchronized Operations look() {
    long now = System.nanoTime();
    if (latest == null || now - latestAt > SHARED_FOR.toNanos()) {
      latest = ask();
      latestAt = System.nanoTime();
    }
    return latest;
  }

  private Operations ask() {
    Future<Service> ingestHealth = health("ingest-service", config.ingestUrl());
    Future<Service> transformHealth = health("transform-service", config.transformUrl());
    Future<Service> governanceHealth = health("governance-service", config.governanceUrl());
    Future<Answer> capture = question("ingest-service", config.ingestUrl(), "/api/v1/state");
    Future<Answer> tables =
        question("ingest-service", config.ingestUrl(), "/api/v1/tables?limit=1000");
    Future<Answer> datasets =
        question("transform-service", config.transformUrl(), "/api/v1/datasets?limit=1000");
    long end = System.nanoTime() + ALL_QUESTIONS.toNanos();
    List<Service> services = new ArrayList<>();
    services.add(
        new Service(
            "query-gateway",
            config.gatewayUrl().map(URI::toString).orElse(null),
            true,
            "It gave this answer.",
            0));
    services.add(within(end, ingestHealth, () -> tooSlow("ingest-service", config.ingestUrl())));
    services.add(
        within(end, transformHealth, () -> tooSlow("transform-service", config.transformUrl())));
    services.add(
        within(end, governanceHealth, () -> tooSlow("governance-service", config.governanceUrl())));
    Answer transform = within(end, datasets, OperationsProbe::noAnswer);
    return OperationsReport.of(
        List.copyOf(services),
        within(end, capture, OperationsProbe::noAnswer),
        within(end, tables, OperationsProbe::noAnswer),
        transform,
        transform.good() ? List.of() : published.datasets(),
        PolicyView.of(policies.keeper(), clock.instant()),
        clock.instant());
  }

  private Future<Answer> question(String service, Optional<URI> base, String path) {
    return threads.submit(
        () -> {
          if (base.isEmpty()) {
            return new Answer(null, "Its address is not configured.", 0);
          }
          long start = System.nanoTime();
          try {
            JsonNode body = clients.client(service, base.get(), QUESTION).get(path, JsonNode.class);
            return body == null || !body.isObject()
                ? new Answer(null, "It answered something that is no JSON object.", millis(start))
                : new Answer(body, null, millis(start));
          } catch (ServiceCallException e) {
            return new Answer(null, sentence(e.getMessage()), millis(start));
          }
        });
  }

  /** Readiness, asked without a token: a service is no less healthy when the issuer is away. */
  private Future<Service> health(String name, Optional<URI> base) {
    return threads.submit(
        () -> {
          if (base.isEmpty()) {
            return new Service(name, null, false, "Its address is not configured.", 0);
          }
          String url = base.get().toString();
          long start = System.nanoTime();
          try {
            HttpResponse<byte[]> response =
                http.send(
                    HttpRequest.newBuilder(
                            URI.create(url.replaceAll("/+$", "") + "/q/health/ready"))
                        .timeout(QUESTION)
                        .header("Accept", "application/json")
                        .build(),
                    HttpResponse.BodyHandlers.ofByteArray());
            String problem = Readiness.problem(response.statusCode(), parse(response.body()));
            return new Service(
                name,
                url,
                problem == null,
                problem == null ? "It is ready." : problem,
                millis(start));
          } catch (HttpTimeoutException e) {
            return tooSlow(name, base);
          } catch (IOException e) {
            return new Service(
                name, url, false, "It cannot be reached: is it running?", millis(start));
          }
        });
  }

  private static JsonNode parse(byte[] body) {
    try {
      return Json.MAPPER.readTree(body);
    } catch (IOException e) {
      return Json.MAPPER.missingNode();
    }
  }

  private static Service tooSlow(String name, Optional<URI> base) {
    return new Service(
        name,
        base.map(URI::toString).orElse(null),
        false,
        "It did not answer within " + QUESTION.toMillis() + " ms.",
        QUESTION.toMillis());
  }

  private static Answer noAnswer() {
    return new Answer(null, "It did not answer in time.", ALL_QUESTIONS.toMillis());
  }

  private static <T> T within(long end, Future<T> answer, Supplier<T> otherwise) {
    try {
      return answer.get(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      answer.cancel(true);
      return otherwise.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("asking a service failed", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return otherwise.get();
    }
  }

  private static String sentence(String text) {
    return text.endsWith(".") ? text : text + ".";
  }

  private static long millis(long start) {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
  }
}
