package dev.lakegate.jobs.table;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * How long the past of a table can be read: every instant for a while, then one instant of each
 * hour for longer. Immutable and pure but for its clock.
 */
public final class Retention {
  private final Duration every;
  private final Duration step;
  private final Duration steps;
  private final int cleanEveryCommits;
  private final int commitsKept;
  private final int archiveEveryCommits;
  private final Supplier<Instant> clock;
  private final Function<String, Instant> timeOf;

  private Retention(
      Duration every,
      Duration step,
      Duration steps,
      int cleanEveryCommits,
      int commitsKept,
      int archiveEveryCommits,
      Supplier<Instant> clock,
      Function<String, Instant> timeOf) {
    this.every = every;
    this.step = step;
    this.steps = steps;
    this.cleanEveryCommits = cleanEveryCommits;
    this.commitsKept = commitsKept;
    this.archiveEveryCommits = archiveEveryCommits;
    this.clock = clock;
    this.timeOf = timeOf;
  }

  /**
   * A retention on the system's clock.
   *
   * @param every how long each instant can be read
   * @param step of the instants in each such stretch the last can be read longer: an hour
   * @param steps how long it can be read
   * @param cleanEveryCommits how many commits may gather before what is too old is removed
   * @param commitsKept least number of commits that stay in the active timeline
   * @param archiveEveryCommits how many more may gather there
   */
  public static Retention of(
      Duration every,
      Duration step,
      Duration steps,
      int cleanEveryCommits,
      int commitsKept,
      int archiveEveryCommits) {
    return new Retention(
        every,
        step,
        steps,
        cleanEveryCommits,
        commitsKept,
        archiveEveryCommits,
        Instant::now,
        Retention::time);
  }

  /** The same with another clock, and another idea of when an instant was. */
  public Retention at(Supplier<Instant> clock, Function<String, Instant> timeOf) {
    return new Retention(
        every, step, steps, cleanEveryCommits, commitsKept, archiveEveryCommits, clock, timeOf);
  }

  /** When a Hudi instant was. */
  public static Instant time(String instant) {
    // Java 8 cannot parse a fraction that follows its seconds without a dot.
    LocalDateTime seconds =
        LocalDateTime.parse(
            instant.substring(0, 14), DateTimeFormatter.ofPattern("yyyyMMddHHmmss"));
    long millis = instant.length() >= 17 ? Long.parseLong(instant.substring(14, 17)) : 0;
    return seconds.toInstant(ZoneOffset.UTC).plusMillis(millis);
  }

  /**
   * What to keep of a table.
   *
   * @param commits instants of its completed commits that have all their files, oldest first
   * @param readable those of them that have a snapshot
   * @param savepoints instants that are savepoints now
   * @param replaced commits that took the place of all rows. Hudi deletes a partition that one of
   *     them left without rows as a whole as soon as all files are kept only of later commits,
   *     savepoints or not: what was before it cannot be read longer than that
   */
  Plan plan(
      List<String> commits,
      Collection<String> readable,
      Collection<String> savepoints,
      Collection<String> replaced) {
    Instant now = clock.get();
    int recent = 0;
    while (recent < commits.size()
        && timeOf.apply(commits.get(commits.size() - 1 - recent)).isAfter(now.minus(every))) {
      recent++;
    }
    // Back to the state at the beginning of the time in which every instant can be read.
    int kept = recent;
    while (kept < commits.size()
        && (kept == recent || !readable.contains(commits.get(commits.size() - kept)))) {
      kept++;
    }
    Map<Long, String> lastOfStep = new TreeMap<>();
    for (String commit : commits) {
      if (readable.contains(commit)) {
        lastOfStep.put(step(timeOf.apply(commit)), commit);
      }
    }
    SortedSet<String> wanted = new TreeSet<>();
    for (String commit : lastOfStep.values()) {
      if (commits.indexOf(commit) < commits.size() - kept && young(commit, now)) {
        wanted.add(commit);
      }
    }
    SortedSet<String> expired = new TreeSet<>();
    for (String savepoint : savepoints) {
      if (!young(savepoint, now)) {
        expired.add(savepoint);
      }
    }
    wanted.removeAll(savepoints);
    // A younger replacement, within the kept commits, says nothing of an older one that is not.
    String ended = null;
    for (String replacement : replaced) {
      if (kept > 0
          && replacement.compareTo(commits.get(commits.size() - kept)) < 0
          && (ended == null || replacement.compareTo(ended) > 0)) {
        ended = replacement;
      }
    }
    if (ended != null) {
      String before = ended;
      wanted.removeIf(instant -> instant.compareTo(before) < 0);
      for (String savepoint : savepoints) {
        if (savepoint.compareTo(before) < 0) {
          expired.add(savepoint);
        }
      }
    }
    return new Plan(kept, wanted, expired);
  }

  private long step(Instant time) {
    return Math.floorDiv(time.toEpochMilli(), step.toMillis());
  }

  private boolean young(String instant, Instant now) {
    return timeOf.apply(instant).isAfter(now.minus(steps));
  }

  int cleanEveryCommits() {
    return cleanEveryCommits;
  }

  int commitsKept() {
    return commitsKept;
  }

  int archiveEveryCommits() {
    return archiveEveryCommits;
  }

  /** What to do to a table. Immutable. */
  static final class Plan {
    private final int kept;
    private final SortedSet<String> wanted;
    private final SortedSet<String> expired;

    Plan(int kept, SortedSet<String> wanted, SortedSet<String> expired) {
      this.kept = kept;
      this.wanted = wanted;
      this.expired = expired;
    }

    /** How many of the newest commits keep all their files. */
    int kept() {
      return kept;
    }

    /** Instants that must become savepoints before anything is cleaned. */
    SortedSet<String> wanted() {
      return wanted;
    }

    /** Savepoints that are too old, or of before all rows were replaced. */
    SortedSet<String> expired() {
      return expired;
    }
  }
}
