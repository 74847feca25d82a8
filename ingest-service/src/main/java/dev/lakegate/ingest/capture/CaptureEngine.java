package dev.lakegate.ingest.capture;

import dev.lakegate.ingest.bronze.BronzeWriter;
import dev.lakegate.ingest.bronze.ManifestChain;
import dev.lakegate.ingest.source.SlotState;
import dev.lakegate.ingest.source.SourceDatabase;
import dev.lakegate.ingest.source.SourceProblemException;
import java.io.IOException;
import java.nio.file.Files;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
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

  private final CaptureSettings settings;
  private final CaptureMetrics metrics;
  private final StatusBoard board;
  private final Thread thread;
  private volatile boolean stop;
  private volatile boolean forgotten;

  /** What {@link #forget} removed at the source. */
  public record Forgotten(boolean slotDropped, boolean publicationDropped) {}

  public CaptureEngine(CaptureSettings settings, CaptureMetrics metrics) {
    this.settings = settings;
    this.metrics = metrics;
    this.board = new StatusBoard(settings);
    this.thread = new Thread(this::run, "capture");
  }

  /** Starts capturing; returns at once. */
  public void start() {
    thread.start();
  }

  /** Where capture stands. */
  public CaptureState state() {
    return board.state();
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
      return new Forgotten(source.dropSlot(), source.dropPublication());
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
                new BronzeWriter(chain, settings.scratch(), settings.duckdbMemory())) {
          LedgerStore ledgers = new LedgerStore(settings.scratch());
          ledgers.read(chain);
          board.counters(ledgers.counters());
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
        new CaptureSession(settings, chain, writer, ledgers, board, metrics, () -> stop).run();
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
