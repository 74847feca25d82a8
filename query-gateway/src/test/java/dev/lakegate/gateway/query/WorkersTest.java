package dev.lakegate.gateway.query;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class WorkersTest {
  /** The limit of a query's run time holds the query; it must not outlive it by minutes. */
  @Test
  void shouldForgetWhatIsNotToBeDoneAnyMore() {
    try (Workers workers = new Workers()) {
      for (int i = 0; i < 100; i++) {
        Future<?> limit = workers.after(Duration.ofMinutes(5), () -> {});
        assertThat(workers.waiting()).isEqualTo(1);
        limit.cancel(false);
      }
      assertThat(workers.waiting()).isZero();
    }
  }
}
