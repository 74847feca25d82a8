package dev.lakegate.gateway.trino;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.gateway.query.Asker;
import dev.lakegate.kit.error.LakegateException;
import dev.lakegate.model.policy.Principal;
import java.time.Duration;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class RefusalsTest {
  private static final LakegateException WHY =
      LakegateException.badRequest("RATE_EXCEEDED", "Too often.", "Wait.");

  private final Refusals refusals = new Refusals();

  private static Asker asker(String person) {
    return new Asker(
        new Principal("https://issuer", person, new TreeSet<>(), new TreeSet<>(), null), null);
  }

  @Test
  void shouldNotLetOnePersonPushOutWhatOthersHaveNotFetched() {
    refusals.add("hers", asker("ann"), WHY, 0);
    for (int i = 0; i < 3 * Refusals.MOST; i++) {
      refusals.add("his-" + i, asker("bob"), WHY, i);
    }
    assertThat(refusals.find("hers", asker("ann"), 1)).contains(WHY);
    assertThat(refusals.find("hers", asker("bob"), 1)).isEmpty();
    assertThat(refusals.find("his-" + (3 * Refusals.MOST - 1), asker("bob"), 1)).contains(WHY);
    assertThat(refusals.find("his-0", asker("bob"), 1)).isEmpty();
  }

  @Test
  void shouldForgetWhatNobodyFetched() {
    long later = Duration.ofSeconds(61).toNanos();
    refusals.add("old", asker("ann"), WHY, 0);
    assertThat(refusals.find("old", asker("ann"), later)).isEmpty();
    refusals.add("new", asker("ann"), WHY, later);
    assertThat(refusals.find("new", asker("ann"), later)).contains(WHY);
  }

  @Test
  void shouldBeBounded() {
    for (int i = 0; i < 2 * Refusals.MOST; i++) {
      refusals.add("r" + i, asker("person-" + i), WHY, 0);
    }
    assertThat(refusals.find("r0", asker("person-0"), 0)).isEmpty();
    String last = String.valueOf(2 * Refusals.MOST - 1);
    assertThat(refusals.find("r" + last, asker("person-" + last), 0)).contains(WHY);
  }
}
