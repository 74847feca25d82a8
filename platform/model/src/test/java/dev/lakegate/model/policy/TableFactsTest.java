package dev.lakegate.model.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.model.policy.Policy.ColumnFacts;
import dev.lakegate.model.policy.Policy.TableFacts;
import java.util.List;
import org.junit.jupiter.api.Test;

class TableFactsTest {
  private static TableFacts facts(String scope, String tenantColumn) {
    return new TableFacts(
        "gold.sale",
        scope,
        tenantColumn,
        List.of(new ColumnFacts("seller", false), new ColumnFacts("buyer", false)));
  }

  @Test
  void shouldLetNoTenantInWhenTwoColumnsSayWhoseARowIs() {
    TableFacts sellers = facts("tenant", "seller");
    assertThat(sellers.and(facts("tenant", "buyer"))).isEqualTo(facts("internal", null));
    assertThat(sellers.within("tenant", "buyer")).isEqualTo(facts("internal", null));
    assertThat(sellers.within("tenant", null)).isEqualTo(facts("internal", null));
    assertThat(sellers.and(sellers)).isEqualTo(sellers);
    assertThat(facts("shared", null).and(sellers)).isEqualTo(sellers);
    assertThat(sellers.and(facts("shared", null))).isEqualTo(sellers);
  }

  @Test
  void shouldTakeAnUnknownScopeForInternal() {
    assertThat(TableFacts.strictness("everybody")).isEqualTo(TableFacts.strictness("internal"));
    for (TableFacts known : List.of(facts("shared", null), facts("tenant", "seller"))) {
      assertThat(known.within("everybody", null)).isEqualTo(facts("internal", null));
    }
  }
}
