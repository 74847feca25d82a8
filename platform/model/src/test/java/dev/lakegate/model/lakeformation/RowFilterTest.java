package dev.lakegate.model.lakeformation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakegate.model.lakeformation.RowFilter.AllRows;
import dev.lakegate.model.lakeformation.RowFilter.Expression;
import dev.lakegate.model.lakeformation.RowFilter.NoRows;
import dev.lakegate.model.lakeformation.RowFilter.NotExpressibleException;
import dev.lakegate.model.policy.RowPredicate;
import dev.lakegate.model.policy.RowPredicate.All;
import dev.lakegate.model.policy.RowPredicate.And;
import dev.lakegate.model.policy.RowPredicate.Comparison;
import dev.lakegate.model.policy.RowPredicate.In;
import dev.lakegate.model.policy.RowPredicate.None;
import dev.lakegate.model.policy.RowPredicate.Or;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.NotEmpty;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class RowFilterTest {
  private static final Set<String> COLUMNS = Set.of("tenant_id", "region", "order", "Big");

  private static RowFilter compile(RowPredicate p) {
    return RowFilter.compile(p, COLUMNS);
  }

  private static RowPredicate in(String... values) {
    return new In("tenant_id", List.of(values));
  }

  @Test
  void predicatesBecomeExpressions() {
    assertThat(compile(in("a"))).isEqualTo(new Expression("tenant_id = 'a'"));
    assertThat(compile(in("a", "O'Hara")))
        .isEqualTo(new Expression("tenant_id IN ('a', 'O''Hara')"));
    assertThat(
            compile(
                new And(
                    List.of(
                        in("a"),
                        new Or(List.of(new Comparison("region", "<>", "x"), in("b"), new None())),
                        new All()))))
        .isEqualTo(new Expression("(tenant_id = 'a') AND ((region <> 'x') OR (tenant_id = 'b'))"));
  }

  @Test
  void allAndNothingAreNotExpressions() {
    assertThat(compile(new All())).isEqualTo(new AllRows());
    assertThat(compile(new None())).isEqualTo(new NoRows());
    assertThat(compile(new Or(List.of(in("a"), new All())))).isEqualTo(new AllRows());
    assertThat(compile(new And(List.of(in("a"), new None())))).isEqualTo(new NoRows());
    assertThat(compile(new Or(List.of(new None(), new None())))).isEqualTo(new NoRows());
    assertThat(compile(new And(List.of(new All(), new All())))).isEqualTo(new AllRows());
    assertThat(compile(in("\u0000"))).isEqualTo(new NoRows());
  }

  @Test
  void whatLakeFormationCannotExpressIsRefused() {
    for (RowPredicate p :
        List.of(
            new In("elsewhere", List.of("a")),
            new In("order", List.of("a")),
            new In("Big", List.of("a")),
            in("line\nend"),
            in("half \uD800"),
            new Comparison("region", "LIKE", "a"),
            new And(List.of()),
            new Or(List.of()))) {
      assertThatThrownBy(() -> compile(p)).isInstanceOf(NotExpressibleException.class);
    }
  }

  @Test
  void longerThanLakeFormationTakesIsRefused() {
    String[] tenants =
        IntStream.range(0, 300).mapToObj(i -> "tenant-" + (1000 + i)).toArray(String[]::new);
    assertThatThrownBy(() -> compile(in(tenants)))
        .isInstanceOf(NotExpressibleException.class)
        .hasMessageContaining("2048");
  }

  @Test
  void namesOfTenantsAreKeptWhereTheyCanBe() {
    assertThat(TenantNames.of("tenant-1")).isEqualTo("tenant-1");
    for (String tenant :
        List.of("Tenant-1", "a b", "a/b", "../a", "ü", "a*", "x".repeat(33), "${aws:x}")) {
      assertThat(TenantNames.of(tenant)).as(tenant).matches("h-[0-9a-f]{30}");
    }
    String digest = TenantNames.of("A");
    assertThat(TenantNames.of(digest)).isNotEqualTo(digest);
    assertThatThrownBy(() -> TenantNames.of("")).isInstanceOf(IllegalArgumentException.class);
  }

  @Property(tries = 300)
  void noTwoTenantsShareAName(@ForAll @Size(max = 40) List<@NotEmpty String> tenants) {
    Map<String, String> byName = new HashMap<>();
    for (String tenant : tenants) {
      String other = byName.put(TenantNames.of(tenant).toLowerCase(java.util.Locale.ROOT), tenant);
      assertThat(other == null || other.equals(tenant)).isTrue();
    }
  }
}
