package dev.lakegate.gateway.limits;

import dev.lakegate.kit.error.LakegateException;
import dev.lakegate.model.description.Governance;
import dev.lakegate.model.description.Governance.Workgroup;
import dev.lakegate.model.policy.Principal;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which workgroup a query belongs to. The description says whose they are; each is a set of limits.
 * Immutable.
 */
public final class Workgroups {
  /** Whoever belongs to no other workgroup. */
  public static final String PRIMARY = "primary";

  private final List<Workgroup> all;
  private final Set<String> administrators;

  /**
   * @param governance that names them
   */
  public Workgroups(Governance governance) {
    this.all = governance.workgroups();
    this.administrators =
        governance.personas().stream()
            .filter(Governance.Persona::administers)
            .map(Governance.Persona::name)
            .collect(Collectors.toUnmodifiableSet());
  }

  /** Names of all. */
  public List<String> names() {
    return all.stream().map(Workgroup::name).toList();
  }

  /** Those that a principal may choose, the one that it gets without choosing first. */
  public List<String> of(Principal principal) {
    List<String> own =
        all.stream()
            .filter(w -> w.personas().stream().anyMatch(principal.personas()::contains))
            .map(Workgroup::name)
            .toList();
    if (own.isEmpty()) {
      return List.of(PRIMARY);
    }
    if (principal.personas().stream().noneMatch(administrators::contains)) {
      return own;
    }
    // Administrators may try what others run into.
    return java.util.stream.Stream.concat(own.stream(), names().stream()).distinct().toList();
  }

  /**
   * The workgroup of a query.
   *
   * @param asked for; null or empty for the principal's own
   * @throws LakegateException 403 when the principal may not use it
   */
  public String choose(Principal principal, String asked) {
    List<String> allowed = of(principal);
    if (asked == null || asked.isBlank()) {
      return allowed.get(0);
    }
    if (!allowed.contains(asked.trim())) {
      throw LakegateException.forbidden(
          "WORKGROUP_NOT_ALLOWED",
          "You do not belong to the workgroup that the query names.",
          "Leave it out, or name one of: " + String.join(", ", allowed) + ".");
    }
    return asked.trim();
  }
}
