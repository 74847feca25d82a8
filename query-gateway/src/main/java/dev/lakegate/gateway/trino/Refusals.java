package dev.lakegate.gateway.trino;

import dev.lakegate.gateway.query.Asker;
import dev.lakegate.kit.error.LakegateException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Why statements were not let in, until their clients ask. Each person has a share, so that nobody
 * pushes out others' reasons by asking often. Thread-safe.
 */
final class Refusals {
  static final int MOST = 1_000;
  static final int MOST_OF_ONE = 50;

  /** Clients ask at once, or never. */
  static final Duration KEPT = Duration.ofSeconds(60);

  private record Refusal(Asker asker, LakegateException why, long at) {}

  // Guarded by this, oldest first.
  private final Map<String, Refusal> all = new LinkedHashMap<>();
  private final Map<String, Integer> ofPerson = new HashMap<>();

  /**
   * @param now in nanoseconds, as {@link System#nanoTime}
   */
  synchronized void add(String id, Asker asker, LakegateException why, long now) {
    String person = asker.person();
    boolean full = ofPerson.getOrDefault(person, 0) >= MOST_OF_ONE;
    Iterator<Refusal> oldest = all.values().iterator();
    while (oldest.hasNext()) {
      Refusal one = oldest.next();
      boolean over = now - one.at() > KEPT.toNanos() || all.size() >= MOST;
      if (!over && !full) {
        break;
      }
      boolean own = full && one.asker().person().equals(person);
      if (over || own) {
        oldest.remove();
        ofPerson.merge(one.asker().person(), -1, (a, b) -> a + b == 0 ? null : a + b);
        full = full && !own;
      }
    }
    all.put(id, new Refusal(asker, why, now));
    ofPerson.merge(person, 1, Integer::sum);
  }

  /** Why the asker's own statement was not let in; empty when it was, or when it is long ago. */
  synchronized Optional<LakegateException> find(String id, Asker asker, long now) {
    Refusal refusal = all.get(id);
    return refusal != null
            && now - refusal.at() <= KEPT.toNanos()
            && refusal.asker().person().equals(asker.person())
            && Objects.equals(refusal.asker().token(), asker.token())
        ? Optional.of(refusal.why())
        : Optional.empty();
  }
}
