package dev.lakegate.transform.freshness;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Percentiles, by dataset, of the time from a change's commit at the source until the snapshot that
 * shows it was published, over the last hour. A metric shows what its inputs had when it read them,
 * so its changes are those that its inputs published in between. Only in memory, without a clock of
 * its own, and bounded. Not thread-safe.
 *
 * <p>What is known of a file of Bronze is its newest commit; older ones in it are older by a flush
 * interval at most.
 */
public final class Freshness {
  /** Changes of one publication that are kept; the newest. */
  public static final int MOST_CHANGES = 500;

  private static final int MOST_PUBLICATIONS = 4_000;
  private static final int MOST_SAMPLES = 20_000;

  private final Duration window;
  private final Map<String, Deque<Publication>> publications = new HashMap<>();

  private record Publication(String instant, Instant at, List<Instant> commits) {}

  /**
   * @param window over which percentiles are taken
   */
  public Freshness(Duration window) {
    this.window = window;
  }

  /**
   * A dataset was published.
   *
   * @param instant of its snapshot; sorts as text
   * @param at when the snapshot was published
   * @param commits source commit times of the changes that it shows and the one before did not
   */
  public void published(String dataset, String instant, Instant at, List<Instant> commits) {
    Deque<Publication> all = publications.computeIfAbsent(dataset, d -> new ArrayDeque<>());
    if (!all.isEmpty() && all.getLast().instant().compareTo(instant) >= 0) {
      return;
    }
    List<Instant> newest =
        commits.size() <= MOST_CHANGES
            ? commits
            : commits.stream().sorted().skip(commits.size() - MOST_CHANGES).toList();
    all.addLast(new Publication(instant, at, List.copyOf(newest)));
    while (all.size() > MOST_PUBLICATIONS || all.getFirst().at().isBefore(at.minus(window))) {
      all.removeFirst();
    }
  }

  /**
   * Source commit times of what a dataset published after one instant and up to another: the
   * changes that who reads it sees anew.
   *
   * @param after exclusive; null for a reader that has read nothing, which learns nothing new
   * @param upTo inclusive
   */
  public List<Instant> changes(String dataset, String after, String upTo) {
    List<Instant> commits = new ArrayList<>();
    if (after != null) {
      for (Publication one : publications.getOrDefault(dataset, new ArrayDeque<>())) {
        if (one.instant().compareTo(after) > 0 && one.instant().compareTo(upTo) <= 0) {
          commits.addAll(one.commits());
        }
      }
    }
    return commits;
  }

  /** Percentiles of a dataset; empty when it published no change within the window. */
  public Optional<Percentiles> of(String dataset, Instant now) {
    Instant from = now.minus(window);
    double[] seconds =
        publications.getOrDefault(dataset, new ArrayDeque<>()).stream()
            .filter(one -> !one.at().isBefore(from))
            .flatMap(
                one ->
                    one.commits().stream()
                        .map(commit -> Duration.between(commit, one.at()).toMillis() / 1000.0))
            .limit(MOST_SAMPLES)
            // The source's clock may be ahead of ours.
            .mapToDouble(s -> Math.max(s, 0))
            .sorted()
            .toArray();
    return seconds.length == 0 ? Optional.empty() : Optional.of(Percentiles.of(seconds));
  }

  /** Forgets datasets that are not described any more. */
  public void keep(java.util.Collection<String> datasets) {
    publications.keySet().retainAll(datasets);
  }
}
