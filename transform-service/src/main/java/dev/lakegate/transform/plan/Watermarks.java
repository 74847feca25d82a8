package dev.lakegate.transform.plan;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Up to which source commit each dataset reflects everything. A table that nothing is pending for
 * reflects all commits there are, also those that did not touch it; what its snapshot says is
 * older. Not thread-safe.
 */
public final class Watermarks {
  private final Map<String, Dataset> datasets = new HashMap<>();
  private final Bronze bronze;
  private final Map<String, Published> published;
  private final Map<String, Instant> found = new HashMap<>();

  public Watermarks(List<Dataset> datasets, Bronze bronze, Map<String, Published> published) {
    datasets.forEach(dataset -> this.datasets.put(dataset.name(), dataset));
    this.bronze = bronze;
    this.published = published;
  }

  /** Newest source commit that a dataset fully reflects; null when unknown or never published. */
  public Instant of(String name) {
    if (!found.containsKey(name)) {
      found.put(name, compute(name));
    }
    return found.get(name);
  }

  private Instant compute(String name) {
    Dataset dataset = datasets.get(name);
    Published current = published.get(name);
    if (dataset == null || current == null) {
      return null;
    }
    boolean complete =
        dataset.layer() == Dataset.Layer.SILVER
            ? bronze.head() != null
                && current.bronze() != null
                && current.bronze().manifest() <= bronze.head().manifest()
                && bronze.backlog(name).isEmpty()
                // While it is copied anew its changes are dropped, so that nothing seems pending.
                && bronze.ledger(dataset.bronzeTable()).copying().isEmpty()
                && !bronze.catchingUp().contains(dataset.bronzeTable())
            : dataset.inputs().stream().allMatch(input -> consumed(current, input));
    if (!complete) {
      return current.watermark();
    }
    Instant reached =
        dataset.layer() == Dataset.Layer.SILVER ? bronze.head().newestCommitAt() : ofInputs(name);
    return later(reached, current.watermark());
  }

  private boolean consumed(Published current, String input) {
    Published available = published.get(input);
    return available != null && available.instant().equals(current.inputs().get(input));
  }

  /**
   * What a metric reflects once it has read its inputs as they are: the least of theirs; null when
   * one of them is unknown.
   */
  public Instant ofInputs(String name) {
    Instant least = null;
    for (String input : datasets.get(name).inputs()) {
      Instant one = of(input);
      if (one == null) {
        return null;
      }
      least = least == null || one.isBefore(least) ? one : least;
    }
    return least;
  }

  private static Instant later(Instant a, Instant b) {
    return a == null || (b != null && b.isAfter(a)) ? b : a;
  }
}
