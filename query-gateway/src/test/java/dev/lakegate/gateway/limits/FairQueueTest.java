package dev.lakegate.gateway.limits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakegate.gateway.limits.FairQueue.FullException;
import dev.lakegate.gateway.limits.FairQueue.Share;
import dev.lakegate.gateway.limits.FairQueue.Ticket;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class FairQueueTest {
  private static final int IN_LINE = 6;

  /** Somebody comes, or the ticket of this number is closed, whether it runs or waits. */
  private record Step(int line, List<Share> shares, int close) {}

  private record Entered(int line, List<Share> shares, Ticket ticket) {}

  @Provide
  Arbitrary<List<Step>> steps() {
    Arbitrary<List<Share>> shares =
        Arbitraries.of("a", "b", "c")
            .set()
            .ofMaxSize(2)
            .map(keys -> keys.stream().map(k -> new Share(k, k.equals("a") ? 1 : 2)).toList());
    Arbitrary<Step> enter =
        Combinators.combine(Arbitraries.integers().between(0, 4), shares)
            .as((l, s) -> new Step(l, s, -1));
    Arbitrary<Step> close =
        Arbitraries.integers().between(0, 30).map(n -> new Step(-1, List.of(), n));
    return Arbitraries.frequencyOf(
            net.jqwik.api.Tuple.of(3, enter), net.jqwik.api.Tuple.of(2, close))
        .list()
        .ofMaxSize(60);
  }

  @Property(tries = 1000)
  void shouldKeepAllBoundsAndLetEverybodyRun(
      @ForAll("steps") List<Step> steps, @ForAll("places") int places) {
    FairQueue queue = new FairQueue(places, 10);
    List<Entered> present = new ArrayList<>();
    for (Step s : steps) {
      if (s.close() >= 0) {
        if (!present.isEmpty()) {
          present.remove(s.close() % present.size()).ticket().close();
        }
      } else {
        try {
          present.add(
              new Entered(s.line(), s.shares(), queue.enter("l" + s.line(), IN_LINE, s.shares())));
        } catch (FullException full) {
          long inLine = present.stream().filter(e -> e.line() == s.line()).count();
          assertThat(full.ownLine()).isEqualTo(inLine == IN_LINE);
          if (!full.ownLine()) {
            assertThat(queue.waiting()).isEqualTo(10);
          }
        }
      }
      check(queue, places, present);
    }
    // Whoever waits gets a place when those that run end one after the other.
    int ends = 0;
    while (!present.isEmpty()) {
      Entered e = present.stream().filter(p -> p.ticket().hasPlace()).findFirst().orElseThrow();
      e.ticket().close();
      present.remove(e);
      check(queue, places, present);
      assertThat(++ends).isLessThan(100);
    }
    assertThat(queue.running()).isZero();
    assertThat(queue.waiting()).isZero();
  }

  @Provide
  Arbitrary<Integer> places() {
    return Arbitraries.integers().between(1, 4);
  }

  private static void check(FairQueue queue, int places, List<Entered> present) {
    List<Entered> running = present.stream().filter(e -> e.ticket().hasPlace()).toList();
    assertThat(queue.running()).isEqualTo(running.size()).isLessThanOrEqualTo(places);
    assertThat(queue.waiting()).isEqualTo(present.size() - running.size()).isLessThanOrEqualTo(10);
    Map<String, Integer> used = new HashMap<>();
    running.forEach(e -> e.shares().forEach(s -> used.merge(s.key(), 1, Integer::sum)));
    running.forEach(
        e ->
            e.shares().forEach(s -> assertThat(used.get(s.key())).isLessThanOrEqualTo(s.places())));
    if (running.size() < places) {
      // A place is only left empty when nobody can use it: somebody's share is full.
      Map<Integer, Entered> firsts = new HashMap<>();
      present.stream()
          .filter(e -> !e.ticket().hasPlace())
          .forEach(e -> firsts.putIfAbsent(e.line(), e));
      firsts.values().forEach(e -> assertThat(e.shares()).isNotEmpty());
    }
  }

  @Test
  void shouldTakeLinesInTurnHoweverLongTheyAre() throws Exception {
    FairQueue queue = new FairQueue(1, 100);
    Ticket running = queue.enter("busy", 50, List.of());
    List<Ticket> busy = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      busy.add(queue.enter("busy", 50, List.of()));
    }
    Ticket late = queue.enter("late", 50, List.of());
    running.close();
    assertThat(busy.get(0).hasPlace()).isTrue();
    busy.get(0).close();
    assertThat(late.hasPlace()).as("its turn comes before the second of the long line").isTrue();
  }

  @Test
  void shouldNotLetOthersTakeAShareThatTheNextInTurnWaitsFor() throws Exception {
    FairQueue queue = new FairQueue(3, 100);
    Share a = new Share("a", 1);
    Share b = new Share("b", 1);
    Ticket holdsA = queue.enter("one", 9, List.of(a));
    Ticket holdsB = queue.enter("two", 9, List.of(b));
    Ticket needsBoth = queue.enter("three", 9, List.of(a, b));
    Ticket needsA = queue.enter("four", 9, List.of(a));
    Ticket needsNothing = queue.enter("five", 9, List.of());
    assertThat(needsNothing.hasPlace()).isTrue();
    holdsA.close();
    assertThat(needsA.hasPlace()).as("it came later than who needs both").isFalse();
    holdsB.close();
    assertThat(needsBoth.hasPlace()).isTrue();
    assertThat(needsA.hasPlace()).isFalse();
    needsBoth.close();
    assertThat(needsA.hasPlace()).isTrue();
  }

  @Test
  void shouldLeaveTheLineWhenCancelledAndWakeWhoWaits() throws Exception {
    FairQueue queue = new FairQueue(1, 2);
    Ticket running = queue.enter("a", 3, List.of());
    Ticket waits = queue.enter("a", 3, List.of());
    Ticket behind = queue.enter("a", 3, List.of());
    assertThatThrownBy(() -> queue.enter("a", 3, List.of()))
        .isInstanceOfSatisfying(FullException.class, f -> assertThat(f.ownLine()).isTrue());
    assertThatThrownBy(() -> queue.enter("b", 3, List.of()))
        .isInstanceOfSatisfying(FullException.class, f -> assertThat(f.ownLine()).isFalse());
    assertThat(waits.await(1, TimeUnit.MILLISECONDS)).isFalse();
    AtomicInteger answers = new AtomicInteger();
    Thread waiter =
        new Thread(
            () -> {
              try {
                answers.set(waits.await(30, TimeUnit.SECONDS) ? 1 : 2);
              } catch (InterruptedException e) {
                answers.set(3);
              }
            });
    waiter.start();
    waits.close();
    waiter.join(10_000);
    assertThat(answers).hasValue(2);
    running.close();
    running.close();
    assertThat(behind.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(queue.running()).isEqualTo(1);
  }

  @Test
  void shouldHoldUnderManyThreads() throws Exception {
    FairQueue queue = new FairQueue(3, 1000);
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    AtomicInteger done = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      String line = "l" + i % 4;
      Thread t =
          new Thread(
              () -> {
                for (int n = 0; n < 200; n++) {
                  try (Ticket ticket = queue.enter(line, 100, List.of(new Share(line, 2)))) {
                    if (ticket.await(30, TimeUnit.SECONDS)) {
                      most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                      Thread.onSpinWait();
                      inside.decrementAndGet();
                      done.incrementAndGet();
                    }
                  } catch (FullException | InterruptedException e) {
                    throw new IllegalStateException(e);
                  }
                }
              });
      t.start();
      threads.add(t);
    }
    for (Thread t : threads) {
      t.join(60_000);
    }
    assertThat(done).hasValue(2400);
    assertThat(most.get()).isLessThanOrEqualTo(3);
  }
}
