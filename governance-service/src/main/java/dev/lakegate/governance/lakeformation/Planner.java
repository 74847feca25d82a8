package dev.lakegate.governance.lakeformation;

import dev.lakegate.governance.lakeformation.Finding.Severity;
import dev.lakegate.governance.lakeformation.Item.DataFilter;
import dev.lakegate.governance.lakeformation.Item.Grant;
import dev.lakegate.governance.lakeformation.Item.Role;
import dev.lakegate.governance.lakeformation.Item.Workgroup;
import dev.lakegate.governance.lakeformation.Step.Action;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Compares what is wanted with what is there. Only items of the ledger are ever changed or taken
 * away; all others are findings. Pure.
 */
final class Planner {
  private final Estate estate;
  private final Desired desired;
  private final Actual actual;
  private final Set<String> owned;
  private final List<Step> steps = new ArrayList<>();
  private final List<Finding> findings = new ArrayList<>();
  // What is in the way of an item under its own name: nothing may be built upon it.
  private final Set<String> foreign = new HashSet<>();

  private Planner(Estate estate, Desired desired, Actual actual, Set<String> owned) {
    this.estate = estate;
    this.desired = desired;
    this.actual = actual;
    this.owned = owned;
  }

  /**
   * @param owned keys of the ledger: what this service made, or was about to make
   */
  static ChangePlan plan(Estate estate, Desired desired, Actual actual, Set<String> owned) {
    Planner planner = new Planner(estate, desired, actual, owned);
    planner.wanted();
    planner.unwanted();
    planner.findings.addAll(Detectors.findings(estate, desired, actual, owned));
    planner.findings.sort(
        Comparator.comparing(Finding::severity)
            .reversed()
            .thenComparing(Finding::code)
            .thenComparing(Finding::object));
    planner.steps.sort(Comparator.comparing(Step::action).thenComparing(step -> step.item().key()));
    return new ChangePlan(planner.steps, planner.findings);
  }

  private void wanted() {
    for (Item want : desired.own().values()) {
      Item have = actual.items().get(want.key());
      if (have != null && !owned.contains(want.key()) && !(want instanceof Grant)) {
        if (!same(want, have)) {
          foreign.add(want.key());
          findings.add(
              new Finding(
                  Severity.WARNING,
                  "NAME_TAKEN",
                  want.key(),
                  "There is another " + have.text() + ", which this service did not make.",
                  "Remove it; until then nothing is given that would stand on it."));
        }
      }
    }
    Map<String, String> roles = new HashMap<>();
    desired.own(Role.class).forEach(r -> roles.put(r.name(), r.key()));
    for (Item want : desired.own().values()) {
      Item have = actual.items().get(want.key());
      if (foreign.contains(want.key())) {
        continue;
      }
      if (want instanceof Grant grant) {
        Set<String> needs = needs(grant, roles);
        if (have == null && needs.stream().noneMatch(foreign::contains)) {
          steps.add(new Step(Action.GRANT, grant, needs));
        }
      } else if (have == null) {
        steps.add(new Step(creation(want), want, Set.of()));
      } else if (!same(want, have)) {
        steps.add(new Step(change(want, have), want, Set.of()));
      }
    }
  }

  private Set<String> needs(Grant grant, Map<String, String> roles) {
    Set<String> needs = new HashSet<>();
    String role = roles.get(grant.principal().substring(grant.principal().lastIndexOf('/') + 1));
    if (role != null) {
      needs.add(role);
    }
    if (grant.on() instanceof Securable.Filter f) {
      needs.add("filter|" + f.database() + "." + f.table() + "|" + f.name());
    }
    return needs;
  }

  private void unwanted() {
    for (String key : owned) {
      if (desired.own().containsKey(key)) {
        continue;
      }
      Item have = actual.items().get(key);
      if (have == null) {
        steps.add(new Step(Action.FORGET, new Gone(key), Set.of()));
      } else {
        steps.add(new Step(removal(have), have, standingOn(have)));
      }
    }
  }

  // A filter goes after the grants that stand on it, and a role after its own.
  private Set<String> standingOn(Item item) {
    Set<String> needs = new HashSet<>();
    for (Item each : actual.items().values()) {
      if (each instanceof Grant grant
          && ((item instanceof DataFilter filter && grant.on().equals(filter.securable()))
              || (item instanceof Role role
                  && estate.isTenantRole(grant.principal())
                  && grant.principal().endsWith("/" + role.name())))) {
        needs.add(grant.key());
      }
    }
    return needs;
  }

  private static boolean same(Item want, Item have) {
    return want instanceof DataFilter one && have instanceof DataFilter other
        ? one.columns().equals(other.columns()) && RowTexts.same(one.rows(), other.rows())
        : want.equals(have);
  }

  private static Action creation(Item item) {
    if (item instanceof DataFilter) {
      return Action.CREATE_FILTER;
    }
    return item instanceof Role ? Action.CREATE_ROLE : Action.CREATE_WORKGROUP;
  }

  private static Action change(Item want, Item have) {
    if (want instanceof DataFilter one && have instanceof DataFilter other) {
      return one.within(other) ? Action.NARROW_FILTER : Action.CHANGE_FILTER;
    }
    return want instanceof Role ? Action.UPDATE_ROLE : Action.UPDATE_WORKGROUP;
  }

  private static Action removal(Item item) {
    if (item instanceof Grant) {
      return Action.REVOKE;
    }
    if (item instanceof DataFilter) {
      return Action.DELETE_FILTER;
    }
    return item instanceof Workgroup ? Action.DELETE_WORKGROUP : Action.DELETE_ROLE;
  }
}
