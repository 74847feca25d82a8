package dev.lakegate.gateway.query;

import dev.lakegate.kit.error.LakegateException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/** Every query that can still be asked for: those under way and those that are kept. */
final class Queries {
  private static final Logger LOG = Logger.getLogger(Queries.class);

  /** Characters of kept queries' statements, for one principal. */
  private static final long MAX_KEPT_SQL = 1_000_000;

  private static final int EXPIRE_EVERY = 64;

  private final AtomicInteger added = new AtomicInteger();
  private final Map<String, GatewayQuery> byId = new ConcurrentHashMap<>();
  private final QueryConfig.Limits limits;

  Queries(QueryConfig.Limits limits) {
    this.limits = limits;
  }

  Collection<GatewayQuery> all() {
    return Collections.unmodifiableCollection(byId.values());
  }

  void add(GatewayQuery q) {
    byId.put(q.id, q);
    // Between two turns of the clock a fast client ends more than is kept.
    if (added.incrementAndGet() % EXPIRE_EVERY == 0) {
      expire();
    }
  }

  /** It was never let in: nothing of it is kept. */
  void remove(GatewayQuery q) {
    byId.remove(q.id);
    q.dropResult();
  }

  /** A query that the asker may see; others' do not exist for them. */
  GatewayQuery find(String id, Asker asker, boolean administrator) {
    GatewayQuery q = byId.get(id);
    if (q == null || !(administrator || q.ownedBy(asker))) {
      throw LakegateException.notFound(
          "QUERY_NOT_FOUND",
          "There is no such query, or it has expired.",
          "Submit it again; results are kept for "
              + limits.resultExpiry().toSeconds()
              + " seconds.");
    }
    return q;
  }

  /** Those that an asker may see, newest first. */
  List<GatewayQuery> list(Asker asker, boolean administrator) {
    return byId.values().stream()
        .filter(q -> administrator || q.ownedBy(asker))
        .sorted(
            Comparator.comparing((GatewayQuery q) -> q.submittedAt)
                .thenComparing(q -> q.id)
                .reversed())
        .toList();
  }

  /** Drops what is too old or too much. */
  void expire() {
    try {
      Instant before = Instant.now().minus(limits.resultExpiry());
      byId.values().stream()
          .filter(q -> q.state().ended() && q.endedAt().isBefore(before))
          .forEach(this::remove);
      for (List<GatewayQuery> own : ended(q -> true).values()) {
        Shrinking.drop(own, q -> 1, limits.keptPerPrincipal()).forEach(this::remove);
        own.removeIf(q -> !byId.containsKey(q.id));
        Shrinking.drop(own, q -> q.sql.length(), MAX_KEPT_SQL).forEach(this::remove);
      }
    } catch (RuntimeException e) {
      LOG.error("expired results could not be dropped", e);
    }
  }

  /**
   * Drops one result of a person's that is on disk; whether there was one.
   *
   * @param person as {@link Asker#person} names them
   */
  boolean makeWay(String person) {
    List<GatewayQuery> own =
        ended(q -> q.result != null && q.result.onDisk() > 0 && q.asker.person().equals(person))
            .get(person);
    if (own == null) {
      return false;
    }
    remove(Shrinking.first(own, q -> q.result.onDisk()));
    return true;
  }

  /** Those that have ended, by person, oldest first. */
  private Map<String, List<GatewayQuery>> ended(Predicate<GatewayQuery> which) {
    return byId.values().stream()
        .filter(q -> q.state().ended() && which.test(q))
        .sorted(Comparator.comparing((GatewayQuery q) -> q.submittedAt))
        .collect(
            Collectors.groupingBy(q -> q.asker.person(), Collectors.toCollection(ArrayList::new)));
  }
}
