package dev.lakegate.jobs.past;

import dev.lakegate.jobs.protocol.RunRequest;
import dev.lakegate.jobs.protocol.RunResult;
import dev.lakegate.jobs.run.RunContext;
import java.io.IOException;
import java.sql.SQLException;

/** A run about a kept state of a table. */
public final class PastJob {
  private final RunContext context;
  private final RunRequest request;

  /** The job of a request. */
  public PastJob(RunContext context, RunRequest request) {
    this.context = context;
    this.request = request;
  }

  /** Runs it; the result is filled in as far as the run came. */
  public void run(RunResult result) throws IOException, SQLException {
    switch (request.mode()) {
      case ASOF:
        new AsOfTable(request).make(result, context::progress);
        break;
      case DROP:
        new AsOfTable(request).drop(result, context::progress);
        break;
      case RESTORE:
        new Restore(context, request).run(result);
        break;
      default:
        throw new IllegalArgumentException(request.mode() + " is not about a kept state");
    }
  }
}
