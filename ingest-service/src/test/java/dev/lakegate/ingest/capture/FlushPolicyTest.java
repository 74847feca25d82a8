package dev.lakegate.ingest.capture;

import static dev.lakegate.ingest.capture.FlushPolicy.Verdict.FLUSH;
import static dev.lakegate.ingest.capture.FlushPolicy.Verdict.SPILL;
import static dev.lakegate.ingest.capture.FlushPolicy.Verdict.WAIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FlushPolicyTest {
  private static final FlushPolicy POLICY =
      new FlushPolicy(Duration.ofSeconds(1), Duration.ofSeconds(15), 32, 10_000, 64 << 20);

  @ParameterizedTest(name = "{0} rows, {1} bytes, {2} files, {3} ms, in transaction {4}: {5}")
  @CsvSource({
    "0,     0,        0,  99999, false, WAIT",
    "1,     10,       1,  999,   false, WAIT",
    "1,     10,       1,  1000,  false, FLUSH",
    "1,     10,       32, 1000,  false, FLUSH",
    "1,     10,       33, 1000,  false, WAIT",
    "1,     10,       33, 1031,  false, WAIT",
    "1,     10,       33, 1032,  false, FLUSH",
    "1,     10,       320, 9999, false, WAIT",
    "1,     10,       320, 10000, false, FLUSH",
    "1,     10,       9999, 14999, false, WAIT",
    "1,     10,       9999, 15000, false, FLUSH",
    "9999,  10,       33, 0,     false, WAIT",
    "10000, 10,       33, 0,     false, FLUSH",
    "1,     67108864, 33, 0,     false, FLUSH",
    "10000, 10,       1,  99999, true,  WAIT",
    "10000, 67108863, 1,  99999, true,  WAIT",
    "10000, 67108864, 1,  0,     true,  SPILL",
  })
  void decides(
      long rows,
      long bytes,
      int files,
      long millis,
      boolean inTransaction,
      FlushPolicy.Verdict verdict) {
    assertThat(
            POLICY.decide(
                new FlushPolicy.Pending(rows, bytes, files, Duration.ofMillis(millis)),
                inTransaction))
        .isEqualTo(verdict);
  }

  @Test
  void aStretchThatShortensIsRefused() {
    assertThatThrownBy(
            () -> new FlushPolicy(Duration.ofSeconds(2), Duration.ofSeconds(1), 32, 1, 1))
        .hasMessageContaining("stretched-interval");
    assertThat(new FlushPolicy.Verdict[] {WAIT, SPILL, FLUSH})
        .containsExactly(FlushPolicy.Verdict.values());
  }
}
