package dev.lakegate.gateway.query;

import dev.lakegate.gateway.catalog.Lake;
import dev.lakegate.gateway.policy.PolicyPoller;
import dev.lakegate.gateway.sql.Constants;
import dev.lakegate.gateway.sql.Parameters;
import dev.lakegate.gateway.sql.SecuredQuery.Binding;
import dev.lakegate.gateway.sql.Session;
import dev.lakegate.gateway.sql.SqlFailure;
import dev.lakegate.kit.error.LakegateException;
import dev.lakegate.model.policy.AccessDecider;
import dev.lakegate.model.policy.AccessDecision;
import dev.lakegate.model.policy.Policy;
import dev.lakegate.model.policy.Policy.TableFacts;
import dev.lakegate.model.policy.Principal;
import dev.lakegate.model.snapshot.AsOfTable;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Semaphore;

/** Plans queries by the policy in force, and asks that policy again later. Thread-safe. */
final class Planning {
  private static final String SCHEMA = "gold";

  /** A statement's parse tree takes a good part of a small heap. */
  private static final int MAX_AT_ONCE = 2;

  private final Semaphore places = new Semaphore(MAX_AT_ONCE, true);
  private final PolicyPoller policy;
  private final Lake lake;
  private final Planner planner;

  Planning(Lake lake, Constants constants, PolicyPoller policy) {
    this.policy = policy;
    this.lake = lake;
    this.planner = new Planner(lake, constants);
  }

  /**
   * Plans a query, for the first time or anew. Only on a thread of {@link Workers}.
   *
   * @throws dev.lakegate.gateway.sql.SqlFailure when it is refused
   * @throws LakegateException 503 when there is no policy
   */
  void plan(GatewayQuery q) {
    places.acquireUninterruptibly();
    try {
      Policy now = policy.require();
      q.planned(planner.plan(q.sql, now, q.principal, session(q), q.phases));
    } finally {
      places.release();
    }
  }

  /** Types of a statement's question marks. Only on a thread of {@link Workers}. */
  List<String> parameters(Principal principal, String sql) {
    places.acquireUninterruptibly();
    try {
      return planner.parameters(
          sql,
          policy.require(),
          principal,
          new Session(Instant.now(), principal.subject(), SCHEMA));
    } finally {
      places.release();
    }
  }

  private static Session session(GatewayQuery q) {
    QueryRequest.ClientSession client = q.session;
    return new Session(
        q.submittedAt,
        q.principal.subject(),
        client.catalog(),
        client.schema() == null ? SCHEMA : client.schema(),
        client.zone(),
        Parameters.of(client.parameters()),
        client.prepared(),
        client.transaction());
  }

  /** What was gone must not be planned with again. */
  void forget(GatewayQuery q) {
    planner.forget(q.plan());
  }

  private TableFacts facts(Policy now, String table) {
    try {
      return lake.facts(now, table).orElse(null);
    } catch (SqlFailure e) {
      // A table of a former state whose time has ended.
      return null;
    }
  }

  /**
   * Lets rows of a kept result pass only if the principal, as the present token and the present
   * policy have them, might still read what the query read.
   *
   * @throws LakegateException 403 when they might not; 503 when there is no policy
   */
  void requireStillGranted(GatewayQuery q, Principal principal) {
    Planned plan = q.plan();
    if (plan == null || plan.query().bindings().isEmpty()) {
      return;
    }
    Policy now = policy.require();
    for (Binding b : plan.query().bindings()) {
      String table = b.table().qualifiedName();
      List<String> used = b.used().stream().map(i -> b.table().columns().get(i).name()).toList();
      AccessDecision d =
          AccessDecider.decide(now, principal, AsOfTable.governing(table), facts(now, table), used);
      boolean columns = d.readableColumns().containsAll(used);
      if (!d.allowed()
          || !columns
          || !d.masks().isEmpty()
          || !d.rows().covers(b.table().decision().rows())) {
        throw LakegateException.forbidden(
                "RESULT_NOT_READABLE",
                "What this query read of " + table + " may no longer be read with your token.",
                "Submit the query again: it is answered by what you may read now.")
            .withDetail("table", table);
      }
    }
  }
}
