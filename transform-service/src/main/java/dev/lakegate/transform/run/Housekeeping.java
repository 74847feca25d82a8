package dev.lakegate.transform.run;

import dev.lakegate.model.job.RunRequest.Mode;
import dev.lakegate.model.job.RunRequest.Past;
import dev.lakegate.model.snapshot.AsOfTable;
import dev.lakegate.transform.plan.Dataset;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jboss.logging.Logger;

/** Ends what has had its time: records of old runs, and tables of former states. One thread. */
final class Housekeeping {
  private static final Logger LOG = Logger.getLogger(Housekeeping.class);
  private static final Duration PURGE_EVERY = Duration.ofMinutes(10);

  /** Times of looking for news before expired tables are looked for. */
  private static final int EXPIRE_EVERY = 100;

  /** Who asks for the removal of what has expired. */
  private static final String EXPIRY = "transform-service";

  private final Clock clock;
  private final RunStore store;
  private final BackfillStore backfills;
  private final AsOfTables tables;
  private final Predicate<AsOfTable> remove;
  private final RunId ids;
  private final ConductorSettings settings;
  private Instant purgedAt;
  private Instant expiredAt;

  /**
   * @param remove removes a table of a former state without a run
   */
  Housekeeping(
      Clock clock,
      RunStore store,
      BackfillStore backfills,
      AsOfTables tables,
      Predicate<AsOfTable> remove,
      RunId ids,
      ConductorSettings settings) {
    this.clock = clock;
    this.store = store;
    this.backfills = backfills;
    this.tables = tables;
    this.remove = remove;
    this.ids = ids;
    this.settings = settings;
  }

  /**
   * Does what is due.
   *
   * @return whether it asked for runs
   */
  boolean keep(List<Dataset> datasets) throws SQLException {
    purge();
    return expire(datasets);
  }

  private void purge() throws SQLException {
    Instant now = clock.instant();
    if (purgedAt == null || purgedAt.plus(PURGE_EVERY).isBefore(now)) {
      backfills.purge(now.minus(settings.keepFor()));
      int purged = store.purge(now.minus(settings.keepFor()), settings.keepMost());
      if (purged > 0) {
        LOG.debugf("%d old runs were deleted from the record", purged);
      }
      purgedAt = now;
    }
  }

  /** Asks for the removal of tables of former states whose time has ended. */
  private boolean expire(List<Dataset> datasets) throws SQLException {
    Instant now = clock.instant();
    if (expiredAt != null
        && expiredAt.plus(settings.poll().multipliedBy(EXPIRE_EVERY)).isAfter(now)) {
      return false;
    }
    expiredAt = now;
    Set<String> described = new HashSet<>();
    datasets.forEach(dataset -> described.add(dataset.name()));
    boolean asked = false;
    for (AsOfTables.Made made : tables.list()) {
      AsOfTable name = made.name();
      if (made.expiresAt().isAfter(now)) {
        continue;
      }
      if (!described.contains(name.originDataset())) {
        // No run can be about what nobody describes.
        remove.test(name);
      } else {
        store
            .queue()
            .add(
                ids.next(),
                name.originDataset(),
                Mode.DROP,
                new Past(name.instant(), name.name(), null, null),
                null,
                "The time of %s has ended.".formatted(name.dataset()),
                EXPIRY,
                now,
                settings.queueMost());
        asked = true;
      }
    }
    return asked;
  }
}
