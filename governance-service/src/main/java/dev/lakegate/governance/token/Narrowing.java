package dev.lakegate.governance.token;

import dev.lakegate.model.policy.Policy;
import dev.lakegate.model.policy.Policy.Persona;
import dev.lakegate.model.policy.Policy.Rows;
import dev.lakegate.model.policy.Policy.TierFilter;
import dev.lakegate.model.policy.Principal;
import java.util.SortedSet;
import java.util.TreeSet;

/** What a token gives: its owner's claims, and of them only what it is narrowed to. Pure. */
final class Narrowing {
  private Narrowing() {}

  /**
   * The principal that a token stands for. Nothing in it is more than the owner has.
   *
   * @param owner as the issuer last described them
   * @param personas to keep; null for all
   * @param tenants to keep; null for all. Personas that read every tenant's rows are dropped then,
   *     and the tier is replaced by those of its tenants that are kept: a narrowed token must not
   *     read what it was narrowed to leave out.
   * @param schemas to keep; null for all
   */
  static Principal narrow(
      Policy policy,
      Principal owner,
      SortedSet<String> personas,
      SortedSet<String> tenants,
      SortedSet<String> schemas) {
    SortedSet<String> keptPersonas = new TreeSet<>(owner.personas());
    SortedSet<String> keptTenants = owner.tenants();
    String tier = owner.tier();
    if (personas != null) {
      keptPersonas.retainAll(personas);
    }
    if (tenants != null) {
      keptPersonas.removeIf(name -> !isBoundToTenants(policy, name));
      TreeSet<String> own = new TreeSet<>(owner.tenants());
      policy.tierFilters().stream()
          .filter(filter -> filter.tier().equals(owner.tier()))
          .map(TierFilter::tenants)
          .forEach(own::addAll);
      own.retainAll(tenants);
      keptTenants = own;
      tier = null;
    }
    return new Principal(owner.issuer(), owner.subject(), keptPersonas, keptTenants, tier, schemas);
  }

  /** Whether the policy lets a persona read only the tenants that its bearer claims. */
  static boolean isBoundToTenants(Policy policy, String persona) {
    return policy.persona(persona).map(Persona::rows).filter(Rows.TENANTS::equals).isPresent();
  }
}
