package dev.lakegate.ingest.capture;

import dev.lakegate.model.bronze.SchemaApproval;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * What operators ask of capture, on its way to the capturing thread. A request stays until it is
 * durable or withdrawn, so a session that fails does not lose it. Thread-safe.
 */
final class TableRequests {
  /** An approval that waits for a manifest. */
  record Approval(SchemaApproval approval, CompletableFuture<Void> durable) {}

  /** A table that is to be copied anew. */
  record Resync(String table, String reason, CompletableFuture<Void> durable) {}

  private final List<Approval> approvals = new ArrayList<>();
  private final Map<String, Resync> resyncs = new LinkedHashMap<>();
  private volatile boolean waiting;
  private volatile int resyncsAsked;

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

  synchronized Resync resync(String table, String reason) {
    Resync request =
        resyncs.computeIfAbsent(table, name -> new Resync(name, reason, new CompletableFuture<>()));
    resyncsAsked++;
    return request;
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
  void begun(String table) {
    Resync done;
    synchronized (this) {
      done = resyncs.remove(table);
    }
    if (done != null) {
      done.durable().complete(null);
    }
  }
}
