package dev.lakegate.gateway.query;

import dev.lakegate.gateway.limits.FairQueue.Share;
import dev.lakegate.gateway.limits.Rates.Rate;
import dev.lakegate.gateway.limits.Workgroups;
import dev.lakegate.model.policy.Principal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Which limits hold for whose queries. Immutable. */
final class LimitSets {
  /** Who acts for more tenants than that is no user of a tenant. */
  private static final int MAX_TENANTS = 16;

  private final QueryConfig.Limits limits;
  private final Map<String, QueryConfig.Workgroup> narrower;
  private final Workgroups workgroups;

  /**
   * @throws IllegalStateException when limits are set for a workgroup that does not exist
   */
  LimitSets(QueryConfig config, Workgroups workgroups) {
    this.limits = config.limits();
    this.narrower = Map.copyOf(config.workgroups());
    this.workgroups = workgroups;
  }

  /**
   * What holds for one query.
   *
   * @param workgroup whose limits these are
   * @param shares of the places to run that it needs room in
   * @param rates that it must keep
   * @param runTime longest
   * @param resultRows most of a kept result
   * @param resultBytes most of a kept result
   */
  record LimitSet(
      String workgroup,
      List<Share> shares,
      List<Rate> rates,
      Duration runTime,
      long resultRows,
      long resultBytes) {}

  /**
   * The limits of a query.
   *
   * @param asked workgroup; null for the principal's own
   * @throws dev.lakegate.kit.error.LakegateException 403 when the principal may not use it
   */
  LimitSet of(Principal principal, String asked) {
    String workgroup = workgroups.choose(principal, asked);
    QueryConfig.Workgroup own = narrower.get(workgroup);
    int allButOne = Math.max(1, limits.concurrent() - 1);
    List<Share> shares = new ArrayList<>();
    List<Rate> rates = new ArrayList<>();
    shares.add(new Share("principal " + line(principal), allButOne));
    rates.add(new Rate("principal " + line(principal), limits.rate(), limits.burst()));
    if (principal.tenants().size() <= MAX_TENANTS) {
      int places = limits.concurrentPerTenant().orElse(allButOne);
      principal.tenants().forEach(t -> shares.add(new Share("tenant " + t, places)));
    }
    if (own != null) {
      own.concurrent().ifPresent(n -> shares.add(new Share("workgroup " + workgroup, n)));
      own.rate()
          .ifPresent(
              r -> rates.add(new Rate("workgroup " + workgroup, r, Math.max(limits.burst(), r))));
    }
    return new LimitSet(
        workgroup,
        shares,
        rates,
        own == null ? limits.runTime() : min(own.runTime().orElse(limits.runTime())),
        own == null
            ? limits.resultRows()
            : Math.min(limits.resultRows(), own.resultRows().orElse(Long.MAX_VALUE)),
        own == null || own.resultBytes().isEmpty()
            ? limits.resultBytes().asLongValue()
            : Math.min(limits.resultBytes().asLongValue(), own.resultBytes().get().asLongValue()));
  }

  private Duration min(Duration narrow) {
    return narrow.compareTo(limits.runTime()) < 0 ? narrow : limits.runTime();
  }

  /** Names a principal; a subject alone may be another's at another issuer. */
  static String line(Principal principal) {
    return principal.issuer() + " " + principal.subject();
  }
}
