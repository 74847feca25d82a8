package dev.lakegate.gateway.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.gateway.sql.SecuredQuery.OutputColumn;
import dev.lakegate.gateway.sql.Type;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class ResultCacheTest {
  private static final List<OutputColumn> ONE = List.of(new OutputColumn("a", Type.BIGINT));

  private static void put(ResultCache cache, String key, long now, Object... values) {
    ResultCache.Recording r = cache.record(new CacheKey(key), ONE);
    for (Object v : values) {
      r.add(new Object[] {v});
    }
    r.complete(now);
  }

  private static List<Object> values(ResultCache cache, String key, long now) {
    return cache
        .get(new CacheKey(key), now)
        .map(rows -> rows.stream().map(r -> r[0]).toList())
        .orElse(null);
  }

  @Test
  void shouldGiveOnlyCompleteResultsUntilTheyExpire() {
    ResultCache cache = new ResultCache(1_000_000, 100);
    ResultCache.Recording half = cache.record(new CacheKey("half"), ONE);
    half.add(new Object[] {1L});
    assertThat(values(cache, "half", 0)).isNull();
    put(cache, "whole", 0, 1L, 2L);
    put(cache, "empty", 0);
    assertThat(values(cache, "whole", 100)).containsExactly(1L, 2L);
    assertThat(values(cache, "empty", 100)).isEmpty();
    assertThat(values(cache, "whole", 101)).isNull();
    assertThat(values(cache, "other", 0)).isNull();
  }

  @Test
  void shouldNotKeepWhatIsLarge() {
    ResultCache cache = new ResultCache(80_000, Long.MAX_VALUE);
    put(cache, "large", 0, "x".repeat(6_000));
    assertThat(values(cache, "large", 0)).isNull();
    put(cache, "small", 0, "x".repeat(1_000));
    assertThat(values(cache, "small", 0)).hasSize(1);
    ResultCache none = new ResultCache(0, Long.MAX_VALUE);
    put(none, "a", 0, 1L);
    assertThat(none.size()).isZero();
  }

  @Property(tries = 300)
  void shouldKeepItsBound(
      @ForAll @Size(max = 60) List<@IntRange(min = 0, max = 400) Integer> lengths) {
    ResultCache cache = new ResultCache(20_000, Long.MAX_VALUE);
    List<String> keys = new ArrayList<>();
    for (int i = 0; i < lengths.size(); i++) {
      String key = "k" + i % 25;
      keys.remove(key);
      keys.add(key);
      put(cache, key, 0, "x".repeat(lengths.get(i)));
      assertThat(cache.bytes()).isBetween(0L, 20_000L);
      // The newest is always there, and what is there is what was put last.
      assertThat(values(cache, key, 0)).containsExactly("x".repeat(lengths.get(i)));
    }
    assertThat(cache.size()).isLessThanOrEqualTo(25);
  }
}
