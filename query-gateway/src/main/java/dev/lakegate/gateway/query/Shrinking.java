package dev.lakegate.gateway.query;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;

/**
 * What goes when somebody keeps too much: the oldest of what was asked with whatever has most of
 * it. So a personal access token that asks a lot pushes out its own results, and neither its
 * owner's nor those of their other tokens. Pure.
 */
final class Shrinking {
  private Shrinking() {}

  /**
   * What has to go so that the sum of sizes is at most so much; one always stays.
   *
   * @param own queries of one person, oldest first; is not changed
   */
  static List<GatewayQuery> drop(
      List<GatewayQuery> own, ToLongFunction<GatewayQuery> size, long most) {
    List<GatewayQuery> left = new ArrayList<>(own);
    List<GatewayQuery> dropped = new ArrayList<>();
    long sum = own.stream().mapToLong(size).sum();
    while (sum > most && left.size() > 1) {
      GatewayQuery next = first(left, size);
      left.remove(next);
      dropped.add(next);
      sum -= size.applyAsLong(next);
    }
    return dropped;
  }

  /**
   * The one that goes first.
   *
   * @param own queries of one person, oldest first; not empty
   */
  static GatewayQuery first(List<GatewayQuery> own, ToLongFunction<GatewayQuery> size) {
    Map<String, Long> sums = new LinkedHashMap<>();
    own.forEach(q -> sums.merge(with(q), size.applyAsLong(q), Long::sum));
    String most = sums.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow().getKey();
    return own.stream().filter(q -> with(q).equals(most)).findFirst().orElseThrow();
  }

  /** What it was asked with. */
  private static String with(GatewayQuery q) {
    return q.asker.token() == null ? "" : q.asker.token();
  }
}
