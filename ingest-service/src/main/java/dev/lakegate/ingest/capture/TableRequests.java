package dev.lakegate.ingest.capture;

import dev.lakegate.model.bronze.SchemaApproval;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.ToIntFunction;

/**
 * What operators ask of capture, on its way to the capturing thread. A request stays until it is
 * done or withdrawn, so a session that fails does not lose it; one to copy a table anew also
 * outlives the service. Thread-safe.
 */
final class TableRequests {
  /** An approval that waits for a manifest. */
  record Approval(SchemaApproval approval, CompletableFuture<Void> durable) {}

  /** A table that is to be copied anew. */
  record Resync(String table, int generation, String reason, CompletableFuture<Void> durable) {}

  private final Path root;

  private final List<Approval> approvals = new ArrayList<>();
  private final Map<String, Resync> resyncs = new LinkedHashMap<>();
  private volatile boolean waiting;
  private volatile int resyncsAsked;

  /**
   * @param root storage root
   */
  TableRequests(Path root) {
    this.root = root;
  }

  synchronized Approval approve(SchemaApproval approval) {
    for (Approval present : approvals) {
      if (present.approval().table().equals(approval.table())
          && present.approval().schemaVersion() == approval.schemaVersion()) {
        return present;
      }
    }
    Approval added = new Approval(approval, new CompletableFuture<>());
    approvals.add(added);
    waiting = true;
    return added;
  }

  /**
   * Asks for a new copy; the request is durable when this returns.
   *
   * @param generation of the table's newest copy: a later one is what was asked for
   */
  synchronized Resync resync(String table, int generation, String reason) throws IOException {
    Resync request = resyncs.get(table);
    if (request == null) {
      request = new Resync(table, generation, reason, new CompletableFuture<>());
      resyncs.put(table, request);
      try {
        store();
      } catch (IOException e) {
        resyncs.remove(table);
        throw e;
      }
    }
    resyncsAsked++;
    return request;
  }

  /**
   * Takes up what an earlier life of the service was asked and did not begin.
   *
   * @param generations of the newest copy of a table
   */
  synchronized void load(ToIntFunction<String> generations) {
    PendingResyncs.read(root)
        .forEach(
            (table, wanted) -> {
              if (generations.applyAsInt(table) <= wanted.generation()
                  && !resyncs.containsKey(table)) {
                resyncs.put(
                    table,
                    new Resync(
                        table, wanted.generation(), wanted.reason(), new CompletableFuture<>()));
                resyncsAsked++;
              }
            });
  }

  private void store() throws IOException {
    Map<String, PendingResyncs.Wanted> wanted = new TreeMap<>();
    resyncs.forEach(
        (table, r) -> wanted.put(table, new PendingResyncs.Wanted(r.generation(), r.reason())));
    PendingResyncs.write(root, wanted);
  }

  /** Takes an approval back, if it is not durable yet. */
  synchronized void withdraw(Approval approval) {
    approvals.remove(approval);
    waiting = !approvals.isEmpty();
  }

  /** Whether an approval waits; cheap. */
  boolean approvalWaits() {
    return waiting;
  }

  /** Rises with each request to copy a table anew; cheap. */
  int resyncsAsked() {
    return resyncsAsked;
  }

  synchronized List<Approval> approvals() {
    return List.copyOf(approvals);
  }

  /** The request for that table; null when there is none. */
  synchronized Resync resync(String table) {
    return resyncs.get(table);
  }

  void durable(List<Approval> done) {
    synchronized (this) {
      approvals.removeAll(done);
      waiting = !approvals.isEmpty();
    }
    done.forEach(a -> a.durable().complete(null));
  }

  /** The table's copy is begun, or was under way. */
  void begun(String table) throws IOException {
    Resync done;
    synchronized (this) {
      done = resyncs.remove(table);
      if (done != null) {
        store();
      }
    }
    if (done != null) {
      done.durable().complete(null);
    }
  }
}
