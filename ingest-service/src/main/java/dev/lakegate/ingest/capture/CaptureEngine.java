package dev.lakegate.ingest.capture;

import dev.lakegate.ingest.bronze.BronzeWriter;
import dev.lakegate.ingest.bronze.ManifestChain;
import dev.lakegate.ingest.bronze.maintenance.Maintainer;
import dev.lakegate.ingest.quarantine.Quarantine;
import dev.lakegate.ingest.source.SlotState;
import dev.lakegate.ingest.source.SourceDatabase;
import dev.lakegate.ingest.source.SourceProblemException;
import dev.lakegate.model.bronze.SchemaApproval;
import dev.lakegate.model.bronze.SchemaVersion;
import dev.lakegate.model.bronze.SchemaVersion.Effect;
import java.io.IOException;
import java.nio.file.Files;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jboss.logging.Logger;

/**
 * Runs capture on a thread of its own, session after session, with growing pauses after failures.
 * Thread-safe.
 */
public final class CaptureEngine implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(CaptureEngine.class);
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
  private static final Duration PROBLEM_PAUSE = Duration.ofSeconds(5);
  private static final Duration SESSION_THAT_WORKED = Duration.ofSeconds(30);
  private static final Duration FORGET_DEADLINE = Duration.ofSeconds(60);

  private static final Duration DURABLE_DEADLINE = Duration.ofSeconds(10);
  private static final String NO_SPACE = "No space left on device";

  private volatile CaptureSettings settings;
  private final CaptureMetrics metrics;
  private final CaptureSteps steps;
  private final Clock clock;
  private final StatusBoard board;
  private final TableRequests requests;
  private final Quarantine quarantine;
  private final CopyFailures failures = new CopyFailures();
  private final Thread thread;
  private volatile boolean stop;
  private volatile boolean forgotten;

  /** What {@link #forget} removed at the source. */
  public record Forgotten(boolean slotDropped, boolean publicationDropped) {}

  public CaptureEngine(CaptureSettings settings, CaptureMetrics metrics) {
    this(settings, metrics, CaptureSteps.NONE, Clock.systemUTC());
  }

  /**
   * With everything that a test may want to hold in its hand.
   *
   * @param clock tells when manifests were written; nothing is ordered by it
   */
  public CaptureEngine(
      CaptureSettings settings, CaptureMetrics metrics, CaptureSteps steps, Clock clock) {
    this.settings = settings;
    this.metrics = metrics;
    this.steps = steps;
    this.clock = clock;
    this.requests = new TableRequests(settings.storageRoot());
    this.quarantine = new Quarantine(settings.storageRoot());
    this.board = new StatusBoard(settings, quarantine);
    this.thread = new Thread(this::run, "capture");
  }

  /** Starts capturing; returns at once. */
  public void start() {
    thread.start();
  }

  /**
   * Captures these tables from now on: the session ends in good order, and the next one copies what
   * is new. Tables that are left out are no longer captured.
   */
  public void describe(List<CapturedTable> tables) {
    if (!tables.equals(settings.tables())) {
      LOG.infof(
          "Other tables are described: %d instead of %d", tables.size(), settings.tables().size());
      settings = settings.withTables(tables);
      LockSupport.unpark(thread);
    }
  }

  /** Where capture stands. */
  public CaptureState state() {
    return board.state();
  }

  /** Where capture of each table stands, in the order of the description. */
  public List<TableStatus> tables() {
    return board.statuses();
  }

  /** Rows that are kept aside. */
  public Quarantine quarantine() {
    return quarantine;
  }

  /** Schema versions of a table of the description, oldest first. */
  public List<SchemaVersion> schemaVersions(String table) {
    return board.known(table).schemas();
  }

  /** Approvals of a table of the description, oldest first. */
  public List<SchemaApproval> approvals(String table) {
    return board.known(table).approvals();
  }

  /** What became of a request. */
  public enum Outcome {
    /** It is durable, now or since before. */
    DONE,
    /** It is remembered durably and done as soon as capture is able to. */
    QUEUED,
    /** Capture could not make it durable in time and has dropped it. */
    DROPPED,
    /** The present state does not allow it. */
    REFUSED
  }

  /**
   * Approves a schema version, and with it all earlier ones, so that readers go on. Returns when
   * the approval is in a manifest, at the latest after ten seconds.
   *
   * @return done, dropped, or refused when nobody waits for such an approval
   * @throws IllegalArgumentException when the table has no such version
   */
  public Outcome approve(String table, int schemaVersion, String subject)
      throws InterruptedException {
    CaptureLedger.Table known = board.known(table);
    if (known.schema(schemaVersion).isEmpty()) {
      throw new IllegalArgumentException(table + " has no schema version " + schemaVersion);
    }
    if (known.approvals().stream().anyMatch(a -> a.schemaVersion() >= schemaVersion)) {
      return Outcome.DONE;
    }
    boolean pending =
        known.schemas().stream()
            .anyMatch(
                s ->
                    s.effect() == Effect.DESTRUCTIVE
                        && s.schemaVersion() > known.settledVersion()
                        && s.schemaVersion() <= schemaVersion);
    if (!pending) {
      return Outcome.REFUSED;
    }
    TableRequests.Approval request =
        requests.approve(
            new SchemaApproval(
                table, schemaVersion, subject, clock.instant().truncatedTo(ChronoUnit.MICROS)));
    if (becomesDurable(request.durable())) {
      return Outcome.DONE;
    }
    requests.withdraw(request);
    return request.durable().isDone() ? Outcome.DONE : Outcome.DROPPED;
  }

  /**
   * Copies a table anew. Returns when it is durable that the copy has begun, at the latest after
   * ten seconds. A table that is being copied, or waits for its copy, is left at that.
   *
   * @param reason a sentence
   * @return done, queued, dropped when it could not be remembered, or refused when the table is
   *     held for a reason that a copy does not mend
   */
  public Outcome resync(String table, String reason) throws InterruptedException {
    if (!board.resyncMends(table)) {
      return Outcome.REFUSED;
    }
    TableRequests.Resync request;
    try {
      request = requests.resync(table, board.known(table).generation(), reason);
    } catch (IOException e) {
      LOG.warnf("A request to copy %s anew could not be remembered: %s", table, e);
      return Outcome.DROPPED;
    }
    return becomesDurable(request.durable()) ? Outcome.DONE : Outcome.QUEUED;
  }

  private boolean becomesDurable(CompletableFuture<Void> durable) throws InterruptedException {
    LockSupport.unpark(thread);
    try {
      durable.get(DURABLE_DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }

  /** Whether the capturing thread works, be it on a source that does not answer. */
  public boolean isAlive() {
    return thread.isAlive();
  }

  /** Whether capture has ended because the source was forgotten. */
  public boolean isForgotten() {
    return forgotten;
  }

  /**
   * Ends capture for good and drops slot and publication at the source.
   *
   * @throws SourceProblemException when the slot stays in use
   */
  public synchronized Forgotten forget()
      throws SQLException, SourceProblemException, InterruptedException {
    stop(FORGET_DEADLINE);
    forgotten = true;
    board.disconnected("Capture has ended: the source was told to forget it.");
    try (SourceDatabase source = SourceDatabase.connect(settings.source())) {
      long deadline = System.nanoTime() + FORGET_DEADLINE.toNanos();
      Optional<SlotState> slot = source.slot();
      while (slot.isPresent()
          && slot.get().activePid() != null
          && System.nanoTime() - deadline < 0) {
        TimeUnit.MILLISECONDS.sleep(100);
        slot = source.slot();
      }
      if (slot.isPresent() && slot.get().activePid() != null) {
        throw new SourceProblemException(
            "replication slot "
                + settings.source().slot()
                + " stays in use by process "
                + slot.get().activePid(),
            "SELECT pg_terminate_backend(" + slot.get().activePid() + "); then try again");
      }
      return new Forgotten(source.dropSlot(), source.publications().drop());
    }
  }

  /**
   * Flushes what is pending and ends.
   *
   * @return whether it ended in time
   */
  public boolean stop(Duration patience) throws InterruptedException {
    stop = true;
    LockSupport.unpark(thread);
    thread.join(patience.toMillis());
    return !thread.isAlive();
  }

  /** Ends without regard to what is pending; it is read again at the next start. */
  @Override
  public void close() {
    stop = true;
    LockSupport.unpark(thread);
  }

  private void run() {
    Duration pause = FIRST_PAUSE;
    while (!stop) {
      long started = System.nanoTime();
      try {
        Files.createDirectories(settings.scratch());
        try (ManifestChain chain = ManifestChain.open(settings.storageRoot());
            BronzeWriter writer =
                new BronzeWriter(chain, settings.scratch(), settings.duckdbMemory());
            Maintainer maintainer =
                Maintainer.start(
                    settings.storageRoot(),
                    settings.scratch(),
                    settings.maintenance(),
                    metrics.maintenance())) {
          LedgerStore ledgers = new LedgerStore(settings.scratch());
          CaptureLedger ledger = ledgers.read(chain);
          board.counters(ledgers.counters());
          settings.tables().forEach(t -> board.ledger(t.table(), ledger.table(t.table())));
          pause = sessions(chain, writer, ledgers, pause);
        }
      } catch (Throwable e) {
        // Whatever it is, capture must not die of it silently.
        failed(e);
      }
      pause =
          Duration.ofNanos(System.nanoTime() - started).compareTo(SESSION_THAT_WORKED) > 0
              ? FIRST_PAUSE
              : pause;
      pause = pauseAfterFailure(pause);
    }
  }

  /** Sessions that end in good order follow each other without a pause. */
  private Duration sessions(
      ManifestChain chain, BronzeWriter writer, LedgerStore ledgers, Duration pause)
      throws SQLException, IOException, InterruptedException {
    while (!stop) {
      try {
        CaptureSettings now = settings;
        board.described(now.tables());
        CaptureProgress progress =
            new CaptureProgress(now, chain, ledgers, board, requests, clock, steps, quarantine);
        BooleanSupplier end = () -> stop || settings != now;
        new CaptureSession(
                now, chain, writer, progress, board, metrics, requests, failures, steps, end)
            .run();
      } catch (SourceProblemException e) {
        LOG.warn(e.getMessage());
        board.disconnected(Redaction.of(e, settings.source()));
        sleep(PROBLEM_PAUSE);
      }
    }
    return pause;
  }

  private void failed(Throwable e) {
    String message = Redaction.of(e, settings.source());
    if (message.contains(NO_SPACE)) {
      message =
          "The disk is full: "
              + message
              + ". Capture goes on by itself once there is space at "
              + settings.storageRoot()
              + " and "
              + settings.scratch()
              + ".";
    }
    board.disconnected(message);
    if (e instanceof SQLException || e instanceof IOException) {
      LOG.warnf("Capture was interrupted: %s", message);
      LOG.debug("Details", e);
    } else {
      LOG.errorf(e, "Capture failed: %s", message);
    }
  }

  private Duration pauseAfterFailure(Duration pause) {
    sleep(pause);
    Duration next = pause.multipliedBy(2);
    return next.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : next;
  }

  private void sleep(Duration duration) {
    long until = System.nanoTime() + duration.toNanos();
    while (!stop && System.nanoTime() - until < 0) {
      LockSupport.parkNanos(Math.min(TimeUnit.MILLISECONDS.toNanos(100), duration.toNanos()));
    }
  }
}
