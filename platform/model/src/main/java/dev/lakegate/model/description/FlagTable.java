package dev.lakegate.model.description;

import dev.lakegate.model.types.TrinoType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The derived table {@code silver.<table>_flags}: one row for each row of a table and each
 * expectation of it that the row does not meet and that other rows decide. It is computed as every
 * derived table is, so a change reaches the rows that share its values, or refer to it, as they
 * were and as they are. Stateless.
 */
public final class FlagTable {
  /** What follows the table's name in its name. */
  public static final String SUFFIX = "_flags";

  /** Column with the name of the expectation. */
  public static final String EXPECTATION = "expectation";

  private FlagTable() {}

  /** Whether a table has one. */
  static boolean isNeeded(SourceTable table) {
    return table.expectations().stream().anyMatch(e -> e.kind().needsOtherRows());
  }

  /** Its name. */
  static String name(SourceTable table) {
    return table.name() + SUFFIX;
  }

  /** Its columns by name. */
  static Set<String> columns(SourceTable table) {
    Set<String> columns = identity(table);
    columns.add(EXPECTATION);
    return columns;
  }

  /** What identifies a row of the table: its tenant and its key. */
  private static Set<String> identity(SourceTable table) {
    Set<String> identity = new LinkedHashSet<>();
    if (table.tenantColumn() != null) {
      identity.add(SourceTable.TENANT_ID);
    }
    identity.addAll(table.key());
    return identity;
  }

  /**
   * That table; empty when no expectation needs it.
   *
   * @param tables the source tables by dataset; references lead to some of them
   * @param personal columns of the table, as it is stored, that hold personal data
   */
  static Optional<Metric> of(
      SourceTable table, Function<String, SourceTable> tables, Set<String> personal) {
    List<Expectation> expectations =
        table.expectations().stream().filter(e -> e.kind().needsOtherRows()).toList();
    if (expectations.isEmpty()) {
      return Optional.empty();
    }
    List<String> identity = List.copyOf(identity(table));
    Set<String> inputs = new LinkedHashSet<>();
    inputs.add(table.dataset());
    List<String> queries = new ArrayList<>();
    // Keys that a changed row touches, by input.
    Map<String, List<String>> touched = new LinkedHashMap<>();
    boolean pii = false;
    for (Expectation expectation : expectations) {
      pii |= expectation.pii();
      if (expectation.kind() == Expectation.Kind.UNIQUE) {
        queries.add(unique(table, identity, expectation));
        touched
            .computeIfAbsent(table.dataset(), input -> new ArrayList<>())
            .add(
                "SELECT %s FROM %s c JOIN %s r ON %s"
                    .formatted(
                        of("r", identity),
                        Metric.Incremental.CHANGED,
                        table.dataset(),
                        same(table, table, expectation.columns(), expectation.columns())));
      } else {
        SourceTable other = tables.apply(expectation.references().dataset());
        List<String> to = to(expectation, other);
        inputs.add(other.dataset());
        queries.add(
            "SELECT %s, '%s' AS %s FROM %s r LEFT ANTI JOIN %s c ON %s WHERE %s"
                .formatted(
                    of("r", identity),
                    expectation.name(),
                    EXPECTATION,
                    table.dataset(),
                    other.dataset(),
                    same(table, other, expectation.columns(), to),
                    present("r", expectation.columns())));
        touched
            .computeIfAbsent(other.dataset(), input -> new ArrayList<>())
            .add(
                "SELECT %s FROM %s c JOIN %s r ON %s"
                    .formatted(
                        of("r", identity),
                        Metric.Incremental.CHANGED,
                        table.dataset(),
                        same(table, other, expectation.columns(), to)));
      }
    }
    boolean tenant = table.tenantColumn() != null;
    List<String> grain = new ArrayList<>(identity);
    grain.add(EXPECTATION);
    return Optional.of(
        new Metric(
            "silver",
            name(table),
            table.scope(),
            "Rows of "
                + table.dataset()
                + " that do not meet what is expected of them beside other rows.",
            grain,
            List.copyOf(inputs),
            List.of(),
            Metric.Clock.NONE,
            tenant ? SourceTable.TENANT_ID : null,
            tenant ? List.of(SourceTable.TENANT_ID) : List.of(),
            metricColumns(table, identity, personal, pii),
            new Metric.Incremental(identity, inputs(table, identity, inputs, touched, tables)),
            // So that its rows are counted as those that flag are counted elsewhere.
            expectations.stream().map(FlagTable::counted).toList(),
            String.join("\nUNION ALL\n", queries)));
  }

  private static Expectation counted(Expectation expectation) {
    return new Expectation(
        expectation.name(),
        expectation.kind(),
        "`%s` <> '%s'".formatted(EXPECTATION, expectation.name()),
        Expectation.Severity.FLAG,
        expectation.description(),
        expectation.columns(),
        expectation.references(),
        expectation.pii());
  }

  private static String unique(SourceTable table, List<String> identity, Expectation expectation) {
    List<String> shared = new ArrayList<>();
    if (table.tenantColumn() != null) {
      shared.add(SourceTable.TENANT_ID);
    }
    shared.addAll(expectation.columns());
    return ("SELECT %s, '%s' AS %s FROM (SELECT %s, count(*) OVER (PARTITION BY %s) AS `_sharing`"
            + " FROM %s r WHERE %s) r WHERE `_sharing` > 1")
        .formatted(
            of("r", identity),
            expectation.name(),
            EXPECTATION,
            of("r", identity),
            of("r", shared),
            table.dataset(),
            present("r", expectation.columns()));
  }

  private static Map<String, Metric.Input> inputs(
      SourceTable table,
      List<String> identity,
      Set<String> inputs,
      Map<String, List<String>> touched,
      Function<String, SourceTable> tables) {
    Map<String, Metric.Input> result = new LinkedHashMap<>();
    for (String input : inputs) {
      Map<String, String> columns = new LinkedHashMap<>();
      List<String> keys = new ArrayList<>(touched.getOrDefault(input, List.of()));
      boolean own = input.equals(table.dataset());
      if (own && keys.isEmpty()) {
        identity.forEach(column -> columns.put(column, "`" + column + "`"));
      } else if (table.tenantColumn() != null && tables.apply(input).tenantColumn() != null) {
        columns.put(SourceTable.TENANT_ID, SourceTable.TENANT_ID);
      }
      if (own && !keys.isEmpty()) {
        keys.add(0, "SELECT %s FROM %s c".formatted(of("c", identity), Metric.Incremental.CHANGED));
      }
      result.put(
          input,
          new Metric.Input(columns, keys.isEmpty() ? null : String.join(" UNION ALL ", keys)));
    }
    return result;
  }

  /**
   * A row says by being there that an expectation is not met: all of it is as personal as the most
   * personal of the expectations.
   */
  private static List<Metric.Column> metricColumns(
      SourceTable table, List<String> identity, Set<String> personal, boolean pii) {
    TrinoType text = new TrinoType.Varchar(null);
    List<Metric.Column> columns = new ArrayList<>();
    for (String name : identity) {
      Optional<SourceTable.Column> column = table.column(name);
      columns.add(
          new Metric.Column(
              name,
              column.map(SourceTable.Column::type).orElse(text),
              false,
              pii || personal.contains(name),
              column.map(SourceTable.Column::description).orElse("Tenant.")));
    }
    columns.add(
        new Metric.Column(
            EXPECTATION, text, false, pii, "Name of the expectation that the row does not meet."));
    return columns;
  }

  /** Columns that a relationship leads to. */
  static List<String> to(Expectation expectation, SourceTable other) {
    List<String> columns = expectation.references().columns();
    return columns.isEmpty() ? other.key() : columns;
  }

  /** That row {@code c} has what row {@code r} names, in the same tenant where both have one. */
  private static String same(
      SourceTable table, SourceTable other, List<String> columns, List<String> to) {
    List<String> conditions = new ArrayList<>();
    if (table.tenantColumn() != null && other.tenantColumn() != null) {
      conditions.add("c.`tenant_id` = r.`tenant_id`");
    }
    for (int i = 0; i < columns.size(); i++) {
      conditions.add("c.`%s` = r.`%s`".formatted(to.get(i), columns.get(i)));
    }
    return String.join(" AND ", conditions);
  }

  private static String present(String alias, List<String> columns) {
    return columns.stream()
        .map(column -> alias + ".`" + column + "` IS NOT NULL")
        .collect(Collectors.joining(" AND "));
  }

  private static String of(String alias, List<String> columns) {
    return columns.stream()
        .map(column -> alias + ".`" + column + "`")
        .collect(Collectors.joining(", "));
  }
}
