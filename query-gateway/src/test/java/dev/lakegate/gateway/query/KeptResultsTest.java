package dev.lakegate.gateway.query;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.model.policy.Principal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What goes when somebody keeps too much, and how much that is. */
class KeptResultsTest {
  private static GatewayQuery query(String token, String sql) {
    Principal person = new Principal("issuer", "person", new TreeSet<>(), new TreeSet<>(), null);
    return new GatewayQuery(
        sql,
        new QueryRequest(
            new Asker(person, token), sql, null, QueryRequest.Delivery.KEPT, "request"),
        new LimitSets.LimitSet("primary", List.of(), List.of(), Duration.ofMinutes(1), 1, 1),
        1,
        Instant.EPOCH,
        null);
  }

  @Test
  void shouldDropTheOldestOfWhateverAskedMost() {
    List<GatewayQuery> own = new ArrayList<>();
    own.add(query(null, "login"));
    for (int i = 0; i < 6; i++) {
      own.add(query("a", "a" + i));
      own.add(query(i < 3 ? "b" : "a", "x" + i));
    }
    // Nine of token a, three of token b, one of the log-in.
    assertThat(Shrinking.drop(own, q -> 1, 13)).isEmpty();
    assertThat(Shrinking.drop(own, q -> 1, 8))
        .extracting(GatewayQuery::id)
        .containsExactly("a0", "a1", "a2", "a3", "x3");
    assertThat(Shrinking.drop(own, q -> 1, 0)).hasSize(12);
    assertThat(Shrinking.first(own, q -> q.asker().token() == null ? 100 : 1).id())
        .isEqualTo("login");
    assertThat(own).hasSize(13);
  }

  @Test
  void shouldGiveAPersonAQuarterAndAllNoMoreThanThereIs() {
    ResultSpace space = new ResultSpace(100);
    List<String> gone = new ArrayList<>();
    ResultSpace.Room first = space.room("a", () -> false);
    assertThat(first.take(25)).isTrue();
    assertThat(first.take(1)).isFalse();
    ResultSpace.Room second =
        space.room(
            "a",
            () -> {
              gone.add("first");
              first.give(25);
              return gone.size() == 1;
            });
    assertThat(second.take(20)).isTrue();
    assertThat(gone).containsExactly("first");
    for (String other : List.of("b", "c", "d")) {
      assertThat(space.room(other, () -> false).take(25)).isTrue();
    }
    assertThat(space.bytes()).isEqualTo(95);
    assertThat(space.room("e", () -> false).take(6)).isFalse();
    second.give(20);
    assertThat(space.room("e", () -> false).take(6)).isTrue();
  }
}
