package dev.lakegate.jobs.table;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is kept, on random histories of a table that is written and tidied now and then. */
class RetentionTest {
  private static final Duration EVERY = Duration.ofHours(2);
  private static final Duration SAVEPOINTS = Duration.ofDays(8);

  private Instant now = Instant.parse("2026-03-01T00:00:00Z");
  private final TreeMap<String, Instant> times = new TreeMap<>();

  private final Set<String> everReadable = new TreeSet<>();

  /** The last instant of each hour that ever had a snapshot. */
  private final Map<Long, String> lastOfHour = new TreeMap<>();

  @Test
  void anInstantsTimeIsUtc() {
    assertThat(Retention.time("20260302101532123"))
        .isEqualTo(Instant.parse("2026-03-02T10:15:32.123Z"));
    assertThat(Retention.time("20260302101532")).isEqualTo(Instant.parse("2026-03-02T10:15:32Z"));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void everyInstantForTwoHoursThenTheLastOfEachHourForEightDays(long seed) {
    Random random = new Random(seed);
    Retention retention =
        Retention.of(EVERY, Duration.ofHours(1), SAVEPOINTS, 20, 60, 40).at(() -> now, times::get);
    List<String> whole = new ArrayList<>();
    Set<String> savepoints = new TreeSet<>();
    Set<String> readable = new TreeSet<>();
    for (int i = 0; i < 1500; i++) {
      now = now.plusSeconds(1 + random.nextInt(random.nextInt(40) == 0 ? 20_000 : 900));
      String instant = "%08d".formatted(i);
      times.put(instant, now);
      whole.add(instant);
      // A commit that a crash left without a snapshot, or one that a compaction follows.
      if (random.nextInt(10) > 0) {
        readable.add(instant);
        everReadable.add(instant);
        lastOfHour.put(now.getEpochSecond() / 3600, instant);
      }
      if (random.nextInt(20) > 0) {
        continue;
      }
      Retention.Plan plan = retention.plan(whole, readable, savepoints, Set.of());
      assertThat(plan.wanted()).noneMatch(savepoints::contains);
      savepoints.addAll(plan.wanted());
      savepoints.removeAll(plan.expired());
      whole = new ArrayList<>(whole.subList(whole.size() - plan.kept(), whole.size()));
      Set<String> kept = new TreeSet<>(savepoints);
      kept.addAll(whole);
      readable.retainAll(kept);
      for (String last : lastOfHour.values()) {
        if (times.get(last).isAfter(now.minus(SAVEPOINTS))) {
          assertThat(readable).contains(last);
        }
      }
      assertThat(savepoints)
          .allMatch(savepoint -> times.get(savepoint).isAfter(now.minus(SAVEPOINTS)));
      stateAtTheBeginningOfTheTwoHoursIsKept(whole, readable);
    }
    assertThat(savepoints.size()).isBetween(20, 8 * 24);
  }

  private void stateAtTheBeginningOfTheTwoHoursIsKept(List<String> whole, Set<String> readable) {
    String newestOld = null;
    for (String instant : everReadable) {
      if (!times.get(instant).isAfter(now.minus(EVERY))) {
        newestOld = instant;
      }
    }
    if (newestOld != null) {
      assertThat(whole).contains(newestOld);
      assertThat(readable).contains(newestOld);
    }
  }

  @Test
  void commitsWithoutASnapshotAreNoSavepoints() {
    for (int i = 0; i < 6; i++) {
      times.put("0" + i, now.plus(Duration.ofMinutes(10L * i)));
    }
    now = now.plus(Duration.ofHours(4));
    Retention retention =
        Retention.of(EVERY, Duration.ofHours(1), SAVEPOINTS, 20, 60, 40).at(() -> now, times::get);
    Retention.Plan plan =
        retention.plan(List.copyOf(times.keySet()), Set.of("00", "01", "03"), Set.of(), Set.of());
    assertThat(plan.kept()).isEqualTo(3);
    assertThat(plan.wanted()).isEmpty();
    plan = retention.plan(List.copyOf(times.keySet()), Set.of("00", "01"), Set.of(), Set.of());
    assertThat(plan.kept()).isEqualTo(5);
  }

  @Test
  void whatWasBeforeAllRowsWereReplacedEndsWithTheTimeOfEachInstant() {
    for (int i = 0; i < 9; i++) {
      times.put("0" + i, now.plus(Duration.ofMinutes(40L * i)));
    }
    List<String> all = List.copyOf(times.keySet());
    now = now.plus(Duration.ofMinutes(40 * 8));
    Retention retention =
        Retention.of(EVERY, Duration.ofHours(1), SAVEPOINTS, 20, 60, 40).at(() -> now, times::get);
    // 05 is the state at the beginning of the two hours: all files since are kept.
    assertThat(retention.plan(all, all, Set.of("01"), Set.of()).kept()).isEqualTo(4);
    assertThat(retention.plan(all, all, Set.of("01"), Set.of("05")).expired()).isEmpty();
    assertThat(retention.plan(all, all, Set.of("01"), Set.of()).wanted())
        .containsExactly("02", "04");
    Retention.Plan plan = retention.plan(all, all, Set.of("01", "04"), Set.of("04"));
    assertThat(plan.expired()).containsExactly("01");
    assertThat(plan.wanted()).isEmpty();
    // Replaced again within the two hours: what was before the first time ends all the same.
    plan = retention.plan(all, all, Set.of("01", "04"), Set.of("04", "07"));
    assertThat(plan.expired()).containsExactly("01");
    assertThat(plan.wanted()).isEmpty();
  }
}
