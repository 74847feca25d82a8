package dev.lakegate.gateway.query;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.gateway.SqlMaker;
import dev.lakegate.model.policy.Principal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a tenant is answered over everybody's data (rows, errors, notes and statistics alike) is
 * what it is answered over a lake that holds nothing but its own data.
 */
class NonInterferenceTest {
  private static final Duration MOST = Duration.ofSeconds(20);

  @TempDir static Path directory;

  private static final Set<String> notTaken = new LinkedHashSet<>();

  private static TenantLakes lakes;

  @BeforeAll
  static void fill() {
    lakes = new TenantLakes(directory);
  }

  @AfterAll
  static void close() {
    lakes.close();
  }

  @Test
  void shouldAnswerAsIfNobodyElseHadData() {
    compare(20260302, 2_000, Duration.ofSeconds(45));
  }

  @Test
  @Tag("long")
  void shouldAnswerAsIfNobodyElseHadDataForLong() {
    compare(System.nanoTime(), 200_000, Duration.ofMinutes(15));
  }

  private static void compare(long seed, int most, Duration time) {
    SqlMaker maker = new SqlMaker(new Random(seed));
    TreeMap<String, Integer> outcomes = new TreeMap<>();
    long end = System.nanoTime() + time.toNanos();
    int made = 0;
    for (; made < most && System.nanoTime() < end; made++) {
      String sql = maker.statement();
      String outcome = requireAlike("tenant-1", sql, "seed " + seed, "tenant-1");
      outcomes.merge(outcome, 1, Integer::sum);
      if (made % 4 == 0) {
        requireAlike("tenant-2", sql, "seed " + seed, "tenant-2");
      }
      if (made % 8 == 0) {
        requireAlike("tenant-1+tenant-2", sql, "seed " + seed, "tenant-1", "tenant-2");
      }
    }
    System.out.println(made + " statements: " + outcomes);
    notTaken.stream().limit(5).forEach(sql -> System.out.println("not taken: " + sql));
    // Whatever the boundary lets through is text that the engine takes, with few known gaps.
    assertThat(notTaken.size()).isLessThan(made / 50);
    // A generator whose statements mostly fail would prove little.
    assertThat(made).isGreaterThan(most / 20);
    assertThat(outcomes.get("answer")).isGreaterThan(made / 3);
    assertThat(outcomes.keySet())
        .contains("DIVISION_BY_ZERO", "INVALID_CAST_ARGUMENT", "TABLE_NOT_READABLE");
  }

  /** Compares, and says how it ended: {@code answer}, or the error's code. */
  private static String requireAlike(String alone, String sql, String seed, String... tenants) {
    Principal p = TenantLakes.tenant(tenants);
    String expected = lakes.answer(alone, p, sql, MOST);
    String actual = lakes.answer(TenantLakes.ALL, p, sql, MOST);
    if (!actual.equals(expected)) {
      // Where a statement can fail in two ways, DuckDB's adaptive filters decide by the clock.
      TreeSet<String> mine = new TreeSet<>(List.of(expected));
      TreeSet<String> all = new TreeSet<>(List.of(actual));
      for (int i = 0; i < 12 && mine.stream().noneMatch(all::contains); i++) {
        mine.add(lakes.answer(alone, p, sql, MOST));
        all.add(lakes.answer(TenantLakes.ALL, p, sql, MOST));
      }
      assertThat(all).as(seed + ": " + sql).containsAnyElementsOf(mine);
    }
    for (String other : List.of("tenant-2", "tenant-3")) {
      if (!List.of(tenants).contains(other) && !sql.contains(other)) {
        assertThat(actual).as(sql).doesNotContain(other);
      }
    }
    assertThat(actual).as(sql).doesNotContain("secret-").doesNotContain(".parquet");
    if (actual.startsWith("NOT_SUPPORTED The embedded engine cannot run")) {
      notTaken.add(sql);
      return "NOT_TAKEN";
    }
    return actual.startsWith("[") ? "answer" : actual.substring(0, actual.indexOf(' '));
  }

  @Test
  void shouldLetNoClaimSmuggleSqlOrOtherTenants() {
    for (String table : List.of("revenue_metrics", "mrr_metrics")) {
      for (String tenant :
          List.of(
              "tenant-1' OR '1'='1",
              "tenant-%",
              "tenant-1,tenant-2",
              "TENANT-1",
              "tenant-1 ",
              "tenant-1\u0000",
              "*",
              "../tenant-1",
              "")) {
        String answer =
            lakes.answer(
                TenantLakes.ALL, TenantLakes.tenant(tenant), "SELECT count(*) FROM " + table);
        assertThat(answer)
            .as(tenant)
            .satisfiesAnyOf(
                a -> assertThat(a).endsWith("rows: [[0]]"),
                a -> assertThat(a).startsWith("TABLE_NOT_READABLE"));
      }
    }
  }
}
