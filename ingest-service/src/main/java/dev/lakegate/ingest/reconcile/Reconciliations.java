package dev.lakegate.ingest.reconcile;

import dev.lakegate.ingest.reconcile.Reconciliation.State;
import dev.lakegate.model.description.SourceTable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jboss.logging.Logger;

/**
 * Comparisons, one after the other on a thread of their own. The last {@value #KEPT} are
 * remembered, in memory alone. Thread-safe.
 */
public final class Reconciliations implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(Reconciliations.class);
  private static final int KEPT = 20;
  private static final int MOST_OPEN = 4;

  private static final class Entry {
    final ReconciliationBoard board;
    volatile boolean cancelled;
    volatile Reconciler reconciler;

    Entry(ReconciliationBoard board) {
      this.board = board;
    }
  }

  private final ReconcileSettings settings;
  private final CaptureView capture;
  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread worker = new Thread(task, "reconcile");
            worker.setDaemon(true);
            return worker;
          });

  public Reconciliations(ReconcileSettings settings, CaptureView capture) {
    this.settings = settings;
    this.capture = capture;
  }

  /**
   * Begins a comparison; returns at once.
   *
   * @return it, or empty when too many are waiting
   */
  public synchronized Optional<Reconciliation> start(List<SourceTable> tables) {
    if (entries.values().stream().filter(e -> !e.board.view().state().ended()).count()
        >= MOST_OPEN) {
      return Optional.empty();
    }
    String id = UUID.randomUUID().toString();
    Entry entry = new Entry(new ReconciliationBoard(id, tables));
    entries.put(id, entry);
    entries
        .keySet()
        .removeAll(
            new ArrayList<>(entries.keySet()).subList(0, Math.max(0, entries.size() - KEPT)));
    thread.execute(() -> run(entry, tables));
    return Optional.of(entry.board.view());
  }

  /** One of the remembered; empty when there is none of that id. */
  public synchronized Optional<Reconciliation> find(String id) {
    return Optional.ofNullable(entries.get(id)).map(e -> e.board.view());
  }

  /** The remembered, newest first. */
  public synchronized List<Reconciliation> list() {
    List<Reconciliation> all = new ArrayList<>();
    entries.values().forEach(e -> all.add(0, e.board.view()));
    return all;
  }

  /** Ends one; false when there is none of that id. One that has ended stays as it is. */
  public synchronized boolean cancel(String id) {
    Entry entry = entries.get(id);
    if (entry == null) {
      return false;
    }
    cancel(entry);
    return true;
  }

  private static void cancel(Entry entry) {
    entry.cancelled = true;
    Reconciler running = entry.reconciler;
    if (running != null) {
      running.cancel();
    }
  }

  private void run(Entry entry, List<SourceTable> tables) {
    ReconciliationBoard board = entry.board;
    if (entry.cancelled) {
      board.end(State.CANCELLED, "It was cancelled.");
      return;
    }
    board.begin();
    try {
      entry.reconciler = new Reconciler(settings, capture, board, () -> entry.cancelled);
      entry.reconciler.run(tables);
      board.end();
    } catch (CancellationException | InterruptedException e) {
      board.end(State.CANCELLED, "It was cancelled.");
    } catch (Throwable e) {
      LOG.warnf(e, "A comparison with the source failed");
      board.end(State.FAILED, failure(e));
    } finally {
      entry.reconciler = null;
    }
  }

  private String failure(Throwable e) {
    String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    String password = settings.source().password();
    return password == null || password.isEmpty() ? message : message.replace(password, "***");
  }

  /** Ends all. */
  @Override
  public synchronized void close() {
    entries.values().forEach(Reconciliations::cancel);
    thread.shutdownNow();
  }
}
