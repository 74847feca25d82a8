package dev.lakegate.transform.runner;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.model.json.Json;
import dev.lakegate.transform.runner.RunnerState.Phase;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * Runs jobs in a child process with one warm Spark session, which speaks JSON lines over its
 * standard streams. A process that dies is started again, with growing delays while that leads to
 * nothing. The child ends when its standard input ends, so it cannot outlive this service, however
 * that ends.
 */
public final class LocalRunner implements JobRunner {
  private static final Logger LOG = Logger.getLogger(LocalRunner.class);

  /** Version of the protocol that this speaks. */
  static final int PROTOCOL = 1;

  static final int MAX_LINE_BYTES = 4 * 1024 * 1024;

  /**
   * Lines that are no events: some are other libraries' prints, endless ones are a broken child.
   */
  static final int MAX_STRAY_LINES = 1_000;

  private static final int SHOWN_STRAY_LINES = 10;

  /** Runs at once that a process may claim to manage. */
  private static final int MAX_PARALLEL = 16;

  /** What a run is told that was ended together with its process, by whoever wanted that. */
  public static final String RUN_ENDED = "RUN_ENDED";

  private final LocalRunnerSettings settings;
  private final Clock clock;
  private final BoundedLog log;
  private final RunLogs runLogs;
  private final ScheduledExecutorService timer;
  private final Thread supervisor;
  private final Object lock = new Object();

  private RunnerState state;
  private Session session;
  private boolean closed;

  /** Keeps no logs of runs but the newest few. */
  public LocalRunner(LocalRunnerSettings settings, Clock clock) {
    this(
        settings,
        new RunLogs(settings.directory().resolve("run-logs"), 256 * 1024, 100, clock),
        clock);
  }

  public LocalRunner(LocalRunnerSettings settings, RunLogs runLogs, Clock clock) {
    this.runLogs = Objects.requireNonNull(runLogs, "runLogs is null");
    this.settings = Objects.requireNonNull(settings, "settings is null");
    this.clock = Objects.requireNonNull(clock, "clock is null");
    this.log = new BoundedLog(settings.directory().resolve("jobs.log"), settings.logBytes());
    this.timer = Executors.newSingleThreadScheduledExecutor(r -> daemon(r, "job-runner-timer"));
    this.supervisor = daemon(this::supervise, "job-runner");
    this.state =
        new RunnerState(Phase.STARTING, "The job process was not started yet.", clock.instant(), 0);
  }

  private static Thread daemon(Runnable task, String name) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    return thread;
  }

  @Override
  public void open() {
    supervisor.start();
  }

  @Override
  public RunnerState state() {
    synchronized (lock) {
      return state;
    }
  }

  @Override
  public CompletableFuture<JsonNode> start(
      String runId, JsonNode request, Consumer<String> onStage) {
    synchronized (lock) {
      if (session == null || state.phase() != Phase.READY) {
        throw new IllegalStateException("the job runner is not ready: " + state.message());
      }
      Work work = new Work(runId, onStage, new CompletableFuture<>());
      session.work.put(runId, work);
      runLogs.begin(runId);
      session.enterByWork();
      session.send(runId, request);
      return work.result();
    }
  }

  @Override
  public void cancel(String runId) {
    synchronized (lock) {
      if (session != null && session.work.containsKey(runId)) {
        session.end(RUN_ENDED, "The run was ended together with its process.", true);
      }
    }
  }

  @Override
  public void close() {
    Session ending;
    synchronized (lock) {
      if (closed) {
        return;
      }
      closed = true;
      ending = session;
      if (ending != null) {
        ending.closeInput();
      }
      lock.notifyAll();
    }
    if (ending != null) {
      ending.awaitEnd(settings.stopTimeout());
    }
    try {
      supervisor.join(settings.stopTimeout().toMillis() + 1_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    timer.shutdownNow();
    log.close();
    synchronized (lock) {
      enter(Phase.CLOSED, "The job runner is closed.");
    }
  }

  private void supervise() {
    int failures = 0;
    while (true) {
      Session life = null;
      String failure;
      try {
        synchronized (lock) {
          if (closed) {
            return;
          }
          enter(Phase.STARTING, "The job process starts.", state.starts() + 1);
          life = new Session(launch());
          session = life;
        }
        failure = life.live();
      } catch (IOException e) {
        failure = "The job process cannot be started: " + e.getMessage();
      } catch (RuntimeException e) {
        LOG.error("the job runner failed unexpectedly", e);
        failure = "The job runner failed unexpectedly: " + e;
        if (life != null) {
          life.kill();
        }
      }
      boolean wanted = life != null && life.wanted;
      boolean useful = life != null && life.results > 0;
      failures = wanted || useful ? 0 : failures + 1;
      if (!pause(failure, wanted ? Duration.ZERO : delay(failures))) {
        return;
      }
    }
  }

  private Duration delay(int failures) {
    Duration delay = settings.firstRestart();
    for (int i = 1; i < failures && delay.compareTo(settings.lastRestart()) < 0; i++) {
      delay = delay.multipliedBy(2);
    }
    return delay.compareTo(settings.lastRestart()) < 0 ? delay : settings.lastRestart();
  }

  /** Whether to start again. */
  private boolean pause(String failure, Duration delay) {
    long until = System.nanoTime() + delay.toNanos();
    synchronized (lock) {
      session = null;
      if (closed) {
        return false;
      }
      Instant next = clock.instant().plus(delay).truncatedTo(ChronoUnit.SECONDS);
      if (!delay.isZero()) {
        LOG.warnf("%s It is started again in %d ms.", failure, delay.toMillis());
      }
      enter(Phase.DOWN, "%s It is started again at %s.".formatted(failure, next));
      while (!closed) {
        long left = until - System.nanoTime();
        if (left <= 0) {
          return true;
        }
        try {
          TimeUnit.NANOSECONDS.timedWait(lock, Math.max(left, 1_000_000));
        } catch (InterruptedException e) {
          return false;
        }
      }
      return false;
    }
  }

  private Process launch() throws IOException {
    if (!Files.isRegularFile(settings.argsFile())) {
      throw new IOException(
          "there is no %s; build the jobs, or set lakegate.jobs.args-file"
              .formatted(settings.argsFile()));
    }
    Files.createDirectories(settings.directory());
    List<String> command = new ArrayList<>();
    command.add(settings.java().toString());
    command.add("-Xmx" + settings.heap());
    command.addAll(settings.options());
    command.add("-Dlakegate.work.directory=" + settings.directory().resolve("scratch"));
    command.add("@" + settings.argsFile().toAbsolutePath());
    command.add("serve");
    ProcessBuilder builder = new ProcessBuilder(command).directory(settings.directory().toFile());
    // The jobs need none of this service's settings but their own, and the control database's
    // password least.
    builder
        .environment()
        .keySet()
        .removeIf(
            name ->
                (name.startsWith("LAKEGATE_") && !name.startsWith("LAKEGATE_JOBS_"))
                    || name.startsWith("QUARKUS_"));
    return builder.start();
  }

  private void enter(Phase phase, String message) {
    enter(phase, message, state.starts());
  }

  private void enter(Phase phase, String message, int starts) {
    state = new RunnerState(phase, message, clock.instant(), starts);
  }

  private record Work(String runId, Consumer<String> onStage, CompletableFuture<JsonNode> result) {}

  /** One life of the process. Fields are guarded by the runner's lock, unless final. */
  private final class Session {
    private final Process process;
    private final ExecutorService writer;
    private final OutputStream input;
    private final Thread errors;
    private final Map<String, Work> work = new LinkedHashMap<>();
    private int parallel = 1;
    private boolean ready;
    private boolean wanted;
    private int results;
    private String endCode;
    private String endMessage;
    private int strayLines;

    Session(Process process) {
      this.process = process;
      this.input = process.getOutputStream();
      this.writer = Executors.newSingleThreadExecutor(r -> daemon(r, "job-runner-input"));
      this.errors = daemon(() -> pump(process.getErrorStream()), "job-runner-log");
    }

    /** Serves until the process ends, and says how it ended. */
    String live() {
      errors.start();
      var startTimeout =
          timer.schedule(
              this::startTimedOut, settings.startTimeout().toMillis(), TimeUnit.MILLISECONDS);
      try {
        LineReader lines = new LineReader(process.getInputStream(), MAX_LINE_BYTES);
        for (String line = lines.next(); line != null; line = lines.next()) {
          take(line);
        }
      } catch (LineReader.LineTooLongException e) {
        breakOff("its output is not that of the jobs: " + e.getMessage());
      } catch (IOException e) {
        LOG.debugf(e, "the job process's output broke off");
      } finally {
        startTimeout.cancel(false);
      }
      // Without its output the process is of no use, whether it still runs or not.
      closeInput();
      awaitEnd(settings.stopTimeout());
      writer.shutdownNow();
      try {
        errors.join(1_000);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      return ended();
    }

    private String ended() {
      List<Work> lost;
      String code;
      String message;
      synchronized (lock) {
        lost = List.copyOf(work.values());
        work.clear();
        session = null;
        code = endCode == null ? "RUNNER_DIED" : endCode;
        List<String> tail = log.tail();
        message =
            endMessage != null
                ? endMessage
                : "The job process ended with exit code %d%s."
                    .formatted(
                        process.exitValue(),
                        tail.isEmpty() ? "" : "; its log ends with: " + tail.get(tail.size() - 1));
        if (!closed) {
          enter(Phase.DOWN, message);
        }
      }
      lost.forEach(
          w -> {
            runLogs.end(w.runId(), "ends, because " + message);
            w.result().completeExceptionally(new RunLostException(code, message));
          });
      return message;
    }

    private void startTimedOut() {
      synchronized (lock) {
        if (!ready) {
          end(
              "RUNNER_DIED",
              "The job process was not ready within %d s; see %s."
                  .formatted(settings.startTimeout().toSeconds(), log.file()),
              false);
        }
      }
    }

    private void breakOff(String why) {
      synchronized (lock) {
        end("RUNNER_PROTOCOL", "The job process was ended, because " + why + ".", false);
      }
    }

    /** Kills the process; what it was doing is lost. Needs the lock. */
    private void end(String code, String message, boolean deliberately) {
      if (endCode == null) {
        endCode = code;
        endMessage = message;
        wanted = deliberately;
      }
      kill();
    }

    private void kill() {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }

    void closeInput() {
      // Closing waits for a write in progress, which waits for a child that may hang.
      daemon(
              () -> {
                try {
                  input.close();
                } catch (IOException e) {
                  LOG.debugf(e, "the job process's input was closed already");
                }
              },
              "job-runner-close")
          .start();
    }

    void awaitEnd(Duration patience) {
      try {
        if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
          kill();
          process.waitFor();
        }
      } catch (InterruptedException e) {
        kill();
        Thread.currentThread().interrupt();
      }
    }

    void send(String runId, JsonNode request) {
      ObjectNode line = Json.MAPPER.createObjectNode();
      line.put("id", runId);
      line.set("request", request);
      byte[] bytes = (Json.write(line) + "\n").getBytes(StandardCharsets.UTF_8);
      writer.execute(
          () -> {
            try {
              input.write(bytes);
              input.flush();
            } catch (IOException e) {
              // The process is gone or going; its end is what completes the run.
              LOG.debugf(e, "run %s could not be sent", runId);
            }
          });
    }

    private void take(String line) {
      JsonNode event = event(line);
      if (event == null) {
        stray(line);
        return;
      }
      String id = event.path("id").asText("");
      switch (event.path("event").asText()) {
        case "ready" -> ready(event.path("version").asInt(), event.path("parallel").asInt(1));
        case "progress" -> {
          Work current = work(id);
          if (current != null) {
            runLogs.tell(id, event.path("stage").asText());
            current.onStage().accept(event.path("stage").asText());
          }
        }
        case "result" -> result(id, event.get("result"));
        default -> stray(line);
      }
    }

    private JsonNode event(String line) {
      if (!line.startsWith("{")) {
        return null;
      }
      try {
        JsonNode node = Json.MAPPER.readTree(line);
        return node.path("event").isTextual() ? node : null;
      } catch (JsonProcessingException e) {
        return null;
      }
    }

    private void ready(int version, int atOnce) {
      if (version != PROTOCOL) {
        breakOff(
            "it speaks version %d of the protocol and this service version %d; build both from the"
                    .formatted(version, PROTOCOL)
                + " same source");
        return;
      }
      synchronized (lock) {
        if (endCode == null && !ready && !closed) {
          ready = true;
          parallel = Math.max(1, Math.min(atOnce, MAX_PARALLEL));
          enterByWork();
        }
      }
    }

    /** Ready as long as there is room for a run. Needs the lock. */
    private void enterByWork() {
      String runs = String.join(", ", work.keySet());
      if (work.size() >= parallel) {
        enter(
            Phase.BUSY,
            "The job process executes run%s %s.".formatted(work.size() == 1 ? "" : "s", runs));
      } else {
        enter(
            Phase.READY,
            work.isEmpty()
                ? "The job process is ready."
                : "The job process executes run %s and takes another.".formatted(runs));
      }
    }

    private Work work(String id) {
      synchronized (lock) {
        return work.get(id);
      }
    }

    private void result(String id, JsonNode result) {
      Work done = work(id);
      if (done == null) {
        LOG.warnf("the job process sent a result for run '%s', which is not in progress", id);
        return;
      }
      if (result == null || !result.isObject()) {
        breakOff("its result of run " + id + " is none");
        return;
      }
      synchronized (lock) {
        if (endCode != null) {
          return;
        }
        work.remove(id);
        results++;
        strayLines = 0;
        enterByWork();
      }
      runLogs.end(id, "ends: " + outcome(result));
      done.result().complete(result);
    }

    private static String outcome(JsonNode result) {
      JsonNode error = result.path("error");
      return result.path("status").asText()
          + (error.isObject()
              ? ": " + error.path("code").asText() + ": " + error.path("message").asText()
              : "");
    }

    private void stray(String line) {
      strayLines++;
      if (strayLines <= SHOWN_STRAY_LINES) {
        LOG.warnf(
            "the job process printed a line that is no event: %s",
            line.length() > 200 ? line.substring(0, 200) + "..." : line);
      } else if (strayLines == MAX_STRAY_LINES) {
        breakOff("it prints lines that are no events");
      }
    }

    private void pump(InputStream stream) {
      byte[] buffer = new byte[8192];
      Lines lines = new Lines(runLogs::line);
      try {
        for (int n = stream.read(buffer); n >= 0; n = stream.read(buffer)) {
          log.write(buffer, n);
          lines.take(buffer, n);
        }
        lines.end();
      } catch (IOException e) {
        LOG.debugf(e, "the job process's log broke off");
      }
    }
  }
}
