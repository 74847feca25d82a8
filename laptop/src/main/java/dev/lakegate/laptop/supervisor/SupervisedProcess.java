package dev.lakegate.laptop.supervisor;

import dev.lakegate.laptop.postgres.PostgresCluster;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Keeps one child process running: starts it, copies its output to its log, starts it again with
 * growing delays when it ends, and stops it. A child sits in a session of its own, so that Ctrl-C
 * reaches only the supervisor, which then stops all in order. Its standard input is a pipe that
 * ends with the supervisor, however that ends. Thread-safe.
 */
final class SupervisedProcess {
  private static final long LOG_BYTES = 10_000_000;
  private static final int LOGS_KEPT = 3;
  private static final int FAILED_STARTS = 3;
  private static final Duration STABLE = Duration.ofMinutes(1);

  private final ProcessSpec spec;
  private final Duration firstDelay;
  private final Duration longestDelay;
  private final Consumer<String> notices;
  private final Runnable launched;
  private final RotatingLog log;
  private final Thread keeper;

  private Process process;
  private boolean stopping;
  private boolean wasReady;
  private int failedStarts;
  private int restarts;

  /**
   * @param notices takes a sentence when the child ended unasked
   * @param launched runs after each start
   */
  SupervisedProcess(ProcessSpec spec, Consumer<String> notices, Runnable launched) {
    this(spec, notices, launched, Duration.ofSeconds(1), Duration.ofSeconds(30));
  }

  SupervisedProcess(
      ProcessSpec spec,
      Consumer<String> notices,
      Runnable launched,
      Duration firstDelay,
      Duration longestDelay) {
    this.spec = spec;
    this.notices = notices;
    this.launched = launched;
    this.firstDelay = firstDelay;
    this.longestDelay = longestDelay;
    this.log = new RotatingLog(spec.log(), LOG_BYTES, LOGS_KEPT);
    this.keeper = new Thread(this::keep, "keep-" + spec.name());
    keeper.setDaemon(true);
  }

  String name() {
    return spec.name();
  }

  void start() {
    launch();
    keeper.start();
  }

  /** Process id, when it runs. */
  synchronized OptionalLong pid() {
    return process != null && process.isAlive()
        ? OptionalLong.of(process.pid())
        : OptionalLong.empty();
  }

  /** How often it was started again. */
  synchronized int restarts() {
    return restarts;
  }

  /**
   * Waits until the child is ready.
   *
   * @throws StartException with the end of its log when it keeps ending, or is not ready in time
   */
  void awaitReady(Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (true) {
      if (spec.ready().getAsBoolean()) {
        synchronized (this) {
          wasReady = true;
        }
        return;
      }
      synchronized (this) {
        if (stopping) {
          throw new StartException(spec.name() + " was stopped while it started.");
        }
        if (failedStarts >= FAILED_STARTS) {
          throw new StartException(
              spec.name() + " does not start. The end of its log (" + spec.log() + "):\n" + tail());
        }
      }
      if (System.nanoTime() > deadline) {
        throw new StartException(
            spec.name()
                + " was not ready after "
                + timeout.toSeconds()
                + " s. The end of its log ("
                + spec.log()
                + "):\n"
                + tail());
      }
      pause(Duration.ofMillis(100));
    }
  }

  /** Stops the child and waits for its end; kills it when it takes too long. */
  void stop() {
    Process running;
    synchronized (this) {
      stopping = true;
      running = process;
    }
    keeper.interrupt();
    if (running != null && running.isAlive()) {
      end(running.toHandle(), spec.stopSignal(), spec.stopTimeout());
    }
    log.close();
  }

  /** Ends a process in good order, or kills it. */
  static void end(ProcessHandle handle, String signal, Duration timeout) {
    try {
      PostgresCluster.signal(signal, handle.pid());
      handle.onExit().get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (IOException
        | java.util.concurrent.ExecutionException
        | java.util.concurrent.TimeoutException e) {
      handle.destroyForcibly();
    } catch (InterruptedException e) {
      handle.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  /** Stops keeping the child, without stopping it: what a kill of the supervisor amounts to. */
  synchronized void abandonForTest() {
    stopping = true;
    keeper.interrupt();
  }

  private void keep() {
    Duration delay = firstDelay;
    while (true) {
      Process current;
      long started = System.nanoTime();
      synchronized (this) {
        current = process;
      }
      try {
        int code = current == null ? -1 : current.waitFor();
        synchronized (this) {
          if (stopping) {
            return;
          }
          if (!wasReady) {
            failedStarts++;
          }
        }
        if (System.nanoTime() - started > STABLE.toNanos()) {
          delay = firstDelay;
        }
        notices.accept(
            spec.name()
                + (current == null ? " could not be started" : " ended with code " + code)
                + "; starting it again in "
                + (delay.toMillis() < 1000 ? "a moment" : delay.toSeconds() + " s"));
        Thread.sleep(delay.toMillis());
        delay =
            delay.multipliedBy(2).compareTo(longestDelay) > 0
                ? longestDelay
                : delay.multipliedBy(2);
      } catch (InterruptedException e) {
        return;
      }
      synchronized (this) {
        if (stopping) {
          return;
        }
        restarts++;
      }
      launch();
    }
  }

  private void launch() {
    try {
      spec.beforeStart().run();
      ProcessBuilder builder =
          new ProcessBuilder(inOwnSession(spec.command()))
              .directory(spec.directory().toFile())
              .redirectErrorStream(true);
      Map<String, String> environment = builder.environment();
      environment.clear();
      environment.putAll(spec.environment());
      synchronized (this) {
        process = null;
        if (stopping) {
          return;
        }
        process = builder.start();
        pump(process.getInputStream());
      }
      launched.run();
    } catch (Exception e) {
      synchronized (this) {
        process = null;
      }
      byte[] text =
          (spec.name() + " cannot be started: " + e + "\n").getBytes(StandardCharsets.UTF_8);
      log.write(text, 0, text.length);
    }
  }

  private void pump(InputStream output) {
    Thread pump =
        new Thread(
            () -> {
              try (output) {
                output.transferTo(log);
              } catch (IOException e) {
                // The process has ended.
              }
            },
            "log-" + spec.name());
    pump.setDaemon(true);
    pump.start();
  }

  private static List<String> inOwnSession(List<String> command) {
    List<String> full = new ArrayList<>();
    if (Files.isExecutable(Path.of("/usr/bin/setsid"))) {
      full.add("/usr/bin/setsid");
    } else if (Files.isExecutable(Path.of("/usr/bin/perl"))) {
      full.addAll(
          List.of("/usr/bin/perl", "-e", "use POSIX; POSIX::setsid(); exec { $ARGV[0] } @ARGV;"));
    }
    full.addAll(command);
    return full;
  }

  private String tail() {
    return LogTail.of(spec.log(), 15);
  }

  private static void pause(Duration duration) {
    try {
      Thread.sleep(duration.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StartException("interrupted while starting", e);
    }
  }
}
