package dev.lakegate.governance.policy;

import dev.lakegate.model.policy.Policy;
import dev.lakegate.model.policy.Policy.Persona;
import dev.lakegate.model.policy.Policy.TableFacts;
import dev.lakegate.model.policy.Policy.TierFilter;
import java.util.List;
import java.util.Objects;

/**
 * A policy that somebody wants to put in force: of a policy's shape, but not yet known to make
 * sense, so that all its problems can be named at once and not just the first.
 *
 * @param version contract version
 * @param policyVersion not looked at: the next number is given
 * @param personas in order of precedence
 * @param tierFilters tenants by tier
 * @param tables facts about each table
 */
public record PolicyDraft(
    int version,
    Long policyVersion,
    List<Persona> personas,
    List<TierFilter> tierFilters,
    List<TableFacts> tables) {
  public PolicyDraft {
    personas = copy("personas", personas);
    tierFilters = copy("tierFilters", tierFilters);
    tables = copy("tables", tables);
  }

  private static <T> List<T> copy(String field, List<T> list) {
    if (list == null || list.stream().anyMatch(Objects::isNull)) {
      throw new IllegalArgumentException(field + " is missing or holds null");
    }
    return List.copyOf(list);
  }

  static PolicyDraft of(Policy policy) {
    return new PolicyDraft(
        policy.version(),
        policy.policyVersion(),
        policy.personas(),
        policy.tierFilters(),
        policy.tables());
  }

  /** The policy, once {@link PolicyValidator} finds no problem in it. */
  Policy numbered(long number) {
    return new Policy(version, number, personas, tierFilters, tables);
  }
}
