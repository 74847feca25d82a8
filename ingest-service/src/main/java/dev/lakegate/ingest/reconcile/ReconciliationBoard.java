package dev.lakegate.ingest.reconcile;

import dev.lakegate.ingest.reconcile.Reconciliation.State;
import dev.lakegate.ingest.reconcile.Reconciliation.Table;
import dev.lakegate.ingest.reconcile.Reconciliation.TableState;
import dev.lakegate.model.description.SourceTable;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** One comparison as it goes on. Thread-safe: one thread compares, others look. */
final class ReconciliationBoard {
  private final String id;
  private final Instant createdAt = Instant.now();
  private final Map<String, Table> tables = new LinkedHashMap<>();
  private State state = State.QUEUED;
  private String message = "Waiting for another comparison to end.";
  private String position;
  private Instant snapshotAt;
  private Instant finishedAt;

  ReconciliationBoard(String id, List<SourceTable> described) {
    this.id = id;
    for (SourceTable table : described) {
      tables.put(
          table.sourceTable(),
          Table.of(table.sourceTable(), table.dataset(), TableState.WAITING, null));
    }
  }

  synchronized void begin() {
    state = State.RUNNING;
  }

  synchronized void message(String text) {
    message = text;
  }

  synchronized void position(String lsn, Instant at) {
    position = lsn;
    snapshotAt = at;
  }

  synchronized void table(Table table) {
    tables.put(table.table(), table);
  }

  synchronized void change(String table, UnaryOperator<Table> change) {
    tables.computeIfPresent(table, (name, t) -> change.apply(t));
  }

  /** Ends by what the tables came to. */
  synchronized void end() {
    List<TableState> states = tables.values().stream().map(Table::state).toList();
    long different = states.stream().filter(s -> s == TableState.DIFFERENT).count();
    long equal = states.stream().filter(s -> s == TableState.EQUAL).count();
    if (different > 0) {
      end(State.DIFFERENT, different + " of " + states.size() + " tables differ.");
    } else if (equal == states.size()) {
      end(
          State.EQUAL,
          equal == 1 ? "Silver equals the source." : "Silver equals the source in all tables.");
    } else {
      end(
          State.INCOMPLETE,
          states.size() - equal + " of " + states.size() + " tables could not be compared.");
    }
  }

  synchronized void end(State how, String why) {
    state = how;
    message = why;
    finishedAt = Instant.now();
  }

  synchronized Reconciliation view() {
    return new Reconciliation(
        id,
        state,
        message,
        createdAt,
        position,
        snapshotAt,
        finishedAt,
        new ArrayList<>(tables.values()));
  }
}
