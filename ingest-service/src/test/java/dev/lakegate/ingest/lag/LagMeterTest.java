package dev.lakegate.ingest.lag;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LagMeterTest {
  private final LagMeter meter = new LagMeter();

  @Test
  void isUnknownBeforeTheFirstLook() {
    assertThat(meter.lag(1_000)).isEqualTo(Lag.UNKNOWN);
  }

  @Test
  void countsFromTheOldestPendingChange() {
    meter.caughtUp(10_000);
    meter.pending(9_000);
    meter.pending(9_500);
    assertThat(meter.lag(11_000).seconds()).isEqualTo(2.0);
    meter.flushed(9_500);
    assertThat(meter.lag(11_000).seconds()).isEqualTo(1.0);
    meter.caughtUp(11_000);
    assertThat(meter.lag(11_000).seconds()).isZero();
  }

  @Test
  void growsWhileTheSourceIsAway() {
    meter.caughtUp(10_000);
    meter.captured(50);
    meter.source(80, 40L);
    assertThat(meter.lag(10_000)).isEqualTo(new Lag(0.0, 30L, 40L));
    meter.disconnected();
    assertThat(meter.lag(70_000)).isEqualTo(new Lag(60.0, null, null));
  }

  @Test
  void isNeverNegative() {
    meter.caughtUp(10_000);
    meter.captured(100);
    meter.source(80, null);
    assertThat(meter.lag(9_000)).isEqualTo(new Lag(0.0, 0L, null));
  }
}
