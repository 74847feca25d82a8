package dev.lakegate.gateway.trino;

import dev.lakegate.gateway.query.Asker;
import dev.lakegate.gateway.query.GatewayQuery;
import dev.lakegate.gateway.query.QueryConfig;
import dev.lakegate.gateway.query.QueryRequest;
import dev.lakegate.gateway.query.QueryService;
import dev.lakegate.kit.config.WorkConfig;
import dev.lakegate.kit.error.LakegateException;
import io.quarkus.runtime.ShutdownEvent;
import jakarta.annotation.PostConstruct;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jboss.logging.Logger;

/**
 * The queries that Trino clients fetch at present. A page's address holds a slug that only this
 * process can make; it is worth nothing without the token of the principal that submitted the
 * query. Thread-safe.
 */
@ApplicationScoped
class TrinoQueries {
  private static final Logger LOG = Logger.getLogger(TrinoQueries.class);
  private static final String MAC = "HmacSHA256";

  /** The last page can be asked for again for so long. */
  private static final Duration AFTER_THE_LAST = Duration.ofSeconds(60);

  @Inject QueryService service;
  @Inject TrinoConfig config;
  @Inject WorkConfig work;
  @Inject QueryConfig limits;

  private final Map<String, TrinoQuery> queries = new ConcurrentHashMap<>();
  private final Refusals refusals = new Refusals();
  // Guarded by itself: those of each person.
  private final Map<String, Set<TrinoQuery>> byPerson = new HashMap<>();
  private final byte[] secret = new byte[32];
  private SpoolSpace space;
  private ScheduledExecutorService timer;

  @PostConstruct
  void start() {
    new SecureRandom().nextBytes(secret);
    Path directory =
        work.directory()
            .orElseThrow(() -> new IllegalStateException("lakegate.work.directory is not set"))
            .resolve("trino");
    try {
      Files.createDirectories(directory);
      // What a former process kept nobody can ask for any more.
      try (DirectoryStream<Path> old = Files.newDirectoryStream(directory)) {
        for (Path f : old) {
          Files.deleteIfExists(f);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    space =
        new SpoolSpace(directory, config.spool().asLongValue(), config.spoolTotal().asLongValue());
    timer =
        Executors.newSingleThreadScheduledExecutor(
            r -> {
              Thread t = new Thread(r, "trino-abandoned");
              t.setDaemon(true);
              return t;
            });
    timer.scheduleWithFixedDelay(this::dropAbandoned, 1, 1, TimeUnit.SECONDS);
  }

  void stop(@Observes ShutdownEvent event) {
    if (timer != null) {
      timer.shutdownNow();
    }
    queries.values().forEach(q -> q.end("SERVER_SHUTTING_DOWN"));
  }

  /**
   * Submits a statement; its rows are fetched page by page.
   *
   * @throws LakegateException when it is not let in
   */
  TrinoQuery submit(QueryRequest request, boolean parametric) {
    GatewayQuery q = service.admit(request);
    PageSpool spool = new PageSpool(space, q.asker().person(), q.id());
    TrinoQuery query = new TrinoQuery(q, spool, parametric);
    // A query that waits for its client is stopped by nothing else.
    q.onStop(spool::close);
    add(query);
    service.start(q, new PageWriter(spool, parametric));
    return query;
  }

  /**
   * Keeps why a statement was not let in.
   *
   * @return id under which it is kept
   */
  String refuse(LakegateException why, Asker asker) {
    String id = UUID.randomUUID().toString();
    refusals.add(id, asker, why, System.nanoTime());
    return id;
  }

  /** Why the asker's own statement was not let in; empty when it was. */
  Optional<LakegateException> refused(String id, String slug, long token, Asker asker) {
    return token == 0 && isSlug(slug, id, token)
        ? refusals.find(id, asker, System.nanoTime())
        : Optional.empty();
  }

  private boolean isSlug(String slug, String id, long token) {
    return MessageDigest.isEqual(
        slug.getBytes(StandardCharsets.UTF_8), slug(id, token).getBytes(StandardCharsets.UTF_8));
  }

  /** Results that nobody fetches are bounded in number, not by time alone. */
  private void add(TrinoQuery query) {
    queries.put(query.id, query);
    List<TrinoQuery> ended;
    synchronized (byPerson) {
      Set<TrinoQuery> own =
          byPerson.computeIfAbsent(query.query.asker().person(), k -> new HashSet<>());
      own.add(query);
      if (own.size() <= limits.limits().keptPerPrincipal()) {
        return;
      }
      ended = new ArrayList<>(own);
    }
    ended.removeIf(q -> q == query || !q.ended());
    if (!ended.isEmpty()) {
      cancel(goes(ended), "ABANDONED_QUERY");
    }
  }

  /**
   * Which one makes way: of what was asked with whatever asked most, so that a token pushes out
   * nothing but its own; what was fetched to its end first, then what was not asked for longest.
   */
  private static TrinoQuery goes(List<TrinoQuery> ended) {
    Map<Optional<String>, List<TrinoQuery>> byToken =
        ended.stream()
            .collect(Collectors.groupingBy(q -> Optional.ofNullable(q.query.asker().token())));
    return byToken.values().stream().max(Comparator.comparingInt(List::size)).orElseThrow().stream()
        .max(Comparator.comparing(TrinoQuery::fetched).thenComparing(TrinoQuery::idleNanos))
        .orElseThrow();
  }

  /**
   * A page of the asker's own query. Others' queries, wrong slugs and pages that are gone are all
   * the same: there is no such thing.
   *
   * @throws LakegateException 410
   */
  TrinoQuery require(String id, String slug, long token, Asker asker) {
    TrinoQuery q = queries.get(id);
    if (q == null || !q.ownedBy(asker) || !isSlug(slug, id, token) || !q.has(token)) {
      throw gone();
    }
    return q;
  }

  /** The asker's own query. */
  TrinoQuery require(String id, Asker asker) {
    TrinoQuery q = queries.get(id);
    if (q == null || !q.ownedBy(asker)) {
      throw gone();
    }
    return q;
  }

  static LakegateException gone() {
    return LakegateException.of(
        410,
        "QUERY_GONE",
        "There is no such page of a query of yours, or it is not kept any more.",
        "Submit the query again.");
  }

  /** Stops a query and forgets it. */
  void cancel(TrinoQuery q, String code) {
    q.end(code);
    queries.remove(q.id);
    synchronized (byPerson) {
      byPerson.computeIfPresent(
          q.query.asker().person(),
          (person, own) -> {
            own.remove(q);
            return own.isEmpty() ? null : own;
          });
    }
  }

  /** The unguessable part of a page's address. */
  String slug(String id, long token) {
    try {
      Mac mac = Mac.getInstance(MAC);
      mac.init(new SecretKeySpec(secret, MAC));
      byte[] all = mac.doFinal((id + "/" + token).getBytes(StandardCharsets.UTF_8));
      return "y" + HexFormat.of().formatHex(all, 0, 16);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private void dropAbandoned() {
    try {
      for (TrinoQuery q : queries.values()) {
        Duration keep =
            q.fetched() && AFTER_THE_LAST.compareTo(config.abandonedAfter()) < 0
                ? AFTER_THE_LAST
                : config.abandonedAfter();
        if (q.idleNanos() > keep.toNanos()) {
          cancel(q, "ABANDONED_QUERY");
        }
      }
    } catch (RuntimeException e) {
      LOG.error("abandoned queries could not be dropped", e);
    }
  }
}
