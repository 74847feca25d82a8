package dev.lakegate.transform.freshness;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FreshnessTest {
  private static final Instant NOW = Instant.parse("2026-03-02T10:00:00Z");
  private final Freshness freshness = new Freshness(Duration.ofHours(1));

  @Test
  void shouldTellPercentilesByNearestRank() {
    List<Instant> commits = new ArrayList<>();
    for (int i = 1; i <= 100; i++) {
      commits.add(NOW.minusSeconds(i));
    }
    freshness.published("silver.order", "1", NOW, commits);
    assertThat(freshness.of("silver.order", NOW)).contains(new Percentiles(50, 95, 99, 100));
    freshness.published("silver.event", "1", NOW, List.of(NOW.minusMillis(1500)));
    assertThat(freshness.of("silver.event", NOW)).contains(new Percentiles(1.5, 1.5, 1.5, 1));
    freshness.published("silver.tenant", "1", NOW, List.of(NOW.plusSeconds(3)));
    assertThat(freshness.of("silver.tenant", NOW))
        .as("the source's clock is ahead")
        .contains(new Percentiles(0, 0, 0, 1));
  }

  @Test
  void shouldForgetWhatIsOlderThanAnHourAndWhatIsNotDescribed() {
    freshness.published("silver.order", "1", NOW, List.of(NOW.minusSeconds(30)));
    assertThat(freshness.of("silver.order", NOW.plusSeconds(3600))).isPresent();
    assertThat(freshness.of("silver.order", NOW.plusSeconds(3601))).isEmpty();
    freshness.published("silver.order", "2", NOW.plusSeconds(4000), List.of(NOW.plusSeconds(3990)));
    assertThat(freshness.of("silver.order", NOW.plusSeconds(4000)))
        .contains(new Percentiles(10, 10, 10, 1));
    freshness.keep(List.of("silver.event"));
    assertThat(freshness.of("silver.order", NOW.plusSeconds(4000))).isEmpty();
  }

  @Test
  void shouldGiveAMetricTheChangesThatItsInputsShowedSinceItReadThem() {
    freshness.published("silver.order", "1", NOW, List.of(NOW.minusSeconds(9)));
    freshness.published("silver.order", "2", NOW, List.of(NOW.minusSeconds(8)));
    freshness.published("silver.order", "3", NOW, List.of(NOW.minusSeconds(7)));
    freshness.published("silver.order", "3", NOW, List.of(NOW.minusSeconds(1)));
    assertThat(freshness.changes("silver.order", "1", "3"))
        .containsExactly(NOW.minusSeconds(8), NOW.minusSeconds(7));
    assertThat(freshness.changes("silver.order", null, "3")).isEmpty();
    assertThat(freshness.changes("silver.other", "1", "3")).isEmpty();
  }

  @Test
  void shouldStayBoundedHoweverMuchIsPublished() {
    List<Instant> many = new ArrayList<>();
    for (int i = 0; i < 3 * Freshness.MOST_CHANGES; i++) {
      many.add(NOW.minusSeconds(i));
    }
    for (int i = 0; i < 200; i++) {
      freshness.published("silver.order", "%03d".formatted(i), NOW, many);
    }
    assertThat(freshness.of("silver.order", NOW).orElseThrow().samples()).isEqualTo(20_000);
    assertThat(freshness.of("silver.order", NOW).orElseThrow().p99())
        .as("the newest of each")
        .isLessThan(Freshness.MOST_CHANGES);
  }
}
