package dev.lakegate.model.policy;

import dev.lakegate.model.policy.AccessDecision.ChainLink;
import dev.lakegate.model.policy.AccessDecision.HiddenColumn;
import dev.lakegate.model.policy.AccessDecision.Reason;
import dev.lakegate.model.policy.Policy.ColumnFacts;
import dev.lakegate.model.policy.Policy.Persona;
import dev.lakegate.model.policy.Policy.Rows;
import dev.lakegate.model.policy.Policy.TableFacts;
import dev.lakegate.model.policy.Policy.TierFilter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Decides what a principal may read of a table: a pure function of its arguments. What it does not
 * know it refuses.
 */
public final class AccessDecider {
  private static final int MOST_SHOWN = 20;

  private AccessDecider() {}

  /** What one persona gives: either rows and columns, or the reason why nothing. */
  private record Grant(Persona persona, Reason reason, List<String> columns, RowPredicate rows) {
    boolean allowed() {
      return reason == Reason.ALLOWED;
    }

    boolean contains(Grant other) {
      return columns.containsAll(other.columns)
          && (rows instanceof RowPredicate.All || rows.equals(other.rows));
    }
  }

  /**
   * Decides. Each known persona of the principal gives a pair of columns and rows. The pair that
   * contains all others is taken; where none does, that of the first persona in the policy's order.
   * Columns of one are never combined with rows of another.
   *
   * @param table {@code <schema>.<name>}, an alias already resolved
   */
  public static AccessDecision decide(Policy policy, Principal principal, String table) {
    return decide(policy, principal, table, List.of());
  }

  /**
   * Decides about a table as it is stored. A stored column that the policy's facts do not describe
   * (it flowed in by a change of the source's schema) may hold anything, also what belongs to
   * another tenant than its row: only personas that see personal data and every row of the table's
   * layer read it, until it is described.
   *
   * @param table {@code <schema>.<name>}, an alias already resolved
   * @param stored names of the columns that the table has, in order; those that the facts describe
   *     change nothing
   */
  public static AccessDecision decide(
      Policy policy, Principal principal, String table, Collection<String> stored) {
    return decide(policy, principal, table, policy.table(table).orElse(null), stored);
  }

  /**
   * Decides by other facts than the policy has about the table.
   *
   * @param facts null when nobody knows the table; they may tell of it under another name, whose
   *     rules it follows
   */
  public static AccessDecision decide(
      Policy policy,
      Principal principal,
      String table,
      TableFacts facts,
      Collection<String> stored) {
    List<Persona> known =
        policy.personas().stream().filter(p -> principal.personas().contains(p.name())).toList();
    List<String> may = facts == null ? List.of() : personasThatMay(policy, facts);

    if (known.isEmpty()) {
      return refused(
          policy,
          principal,
          table,
          Reason.NO_PERSONA,
          (principal.personas().isEmpty()
                  ? "The token claims no persona."
                  : "The token claims no persona that the policy knows.")
              + mayText(may),
          may,
          List.of(new ChainLink("claim", "personas", shown(principal.personas()))));
    }
    if (facts == null) {
      return refused(
          policy,
          principal,
          table,
          Reason.UNKNOWN_TABLE,
          "There is no table " + table + " in the policy.",
          may,
          claimAndPersona(known.get(0)));
    }

    if (principal.schemas() != null && !principal.schemas().contains(schema(table))) {
      return refused(
          policy,
          principal,
          table,
          Reason.TOKEN_SCOPE,
          "The personal access token is not for layer " + schema(table) + ".",
          may,
          claimAndPersona(known.get(0)));
    }

    SortedSet<String> tenants = tenants(policy, principal);
    List<String> undescribed = facts.undescribed(stored);
    List<Grant> grants = known.stream().map(p -> grant(p, facts, undescribed, tenants)).toList();
    List<Grant> allowed = grants.stream().filter(Grant::allowed).toList();
    if (allowed.isEmpty()) {
      // The refusal nearest to being allowed tells most about what is missing.
      Grant nearest =
          grants.stream().max(Comparator.comparingInt(g -> nearness(g.reason()))).orElseThrow();
      List<ChainLink> chain = new ArrayList<>(claimAndPersona(nearest.persona()));
      if (nearest.reason() != Reason.LAYER_NOT_GRANTED) {
        chain.add(new ChainLink("grant", schema(table), "select"));
      }
      return refused(
          policy,
          principal,
          table,
          nearest.reason(),
          refusal(nearest, facts, known, principal, may),
          may,
          chain);
    }

    Grant chosen =
        allowed.stream()
            .filter(g -> allowed.stream().allMatch(g::contains))
            .findFirst()
            .orElse(allowed.get(0));
    Set<String> readable = Set.copyOf(chosen.columns());
    List<HiddenColumn> hidden = new ArrayList<>();
    for (ColumnFacts c : facts.columns()) {
      if (!readable.contains(c.name())) {
        hidden.add(new HiddenColumn(c.name(), Reason.PII_COLUMN, readersOf(policy, facts, c)));
      }
    }
    for (String c : undescribed) {
      if (!readable.contains(c)) {
        hidden.add(new HiddenColumn(c, Reason.PII_COLUMN, readersOfUndescribed(policy, facts)));
      }
    }
    return new AccessDecision(
        AccessDecision.VERSION,
        policy.policyVersion(),
        principal,
        table,
        true,
        Reason.ALLOWED,
        chosen.persona().name() + " may read " + table + ".",
        chosen.columns(),
        hidden,
        List.of(),
        chosen.rows(),
        may,
        chain(policy, principal, table, chosen));
  }

  private static Grant grant(
      Persona persona, TableFacts facts, List<String> undescribed, SortedSet<String> tenants) {
    Reason refusal = refusalOf(persona, facts);
    if (refusal != null) {
      return new Grant(persona, refusal, List.of(), new RowPredicate.None());
    }
    RowPredicate rows = new RowPredicate.All();
    if (facts.scope().equals("tenant") && persona.rows() == Rows.TENANTS) {
      if (tenants.isEmpty()) {
        return new Grant(persona, Reason.NO_TENANT, List.of(), new RowPredicate.None());
      }
      rows = new RowPredicate.In(facts.tenantColumn(), List.copyOf(tenants));
    }
    List<String> columns = new ArrayList<>();
    for (ColumnFacts c : facts.columns()) {
      if (persona.pii() || !c.pii()) {
        columns.add(c.name());
      }
    }
    if (readsUndescribed(persona)) {
      columns.addAll(undescribed);
    }
    return columns.isEmpty()
        ? new Grant(persona, Reason.PII_COLUMN, List.of(), new RowPredicate.None())
        : new Grant(persona, Reason.ALLOWED, columns, rows);
  }

  // What the persona alone decides, whoever bears it; null when it may.
  private static Reason refusalOf(Persona persona, TableFacts facts) {
    if (!persona.schemas().contains(schema(facts.table()))) {
      return Reason.LAYER_NOT_GRANTED;
    }
    return facts.scope().equals("internal") && !persona.internal() ? Reason.INTERNAL_TABLE : null;
  }

  private static List<String> personasThatMay(Policy policy, TableFacts facts) {
    return policy.personas().stream()
        .filter(p -> refusalOf(p, facts) == null)
        .filter(p -> p.pii() || facts.columns().stream().anyMatch(c -> !c.pii()))
        .map(Persona::name)
        .toList();
  }

  private static List<String> readersOf(Policy policy, TableFacts facts, ColumnFacts column) {
    return policy.personas().stream()
        .filter(p -> refusalOf(p, facts) == null && (p.pii() || !column.pii()))
        .map(Persona::name)
        .toList();
  }

  private static boolean readsUndescribed(Persona persona) {
    return persona.pii() && persona.rows() == Rows.ALL;
  }

  private static List<String> readersOfUndescribed(Policy policy, TableFacts facts) {
    return policy.personas().stream()
        .filter(p -> refusalOf(p, facts) == null && readsUndescribed(p))
        .map(Persona::name)
        .toList();
  }

  private static SortedSet<String> tenants(Policy policy, Principal principal) {
    TreeSet<String> tenants = new TreeSet<>(principal.tenants());
    tierFilter(policy, principal).ifPresent(filter -> tenants.addAll(filter.tenants()));
    tenants.remove("");
    return tenants;
  }

  private static java.util.Optional<TierFilter> tierFilter(Policy policy, Principal principal) {
    return policy.tierFilters().stream().filter(f -> f.tier().equals(principal.tier())).findFirst();
  }

  private static int nearness(Reason reason) {
    return switch (reason) {
      case PII_COLUMN -> 4;
      case NO_TENANT -> 3;
      case INTERNAL_TABLE -> 2;
      case LAYER_NOT_GRANTED -> 1;
      default -> 0;
    };
  }

  private static String refusal(
      Grant nearest, TableFacts facts, List<Persona> known, Principal principal, List<String> may) {
    String table = facts.table();
    String who = nearest.persona().name();
    return switch (nearest.reason()) {
      case LAYER_NOT_GRANTED ->
          table
              + " is in layer "
              + schema(table)
              + ", which "
              + known.stream().map(Persona::name).collect(Collectors.joining(" and "))
              + " may not read."
              + mayText(may);
      case INTERNAL_TABLE -> table + " is internal, " + who + " may not read it." + mayText(may);
      case NO_TENANT ->
          who
              + " reads its own tenants' rows of "
              + table
              + ", but the token claims no tenant"
              + (principal.tier() == null ? "." : " and no tier that the policy knows.");
      case PII_COLUMN ->
          "Every column of "
              + table
              + " holds personal data, "
              + who
              + " may not read it."
              + mayText(may);
      default -> throw new IllegalStateException("not a refusal: " + nearest.reason());
    };
  }

  private static String mayText(List<String> may) {
    return may.isEmpty() ? "" : " Personas that may: " + String.join(", ", may) + ".";
  }

  private static AccessDecision refused(
      Policy policy,
      Principal principal,
      String table,
      Reason reason,
      String message,
      List<String> may,
      List<ChainLink> chain) {
    return new AccessDecision(
        AccessDecision.VERSION,
        policy.policyVersion(),
        principal,
        table,
        false,
        reason,
        message,
        List.of(),
        List.of(),
        List.of(),
        new RowPredicate.None(),
        may,
        chain);
  }

  private static List<ChainLink> claimAndPersona(Persona persona) {
    return List.of(
        new ChainLink("claim", "personas", persona.name()),
        new ChainLink("persona", persona.name(), persona.rows() == Rows.ALL ? "all" : "tenants"));
  }

  private static List<ChainLink> chain(
      Policy policy, Principal principal, String table, Grant chosen) {
    List<ChainLink> chain = new ArrayList<>(claimAndPersona(chosen.persona()));
    chain.add(new ChainLink("grant", schema(table), "select"));
    if (chosen.rows() instanceof RowPredicate.In in) {
      tierFilter(policy, principal)
          .ifPresent(
              filter -> {
                chain.add(new ChainLink("claim", "tier", filter.tier()));
                chain.add(new ChainLink("filter", filter.name(), shown(filter.tenants())));
              });
      chain.add(new ChainLink("filter", in.column(), shown(in.values())));
    }
    return List.copyOf(chain);
  }

  private static String shown(Collection<String> values) {
    return values.stream().limit(MOST_SHOWN).collect(Collectors.joining(", "))
        + (values.size() > MOST_SHOWN ? " and " + (values.size() - MOST_SHOWN) + " more" : "");
  }

  private static String schema(String table) {
    int dot = table.indexOf('.');
    return dot < 0 ? "" : table.substring(0, dot);
  }
}
