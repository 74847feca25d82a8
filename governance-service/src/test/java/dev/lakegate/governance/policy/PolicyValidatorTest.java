package dev.lakegate.governance.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.model.json.Json;
import dev.lakegate.model.policy.Policy;
import dev.lakegate.model.policy.Policy.ColumnFacts;
import dev.lakegate.model.policy.Policy.Persona;
import dev.lakegate.model.policy.Policy.Rows;
import dev.lakegate.model.policy.Policy.TableFacts;
import dev.lakegate.model.policy.Policy.TierFilter;
import dev.lakegate.model.policy.Principal;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class PolicyValidatorTest {
  private static final Persona ADMIN =
      new Persona("Admin", List.of("bronze", "silver", "gold"), Rows.ALL, true, true, true);

  private static PolicyDraft policy(
      List<Persona> personas, List<TierFilter> filters, List<TableFacts> tables) {
    return new PolicyDraft(Policy.VERSION, 1L, personas, filters, tables);
  }

  private static List<String> ofPersonas(Persona... personas) {
    return PolicyValidator.problems(policy(List.of(personas), List.of(), List.of()));
  }

  private static List<String> ofFilters(TierFilter... filters) {
    return PolicyValidator.problems(policy(List.of(ADMIN), List.of(filters), List.of()));
  }

  private static List<String> ofTables(TableFacts... tables) {
    return PolicyValidator.problems(policy(List.of(ADMIN), List.of(), List.of(tables)));
  }

  private static Persona persona(String name, boolean administers, String... schemas) {
    return new Persona(name, List.of(schemas), Rows.TENANTS, false, false, administers);
  }

  @Test
  void shouldAcceptTheGoldenPolicy() throws IOException {
    try (InputStream golden = getClass().getResourceAsStream("/contracts/golden/policy.json")) {
      Policy policy =
          Json.read(new String(golden.readAllBytes(), StandardCharsets.UTF_8), Policy.class);
      assertThat(PolicyValidator.problems(PolicyDraft.of(policy))).isEmpty();
    }
  }

  @Test
  void shouldNameEveryProblemOfPersonas() {
    assertThat(
            ofPersonas(
                persona("Analyst", false, "gold", "gold"),
                persona("Analyst", false),
                persona("no good\nname", false, "platinum")))
        .containsExactly(
            "personas: none administers, so nobody could change the policy any more",
            "personas: 'Analyst' names the schema gold twice",
            "personas: 'Analyst' occurs twice",
            "personas: 'no good?name' is not a name of letters, digits, '_', '.' and '-'",
            "personas: 'no good?name' names the unknown schema 'platinum', use bronze, silver or"
                + " gold");
    assertThat(ofPersonas(ADMIN, persona("NoSchema", false))).isEmpty();
  }

  @Test
  void shouldNameEveryProblemOfTierFilters() {
    assertThat(
            ofFilters(
                new TierFilter("a", "enterprise", List.of("t1", "t2")),
                new TierFilter("a", "small", List.of()),
                new TierFilter("b", "enterprise", List.of("t1", "t1", "")),
                new TierFilter("c", " ", List.of("t1"))))
        .containsExactly(
            "tierFilters: 'a' occurs twice",
            "tierFilters: 'a' lets no tenant through, remove it instead",
            "tierFilters: 'b' is a second filter of tier 'enterprise', join the two",
            "tierFilters: 'b' names tenant 't1' twice",
            "tierFilters: 'b' has an empty or overlong tenant",
            "tierFilters: 'c' has no usable tier");
    assertThat(ofFilters(new TierFilter("a", "enterprise", List.of("t1", "t2")))).isEmpty();
  }

  @Test
  void shouldNameEveryProblemOfTables() {
    ColumnFacts id = new ColumnFacts("id", false);
    assertThat(
            ofTables(
                new TableFacts("gold.a", "tenant", "tenant_id", List.of(id, id)),
                new TableFacts("gold.a", "shared", null, List.of()),
                new TableFacts("a", "shared", null, List.of()),
                new TableFacts("platinum.a", "shared", null, List.of())))
        .containsExactly(
            "tables: 'gold.a' has column 'id' twice",
            "tables: 'gold.a' has no column 'tenant_id' for the tenant",
            "tables: 'gold.a' occurs twice",
            "tables: 'a' is not <schema>.<name> of bronze, silver or gold",
            "tables: 'platinum.a' is not <schema>.<name> of bronze, silver or gold");
  }

  @Test
  void shouldRefuseAnotherContractVersion() {
    assertThat(
            PolicyValidator.problems(
                new PolicyDraft(2, null, List.of(ADMIN), List.of(), List.of())))
        .containsExactly("version: 2 is unknown, use 1");
  }

  @Test
  void shouldNotLetAuthorsLockThemselvesOut() {
    Principal author =
        new Principal("i", "me", new TreeSet<>(List.of("Admin")), new TreeSet<>(), null);
    PolicyDraft mine = policy(List.of(ADMIN), List.of(), List.of());
    PolicyDraft others = policy(List.of(persona("Other", true)), List.of(), List.of());
    assertThat(PolicyValidator.lockout(mine, author)).isEmpty();
    assertThat(PolicyValidator.lockout(others, author)).hasSize(1);
  }
}
