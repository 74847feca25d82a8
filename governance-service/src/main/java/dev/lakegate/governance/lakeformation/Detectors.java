package dev.lakegate.governance.lakeformation;

import dev.lakegate.governance.lakeformation.Finding.Severity;
import dev.lakegate.governance.lakeformation.Item.DataFilter;
import dev.lakegate.governance.lakeformation.Item.Grant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/** Finds what makes grants worthless, and what others have done to what is governed. Pure. */
final class Detectors {
  static final String IAM_ALLOWED_PRINCIPALS = "IAM_ALLOWED_PRINCIPALS";
  static final String HYBRID_LOCATION = "HYBRID_LOCATION";
  static final String LOCATION_NOT_REGISTERED = "LOCATION_NOT_REGISTERED";

  /** Lake Formation's limit of filters granted to one principal on one table. */
  static final int MOST_FILTERS = 100;

  // The merging face of a merge-on-read table.
  private static final String REALTIME = "_rt";
  private static final String EVERYBODY = "IAM_ALLOWED_PRINCIPALS";
  private static final String TERRAFORM = "Apply Terraform; if it stays so, correct terraform/.";

  private final Estate estate;
  private final Desired desired;
  private final Actual actual;
  private final Set<String> owned;
  private final List<Finding> findings = new ArrayList<>();

  private Detectors(Estate estate, Desired desired, Actual actual, Set<String> owned) {
    this.estate = estate;
    this.desired = desired;
    this.actual = actual;
    this.owned = owned;
  }

  static List<Finding> findings(Estate estate, Desired desired, Actual actual, Set<String> owned) {
    Detectors detectors = new Detectors(estate, desired, actual, owned);
    detectors.settings();
    detectors.locations();
    detectors.grants();
    detectors.limits();
    detectors.skeleton();
    desired
        .problems()
        .forEach(
            problem ->
                detectors.add(
                    Severity.WARNING,
                    "NOT_EXPRESSIBLE",
                    problem,
                    problem + ".",
                    "Change the policy; nothing is granted for it."));
    return detectors.findings;
  }

  private void settings() {
    Actual.Settings settings = actual.settings();
    if (settings.databaseDefaults().contains(EVERYBODY)
        || settings.tableDefaults().contains(EVERYBODY)) {
      add(
          Severity.CRITICAL,
          IAM_ALLOWED_PRINCIPALS,
          "settings",
          "New databases or tables are open to whoever IAM lets in.",
          TERRAFORM);
    }
    if (settings.externalFiltering() || settings.fullTableExternal()) {
      add(
          Severity.CRITICAL,
          "EXTERNAL_ENGINES",
          "settings",
          "Engines outside of AWS may filter by themselves or read whole tables.",
          TERRAFORM);
    }
  }

  private void locations() {
    for (String layer : desired.databases().keySet()) {
      String arn = estate.locations().get(layer);
      if (arn == null) {
        continue;
      }
      boolean registered = false;
      for (Actual.Location location : actual.locations()) {
        if (arn.equals(location.arn()) || arn.startsWith(location.arn() + "/")) {
          registered = true;
          if (location.hybrid()) {
            add(
                Severity.CRITICAL,
                HYBRID_LOCATION,
                location.arn(),
                location.arn() + " is registered in hybrid mode: who may read it by IAM reads all.",
                TERRAFORM);
          }
        }
      }
      if (!registered) {
        add(
            Severity.CRITICAL,
            LOCATION_NOT_REGISTERED,
            arn,
            arn + " is not registered, so Lake Formation does not govern layer " + layer + ".",
            TERRAFORM);
      }
    }
  }

  private void grants() {
    Map<String, Item> known = new HashMap<>(desired.own());
    known.putAll(desired.skeleton());
    for (Item item : actual.items().values()) {
      if (!(item instanceof Grant grant) || !governed(grant)) {
        continue;
      }
      if (grant.principal().equals(EVERYBODY)) {
        add(
            Severity.CRITICAL,
            IAM_ALLOWED_PRINCIPALS,
            grant.key(),
            grant.text() + ": whoever IAM lets in reads all of it.",
            "Revoke it.");
      } else if (estate.isTenantRole(grant.principal())) {
        ofTenant(grant);
      } else if (!known.containsKey(grant.key()) && !covered(grant)) {
        add(
            Severity.INFO,
            "FOREIGN_GRANT",
            grant.key(),
            grant.text() + ", which this service did not make.",
            "Revoke it unless it is meant; it is never touched from here.");
      }
    }
  }

  private void ofTenant(Grant grant) {
    if (grant.on() instanceof Securable.Filter f) {
      String key = "filter|" + f.database() + "." + f.table() + "|" + f.name();
      Item there = actual.items().get(key);
      Item own = desired.own().get(key);
      boolean wanted = desired.own().containsKey(grant.key());
      boolean single =
          there instanceof DataFilter filter
              && own instanceof DataFilter mine
              && RowTexts.same(filter.rows(), mine.rows());
      if (!wanted && !owned.contains(grant.key()) || wanted && there != null && !single) {
        add(
            Severity.CRITICAL,
            "FILTER_OF_OTHERS",
            grant.key(),
            grant.text()
                + (there == null ? "" : " (" + there.text() + ")")
                + ": a tenant's analysts may read by their own filter alone.",
            wanted ? "Apply the plan." : "Revoke it; it is never touched from here.");
      }
      return;
    }
    if (!desired.own().containsKey(grant.key()) && !owned.contains(grant.key())) {
      // Names of tables and columns are not secret, and AWS adds this one by itself at times.
      boolean names = grant.permission().equals("DESCRIBE");
      add(
          names ? Severity.INFO : Severity.CRITICAL,
          "FOREIGN_GRANT",
          grant.key(),
          grant.text() + ", past the tenant's filter, which this service did not make.",
          "Revoke it; it is never touched from here.");
    }
  }

  private boolean governed(Grant grant) {
    String database = Securable.database(grant.on());
    return estate.isTenantRole(grant.principal())
        || database != null && desired.databases().containsValue(database);
  }

  // What Terraform makes for persons and tiers is looked at by itself, below.
  private boolean covered(Grant grant) {
    return desired.skeleton().values().stream()
        .anyMatch(item -> item instanceof Grant g && g.principal().equals(grant.principal()));
  }

  private void limits() {
    Map<String, Set<String>> filters = new HashMap<>();
    List<Item> all = new ArrayList<>(actual.items().values());
    all.addAll(desired.own().values());
    for (Item item : all) {
      if (item instanceof Grant grant
          && grant.on() instanceof Securable.Filter f
          && grant.permission().equals("SELECT")) {
        filters
            .computeIfAbsent(
                grant.principal() + " on " + f.database() + "." + f.table(), k -> new HashSet<>())
            .add(f.name());
      }
    }
    filters.forEach(
        (where, names) -> {
          if (names.size() > MOST_FILTERS) {
            add(
                Severity.WARNING,
                "TOO_MANY_FILTERS",
                where,
                names.size() + " filters for " + where + "; Lake Formation takes " + MOST_FILTERS,
                "Take some away.");
          }
        });
  }

  private void skeleton() {
    for (Item want : desired.skeleton().values()) {
      if (want instanceof DataFilter filter) {
        Item have = actual.items().get(want.key());
        if (have == null) {
          missing(want);
        } else if (have instanceof DataFilter there
            && !RowTexts.same(filter.rows(), there.rows())) {
          add(
              Severity.CRITICAL,
              "SKELETON_DIFFERS",
              want.key(),
              "The policy wants " + filter.text() + ", and there is " + there.text() + ".",
              "Bring governance.yaml and the policy in force together, and apply Terraform.");
        }
      } else if (want instanceof Grant grant && grant.permission().equals("SELECT")) {
        grantOfSkeleton(grant);
      } else if (!actual.items().containsKey(want.key())) {
        missing(want);
      }
    }
    wider();
  }

  private void grantOfSkeleton(Grant want) {
    if (actual.items().containsKey(want.key())) {
      return;
    }
    boolean given =
        want.on() instanceof Securable.Columns columns
            && actual.items().values().stream()
                .anyMatch(
                    item ->
                        item instanceof Grant have
                            && have.principal().equals(want.principal())
                            && have.permission().equals("SELECT")
                            && tables(have.on()).contains(table(columns))
                            && columns.columns().within(columns(have.on())));
    if (!given) {
      missing(want);
    }
  }

  // What persons' and tiers' roles have on governed tables beyond what the policy gives them.
  private void wider() {
    Map<String, ColumnSet> allowed = new HashMap<>();
    Set<String> principals = new HashSet<>();
    for (Item item : desired.skeleton().values()) {
      if (item instanceof Grant grant) {
        principals.add(grant.principal());
        if (grant.on() instanceof Securable.Columns columns) {
          allowed.put(grant.principal() + " " + table(columns), columns.columns());
        }
      }
    }
    for (Item item : actual.items().values()) {
      if (item instanceof Grant grant
          && grant.permission().equals("SELECT")
          && governed(grant)
          && principals.contains(grant.principal())
          && !desired.skeleton().containsKey(grant.key())
          && isWider(grant, allowed)) {
        add(
            Severity.CRITICAL,
            "SKELETON_WIDER",
            grant.key(),
            grant.text() + " is more than the policy in force gives.",
            "Bring governance.yaml and the policy in force together, and apply Terraform.");
      }
    }
  }

  // Of described columns alone: Terraform's wildcards name what they leave out.
  private boolean isWider(Grant grant, Map<String, ColumnSet> allowed) {
    List<String> tables = tables(grant.on());
    return tables.isEmpty()
        || tables.stream()
            .anyMatch(
                table -> {
                  ColumnSet may = allowed.get(grant.principal() + " " + table);
                  SortedSet<String> described = new TreeSet<>(desired.columns().get(table));
                  return may == null
                      || !may.of(described).containsAll(columns(grant.on()).of(described));
                });
  }

  // The policy's tables that it is about; none for a filter, and for what the policy does not know.
  private List<String> tables(Securable on) {
    if (on instanceof Securable.AllTables all) {
      return desired.columns().keySet().stream()
          .filter(t -> t.startsWith(all.database() + "."))
          .toList();
    }
    String table =
        on instanceof Securable.Table t
            ? t.database() + "." + t.name()
            : on instanceof Securable.Columns c ? table(c) : "";
    if (!desired.columns().containsKey(table) && table.endsWith(REALTIME)) {
      table = table.substring(0, table.length() - REALTIME.length());
    }
    return desired.columns().containsKey(table) ? List.of(table) : List.of();
  }

  private static ColumnSet columns(Securable on) {
    return on instanceof Securable.Columns c ? c.columns() : ColumnSet.ALL;
  }

  private static String table(Securable.Columns on) {
    return on.database() + "." + on.table();
  }

  private void missing(Item want) {
    add(
        Severity.WARNING,
        "SKELETON_MISSING",
        want.key(),
        "There is no " + want.text() + ", which Terraform makes.",
        TERRAFORM);
  }

  private void add(Severity severity, String code, String object, String message, String remedy) {
    findings.add(new Finding(severity, code, object, message, remedy));
  }
}
