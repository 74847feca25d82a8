package dev.lakegate.jobs.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class ThrottlingTest {
  @Test
  void aStorageThatAsksForFewerCallsIsToldFromOtherTrouble() {
    for (String message :
        new String[] {
          "Please reduce your request rate. (Service: Amazon S3; Status Code: 503; Error Code: SlowDown)",
          "Rate exceeded (Service: AWSGlue; Status Code: 400; Error Code: ThrottlingException)",
          "An error occurred (RequestLimitExceeded)"
        }) {
      assertThat(Runner.isThrottling(new IllegalStateException("x", new IOException(message))))
          .as(message)
          .isTrue();
    }
    for (Throwable other :
        new Throwable[] {
          new IOException("No space left on device"),
          new IOException((String) null),
          new IllegalStateException("Status Code: 500")
        }) {
      assertThat(Runner.isThrottling(other)).as(other.toString()).isFalse();
    }
  }
}
