package dev.lakegate.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.jobs.protocol.Json;
import dev.lakegate.jobs.run.Runner;
import dev.lakegate.jobs.spark.Scratch;
import dev.lakegate.jobs.spark.Sessions;
import dev.lakegate.jobs.table.Retention;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.TimeZone;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.apache.spark.sql.SparkSession;

/**
 * The jobs as a process: {@code run --request FILE} for one run, {@code serve} for a warm session
 * that is asked over standard input. Standard output carries nothing but the protocol.
 */
public final class Main {
  /** How long a run may go on after the owner closed standard input. */
  private static final long GRACE_MILLIS = 10_000;

  private final PrintStream out;
  private SparkSession spark;

  private Main(PrintStream out) {
    this.out = out;
  }

  /** Starts the process. */
  public static void main(String[] arguments) throws Exception {
    PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, "UTF-8");
    System.setOut(System.err);
    TimeZone.setDefault(TimeZone.getTimeZone("UTC"));
    boolean serve = arguments.length == 1 && arguments[0].equals("serve");
    boolean run =
        arguments.length == 3 && arguments[0].equals("run") && arguments[1].equals("--request");
    if (!serve && !run) {
      System.err.println("usage: run --request FILE | serve");
      System.exit(2);
    }
    Path work =
        Paths.get(setting("lakegate.work.directory", ".lakegate/work/jobs")).toAbsolutePath();
    int exit;
    try (Scratch scratch = Scratch.create(work)) {
      // Native libraries are unpacked there; a killed process leaves nothing behind elsewhere.
      System.setProperty("java.io.tmpdir", scratch.directory().toString());
      Main main = new Main(out);
      try {
        exit = serve ? main.serve(scratch) : main.once(scratch, Paths.get(arguments[2]));
      } finally {
        if (main.spark != null) {
          main.spark.stop();
        }
      }
    }
    // Libraries leave threads running that are not daemons.
    System.exit(exit);
  }

  private Runner runner(Scratch scratch, int parallel) {
    Retention retention =
        Retention.of(
            duration("lakegate.jobs.retention", "PT2H"),
            duration("lakegate.jobs.savepoint-every", "PT1H"),
            duration("lakegate.jobs.savepoint-retention", "P8D"),
            number("lakegate.jobs.clean-every-commits", 20),
            number("lakegate.jobs.commits-kept", 60),
            number("lakegate.jobs.archive-every-commits", 40));
    return new Runner(
        () -> session(scratch),
        scratch.directory(),
        retention,
        Math.max(64, number("lakegate.jobs.duckdb-megabytes", 512) / parallel));
  }

  private synchronized SparkSession session(Scratch scratch) {
    if (spark == null) {
      spark = Sessions.start(scratch.directory());
    }
    return spark;
  }

  private int once(Scratch scratch, Path request) throws IOException {
    ObjectNode result = runner(scratch, 1).run(Json.read(request), stage -> {});
    out.println(Json.write(result));
    return result.path("status").asText().equals("succeeded") ? 0 : 1;
  }

  private int serve(Scratch scratch) throws InterruptedException {
    int parallel = number("lakegate.jobs.parallel", 2);
    Runner runner = runner(scratch, parallel);
    session(scratch);
    ExecutorService runs = Executors.newFixedThreadPool(parallel);
    Semaphore free = new Semaphore(parallel);
    BlockingQueue<Optional<String>> lines = new LinkedBlockingQueue<>(64);
    Thread reader = new Thread(() -> read(lines), "requests");
    reader.setDaemon(true);
    reader.start();
    say(Json.object().put("event", "ready").put("version", 1).put("parallel", parallel));
    for (Optional<String> line = lines.take(); line.isPresent(); line = lines.take()) {
      if (!line.get().trim().isEmpty()) {
        String text = line.get();
        free.acquire();
        runs.execute(
            () -> {
              try {
                answer(runner, text);
              } finally {
                free.release();
              }
            });
      }
    }
    runs.shutdown();
    // The reader ends the process when this takes too long.
    runs.awaitTermination(2 * GRACE_MILLIS, TimeUnit.MILLISECONDS);
    return 0;
  }

  private void answer(Runner runner, String line) {
    String id = null;
    ObjectNode result;
    try {
      JsonNode message = Json.parse(line);
      id = Json.textOrNull(message, "id");
      String requestId = id;
      result =
          runner.run(
              message.path("request"),
              stage ->
                  say(
                      Json.object()
                          .put("event", "progress")
                          .put("id", requestId)
                          .put("stage", stage)));
    } catch (JobException e) {
      result =
          new dev.lakegate.jobs.protocol.RunResult()
              .failed(null, null, e.code(), e.getMessage(), e.retryable());
    }
    ObjectNode event = Json.object().put("event", "result").put("id", id);
    event.set("result", result);
    say(event);
  }

  /** One line at a time, whichever run it is of. */
  private void say(ObjectNode event) {
    synchronized (out) {
      out.println(Json.write(event));
    }
  }

  /** Ends the process a little after its owner, even in the middle of a run. */
  private static void read(BlockingQueue<Optional<String>> lines) {
    try (BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        lines.put(Optional.of(line));
      }
    } catch (IOException e) {
      System.err.println("standard input failed: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    try {
      lines.put(Optional.empty());
      Thread.sleep(GRACE_MILLIS);
      // A run in progress is like a killed one: the next run heals it.
      Runtime.getRuntime().halt(HaltPoint.EXIT_CODE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Duration duration(String name, String fallback) {
    String text = setting(name, fallback);
    try {
      Duration value = Duration.parse(text.trim());
      if (!value.isNegative() && !value.isZero()) {
        return value;
      }
    } catch (DateTimeParseException e) {
      // Reported below like any other value that is not a time.
    }
    throw new IllegalArgumentException(name + " must be a duration such as PT2H, not " + text);
  }

  private static int number(String name, int fallback) {
    String text = setting(name, String.valueOf(fallback));
    try {
      int value = Integer.parseInt(text.trim());
      if (value > 0) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Reported below like any other value that is not a positive number.
    }
    throw new IllegalArgumentException(name + " must be a positive number, not " + text);
  }

  private static String setting(String name, String fallback) {
    String value = System.getProperty(name);
    if (value == null) {
      value = System.getenv(name.toUpperCase(java.util.Locale.ROOT).replaceAll("[.-]", "_"));
    }
    return value == null || value.isEmpty() ? fallback : value;
  }
}
