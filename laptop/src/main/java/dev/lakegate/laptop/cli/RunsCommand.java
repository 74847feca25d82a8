package dev.lakegate.laptop.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "runs",
    description = {
      "Show the runs of the transformations, newest first: what they read, how many rows came out,"
          + " how long they took; or one of them with its log.",
      "Exit code 0: shown; 1: the run of --log failed, or refused; 3: Lakegate does not run.",
      ""
    })
final class RunsCommand implements Callable<Integer> {
  private static final Set<String> OPEN = Set.of("queued", "running");
  private static final int POLL_MILLIS = 500;

  @Mixin private HelpOption help;
  @Mixin private DataOption data;
  @Spec private CommandSpec spec;

  @Parameters(
      arity = "0..1",
      paramLabel = "TABLE",
      description = "Only runs of this table, such as silver.order (default: all).")
  private String table;

  @Option(
      names = "--status",
      paramLabel = "STATUS",
      description = "Only such: queued, running, succeeded, failed, cancelled or interrupted.")
  private String status;

  @Option(names = "--limit", paramLabel = "N", description = "How many, at most 500 (default: 20).")
  private int limit = 20;

  @Option(names = "--log", paramLabel = "ID", description = "Show one run and its log.")
  private String log;

  @Option(names = "--follow", description = "With --log: go on until the run has ended.")
  private boolean follow;

  @Option(names = "--json", description = "Print what transform-service answers.")
  private boolean json;

  @Override
  public Integer call() throws InterruptedException {
    if (log != null && (table != null || status != null) || follow && log == null) {
      throw new ParameterException(
          spec.commandLine(),
          "Give --log with a run, and perhaps --follow, or filters of the list.");
    }
    if (limit < 1 || limit > 500) {
      throw new ParameterException(spec.commandLine(), "--limit is from 1 to 500.");
    }
    GatewayClient gateway = new GatewayClient(data.running());
    PrintWriter out = spec.commandLine().getOut();
    try {
      if (log != null) {
        return log(gateway, out);
      }
      String path = "/api/v1/runs?limit=" + limit;
      if (table != null) {
        path += "&dataset=" + encoded(PastRuns.dataset(gateway, table));
      }
      if (status != null) {
        path += "&status=" + encoded(status);
      }
      JsonNode answer = gateway.get("admin", "transform", path);
      if (json) {
        out.println(answer.toPrettyString());
      } else {
        RunsText.list(out, answer.path("items"));
      }
      out.flush();
      return 0;
    } catch (GatewayClient.Refusal e) {
      throw new CommandFailed(CommandFailed.FAILED, e.describe(), e);
    }
  }

  private int log(GatewayClient gateway, PrintWriter out) throws InterruptedException {
    String path = "/api/v1/runs/" + encoded(log);
    JsonNode run = gateway.get("admin", "transform", path);
    if (json) {
      out.println(run.toPrettyString());
    } else {
      RunsText.one(out, run);
    }
    int from = 0;
    while (true) {
      boolean open = OPEN.contains(run.path("status").asText());
      JsonNode page = gateway.get("admin", "transform", path + "/log?limit=2000&offset=" + from);
      page.path("lines").forEach(line -> out.println(TextTable.visible(line.asText())));
      out.flush();
      from = page.path("offset").asInt() + page.path("lines").size();
      if (page.hasNonNull("next")) {
        continue;
      }
      if (!open || !follow) {
        if (!page.path("kept").asBoolean()) {
          out.println(open ? "It has not started yet." : "Its log is not kept.");
          out.flush();
        }
        return run.path("status").asText().equals("failed") ? CommandFailed.FAILED : 0;
      }
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
      // Asked before the log, so that the last lines are not missed.
      run = gateway.get("admin", "transform", path);
    }
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
