package dev.lakegate.jobs.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakegate.jobs.JobException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import org.apache.hudi.common.model.HoodieTimelineTimeZone;
import org.apache.hudi.common.table.timeline.HoodieInstantTimeGenerator;
import org.junit.jupiter.api.Test;

class InstantClockTest {
  /** Hudi itself would spin for an hour here. */
  @Test
  void aClockThatWasSetBackWhileTheProcessLivesIsNoticed() {
    HoodieInstantTimeGenerator.setCommitTimeZone(HoodieTimelineTimeZone.UTC);
    String made = HoodieInstantTimeGenerator.createNewInstantTime(0);
    String last = InstantClock.lastOfProcess().orElseThrow(AssertionError::new);
    assertThat(last).isGreaterThanOrEqualTo(made);
    Clock back = Clock.fixed(Instant.now().minus(Duration.ofHours(1)), ZoneOffset.UTC);
    assertThatThrownBy(() -> InstantClock.awaitPast(last, "silver.thing", back))
        .isInstanceOfSatisfying(
            JobException.class, e -> assertThat(e.code()).isEqualTo("CLOCK_BEHIND"));
    InstantClock.awaitPast(last, "silver.thing", Clock.systemUTC());
  }
}
