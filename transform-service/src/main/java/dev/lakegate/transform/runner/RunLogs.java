package dev.lakegate.transform.runner;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;

/**
 * The log of each run: what the job process said while it did it, and the stages it went through.
 * The beginning of a long log is kept, and its end; what is between is left out. Only the newest
 * runs' logs are kept. Thread-safe. A full disk costs log lines, never a run.
 */
public final class RunLogs {
  private static final Logger LOG = Logger.getLogger(RunLogs.class);
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9_-]{1,64}");
  private static final Pattern OF_RUN = Pattern.compile("\\[run ([A-Za-z0-9_-]{1,64})\\]");
  private static final Pattern FIRST_LINE = Pattern.compile("\\d{4}-\\d{2}-\\d{2}T");
  private static final Pattern SECRET =
      Pattern.compile(
          "(?i)((?:password|passwd|secret|token|api[_-]?key|credential)s?[\"']?\\s*[=:]\\s*)\\S+"
              + "|(bearer\\s+)\\S+|(://[^\\s:/@]+:)[^\\s@]+(?=@)");
  private static final int LONGEST_LINE = 4_000;

  private final Path directory;
  private final int maxBytes;
  private final int kept;
  private final Clock clock;
  private final Map<String, Open> open = new LinkedHashMap<>();
  private String last;
  private boolean failing;

  /**
   * @param directory of their own
   * @param maxBytes of one log, about
   * @param kept logs of ended runs
   */
  public RunLogs(Path directory, int maxBytes, int kept, Clock clock) {
    this.directory = Objects.requireNonNull(directory, "directory is null");
    this.maxBytes = maxBytes;
    this.kept = kept;
    this.clock = Objects.requireNonNull(clock, "clock is null");
  }

  /** A log that is being written. */
  private static final class Open {
    private final Deque<String> end = new ArrayDeque<>();
    private int beginning;
    private int endBytes;
    private int leftOut;
  }

  /** A run begins; lines are taken for it from now on. */
  synchronized void begin(String run) {
    open.put(run, new Open());
    try {
      Files.createDirectories(directory);
      Files.deleteIfExists(file(run));
      removeOld();
    } catch (IOException e) {
      complain(e);
    }
    tell(run, "begins");
  }

  /** Something that this service knows of a run, such as its stage. */
  synchronized void tell(String run, String text) {
    write(run, clock.instant().truncatedTo(ChronoUnit.MILLIS) + " ----- " + text);
  }

  /** A run has ended; what is said later is not its own. */
  synchronized void end(String run, String how) {
    tell(run, how);
    Open log = open.remove(run);
    if (log == null || log.end.isEmpty()) {
      return;
    }
    List<String> lines = new ArrayList<>();
    if (log.leftOut > 0) {
      lines.add("... " + log.leftOut + " lines are left out; the job process's log has them.");
    }
    lines.addAll(log.end);
    append(run, lines);
  }

  /**
   * A line of the job process's log, which names its run unless it goes on with the line before.
   */
  synchronized void line(String line) {
    Matcher named = OF_RUN.matcher(line);
    if (named.find()) {
      last = named.group(1);
    } else if (FIRST_LINE.matcher(line).lookingAt()) {
      // What no run is named for belongs to the one that there is, if there is only one.
      last = open.size() == 1 ? open.keySet().iterator().next() : null;
    }
    if (last != null) {
      write(last, line);
    }
  }

  private void write(String run, String text) {
    Open log = open.get(run);
    if (log == null) {
      return;
    }
    String line = withoutSecrets(text);
    int bytes = line.getBytes(StandardCharsets.UTF_8).length + 1;
    if (log.end.isEmpty() && log.beginning + bytes <= maxBytes / 2) {
      log.beginning += bytes;
      append(run, List.of(line));
      return;
    }
    log.end.addLast(line);
    log.endBytes += bytes;
    while (log.endBytes > maxBytes / 2 && log.end.size() > 1) {
      log.endBytes -= log.end.removeFirst().getBytes(StandardCharsets.UTF_8).length + 1;
      log.leftOut++;
    }
  }

  static String withoutSecrets(String text) {
    String shortened =
        text.length() <= LONGEST_LINE ? text : text.substring(0, LONGEST_LINE) + "...";
    return SECRET
        .matcher(shortened)
        .replaceAll(
            match -> {
              String before =
                  match.group(1) != null
                      ? match.group(1)
                      : match.group(2) != null ? match.group(2) : match.group(3);
              return Matcher.quoteReplacement(before + "***");
            });
  }

  private void append(String run, List<String> lines) {
    try {
      Files.write(file(run), lines, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      failing = false;
    } catch (IOException e) {
      complain(e);
    }
  }

  private void complain(IOException e) {
    if (!failing) {
      failing = true;
      LOG.warnf("logs of runs cannot be written: %s", e.getMessage());
    }
  }

  /** Ids sort by the time at which they were made. */
  private void removeOld() throws IOException {
    List<Path> logs = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*.log")) {
      files.forEach(logs::add);
    }
    Collections.sort(logs);
    for (int i = 0; i < logs.size() - kept; i++) {
      Files.deleteIfExists(logs.get(i));
    }
  }

  private Path file(String run) {
    if (!ID.matcher(run).matches()) {
      throw new IllegalArgumentException("'" + run + "' is no id of a run");
    }
    return directory.resolve(run + ".log");
  }

  /**
   * The lines of a run's log, also of one in progress; empty when none is kept.
   *
   * @throws IllegalArgumentException when that is no id of a run
   */
  public synchronized Optional<List<String>> lines(String run) throws IOException {
    List<String> lines;
    try {
      lines = new ArrayList<>(Files.readAllLines(file(run)));
    } catch (NoSuchFileException e) {
      lines = null;
    }
    Open log = open.get(run);
    if (log != null) {
      lines = lines == null ? new ArrayList<>() : lines;
      lines.addAll(log.end);
    }
    return Optional.ofNullable(lines);
  }
}
