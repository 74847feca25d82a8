package dev.lakegate.ingest.capture;

import dev.lakegate.ingest.bronze.BronzeWriter;
import dev.lakegate.ingest.pgoutput.PgOutputMessage;
import dev.lakegate.ingest.pgoutput.PgOutputMessage.Begin;
import dev.lakegate.ingest.pgoutput.PgOutputMessage.Commit;
import dev.lakegate.ingest.pgoutput.PgOutputMessage.Delete;
import dev.lakegate.ingest.pgoutput.PgOutputMessage.Insert;
import dev.lakegate.ingest.pgoutput.PgOutputMessage.Relation;
import dev.lakegate.ingest.pgoutput.PgOutputMessage.Truncate;
import dev.lakegate.ingest.pgoutput.PgOutputMessage.Update;
import dev.lakegate.ingest.pgoutput.Tuple;
import dev.lakegate.model.bronze.ChangeSequence;
import dev.lakegate.model.bronze.ChangeSequence.Phase;
import java.io.IOException;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.Map;

/**
 * Follows the stream message by message: which transaction it is in, what each change's sequence
 * is, and what the chain holds already and is therefore dropped. Not thread-safe.
 */
final class ChangeReader {
  /** Finds out where a relation's changes go. */
  interface Routes {
    /**
     * Unsigned LSN of the snapshot under which the relation's rows were copied: what committed
     * before it is in the copy, and would, replayed over it, change rows back. Null when the
     * relation's changes are not captured.
     */
    Long copiedFrom(Relation relation);

    /** The route; null when the relation's changes are not captured. */
    Route route(Relation relation) throws SQLException, IOException;
  }

  /** Takes the changes. */
  @FunctionalInterface
  interface Sink {
    void add(Change change) throws SQLException, IOException;
  }

  /**
   * One record of Bronze to be.
   *
   * @param op {@code I}, {@code U}, {@code D} or {@code T}
   * @param unchanged column names, see {@code Stage}; null when there are none
   * @param oldKey JSON; null when the key did not change
   * @param row values; null for a truncate
   * @param fill values for columns that the row does not carry; may be null
   */
  record Change(
      Route route,
      char op,
      String sequence,
      long commitMicros,
      LocalDate loadDate,
      String tenant,
      String unchanged,
      String oldKey,
      Tuple row,
      Tuple fill) {}

  /** Where a relation's changes go, found out when the first one comes that is not dropped. */
  private static final class Target {
    final Long copiedFrom;
    boolean resolved;
    Route route;

    Target(Long copiedFrom) {
      this.copiedFrom = copiedFrom;
    }
  }

  private int epoch;
  private final long heldPosition;
  private final Routes routes;
  private final Map<Integer, Relation> relations = new HashMap<>();
  private final Map<Integer, Target> targets = new HashMap<>();
  private boolean inTransaction;
  private boolean dropping;
  private long commitLsn;
  private long commitMicros;
  private LocalDate commitDate;
  private long ordinal;
  private long position;

  /**
   * @param epoch of the sequences
   * @param position unsigned LSN: a transaction that committed before it is in the chain already
   */
  ChangeReader(int epoch, long position, Routes routes) {
    this.epoch = epoch;
    this.heldPosition = position;
    this.position = position;
    this.routes = routes;
  }

  /** The sequences of transactions from now on are of this epoch. */
  void epoch(int next) {
    if (inTransaction) {
      throw new IllegalStateException("an epoch begins within a transaction");
    }
    epoch = next;
  }

  /** Asks anew where changes go. */
  void refresh() {
    targets.clear();
  }

  /** Whether a transaction has begun and not ended. */
  boolean inTransaction() {
    return inTransaction;
  }

  /** Unsigned LSN after the last whole transaction. */
  long position() {
    return position;
  }

  /** Commit time of the newest transaction, microseconds since 1970; 0 before the first. */
  long commitMicros() {
    return commitMicros;
  }

  /**
   * Takes the next message.
   *
   * @throws IllegalStateException when the messages contradict each other
   */
  void accept(PgOutputMessage message, Sink sink) throws SQLException, IOException {
    if (message instanceof Begin begin) {
      if (inTransaction) {
        throw new IllegalStateException("a transaction begins within another");
      }
      inTransaction = true;
      commitLsn = begin.commitLsn();
      commitMicros = begin.commitMicros();
      commitDate = BronzeWriter.utcDate(commitMicros);
      ordinal = 0;
      dropping = Long.compareUnsigned(commitLsn, heldPosition) < 0;
    } else if (message instanceof Commit commit) {
      if (!inTransaction || commit.commitLsn() != commitLsn) {
        throw new IllegalStateException("a transaction ends that did not begin");
      }
      inTransaction = false;
      if (Long.compareUnsigned(commit.endLsn(), position) > 0) {
        position = commit.endLsn();
      }
    } else if (message instanceof Relation relation) {
      relations.put(relation.oid(), relation);
      targets.remove(relation.oid());
    } else if (message instanceof Insert insert) {
      Route route = next(insert.relation());
      if (route != null) {
        add(sink, route, 'I', null, insert.row(), null);
      }
    } else if (message instanceof Update update) {
      Route route = next(update.relation());
      if (route != null) {
        // With REPLICA IDENTITY FULL the old row carries what the new one leaves out.
        Tuple fill = update.old() != null && !update.oldIsKey() ? update.old() : null;
        add(sink, route, 'U', route.oldKey(update.old(), update.row()), update.row(), fill);
      }
    } else if (message instanceof Delete delete) {
      Route route = next(delete.relation());
      if (route != null) {
        add(sink, route, 'D', null, delete.old(), null);
      }
    } else if (message instanceof Truncate truncate) {
      for (int relation : truncate.relations()) {
        Route route = next(relation);
        if (route != null) {
          add(sink, route, 'T', null, null, null);
        }
      }
    }
    // Type, Origin and LogicalMessage say nothing about rows.
  }

  /** Counts the change and finds its route; null when it is dropped or not captured. */
  private Route next(int oid) throws SQLException, IOException {
    if (!inTransaction) {
      throw new IllegalStateException("a change outside of a transaction");
    }
    ordinal++;
    if (dropping) {
      return null;
    }
    Relation relation = relations.get(oid);
    if (relation == null) {
      throw new IllegalStateException("a change of a relation that was not described: " + oid);
    }
    Target target = targets.get(oid);
    if (target == null) {
      target = new Target(routes.copiedFrom(relation));
      targets.put(oid, target);
    }
    if (target.copiedFrom == null || Long.compareUnsigned(commitLsn, target.copiedFrom) < 0) {
      return null;
    }
    if (!target.resolved) {
      target.route = routes.route(relation);
      target.resolved = true;
    }
    return target.route;
  }

  private void add(Sink sink, Route route, char op, String oldKey, Tuple row, Tuple fill)
      throws SQLException, IOException {
    int columns = route.schema().columns().size();
    if (row != null && row.size() != columns) {
      throw new IllegalStateException(
          "a row of " + row.size() + " columns for " + route.schema().table() + " of " + columns);
    }
    sink.add(
        new Change(
            route,
            op,
            ChangeSequence.format(epoch, Phase.STREAM, commitLsn, ordinal - 1),
            commitMicros,
            commitDate,
            route.tenant(row, fill),
            unchanged(route, row, fill),
            oldKey,
            row,
            fill));
  }

  private static String unchanged(Route route, Tuple row, Tuple fill) {
    if (row == null) {
      return null;
    }
    StringBuilder names = null;
    for (int i = 0; i < row.size(); i++) {
      if (row.isUnchanged(i) && (fill == null || fill.isUnchanged(i))) {
        names = names == null ? new StringBuilder() : names.append('\u001f');
        names.append(route.schema().columns().get(i).name());
      }
    }
    return names == null ? null : names.toString();
  }
}
