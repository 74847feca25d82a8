package dev.lakegate.gateway.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.gateway.access.BrowserLogins.Outcome;
import dev.lakegate.gateway.access.BrowserLogins.Pending;
import java.net.URI;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class BrowserLoginsTest {
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private final BrowserLogins logins =
      new BrowserLogins(
          new Clock() {
            @Override
            public Instant instant() {
              return now;
            }

            @Override
            public ZoneId getZone() {
              return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(ZoneId zone) {
              throw new UnsupportedOperationException();
            }
          });

  private static Pending login(String waiter, String from) {
    return new Pending(
        waiter, from, Tickets.hash("cookie"), "verifier", "nonce", URI.create("https://here/"));
  }

  @Test
  void shouldLetOthersLogInWhileOneAddressTakesAllItCanGet() {
    String greedy = "203.0.113.7";
    for (int i = 0; i < 10_000; i++) {
      logins.outcome("greedy-" + i, greedy);
      logins.begin(login("greedy-" + i, greedy), greedy);
    }
    assertThat(logins.outcome("one more", greedy)).isEmpty();
    assertThat(logins.begin(login("one more", greedy), greedy)).isEmpty();
    CompletableFuture<Outcome> waiting = logins.outcome("ann", "198.51.100.1").orElseThrow();
    String state = logins.begin(login("ann", "198.51.100.1"), "198.51.100.1").orElseThrow();
    Pending begun = logins.take(state, "cookie").orElseThrow();
    logins.end(begun, new Outcome("token", null));
    assertThat(waiting).isCompletedWithValue(new Outcome("token", null));
    assertThat(logins.spend("ann")).isTrue();
    assertThat(logins.spend("ann")).isFalse();
  }

  @Test
  void shouldCountAWholeNetworkOfOneSubscriberAsOneAddress() {
    int given = 0;
    for (int i = 0; i < 2 * BrowserLogins.MOST_OF_ONE_ADDRESS; i++) {
      given += logins.outcome("w" + i, "2001:db8:0:1::" + Integer.toHexString(i)).isEmpty() ? 0 : 1;
    }
    assertThat(given).isEqualTo(BrowserLogins.MOST_OF_ONE_ADDRESS);
    assertThat(logins.outcome("another network", "2001:db8:0:2::1")).isPresent();
  }

  @Test
  void shouldGivePlacesBackWhenTheyWereUsedOrAreOver() {
    String address = "198.51.100.1";
    for (int i = 0; i < 3 * BrowserLogins.MOST_OF_ONE_ADDRESS; i++) {
      String state = logins.begin(login("w", address), address).orElseThrow();
      assertThat(logins.take(state, "cookie")).isPresent();
    }
    List<CompletableFuture<Outcome>> waiting = new ArrayList<>();
    for (int round = 0; round < 3; round++) {
      for (int i = 0; i < BrowserLogins.MOST_OF_ONE_ADDRESS; i++) {
        waiting.add(logins.outcome(round + "-" + i, address).orElseThrow());
        logins.begin(login(round + "-" + i, address), address).orElseThrow();
        logins.spend(round + "-" + i);
      }
      assertThat(logins.outcome("too many", address)).isEmpty();
      now = now.plus(Tickets.LIFE);
    }
    assertThat(logins.outcome("now", address)).isPresent();
  }

  @Test
  void shouldTellThoseWhoWaitedTooLong() {
    CompletableFuture<Outcome> waiting = logins.outcome("w", "198.51.100.1").orElseThrow();
    now = now.plus(Tickets.LIFE);
    logins.outcome("another", "198.51.100.2");
    assertThat(waiting.join().error()).contains("too long");
  }
}
