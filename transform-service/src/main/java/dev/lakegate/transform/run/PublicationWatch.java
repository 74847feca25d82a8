package dev.lakegate.transform.run;

import dev.lakegate.transform.freshness.Freshness;
import dev.lakegate.transform.freshness.Percentiles;
import dev.lakegate.transform.manifest.ManifestIndex;
import dev.lakegate.transform.plan.Dataset;
import dev.lakegate.transform.plan.Published;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Notices new snapshots, and which changes each of them shows for the first time. What was
 * published before it looked for the first time says nothing about delays. Not thread-safe.
 */
final class PublicationWatch {
  private static final Duration WINDOW = Duration.ofHours(1);

  private final ManifestIndex index;
  private final Freshness freshness = new Freshness(WINDOW);
  private final Map<String, Published> seen = new HashMap<>();
  private boolean looked;

  PublicationWatch(ManifestIndex index) {
    this.index = index;
  }

  /**
   * @param datasets inputs before those that read them
   * @param published current snapshots
   */
  void look(List<Dataset> datasets, Map<String, Published> published) throws SQLException {
    for (Dataset dataset : datasets) {
      Published now = published.get(dataset.name());
      Published before = seen.get(dataset.name());
      if (now == null || (before != null && before.instant().equals(now.instant()))) {
        continue;
      }
      if (looked) {
        freshness.published(
            dataset.name(), now.instant(), now.publishedAt(), changes(dataset, before, now));
      }
      seen.put(dataset.name(), now);
    }
    freshness.keep(datasets.stream().map(Dataset::name).toList());
    looked = true;
  }

  private List<Instant> changes(Dataset dataset, Published before, Published now)
      throws SQLException {
    if (dataset.layer() == Dataset.Layer.SILVER) {
      return now.bronze() == null
          ? List.of()
          : index.commitTimes(
              dataset.bronzeTable(),
              before == null || before.bronze() == null ? 0 : before.bronze().manifest(),
              now.bronze().manifest(),
              Freshness.MOST_CHANGES);
    }
    List<Instant> changes = new ArrayList<>();
    for (String input : dataset.inputs()) {
      String upTo = now.inputs().get(input);
      if (before != null && upTo != null) {
        changes.addAll(freshness.changes(input, before.inputs().get(input), upTo));
      }
    }
    return changes;
  }

  Map<String, Percentiles> percentiles(Instant now) {
    Map<String, Percentiles> all = new HashMap<>();
    for (String dataset : seen.keySet()) {
      freshness.of(dataset, now).ifPresent(p -> all.put(dataset, p));
    }
    return all;
  }
}
