package dev.lakegate.gateway.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.kit.client.Reply;
import dev.lakegate.model.policy.Policy;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PolicyKeeperTest {
  private final List<String> etags = new ArrayList<>();
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private Policy served = policy(1);
  private boolean up = true;

  private final Clock clock =
      new Clock() {
        @Override
        public ZoneId getZone() {
          return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
          return this;
        }

        @Override
        public Instant instant() {
          return now;
        }
      };

  private final PolicyKeeper keeper = new PolicyKeeper(this::fetch, clock, Duration.ofSeconds(60));

  private static Policy policy(long version) {
    return new Policy(Policy.VERSION, version, List.of(), List.of(), List.of());
  }

  private Reply<Policy> fetch(String etag) {
    etags.add(etag);
    if (!up) {
      throw new IllegalStateException("down");
    }
    String tag = "\"" + served.policyVersion() + "\"";
    return tag.equals(etag) ? new Reply<>(304, tag, null) : new Reply<>(200, tag, served);
  }

  @Test
  void shouldHaveNoPolicyBeforeTheFirstAnswer() {
    up = false;
    keeper.poll();
    assertThat(keeper.current()).isEmpty();
    assertThat(keeper.problem()).isEqualTo("down");
  }

  @Test
  void shouldAskByTagAndTakeWhatChanged() {
    keeper.poll();
    keeper.poll();
    assertThat(etags).containsExactly(null, "\"1\"");
    served = policy(2);
    keeper.poll();
    assertThat(keeper.current()).get().extracting(Policy::policyVersion).isEqualTo(2L);
  }

  @Test
  void shouldServeTheLastPolicyForAWhileAndThenNone() {
    keeper.poll();
    up = false;
    now = now.plusSeconds(60);
    keeper.poll();
    assertThat(keeper.current()).isPresent();
    now = now.plusMillis(1);
    assertThat(keeper.current()).isEmpty();
    up = true;
    keeper.poll();
    assertThat(keeper.current()).isPresent();
    assertThat(keeper.problem()).isNull();
  }

  @Test
  void shouldCountAnUnchangedPolicyAsConfirmed() {
    keeper.poll();
    now = now.plusSeconds(50);
    keeper.poll();
    now = now.plusSeconds(50);
    assertThat(keeper.current()).isPresent();
  }
}
