package dev.lakegate.gateway.trino;

import dev.lakegate.gateway.query.GatewayQuery;
import dev.lakegate.gateway.sql.SecuredQuery.OutputColumn;
import dev.lakegate.kit.error.LakegateException;
import java.util.List;

/** The body of an answer, as Trino's clients read it. Pure. */
final class Results {
  private Results() {}

  /**
   * Where things are.
   *
   * @param info about the query, for people
   * @param next page; null when there is none
   */
  record Addresses(String info, String next) {}

  /** A page of a query. */
  static byte[] of(TrinoQuery q, TrinoQuery.Answer answer, Addresses addresses) {
    int size = 2048;
    for (PageSpool.Rows rows : answer.pages()) {
      size += rows.json().length + 1;
    }
    JsonBytes out = new JsonBytes(size);
    head(out, q.id, addresses);
    List<OutputColumn> columns = q.query.columns();
    if (columns != null && answer.error() == null) {
      Signatures.columns(out.raw(',').name("columns"), columns, q.parametric);
    }
    if (!answer.pages().isEmpty()) {
      out.raw(',').name("data").raw('[');
      boolean first = true;
      for (PageSpool.Rows rows : answer.pages()) {
        out.raw(first ? "" : ",").raw(rows.json());
        first = false;
      }
      out.raw(']');
    }
    boolean finished = answer.next() < 0 && answer.error() == null;
    stats(out.raw(',').name("stats"), q.query, answer.error(), finished);
    if (answer.error() != null) {
      TrinoErrors.write(out.raw(',').name("error"), answer.error());
    }
    warnings(out.raw(',').name("warnings"), q.query);
    if (answer.change() != null) {
      out.raw(',').name("updateType").string(answer.change().updateType());
    }
    return out.raw('}').copy();
  }

  /**
   * The first answer to any statement: where to look. Not even the columns are in it, since a
   * driver that knows them reads no further, and would miss what a statement about the session
   * says.
   */
  static byte[] first(String id, Addresses addresses) {
    return unstarted(id, null, addresses);
  }

  /** The answer to a statement that was not let in. */
  static byte[] refused(String id, LakegateException e, Addresses addresses) {
    return unstarted(id, e, addresses);
  }

  private static byte[] unstarted(String id, LakegateException e, Addresses addresses) {
    JsonBytes out = new JsonBytes(1024);
    head(out, id, addresses);
    boolean queued = e == null;
    out.raw(",\"stats\":{").name("state").string(queued ? "QUEUED" : "FAILED");
    flag(out, "queued", queued);
    out.raw(",\"scheduled\":false,\"nodes\":0,");
    out.raw("\"totalSplits\":0,\"queuedSplits\":0,\"runningSplits\":0,\"completedSplits\":0}");
    if (!queued) {
      TrinoErrors.write(out.raw(',').name("error"), e);
    }
    return out.raw(",\"warnings\":[]}").copy();
  }

  private static void head(JsonBytes out, String id, Addresses addresses) {
    out.raw('{').name("id").string(id);
    out.raw(',').name("infoUri").string(addresses.info());
    if (addresses.next() != null) {
      out.raw(',').name("nextUri").string(addresses.next());
    }
  }

  private static void warnings(JsonBytes out, GatewayQuery q) {
    out.raw('[');
    boolean first = true;
    for (var note : q.notes()) {
      out.raw(first ? "" : ",").raw("{\"warningCode\":{\"code\":0,\"name\":");
      out.string(note.code()).raw("},\"message\":").string(note.message()).raw('}');
      first = false;
    }
    out.raw(']');
  }

  /**
   * A client draws its bar of progress from splits: with as few as there are files it would not
   * move.
   */
  private static final int LEAST_SPLITS = 100;

  /** Parts of the files stand for splits: what of them the engine has read is its own estimate. */
  private static void stats(
      JsonBytes out, GatewayQuery q, LakegateException error, boolean finished) {
    GatewayQuery.State state = q.state();
    boolean planned = q.columns() != null;
    String name =
        error != null
            ? "FAILED"
            : finished
                ? "FINISHED"
                : state == GatewayQuery.State.QUEUED ? planned ? "QUEUED" : "PLANNING" : "RUNNING";
    double progress = finished ? 1 : Math.min(q.progress(), 0.99);
    boolean ended = state.ended();
    int files = q.inputFiles();
    int total = !planned ? 0 : files == 0 ? 1 : Math.max(LEAST_SPLITS, files);
    int done = finished || ended && error == null ? total : (int) (total * progress);
    int running = name.equals("RUNNING") ? Math.min(2, total - done) : 0;
    long rows = (long) (q.inputRows() * progress);
    long bytes = (long) (q.inputBytes() * progress);
    out.raw('{').name("state").string(name);
    flag(out, "queued", name.equals("QUEUED") || name.equals("PLANNING"));
    flag(out, "scheduled", name.equals("RUNNING") || finished);
    if (planned) {
      out.raw(',').name("progressPercentage").raw(String.valueOf(Math.round(progress * 1e4) / 1e2));
      out.raw(',').name("runningPercentage").raw(running > 0 ? "100.0" : "0.0");
    }
    number(out, "nodes", planned ? 1 : 0);
    splits(out, total, total - done - running, running, done);
    number(out, "cpuTimeMillis", q.elapsedMillis());
    number(out, "wallTimeMillis", q.elapsedMillis());
    number(out, "queuedTimeMillis", 0);
    number(out, "elapsedTimeMillis", q.elapsedMillis());
    number(out, "processedRows", rows);
    number(out, "processedBytes", bytes);
    number(out, "physicalInputBytes", bytes);
    number(out, "physicalWrittenBytes", 0);
    number(out, "peakMemoryBytes", 0);
    number(out, "spilledBytes", 0);
    if (planned) {
      out.raw(',').name("rootStage").raw('{').name("stageId").string("0");
      out.raw(',').name("state").string(name.equals("QUEUED") ? "PLANNED" : name);
      flag(out, "done", finished || error != null);
      number(out, "nodes", 1);
      splits(out, total, total - done - running, running, done);
      number(out, "cpuTimeMillis", q.elapsedMillis());
      number(out, "wallTimeMillis", q.elapsedMillis());
      number(out, "processedRows", rows);
      number(out, "processedBytes", bytes);
      number(out, "physicalInputBytes", bytes);
      number(out, "failedTasks", 0);
      flag(out, "coordinatorOnly", q.inputFiles() == 0);
      out.raw(",\"subStages\":[]}");
    }
    out.raw('}');
  }

  private static void splits(JsonBytes out, int total, int queued, int running, int done) {
    number(out, "totalSplits", total);
    number(out, "queuedSplits", Math.max(0, queued));
    number(out, "runningSplits", running);
    number(out, "completedSplits", done);
  }

  private static void number(JsonBytes out, String name, long value) {
    out.raw(',').name(name).number(value);
  }

  private static void flag(JsonBytes out, String name, boolean value) {
    out.raw(',').name(name).raw(value ? "true" : "false");
  }
}
