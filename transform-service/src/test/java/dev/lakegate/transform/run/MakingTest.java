package dev.lakegate.transform.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.model.job.Checkpoint;
import dev.lakegate.model.policy.Policy.ColumnFacts;
import dev.lakegate.model.policy.Policy.TableFacts;
import dev.lakegate.transform.lakehouse.Description;
import dev.lakegate.transform.plan.Dataset;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code gold.m} reads {@code silver.d}, which is derived from {@code silver.s}. */
class MakingTest {
  private final Map<String, Making.Then> record = new HashMap<>();
  private final Map<String, String> definitions = new HashMap<>();
  private final Map<String, TableFacts> facts = new HashMap<>();

  @BeforeEach
  void sameThenAsNow() {
    for (String name : List.of("silver.s", "silver.d", "gold.m")) {
      definitions.put(name, "1");
      facts.put(name, facts(name, "tenant", false));
    }
    sameThen();
  }

  private static TableFacts facts(String name, String scope, boolean personal) {
    return new TableFacts(
        name,
        scope,
        scope.equals("tenant") ? "tenant_id" : null,
        List.of(new ColumnFacts("tenant_id", false), new ColumnFacts("ip", personal)));
  }

  private static Checkpoint of(String input, String instant) {
    return new Checkpoint.OfInputs(new TreeMap<>(Map.of(input, instant)), null);
  }

  private void then(String name, String instant, Checkpoint checkpoint) {
    record.put(name + " " + instant, new Making.Then("1", facts.get(name), checkpoint));
  }

  private Making made() {
    Description now =
        new Description(
            List.of(
                new Dataset(
                    "silver.s",
                    Dataset.Layer.SILVER,
                    "core_s",
                    List.of(),
                    false,
                    definitions.get("silver.s")),
                computed("silver.d", "silver.s"),
                computed("gold.m", "silver.d")),
            Map.of(),
            facts);
    try {
      return Making.of(
          now,
          (name, instant) -> Optional.ofNullable(record.get(name + " " + instant)),
          "gold.m",
          "3");
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private Dataset computed(String name, String input) {
    return new Dataset(
        name, Dataset.Layer.GOLD, null, List.of(input), false, definitions.get(name));
  }

  private void assertUnknown(String... words) {
    Making made = made();
    assertThat(made.difference()).contains(words);
    assertThat(made.facts()).isNull();
    assertThat(made.restorable()).isFalse();
  }

  @Test
  void shouldKnowTheFactsOfWhatWasMadeAsNow() {
    assertThat(made().difference()).isNull();
    assertThat(made().facts()).isEqualTo(facts.get("gold.m"));
    assertThat(made().restorable()).isTrue();
  }

  @Test
  void shouldNotKnowWhatADefinitionFurtherDownMadeOfTheRows() {
    for (String name : List.of("silver.s", "silver.d", "gold.m")) {
      definitions.put(name, "2");
      assertUnknown(name + " was defined otherwise");
      definitions.put(name, "1");
    }
  }

  @Test
  void shouldNotKnowWhatIsNotRecorded() {
    for (String state : List.of("silver.s 1", "silver.d 2", "gold.m 3")) {
      Making.Then then = record.remove(state);
      assertUnknown("not recorded", state.split(" ")[0]);
      record.put(state, new Making.Then(null, then.facts(), then.checkpoint()));
      assertUnknown("not recorded", state.split(" ")[0]);
      record.put(state, new Making.Then("1", null, then.checkpoint()));
      assertUnknown("not recorded", state.split(" ")[0]);
      record.put(state, new Making.Then("1", then.facts(), null));
      if (!state.startsWith("silver.s")) {
        assertUnknown("not recorded");
      }
      record.put(state, then);
    }
    then("gold.m", "3", of("silver.other", "2"));
    assertUnknown("which state of silver.d was read");
    assertThat(made().known()).isTrue();
    record.clear();
    assertThat(made().known()).isFalse();
  }

  @Test
  void shouldReadByTheStricterAndRestoreNothingThatWasStricter() {
    TableFacts now = facts.get("gold.m");
    facts.put("gold.m", facts("gold.m", "tenant", true));
    assertThat(made().facts()).as("tightened since").isEqualTo(facts.get("gold.m"));
    assertThat(made().restorable()).isTrue();
    for (TableFacts then : List.of(facts.get("gold.m"), facts("gold.m", "internal", false))) {
      facts.put("gold.m", then);
      then("gold.m", "3", of("silver.d", "2"));
      facts.put("gold.m", now);
      assertThat(made().facts()).as("loosened since").isEqualTo(then);
      assertThat(made().restorable()).isFalse();
    }
  }

  /** The raw addresses of then are nobody's business because those of now are anonymised. */
  @Test
  void shouldNotKnowWhatAnInputThatWasLoosenedHeld() {
    for (String name : List.of("silver.s", "silver.d")) {
      TableFacts now = facts.get(name);
      facts.put(name, facts(name, "tenant", true));
      sameThen();
      facts.put(name, now);
      assertUnknown(name, "stricter rules");
      sameThen();
    }
  }

  private void sameThen() {
    then("silver.s", "1", new Checkpoint.OfManifests("0001", 7));
    then("silver.d", "2", of("silver.s", "1"));
    then("gold.m", "3", of("silver.d", "2"));
  }
}
