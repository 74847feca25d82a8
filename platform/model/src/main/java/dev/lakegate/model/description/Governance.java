package dev.lakegate.model.description;

import java.util.List;

/**
 * The proposal for policy: who may see what. Immutable.
 *
 * @param personas in order of precedence
 * @param tierFilters tenants by tier, for account teams
 * @param workgroups where queries run and saved queries are offered
 * @param personalData columns marked as personal data in addition to those marked in their tables
 */
public record Governance(
    List<Persona> personas,
    List<TierFilter> tierFilters,
    List<Workgroup> workgroups,
    List<PersonalData> personalData) {
  public Governance {
    personas = List.copyOf(personas);
    tierFilters = List.copyOf(tierFilters);
    workgroups = List.copyOf(workgroups);
    personalData = List.copyOf(personalData);
  }

  /**
   * A kind of user.
   *
   * @param name as it appears in the personas claim
   * @param description for people
   * @param schemas layers it may read: bronze, silver, gold
   * @param allRows whether it reads every tenant's rows, or only those its token claims
   * @param pii whether it reads columns marked as personal data
   * @param internal whether it reads tables of scope internal
   * @param administers whether it may change policy
   */
  public record Persona(
      String name,
      String description,
      List<String> schemas,
      boolean allRows,
      boolean pii,
      boolean internal,
      boolean administers) {
    public Persona {
      schemas = List.copyOf(schemas);
    }
  }

  /**
   * A named row filter for account teams of a tier.
   *
   * @param name of the filter
   * @param tier value of the tier claim
   * @param tenants it lets through
   */
  public record TierFilter(String name, String tier, List<String> tenants) {
    public TierFilter {
      tenants = List.copyOf(tenants);
    }
  }

  /**
   * A group of users that share limits and saved queries.
   *
   * @param name of the workgroup
   * @param description for people
   * @param personas that use it
   */
  public record Workgroup(String name, String description, List<String> personas) {
    public Workgroup {
      personas = List.copyOf(personas);
    }
  }

  /**
   * Columns of one table that hold personal data.
   *
   * @param table {@code <schema>.<name>}
   * @param columns of that table
   */
  public record PersonalData(String table, List<String> columns) {
    public PersonalData {
      columns = List.copyOf(columns);
    }
  }
}
