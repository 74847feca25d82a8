package dev.lakegate.transform.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.model.json.Json;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class EventsTest {
  private static final Instant START = Instant.parse("2026-03-02T10:15:30Z");

  private final Events events = new Events(Clock.fixed(START, ZoneOffset.UTC), 3, 2);
  private final List<Events.Event> heard = new ArrayList<>();

  private void publish(int n) {
    events.publish("n", Json.MAPPER.createObjectNode().put("n", n));
  }

  private List<Integer> numbers() {
    return heard.stream().map(e -> e.data().path("n").asInt(-1)).toList();
  }

  @Test
  void shouldTellFromNowOnUntilItIsEnded() {
    publish(1);
    Runnable end = events.listen(null, heard::add).orElseThrow();
    publish(2);
    publish(3);
    end.run();
    publish(4);
    assertThat(numbers()).containsExactly(2, 3);
    assertThat(heard).extracting(Events.Event::id).doesNotHaveDuplicates();
  }

  @Test
  void shouldGoOnBehindWhatWasHeard() {
    events.listen(null, heard::add);
    publish(1);
    publish(2);
    publish(3);
    String first = heard.get(0).id();
    String last = heard.get(2).id();
    heard.clear();
    events.listen(first, heard::add).orElseThrow().run();
    assertThat(numbers()).containsSubsequence(2, 3);
    heard.clear();
    events.listen(last, heard::add).orElseThrow().run();
    assertThat(heard).isEmpty();
  }

  @Test
  void shouldSayWhenEventsAreLost() {
    List<Events.Event> first = new ArrayList<>();
    events.listen(null, first::add);
    for (int i = 1; i <= 5; i++) {
      publish(i);
    }
    for (String gone : List.of(first.get(0).id(), "other-3", "nonsense", first.get(4).id() + "0")) {
      heard.clear();
      events.listen(gone, heard::add).orElseThrow().run();
      assertThat(heard).as(gone).extracting(Events.Event::name).containsExactly(Events.RESET);
      // Whoever goes on behind that misses nothing from there on.
      assertThat(heard.get(0).id()).isEqualTo(first.get(4).id());
    }
    heard.clear();
    events.listen(first.get(1).id(), heard::add).orElseThrow().run();
    assertThat(numbers()).as("the oldest that is kept follows").containsExactly(3, 4, 5);
  }

  @Test
  void shouldBearAListenerThatEndsItselfWhileItIsTold() {
    Runnable[] end = new Runnable[1];
    end[0] = events.listen(null, e -> end[0].run()).orElseThrow();
    events.listen(null, heard::add).orElseThrow();
    publish(1);
    publish(2);
    assertThat(numbers()).containsExactly(1, 2);
    assertThat(events.listen(null, e -> {})).as("its place is free").isPresent();
  }

  @Test
  void shouldNotTakeMoreListenersThanItMay() {
    Consumer<Events.Event> none = e -> {};
    Runnable end = events.listen(null, none).orElseThrow();
    events.listen(null, heard::add).orElseThrow();
    assertThat(events.listen(null, heard::add)).isEmpty();
    end.run();
    assertThat(events.listen(null, heard::add)).isPresent();
  }
}
