package dev.lakegate.governance.lakeformation;

import dev.lakegate.governance.lakeformation.Item.DataFilter;
import dev.lakegate.governance.lakeformation.Item.Grant;
import dev.lakegate.model.lakeformation.RowFilter;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Lake Formation as it behaves, in memory: a grant on a filter needs the filter, a grant to a role
 * needs the role, and what somebody sees is the union of all grants. It can end the process at any
 * call, before or after the call took effect, and fail calls in both ways.
 */
final class FakeLake implements LakePort, Ledger {
  /** The process ended here. */
  static final class Crash extends Error {
    private static final long serialVersionUID = 1L;
  }

  enum Mishap {
    NONE,
    CRASH_BEFORE,
    CRASH_AFTER,
    FAIL_BEFORE,
    FAIL_AFTER,
    CRASH_IN_THE_MIDDLE
  }

  final TreeMap<String, Item> items = new TreeMap<>();
  final Set<String> owned = new HashSet<>();
  Actual.Settings settings = new Actual.Settings(List.of(), List.of(), false, false);
  List<Actual.Location> locations = List.of();
  Consumer<FakeLake> afterEach = lake -> {};
  Mishap mishap = Mishap.NONE;
  int mishapAt = -1;
  int calls;

  Actual actual() {
    return new Actual(items, settings, locations);
  }

  @Override
  public Map<String, String> perform(Step.Action action, List<Item> batch) {
    boolean now = calls++ == mishapAt;
    if (now && mishap == Mishap.CRASH_BEFORE) {
      throw new Crash();
    }
    if (now && mishap == Mishap.FAIL_BEFORE) {
      throw new IllegalStateException("throttled");
    }
    Map<String, String> errors = new HashMap<>();
    int n = 0;
    for (Item item : batch) {
      if (now && mishap == Mishap.CRASH_IN_THE_MIDDLE && n++ >= batch.size() / 2) {
        throw new Crash();
      }
      String error = one(action, item);
      if (error != null) {
        errors.put(item.key(), error);
      }
      afterEach.accept(this);
    }
    if (now && mishap == Mishap.CRASH_AFTER) {
      throw new Crash();
    }
    if (now && mishap == Mishap.FAIL_AFTER) {
      throw new IllegalStateException("done, but nobody was told");
    }
    return errors;
  }

  private String one(Step.Action action, Item item) {
    if (action.removes()) {
      items.remove(item.key());
      return null;
    }
    if (item instanceof Grant grant) {
      String role = "role|" + grant.principal().substring(grant.principal().lastIndexOf('/') + 1);
      if (!items.containsKey(role)) {
        return "no such principal";
      }
      if (grant.on() instanceof Securable.Filter f && !items.containsKey(filterKey(f))) {
        return "no such filter";
      }
    }
    items.put(item.key(), item);
    return null;
  }

  private static String filterKey(Securable.Filter f) {
    return "filter|" + f.database() + "." + f.table() + "|" + f.name();
  }

  @Override
  public Set<String> owned() {
    return Set.copyOf(owned);
  }

  @Override
  public void intend(List<Item> batch) {
    batch.forEach(i -> owned.add(i.key()));
  }

  @Override
  public void made(List<Item> batch) {}

  @Override
  public void gone(List<Item> batch) {
    batch.forEach(i -> owned.remove(i.key()));
  }

  /** What each principal sees: table, tenant of the row, column. */
  static Set<String> visible(
      Iterable<Item> items, Map<String, Set<String>> columns, Set<String> tenants) {
    Map<String, Item> byKey = new HashMap<>();
    items.forEach(i -> byKey.put(i.key(), i));
    Set<String> seen = new TreeSet<>();
    for (Item item : byKey.values()) {
      if (!(item instanceof Grant grant) || !grant.permission().equals("SELECT")) {
        continue;
      }
      String table;
      ColumnSet which;
      Set<String> rows = new HashSet<>(tenants);
      if (grant.on() instanceof Securable.Columns c) {
        table = c.database() + "." + c.table();
        which = c.columns();
      } else if (grant.on() instanceof Securable.Table t) {
        table = t.database() + "." + t.name();
        which = ColumnSet.ALL;
      } else if (grant.on() instanceof Securable.Filter f
          && byKey.get(filterKey(f)) instanceof DataFilter filter) {
        table = f.database() + "." + f.table();
        which = filter.columns();
        String text = ((RowFilter.Expression) filter.rows()).text();
        // The filters of this test are all of one tenant.
        rows.removeIf(tenant -> !text.endsWith(" = '" + tenant.replace("'", "''") + "'"));
      } else {
        continue;
      }
      SortedSet<String> known = new TreeSet<>(columns.getOrDefault(table, Set.of()));
      for (String row : rows) {
        for (String column : which.of(known)) {
          seen.add(grant.principal() + "|" + table + "|" + row + "|" + column);
        }
      }
    }
    return seen;
  }
}
