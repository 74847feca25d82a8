package dev.lakegate.gateway.limits;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.gateway.limits.Rates.Rate;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class RatesTest {
  private static final long SECOND = 1_000_000_000L;

  @Property(tries = 500)
  void shouldNeverLetMoreThroughThanBurstAndRate(
      @ForAll @Size(max = 200) List<@IntRange(min = 0, max = 400) Integer> pauseMillis,
      @ForAll @IntRange(min = 1, max = 20) int perSecond,
      @ForAll @IntRange(min = 1, max = 10) int burst) {
    Rates rates = new Rates();
    Rate rate = new Rate("a", perSecond, burst);
    long now = 0;
    long taken = 0;
    for (int pause : pauseMillis) {
      now += pause * 1_000_000L;
      long wait = rates.take(List.of(rate), now);
      if (wait == 0) {
        taken++;
      } else {
        // What it says is enough, to the nanosecond.
        Rates later = rates;
        assertThat(wait).isPositive().isLessThanOrEqualTo(SECOND / perSecond + 1);
        now += wait + 1;
        assertThat(later.take(List.of(rate), now)).isZero();
        taken++;
      }
      assertThat((double) taken).isLessThanOrEqualTo(burst + now / 1e9 * perSecond + 1e-6);
    }
  }

  @Test
  void shouldTakeOfAllBucketsOrOfNone() {
    Rates rates = new Rates();
    Rate mine = new Rate("mine", 1, 5);
    Rate tenants = new Rate("tenant", 1, 1);
    assertThat(rates.take(List.of(mine, tenants), 0)).isZero();
    assertThat(rates.take(List.of(mine, tenants), 0)).isEqualTo(SECOND);
    for (int i = 0; i < 4; i++) {
      assertThat(rates.take(List.of(mine), 0)).as("the refused one took nothing").isZero();
    }
    assertThat(rates.take(List.of(mine), 0)).isPositive();
  }

  @Test
  void shouldForgetThoseThatAreFullAgain() {
    Rates rates = new Rates();
    for (int i = 0; i < 30_000; i++) {
      assertThat(rates.take(List.of(new Rate("k" + i, 1000, 1)), i * 1_000_000L)).isZero();
    }
    assertThat(rates.size()).isLessThanOrEqualTo(10_000);
  }
}
