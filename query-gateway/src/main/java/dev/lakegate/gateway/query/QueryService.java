package dev.lakegate.gateway.query;

import dev.lakegate.gateway.audit.Audit;
import dev.lakegate.gateway.cache.ResultCache;
import dev.lakegate.gateway.catalog.Lake;
import dev.lakegate.gateway.engine.DuckDbEngine;
import dev.lakegate.gateway.engine.EngineSettings;
import dev.lakegate.gateway.history.History;
import dev.lakegate.gateway.limits.Workgroups;
import dev.lakegate.gateway.policy.PolicyPoller;
import dev.lakegate.gateway.sql.SqlFailure;
import dev.lakegate.kit.config.LakehouseConfig;
import dev.lakegate.kit.config.StorageConfig;
import dev.lakegate.kit.config.WorkConfig;
import dev.lakegate.kit.description.DescriptionFollower;
import dev.lakegate.kit.error.LakegateException;
import dev.lakegate.model.description.Lakehouse;
import dev.lakegate.model.description.LakehouseLoader;
import dev.lakegate.model.policy.Policy;
import dev.lakegate.model.policy.Principal;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.Startup;
import jakarta.annotation.PostConstruct;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;

/**
 * What can be done with queries. It only puts the parts together: {@link Intake} lets queries in
 * and gives them their turn, {@link Planning} decides what they may read, {@link Runs} runs them,
 * {@link Queries} keeps them, {@link Endings} ends them, in the audit first.
 */
@Startup
@ApplicationScoped
public class QueryService {
  private static final Duration DESCRIPTION_POLL = Duration.ofSeconds(2);

  @Inject QueryConfig config;
  @Inject StorageConfig storage;
  @Inject WorkConfig work;
  @Inject LakehouseConfig lakehouse;
  @Inject PolicyPoller policy;
  @Inject Audit audit;
  @Inject MeterRegistry meters;

  private Path root;
  private History history;
  private Records records;
  private Lake lake;
  private DuckDbEngine engine;
  private Workers workers;
  private Queries queries;
  private Intake intake;
  private ResultSpace results;
  private Planning planning;
  private Endings endings;
  private Runs runs;

  @PostConstruct
  void start() {
    root = Path.of(storage.root().orElseThrow(() -> unset("lakegate.storage.root")));
    Path scratch = work.directory().orElseThrow(() -> unset("lakegate.work.directory"));
    Path description =
        lakehouse.directory().orElseThrow(() -> unset("lakegate.lakehouse.directory"));
    DescriptionFollower<Lakehouse> follower =
        new DescriptionFollower<>(description, Function.identity());
    follower.poll();
    // What is wrong at start is thrown; what is wrong later leaves the last valid one in force.
    lake = new Lake(root, follower.current().orElseGet(() -> LakehouseLoader.load(description)));
    engine =
        new DuckDbEngine(
            new EngineSettings(
                root,
                scratch.resolve("duckdb"),
                config.engine().memoryMegabytes(),
                config.engine().spillMegabytes(),
                config.engine().threads()));
    workers = new Workers();
    queries = new Queries(config.limits());
    LimitSets sets = new LimitSets(config, new Workgroups(lake.description().governance()));
    results = new ResultSpace(config.limits().keptBytes().asLongValue());
    intake =
        new Intake(
            config.limits(), sets, queries, audit, emptied(scratch.resolve("results")), results);
    planning = new Planning(lake, engine::value, policy);
    history = new History(scratch.resolve("history"), config.history().bytes().asLongValue());
    records = new Records(meters, history, config.history().slow());
    endings = new Endings(queries, audit, records);
    ResultCache cache =
        new ResultCache(config.cache().bytes().asLongValue(), config.cache().expiry().toNanos());
    runs =
        new Runs(intake, planning, engine, workers, endings, cache, config.limits().clientWait());
    meters.gauge("lakegate.queries.running", intake, Intake::running);
    meters.gauge("lakegate.queries.waiting", intake, Intake::waiting);
    meters.gauge("lakegate.query.results.bytes", results, ResultSpace::bytes);
    meters.gauge("lakegate.query.cache.bytes", cache, ResultCache::bytes);
    workers.every(Duration.ofSeconds(10), queries::expire);
    workers.every(DESCRIPTION_POLL, () -> follow(follower));
    workers.every(Duration.ofMillis(200), () -> queries.all().forEach(GatewayQuery::cancelAgain));
  }

  private void follow(DescriptionFollower<Lakehouse> follower) {
    if (follower.poll()) {
      follower.current().ifPresent(lake::describe);
    }
  }

  private static IllegalStateException unset(String property) {
    return new IllegalStateException(property + " is not set");
  }

  /** What a former process kept nobody can ask for any more. */
  private static Path emptied(Path directory) {
    try {
      Files.createDirectories(directory);
      try (DirectoryStream<Path> old = Files.newDirectoryStream(directory)) {
        for (Path f : old) {
          Files.deleteIfExists(f);
        }
      }
      return directory;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Takes no further query, and waits until those under way have ended; what takes longer than
   * allowed is cancelled. Readiness is gone at once, answers are given until the end.
   */
  void drain(@Observes ShutdownDelayInitiatedEvent event) {
    intake.drain();
    long end = System.nanoTime() + config.history().drain().toNanos();
    for (GatewayQuery q : queries.all()) {
      awaitEnd(q, end);
    }
    queries.all().forEach(q -> q.cancel("SERVER_SHUTTING_DOWN"));
  }

  private static void awaitEnd(GatewayQuery q, long end) {
    try {
      q.await(Math.max(0, (end - System.nanoTime()) / 1_000_000));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  void stop(@Observes ShutdownEvent event) {
    intake.drain();
    queries.all().forEach(q -> q.cancel("SERVER_SHUTTING_DOWN"));
    workers.close();
    engine.close();
    history.close();
  }

  boolean draining() {
    return intake.draining();
  }

  /** Whether there is a storage root to read snapshots from. */
  boolean catalogReadable() {
    return Files.isReadable(root);
  }

  History history() {
    return history;
  }

  Lake lake() {
    return lake;
  }

  /**
   * Admits a query; nothing of it has been looked at yet.
   *
   * @throws LakegateException when it is malformed, too large or too much
   */
  public GatewayQuery admit(QueryRequest request) {
    try {
      return intake.admit(request);
    } catch (LakegateException e) {
      records.refused(e);
      throw e;
    }
  }

  /**
   * Admits and plans a query.
   *
   * @throws LakegateException when it is refused; the refusal is in the audit then
   */
  GatewayQuery submit(QueryRequest request) {
    GatewayQuery q = admit(request);
    try {
      workers.call(
          () -> {
            planning.plan(q);
            return null;
          });
      return q;
    } catch (IOException | RuntimeException e) {
      throw endings.refused(q, e);
    }
  }

  /**
   * Types of a statement's question marks, as far as the statement tells.
   *
   * @throws LakegateException when the statement is refused
   */
  List<String> parameters(Principal principal, String sql) {
    try {
      return workers.call(() -> planning.parameters(principal, sql));
    } catch (SqlFailure f) {
      throw Failures.of(f);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Plans and runs an admitted query in the background and keeps its result. */
  void keep(GatewayQuery q) {
    KeptRows out = new KeptRows(q.result, q.limits.resultBytes());
    workers.execute(
        () -> {
          try {
            planning.plan(q);
          } catch (Throwable e) {
            endings.refused(q, e);
            return;
          }
          runs.run(q, out);
        });
  }

  /**
   * Starts a planned query as a stream.
   *
   * @throws LakegateException when it fails before its first row
   */
  Runs.Stream stream(GatewayQuery q) {
    return runs.start(q);
  }

  /** Plans and runs an admitted query in the background; its state says how it ended. */
  public void start(GatewayQuery q, RowWriter out) {
    workers.execute(
        () -> {
          try {
            planning.plan(q);
          } catch (Throwable e) {
            endings.failed(q, 0, e);
            return;
          }
          runs.run(q, out);
        });
  }

  /** A query that the asker may see; others' do not exist for them. */
  GatewayQuery find(String id, Asker asker, boolean administrator) {
    return queries.find(id, asker, administrator);
  }

  /** Queries that an asker may see, newest first. */
  List<GatewayQuery> list(Asker asker, boolean administrator) {
    return queries.list(asker, administrator);
  }

  /**
   * Lets rows of a result pass only if the principal might still read what the query read.
   *
   * @throws LakegateException 403 when they might not; 503 when there is no policy
   */
  public void requireStillGranted(GatewayQuery q, Principal principal) {
    planning.requireStillGranted(q, principal);
  }

  Policy requirePolicy() {
    return policy.require();
  }
}
