package dev.lakegate.governance.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.lakegate.governance.policy.Difference.Effect;
import dev.lakegate.model.policy.Policy;
import dev.lakegate.model.policy.Policy.Persona;
import dev.lakegate.model.policy.Policy.Rows;
import dev.lakegate.model.policy.Policy.TierFilter;
import java.util.List;
import org.junit.jupiter.api.Test;

class PolicyDifferencesTest {
  private static Persona persona(String name, Rows rows, boolean pii, String... schemas) {
    return new Persona(name, List.of(schemas), rows, pii, false, false);
  }

  private static Policy policy(List<Persona> personas, TierFilter... filters) {
    return new Policy(Policy.VERSION, 1, personas, List.of(filters), List.of());
  }

  @Test
  void shouldSayWhatAPersonaGainsAndLoses() {
    Policy before =
        policy(
            List.of(
                persona("A", Rows.TENANTS, true, "gold"), persona("B", Rows.ALL, false, "gold")));
    Policy after =
        policy(
            List.of(
                persona("A", Rows.ALL, false, "gold", "silver"),
                persona("C", Rows.ALL, false, "gold")));
    assertThat(PolicyDifferences.between(before, after))
        .extracting(Difference::name, Difference::field, Difference::effect, Difference::message)
        .containsExactly(
            tuple("B", null, Effect.NARROWS, "Persona B goes."),
            tuple("C", null, Effect.WIDENS, "Persona C comes."),
            tuple(
                "A", "schemas", Effect.WIDENS, "Persona A: schemas from 'gold' to 'gold, silver'."),
            tuple("A", "rows", Effect.WIDENS, "Persona A: rows from 'tenants' to 'all'."),
            tuple("A", "pii", Effect.NARROWS, "Persona A: pii from 'true' to 'false'."));
  }

  @Test
  void shouldSayThatTheOrderOfPersonasChanges() {
    Persona a = persona("A", Rows.ALL, false, "gold");
    Persona b = persona("B", Rows.ALL, false, "gold");
    assertThat(PolicyDifferences.between(policy(List.of(a, b)), policy(List.of(b, a))))
        .extracting(Difference::field, Difference::effect, Difference::message)
        .containsExactly(tuple("order", Effect.CHANGES, "Persona: order from 'A, B' to 'B, A'."));
  }

  @Test
  void shouldSayWhichTenantsATierGainsAndLoses() {
    Policy before = policy(List.of(), new TierFilter("f", "small", List.of("t1", "t2")));
    assertThat(
            PolicyDifferences.between(
                before, policy(List.of(), new TierFilter("f", "small", List.of("t2", "t3")))))
        .extracting(Difference::field, Difference::before, Difference::after, Difference::effect)
        .containsExactly(tuple("tenants", "t1, t2", "t2, t3", Effect.CHANGES));
    assertThat(
            PolicyDifferences.between(
                before, policy(List.of(), new TierFilter("f", "tiny", List.of("t1")))))
        .extracting(Difference::field, Difference::effect)
        .containsExactly(tuple("tier", Effect.CHANGES), tuple("tenants", Effect.NARROWS));
    assertThat(
            PolicyDifferences.between(
                before, policy(List.of(), new TierFilter("f", "small", List.of("t2", "t1")))))
        .as("the order of tenants means nothing")
        .isEmpty();
  }
}
