package dev.lakegate.gateway.query;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.gateway.cache.CacheKey;
import dev.lakegate.model.policy.Principal;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A kept result is given to nobody whom another access decision is about. */
class CacheKeyTest {
  @TempDir static Path directory;

  private static TenantLakes lakes;

  @BeforeAll
  static void fill() {
    lakes = new TenantLakes(directory);
  }

  @AfterAll
  static void close() {
    lakes.close();
  }

  private static Principal principal(String issuer, String subject, String persona, String... t) {
    return new Principal(
        issuer, subject, new TreeSet<>(Set.of(persona)), new TreeSet<>(List.of(t)), null);
  }

  private static CacheKey key(Principal p, String sql) {
    return lakes.plan(TenantLakes.ALL, p, sql).cacheKey().orElseThrow();
  }

  @Test
  void shouldDifferBetweenDecisionsThatReadTheSameFiles() {
    String analyst = "TenantSpecificAnalyst";
    List<Principal> all =
        List.of(
            principal("issuer", "a", analyst, "tenant-1"),
            principal("issuer", "a", analyst, "tenant-2"),
            principal("issuer", "a", analyst, "tenant-1", "tenant-2"),
            principal("issuer", "a", analyst, "tenant-1,tenant-2"),
            principal("issuer", "b", analyst, "tenant-1"),
            principal("other", "a", analyst, "tenant-1"),
            principal("issuer", "a", "DataAnalyst"),
            principal("issuer", "a", "DataEngineer"));
    // The same files for everybody, and for two of them none.
    for (String sql :
        List.of("SELECT count(*) FROM mrr_metrics", "SELECT count(*) FROM dim_customer")) {
      Map<CacheKey, Principal> keys = new LinkedHashMap<>();
      for (Principal p : all) {
        assertThat(key(p, sql)).isEqualTo(key(p, sql));
        assertThat(keys.put(key(p, sql), p)).as(sql + " " + p).isNull();
      }
    }
  }

  @Test
  void shouldDifferBetweenStatementsAndStates() {
    Principal p = TenantLakes.tenant("tenant-1");
    List<String> statements =
        List.of(
            "SELECT dt FROM revenue_metrics",
            "SELECT dt AS x FROM revenue_metrics",
            "SELECT dt FROM revenue_metrics WHERE order_count = 1",
            "SELECT dt FROM revenue_metrics WHERE order_count = 2",
            "SELECT dt FROM mrr_metrics",
            "SELECT dt FROM funnel_metrics",
            "SELECT dt FROM revenue_metrics FOR TIMESTAMP AS OF TIMESTAMP '2026-03-02 10:00:30'",
            "SELECT dt FROM revenue_metrics FOR TIMESTAMP AS OF TIMESTAMP '2026-03-02 10:01:30'");
    assertThat(statements.stream().map(s -> key(p, s)).distinct()).hasSize(statements.size());
    for (String volatileSql :
        List.of(
            "SELECT dt, now() FROM revenue_metrics",
            "SELECT dt, current_user FROM revenue_metrics",
            "SELECT dt FROM revenue_metrics WHERE dt < current_date",
            "SELECT 1")) {
      assertThat(lakes.plan(TenantLakes.ALL, p, volatileSql).cacheKey()).as(volatileSql).isEmpty();
    }
  }
}
