package dev.lakegate.gateway.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.gateway.cache.CacheKey.Source;
import dev.lakegate.gateway.sql.CatalogView.ColumnView;
import dev.lakegate.gateway.sql.CatalogView.TableView;
import dev.lakegate.gateway.sql.SecuredQuery;
import dev.lakegate.gateway.sql.SecuredQuery.Binding;
import dev.lakegate.gateway.sql.SecuredQuery.OutputColumn;
import dev.lakegate.gateway.sql.Types;
import dev.lakegate.model.policy.AccessDecision;
import dev.lakegate.model.policy.Principal;
import dev.lakegate.model.policy.RowPredicate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Everything that an answer depends on makes another key, each by itself. */
class CacheKeyTest {
  private static final String SQL = "SELECT a FROM t";

  private static AccessDecision decision(
      long policyVersion,
      String subject,
      String tenant,
      String tier,
      List<String> readable,
      RowPredicate rows) {
    return new AccessDecision(
        1,
        policyVersion,
        new Principal(
            "issuer",
            subject,
            new TreeSet<>(Set.of("TenantSpecificAnalyst")),
            new TreeSet<>(Set.of(tenant)),
            tier),
        "gold.t",
        true,
        AccessDecision.Reason.ALLOWED,
        "",
        readable,
        List.of(),
        List.of(),
        rows,
        List.of(),
        List.of());
  }

  private static final AccessDecision DECISION =
      decision(1, "ann", "tenant-1", null, List.of("a", "b"), new RowPredicate.All());

  private static TableView view(AccessDecision d, String type, String instant) {
    return new TableView(
        "gold",
        "t",
        List.of(new ColumnView("a", Types.parse(type)), new ColumnView("b", Types.parse("date"))),
        d,
        instant);
  }

  private static SecuredQuery query(TableView view, String body, String name, String type) {
    return new SecuredQuery(
        List.of(),
        body,
        List.of(new Binding("t1", view, new TreeSet<>(Set.of(0)))),
        List.of(new OutputColumn(name, Types.parse(type))));
  }

  private static Optional<CacheKey> key(TableView view, String body, String version, String... f) {
    return CacheKey.of(
        SQL, query(view, body, "a", "bigint"), List.of(new Source(version, List.of(f))));
  }

  @Test
  void shouldBeAnotherForEverythingThatAnAnswerDependsOn() {
    TableView view = view(DECISION, "bigint", null);
    List<Optional<CacheKey>> keys = new ArrayList<>();
    keys.add(key(view, "SELECT 1", "v1", "f1", "f2"));
    keys.add(key(view, "SELECT 2", "v1", "f1", "f2"));
    keys.add(key(view, "SELECT 1", "v2", "f1", "f2"));
    keys.add(key(view, "SELECT 1", "v1", "f1"));
    keys.add(key(view, "SELECT 1", "v1", "f1f2"));
    keys.add(key(view(DECISION, "integer", null), "SELECT 1", "v1", "f1", "f2"));
    keys.add(key(view(DECISION, "bigint", "20260101000000"), "SELECT 1", "v1", "f1", "f2"));
    for (AccessDecision other :
        List.of(
            decision(2, "ann", "tenant-1", null, List.of("a", "b"), new RowPredicate.All()),
            decision(1, "bob", "tenant-1", null, List.of("a", "b"), new RowPredicate.All()),
            decision(1, "ann", "tenant-2", null, List.of("a", "b"), new RowPredicate.All()),
            decision(1, "ann", "tenant-1", "small", List.of("a", "b"), new RowPredicate.All()),
            decision(1, "ann", "tenant-1", null, List.of("a"), new RowPredicate.All()),
            decision(1, "ann", "tenant-1", null, List.of("a", "b"), new RowPredicate.None()),
            decision(
                1,
                "ann",
                "tenant-1",
                null,
                List.of("a", "b"),
                new RowPredicate.In("tenant_id", List.of("tenant-1"))))) {
      keys.add(key(view(other, "bigint", null), "SELECT 1", "v1", "f1", "f2"));
    }
    keys.add(
        CacheKey.of(
            SQL,
            query(view, "SELECT 1", "A", "bigint"),
            List.of(new Source("v1", List.of("f1", "f2")))));
    keys.add(
        CacheKey.of(
            SQL,
            query(view, "SELECT 1", "a", "integer"),
            List.of(new Source("v1", List.of("f1", "f2")))));
    assertThat(keys).allMatch(Optional::isPresent);
    assertThat(new HashSet<>(keys)).hasSize(keys.size());
    assertThat(key(view(DECISION, "bigint", null), "SELECT 1", "v1", "f1", "f2"))
        .as("the same again")
        .isEqualTo(keys.get(0));
  }

  @Test
  void shouldNotExistForWhatChangesByItself() {
    TableView view = view(DECISION, "bigint", null);
    List<Source> sources = List.of(new Source("v1", List.of("f")));
    for (String sql :
        List.of(
            "SELECT now() FROM t",
            "SELECT NOW () FROM t",
            "SELECT \"now\"() FROM t",
            "SELECT current_timestamp FROM t",
            "SELECT random(3) FROM t",
            "SELECT uuid() FROM t",
            "SELECT a FROM t WHERE u = current_user")) {
      assertThat(CacheKey.of(sql, query(view, "SELECT 1", "a", "bigint"), sources))
          .as(sql)
          .isEmpty();
    }
    assertThat(CacheKey.of("EXECUTE p", query(view, "SELECT lk_random()", "a", "bigint"), sources))
        .isEmpty();
    assertThat(CacheKey.of("SELECT nowhere FROM t", query(view, "x", "a", "bigint"), sources))
        .isPresent();
    assertThat(
            CacheKey.of(
                "SELECT 1",
                new SecuredQuery(List.of(), "SELECT 1", List.of(), List.of()),
                List.of()))
        .as("no table")
        .isEmpty();
  }
}
