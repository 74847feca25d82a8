package dev.lakegate.gateway.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakegate.kit.identity.PersonalToken;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class TokenVerifierTest {
  private static final Verdict UNKNOWN = new Verdict("UNKNOWN", null, null, null, null, null);

  private final AtomicInteger asked = new AtomicInteger();
  private final AtomicLong nanos = new AtomicLong();
  private final List<Runnable> waiting = new ArrayList<>();
  private volatile RuntimeException failure;
  private final TokenVerifier verifier =
      new TokenVerifier(
          (hash, from) -> {
            asked.incrementAndGet();
            if (failure != null) {
              throw failure;
            }
            return UNKNOWN;
          },
          waiting::add,
          nanos::get);

  private void run() {
    List<Runnable> now = List.copyOf(waiting);
    waiting.clear();
    now.forEach(Runnable::run);
  }

  @Test
  void shouldAskOnceForRequestsThatComeTogetherAndAgainWhenTheAnswerIsOld() {
    CompletableFuture<Verdict> first = verifier.verify("a", "x");
    assertThat(verifier.verify("a", "y")).isSameAs(first);
    run();
    assertThat(first).isCompletedWithValue(UNKNOWN);
    nanos.addAndGet(Duration.ofSeconds(TokenVerifier.KEPT_SECONDS).toNanos() - 1);
    verifier.verify("a", "x");
    run();
    assertThat(asked).hasValue(1);
    nanos.addAndGet(1);
    assertThat(verifier.isKnown("a")).isFalse();
    verifier.verify("a", "x");
    run();
    assertThat(asked).hasValue(2);
  }

  @Test
  void shouldNotKeepAFailure() {
    failure = new IllegalStateException("away");
    CompletableFuture<Verdict> verdict = verifier.verify("a", "x");
    run();
    assertThatThrownBy(verdict::join).isInstanceOf(CompletionException.class);
    failure = null;
    CompletableFuture<Verdict> again = verifier.verify("a", "x");
    run();
    assertThat(again).isCompletedWithValue(UNKNOWN);
  }

  @Test
  void shouldSlowThoseWhoGuess() {
    AtomicLong seconds = new AtomicLong();
    Clock clock =
        new Clock() {
          @Override
          public java.time.ZoneId getZone() {
            return ZoneOffset.UTC;
          }

          @Override
          public Clock withZone(java.time.ZoneId zone) {
            return this;
          }

          @Override
          public Instant instant() {
            return Instant.ofEpochSecond(seconds.get());
          }
        };
    GuessLimit limit = new GuessLimit(clock);
    for (int i = 0; i < GuessLimit.BURST; i++) {
      assertThat(limit.wait("192.0.2.1")).isEmpty();
      limit.failed("192.0.2.1");
      limit.failed("2001:db8::" + Integer.toHexString(i));
    }
    assertThat(limit.wait("192.0.2.1")).isPresent();
    assertThat(limit.wait("2001:db8::ffff")).as("the same subscriber").isPresent();
    assertThat(limit.wait("192.0.2.2")).isEmpty();
    seconds.addAndGet(GuessLimit.REFILL_SECONDS);
    assertThat(limit.wait("192.0.2.1")).isEmpty();
    limit.failed("192.0.2.1");
    assertThat(limit.wait("192.0.2.1")).isPresent();
    for (int i = 0; i < 20_000; i++) {
      limit.failed("10." + i / 65536 + "." + i / 256 % 256 + "." + i % 256);
    }
    assertThat(limit.wait("203.0.113.99")).as("when too many addresses fail").isPresent();
  }

  @Test
  void shouldMakeTokensThatNothingElsePassesFor() {
    String token = PersonalToken.generate();
    assertThat(token).hasSize(53).isNotEqualTo(PersonalToken.generate());
    assertThat(PersonalToken.isWellFormed(token)).isTrue();
    for (int i = 0; i < token.length(); i++) {
      char other = token.charAt(i) == 'a' ? 'b' : 'a';
      assertThat(PersonalToken.isWellFormed(token.substring(0, i) + other + token.substring(i + 1)))
          .as("character " + i)
          .isFalse();
    }
    assertThat(PersonalToken.isWellFormed(token + "\n")).isFalse();
    assertThat(PersonalToken.isWellFormed(null)).isFalse();
  }

  @Property(tries = 200)
  void shouldReadAnyHeaderWithoutFailing(@ForAll String text) {
    Credentials.of(text);
    Credentials.of("Basic " + text);
    assertThat(PersonalToken.isWellFormed("lgp_" + text)).isFalse();
  }
}
