package dev.lakegate.gateway.operations;

import dev.lakegate.kit.client.ServiceTokens;
import dev.lakegate.kit.config.ServicesConfig;
import dev.lakegate.kit.error.LakegateException;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.subscription.MultiEmitter;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Tells operators' pages what transform-service tells as it happens. However many of them listen,
 * it listens once, and only while somebody does. Thread-safe.
 */
@ApplicationScoped
class OperationsFeed {
  /** What listeners are told when they hear everything from now on. */
  static final String FOLLOWING = "following";

  /** What they are told when they do not. */
  static final String GONE = "gone";

  private static final int MOST_LISTENERS = 50;
  private static final int MOST_WAITING = 256;
  private static final Duration ANSWER = Duration.ofSeconds(5);
  private static final Duration PAUSE = Duration.ofSeconds(2);

  private final HttpClient http;
  private final ServicesConfig config;
  private final ServiceTokens tokens;
  private final Set<MultiEmitter<? super Told>> listeners = new LinkedHashSet<>();
  private Thread follower;
  private InputStream source;
  private boolean following;
  private boolean stopped;

  @Inject
  OperationsFeed(HttpClient http, ServicesConfig config, ServiceTokens tokens) {
    this.http = http;
    this.config = config;
    this.tokens = tokens;
  }

  /**
   * An event.
   *
   * @param name as transform-service has it, or {@link #FOLLOWING} or {@link #GONE}
   * @param data JSON
   */
  record Told(String name, String data) {}

  /** Events from now on; who reads too slowly is disconnected. */
  Multi<Told> listen() {
    return Multi.createFrom().<Told>emitter(this::add, MOST_WAITING);
  }

  private synchronized void add(MultiEmitter<? super Told> listener) {
    if (stopped || listeners.size() >= MOST_LISTENERS) {
      listener.fail(
          LakegateException.tooMany(
              "TOO_MANY_LISTENERS",
              "Too many listen to events already.",
              "Ask /api/v1/operations now and then instead.",
              Duration.ofSeconds(30)));
      return;
    }
    listeners.add(listener);
    listener.onTermination(() -> remove(listener));
    listener.emit(new Told(following ? FOLLOWING : GONE, "{}"));
    if (follower == null) {
      follower = new Thread(this::follow, "operations-feed");
      follower.setDaemon(true);
      follower.start();
    }
  }

  private synchronized void remove(MultiEmitter<? super Told> listener) {
    listeners.remove(listener);
    if (listeners.isEmpty()) {
      leave();
    }
  }

  /** Ends what the follower waits for. Needs the lock. */
  private void leave() {
    if (source != null) {
      try {
        source.close();
      } catch (IOException e) {
        // It is left either way.
      }
    }
    notifyAll();
  }

  @PreDestroy
  synchronized void stop() {
    stopped = true;
    listeners.clear();
    leave();
  }

  private void follow() {
    while (true) {
      try (InputStream events = open()) {
        synchronized (this) {
          source = events;
          if (listeners.isEmpty()) {
            follower = null;
            return;
          }
        }
        tell(FOLLOWING, "{}", true);
        read(events);
      } catch (IOException | RuntimeException e) {
        // Whoever listens is told below, and it is tried again.
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      tell(GONE, "{}", false);
      synchronized (this) {
        source = null;
        if (!listeners.isEmpty() && !Thread.currentThread().isInterrupted()) {
          try {
            wait(PAUSE.toMillis());
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        }
        if (listeners.isEmpty() || Thread.currentThread().isInterrupted()) {
          follower = null;
          return;
        }
      }
    }
  }

  private InputStream open() throws IOException, InterruptedException {
    URI base = config.transformUrl().orElseThrow(() -> new IOException("no address"));
    HttpResponse<InputStream> response =
        http.send(
            HttpRequest.newBuilder(
                    URI.create(base.toString().replaceAll("/+$", "") + "/api/v1/events"))
                .timeout(ANSWER)
                .header("Accept", "text/event-stream")
                .header("Authorization", "Bearer " + tokens.get())
                .build(),
            HttpResponse.BodyHandlers.ofInputStream());
    if (response.statusCode() != 200) {
      response.body().close();
      if (response.statusCode() == 401) {
        tokens.forget();
      }
      throw new IOException("status " + response.statusCode());
    }
    return response.body();
  }

  private void read(InputStream events) throws IOException {
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(events, StandardCharsets.UTF_8));
    String name = "message";
    StringBuilder data = new StringBuilder();
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.isEmpty()) {
        if (data.length() > 0) {
          tell(name, data.toString(), true);
        }
        name = "message";
        data.setLength(0);
      } else if (line.startsWith("event:")) {
        name = line.substring(6).strip();
      } else if (line.startsWith("data:")) {
        data.append(data.length() == 0 ? "" : "\n").append(line.substring(5).strip());
      }
    }
  }

  private void tell(String name, String data, boolean follows) {
    List<MultiEmitter<? super Told>> all;
    synchronized (this) {
      following = follows;
      all = List.copyOf(listeners);
    }
    all.forEach(listener -> listener.emit(new Told(name, data)));
  }
}
