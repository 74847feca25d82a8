package dev.lakegate.gateway.query;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.lakegate.gateway.audit.Audit;
import dev.lakegate.gateway.catalog.Lake;
import dev.lakegate.gateway.engine.DuckDbEngine;
import dev.lakegate.gateway.engine.EngineSettings;
import dev.lakegate.gateway.engine.Execution;
import dev.lakegate.gateway.engine.VanishedFileException;
import dev.lakegate.gateway.policy.PolicyPoller;
import dev.lakegate.gateway.query.GatewayQuery.State;
import dev.lakegate.gateway.sql.SecuredQuery.Binding;
import dev.lakegate.gateway.sql.SecuredQuery.OutputColumn;
import dev.lakegate.gateway.sql.Session;
import dev.lakegate.gateway.sql.SqlFailure;
import dev.lakegate.kit.config.LakehouseConfig;
import dev.lakegate.kit.config.StorageConfig;
import dev.lakegate.kit.config.WorkConfig;
import dev.lakegate.kit.error.LakegateException;
import dev.lakegate.model.audit.AuditEvent;
import dev.lakegate.model.description.LakehouseLoader;
import dev.lakegate.model.policy.AccessDecider;
import dev.lakegate.model.policy.AccessDecision;
import dev.lakegate.model.policy.Policy;
import dev.lakegate.model.policy.Principal;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.Startup;
import jakarta.annotation.PostConstruct;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/** Runs queries: limits, planning, execution, kept results, cancelling, audit. */
@Startup
@ApplicationScoped
public class QueryService {
  private static final Logger LOG = Logger.getLogger(QueryService.class);
  private static final JsonFactory JSON = new JsonFactory();
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final String SCHEMA = "gold";

  /** A statement's parse tree takes a good part of a small heap. */
  private static final int MAX_PLANNING = 2;

  /** Characters of kept queries' statements, for one principal. */
  private static final long MAX_KEPT_SQL = 1_000_000;

  @Inject QueryConfig config;
  @Inject StorageConfig storage;
  @Inject WorkConfig work;
  @Inject LakehouseConfig lakehouse;
  @Inject PolicyPoller policy;
  @Inject Audit audit;

  private final Map<String, GatewayQuery> queries = new ConcurrentHashMap<>();
  private Lake lake;
  private Planner planner;
  private DuckDbEngine engine;
  private Path results;
  private ExecutorService workers;
  private ScheduledExecutorService timer;
  private Semaphore running;
  private final Semaphore planning = new Semaphore(MAX_PLANNING, true);

  @PostConstruct
  void start() {
    Path root = Path.of(storage.root().orElseThrow(() -> unset("lakegate.storage.root")));
    Path scratch = work.directory().orElseThrow(() -> unset("lakegate.work.directory"));
    Path description =
        lakehouse.directory().orElseThrow(() -> unset("lakegate.lakehouse.directory"));
    lake = new Lake(root, LakehouseLoader.load(description));
    results = scratch.resolve("results");
    try {
      Files.createDirectories(results);
      // What a former process kept nobody can ask for any more.
      try (DirectoryStream<Path> old = Files.newDirectoryStream(results)) {
        for (Path f : old) {
          Files.deleteIfExists(f);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    engine =
        new DuckDbEngine(
            new EngineSettings(
                root,
                scratch.resolve("duckdb"),
                config.engine().memoryMegabytes(),
                config.engine().spillMegabytes(),
                config.engine().threads()));
    planner = new Planner(lake, engine::value);
    running = new Semaphore(config.limits().concurrent(), true);
    workers = Executors.newCachedThreadPool(daemon("query"));
    timer = Executors.newSingleThreadScheduledExecutor(daemon("query-timer"));
    timer.scheduleWithFixedDelay(this::expire, 10, 10, TimeUnit.SECONDS);
    timer.scheduleWithFixedDelay(
        () -> queries.values().forEach(GatewayQuery::cancelAgain), 200, 200, TimeUnit.MILLISECONDS);
  }

  private static java.util.concurrent.ThreadFactory daemon(String name) {
    return r -> {
      // Parser and DuckDB recurse with a statement's nesting, DuckDB in native code, where a stack
      // that ends takes the process with it: nothing of a statement runs on any other thread.
      Thread t = new Thread(null, r, name, 16L * 1024 * 1024);
      t.setDaemon(true);
      return t;
    };
  }

  private static IllegalStateException unset(String property) {
    return new IllegalStateException(property + " is not set");
  }

  void stop(@Observes ShutdownEvent event) {
    queries.values().forEach(q -> q.cancel("SERVER_SHUTTING_DOWN"));
    workers.shutdown();
    timer.shutdownNow();
    try {
      if (!workers.awaitTermination(5, TimeUnit.SECONDS)) {
        workers.shutdownNow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    engine.close();
  }

  Lake lake() {
    return lake;
  }

  QueryConfig.Limits limits() {
    return config.limits();
  }

  // ------------------------------------------------------------------ submission

  /**
   * Admits and plans a query.
   *
   * @throws LakegateException when it is refused; the refusal is in the audit then
   */
  GatewayQuery submit(
      Principal principal, String sql, Long maxRows, boolean streamed, String requestId) {
    if (sql == null || sql.isBlank()) {
      throw LakegateException.badRequest(
          "SQL_MISSING", "The field 'sql' is missing or empty.", "Send {\"sql\": \"SELECT ...\"}.");
    }
    if (sql.length() > config.limits().sqlLength()) {
      throw LakegateException.tooLarge(
          "SQL_TOO_LONG",
          "The statement is longer than " + config.limits().sqlLength() + " characters.",
          "Send a shorter statement.");
    }
    if (maxRows != null && maxRows < 0) {
      throw LakegateException.badRequest(
          "MAX_ROWS_INVALID", "maxRows is negative.", "Leave maxRows out or send 0 or more.");
    }
    audit.requireRoom();
    long cap = streamed ? Long.MAX_VALUE : config.limits().resultRows();
    String id = id();
    GatewayQuery q =
        new GatewayQuery(
            id,
            principal,
            sql,
            requestId,
            maxRows == null ? cap : Math.min(maxRows, cap),
            streamed,
            Instant.now(),
            streamed ? null : new ResultStore(results.resolve(id)));
    admit(q);
    try {
      onWorker(
          () -> {
            plan(q);
            return null;
          });
      return q;
    } catch (SqlFailure f) {
      throw refuse(q, Failures.of(f));
    } catch (LakegateException e) {
      throw refuse(q, e);
    } catch (RuntimeException e) {
      refuse(q, internal(e));
      throw e;
    } catch (IOException e) {
      throw refuse(q, internal(e));
    }
  }

  private synchronized void admit(GatewayQuery q) {
    long own = 0;
    long waiting = 0;
    long kept = 0;
    for (GatewayQuery other : queries.values()) {
      boolean mine = other.ownedBy(q.principal);
      if (!other.state().ended()) {
        waiting++;
        own += mine ? 1 : 0;
      } else if (mine) {
        kept++;
      }
    }
    if (kept > config.limits().keptPerPrincipal()) {
      expire();
    }
    if (own >= config.limits().concurrentPerPrincipal()) {
      throw LakegateException.tooMany(
          "TOO_MANY_QUERIES",
          "You have " + own + " queries running or waiting already.",
          "Wait for one to end, or cancel one.",
          Duration.ofSeconds(1));
    }
    if (waiting >= config.limits().concurrent() + config.limits().queued()) {
      throw LakegateException.tooMany(
          "QUEUE_FULL",
          "Too many queries wait for their turn.",
          "Try again in a moment.",
          Duration.ofSeconds(2));
    }
    queries.put(q.id, q);
  }

  private void plan(GatewayQuery q) {
    planning.acquireUninterruptibly();
    try {
      Policy now = policy.require();
      q.planned(
          planner.plan(
              q.sql, now, q.principal, new Session(q.submittedAt, q.principal.subject(), SCHEMA)));
    } finally {
      planning.release();
    }
  }

  /** Runs something on a thread with a stack for it; the caller waits and gets its failure. */
  private <T> T onWorker(Callable<T> work) throws IOException {
    try {
      return workers.submit(work).get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while a query was worked on", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException unchecked) {
        throw unchecked;
      }
      if (e.getCause() instanceof IOException io) {
        throw io;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  private LakegateException refuse(GatewayQuery q, LakegateException e) {
    queries.remove(q.id);
    if (q.result != null) {
      q.result.close();
    }
    q.end(State.FAILED, 0, false, e, Instant.now());
    write(q, e.code(), 0);
    return e;
  }

  private static LakegateException internal(Throwable cause) {
    return LakegateException.of(
            500,
            "INTERNAL",
            "The query failed unexpectedly.",
            "Try again. If it stays so, give the request id to the operators.")
        .withCause(cause);
  }

  // ------------------------------------------------------------------ kept results

  /** Runs a planned query in the background and keeps its result. */
  void start(GatewayQuery q) {
    workers.execute(() -> keep(q));
  }

  private void keep(GatewayQuery q) {
    long rows = 0;
    boolean truncated = false;
    boolean mine = false;
    try {
      mine = await(q);
      try (Opened opened = open(q)) {
        List<OutputColumn> columns = q.columns();
        long maxBytes = config.limits().resultBytes().asLongValue();
        ByteArrayOutputStream row = new ByteArrayOutputStream(256);
        for (Object[] r = opened.first(); r != null; r = opened.next()) {
          if (rows >= q.maxRows || q.result.bytes() >= maxBytes) {
            truncated = true;
            break;
          }
          row.reset();
          try (JsonGenerator out = JSON.createGenerator(row)) {
            out.writeStartArray();
            for (int i = 0; i < r.length; i++) {
              JsonRows.write(out, r[i], columns.get(i).type());
            }
            out.writeEndArray();
          }
          q.result.add(row.toByteArray());
          rows++;
        }
      }
      finish(q, State.FINISHED, rows, truncated, null);
    } catch (Throwable e) {
      finishFailed(q, rows, e);
    } finally {
      if (mine) {
        running.release();
      }
    }
  }

  /** Waits for its turn; a query that is cancelled meanwhile fails. */
  private boolean await(GatewayQuery q) throws InterruptedException {
    long end = System.nanoTime() + config.limits().runTime().toNanos();
    while (!begin(q)) {
      if (q.cancelCode() != null) {
        throw new SqlFailure("USER_CANCELED", "The query was cancelled.");
      }
      if (System.nanoTime() > end) {
        throw new SqlFailure("EXCEEDED_TIME_LIMIT", "The query waited too long for its turn.");
      }
    }
    return true;
  }

  /** Takes a place to run; one principal never has all of them. */
  private boolean begin(GatewayQuery q) throws InterruptedException {
    if (!mayRun(q)) {
      Thread.sleep(50);
      return false;
    }
    if (!running.tryAcquire(50, TimeUnit.MILLISECONDS)) {
      return false;
    }
    synchronized (running) {
      if (mayRun(q)) {
        q.running(null);
        return true;
      }
    }
    running.release();
    return false;
  }

  private boolean mayRun(GatewayQuery q) {
    long own =
        queries.values().stream()
            .filter(o -> o.state() == State.RUNNING && o.ownedBy(q.principal))
            .count();
    return own < Math.max(1, config.limits().concurrent() - 1);
  }

  /** A started execution whose first row is there. */
  private final class Opened implements AutoCloseable {
    private final Execution execution;
    private final java.util.concurrent.ScheduledFuture<?> timeout;
    private final Object[] first;

    Opened(GatewayQuery q) {
      Planned plan = q.plan();
      execution = engine.begin(plan.query());
      q.running(execution);
      timeout =
          timer.schedule(
              () -> q.cancel("EXCEEDED_TIME_LIMIT"),
              config.limits().runTime().toMillis(),
              TimeUnit.MILLISECONDS);
      boolean done = false;
      try {
        execution.prepare(plan.relations());
        first = execution.next();
        done = true;
      } finally {
        if (!done) {
          close();
        }
      }
    }

    Object[] first() {
      return first;
    }

    Object[] next() {
      return execution.next();
    }

    @Override
    public void close() {
      timeout.cancel(false);
      execution.close();
    }
  }

  /** Starts it; when a file is gone meanwhile, the snapshot is resolved anew, once. */
  private Opened open(GatewayQuery q) {
    try {
      return new Opened(q);
    } catch (VanishedFileException e) {
      planner.forget(q.plan());
      plan(q);
      try {
        return new Opened(q);
      } catch (VanishedFileException again) {
        throw changed(q, "while the query was starting.");
      }
    }
  }

  private void finishFailed(GatewayQuery q, long rows, Throwable e) {
    LakegateException problem;
    State state = State.FAILED;
    String cancel = q.cancelCode();
    boolean stopped = e instanceof SqlFailure f && f.code().equals("USER_CANCELED");
    if (stopped && cancel != null && !cancel.equals("USER_CANCELED")) {
      problem = Failures.of(new SqlFailure(cancel, "The query was stopped: " + reason(cancel)));
    } else if (stopped) {
      problem = Failures.of((SqlFailure) e);
      state = State.CANCELLED;
    } else if (e instanceof SqlFailure f) {
      problem = Failures.of(f);
    } else if (e instanceof VanishedFileException) {
      problem = Failures.of(changed(q, "while the query ran."));
    } else if (e instanceof LakegateException l) {
      problem = l;
    } else {
      LOG.errorf(e, "query %s failed", q.id);
      problem = internal(e);
    }
    try {
      finish(q, state, rows, false, problem);
    } catch (RuntimeException audit) {
      LOG.errorf("the end of query %s is not in the audit: %s", q.id, audit.getMessage());
    }
  }

  private static SqlFailure changed(GatewayQuery q, String when) {
    List<String> former = q.plan() == null ? List.of() : q.plan().formerStates();
    return former.isEmpty()
        ? new SqlFailure("DATA_CHANGED", "The table's files changed " + when)
        : new SqlFailure(
            "DATA_CHANGED",
            "Files of a former state were removed "
                + when
                + " "
                + String.join(", ", former)
                + " may be kept no more.");
  }

  private static String reason(String code) {
    return switch (code) {
      case "EXCEEDED_TIME_LIMIT" -> "it ran longer than allowed.";
      case "SERVER_SHUTTING_DOWN" -> "the gateway is shutting down.";
      case "CLIENT_GONE" -> "its client is gone.";
      default -> code;
    };
  }

  /** The audit event is durable before the state says that the query has ended. */
  private void finish(
      GatewayQuery q, State state, long rows, boolean truncated, LakegateException problem) {
    try {
      write(q, problem == null ? null : problem.code(), rows);
    } catch (LakegateException e) {
      q.end(State.FAILED, 0, false, e, Instant.now());
      if (q.result != null) {
        q.result.close();
      }
      throw e;
    }
    q.end(state, rows, truncated, problem, Instant.now());
    if (problem != null && q.result != null) {
      q.result.close();
    }
  }

  private void write(GatewayQuery q, String code, long rows) {
    Planned p = q.plan();
    TreeMap<String, String> details = new TreeMap<>();
    details.put("sql", AuditEvent.cut(q.sql));
    details.put("queryId", q.id);
    if (p != null && !p.formerStates().isEmpty()) {
      details.put("formerStates", AuditEvent.cut(String.join(",", p.formerStates())));
    }
    details.put("rows", String.valueOf(rows));
    details.put("elapsedMillis", String.valueOf(q.elapsedMillis()));
    if (p != null) {
      details.put("files", String.valueOf(p.files()));
      details.put("tables", AuditEvent.cut(String.join(",", p.tables())));
      if (!p.query().bindings().isEmpty()) {
        details.put(
            "policyVersion",
            String.valueOf(p.query().bindings().get(0).table().decision().policyVersion()));
      }
    }
    audit.write(
        new AuditEvent(
            AuditEvent.VERSION,
            UUID.randomUUID(),
            Instant.now(),
            "query",
            q.principal,
            "execute",
            p == null || p.tables().isEmpty()
                ? "query"
                : AuditEvent.cut(String.join(",", p.tables())),
            code == null
                ? AuditEvent.Outcome.SUCCEEDED
                : Failures.refused(code) ? AuditEvent.Outcome.REFUSED : AuditEvent.Outcome.FAILED,
            code,
            q.requestId,
            details));
  }

  // ------------------------------------------------------------------ streams

  /** Takes rows one by one as they come. */
  interface RowWriter {
    void begin(List<OutputColumn> columns) throws IOException;

    void row(Object[] row) throws IOException;

    void end() throws IOException;
  }

  /** A stream whose first row is there: what can be refused has been refused. */
  final class Stream {
    private final GatewayQuery q;
    private final Opened opened;

    private Stream(GatewayQuery q, Opened opened) {
      this.q = q;
      this.opened = opened;
    }

    /** Writes everything; ends the query in any case. */
    void write(RowWriter out) throws IOException {
      onWorker(
          () -> {
            writeNow(out);
            return null;
          });
    }

    private void writeNow(RowWriter out) throws IOException {
      long rows = 0;
      boolean truncated = false;
      try {
        try (opened) {
          out.begin(q.columns());
          for (Object[] r = opened.first(); r != null; r = opened.next()) {
            if (rows >= q.maxRows) {
              truncated = true;
              break;
            }
            out.row(r);
            rows++;
          }
        }
        // Durable before the last byte: the stream ends only when its event is kept.
        finish(q, State.FINISHED, rows, truncated, null);
        out.end();
      } catch (IOException e) {
        q.cancel("CLIENT_GONE");
        finishFailed(q, rows, new SqlFailure("USER_CANCELED", "The client closed the connection."));
        throw e;
      } catch (RuntimeException e) {
        finishFailed(q, rows, e);
        throw new IOException("the query failed in the middle of its result", e);
      } finally {
        running.release();
      }
    }
  }

  /**
   * Starts a planned query as a stream.
   *
   * @throws LakegateException when it fails before its first row
   */
  Stream stream(GatewayQuery q) {
    boolean mine = false;
    try {
      mine = await(q);
      Stream stream = new Stream(q, onWorker(() -> open(q)));
      mine = false;
      return stream;
    } catch (Throwable e) {
      finishFailed(q, 0, e);
      throw q.error() == null ? internal(e) : q.error();
    } finally {
      if (mine) {
        running.release();
      }
    }
  }

  // ------------------------------------------------------------------ looking

  /** A query that the principal may see; others' do not exist for them. */
  GatewayQuery find(String id, Principal principal, boolean administrator) {
    GatewayQuery q = queries.get(id);
    if (q == null || !(administrator || q.ownedBy(principal))) {
      throw LakegateException.notFound(
          "QUERY_NOT_FOUND",
          "There is no such query, or it has expired.",
          "Submit it again; results are kept for "
              + config.limits().resultExpiry().toSeconds()
              + " seconds.");
    }
    return q;
  }

  /**
   * Lets rows of a kept result pass only if the principal, as the present token and the present
   * policy have them, might still read what the query read.
   *
   * @throws LakegateException 403 when they might not; 503 when there is no policy
   */
  void requireStillGranted(GatewayQuery q, Principal principal) {
    Planned plan = q.plan();
    if (plan == null || plan.query().bindings().isEmpty()) {
      return;
    }
    Policy now = requirePolicy();
    for (Binding b : plan.query().bindings()) {
      String table = b.table().qualifiedName();
      List<String> used = b.used().stream().map(i -> b.table().columns().get(i).name()).toList();
      AccessDecision d = AccessDecider.decide(now, principal, table, used);
      boolean columns = d.readableColumns().containsAll(used);
      if (!d.allowed()
          || !columns
          || !d.masks().isEmpty()
          || !d.rows().covers(b.table().decision().rows())) {
        throw LakegateException.forbidden(
                "RESULT_NOT_READABLE",
                "What this query read of " + table + " may no longer be read with your token.",
                "Submit the query again: it is answered by what you may read now.")
            .withDetail("table", table);
      }
    }
  }

  List<GatewayQuery> list(Principal principal, boolean administrator) {
    return queries.values().stream()
        .filter(q -> administrator || q.ownedBy(principal))
        .sorted(
            Comparator.comparing((GatewayQuery q) -> q.submittedAt)
                .thenComparing(q -> q.id)
                .reversed())
        .toList();
  }

  Optional<Policy> policyNow() {
    return policy.keeper().current();
  }

  Policy requirePolicy() {
    return policy.require();
  }

  private void expire() {
    try {
      Instant before = Instant.now().minus(config.limits().resultExpiry());
      Map<String, Integer> kept = new TreeMap<>();
      Map<String, Long> text = new TreeMap<>();
      queries.values().stream()
          .filter(q -> q.state().ended())
          .sorted(Comparator.comparing((GatewayQuery q) -> q.submittedAt).reversed())
          .forEach(
              q -> {
                String owner = q.principal.issuer() + " " + q.principal.subject();
                int n = kept.merge(owner, 1, Integer::sum);
                long characters = text.merge(owner, (long) q.sql.length(), Long::sum);
                if (q.endedAt().isBefore(before)
                    || n > config.limits().keptPerPrincipal()
                    || (n > 1 && characters > MAX_KEPT_SQL)) {
                  queries.remove(q.id);
                  if (q.result != null) {
                    q.result.close();
                  }
                }
              });
    } catch (RuntimeException e) {
      LOG.error("expired results could not be dropped", e);
    }
  }

  private static String id() {
    byte[] bytes = new byte[18];
    RANDOM.nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
