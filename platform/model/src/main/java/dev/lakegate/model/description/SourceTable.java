package dev.lakegate.model.description;

import dev.lakegate.model.types.TrinoType;
import java.util.List;
import java.util.Optional;

/**
 * A table of the source, as Bronze captures it and Silver keeps it. Immutable.
 *
 * @param name in Silver
 * @param aliases other names under which Silver offers it, such as {@code orders} for the reserved
 *     word {@code order}
 * @param scope whose rows it holds
 * @param description for people
 * @param sourceSchema schema in the source
 * @param sourceTable name in the source, also in Bronze
 * @param key primary key columns in order
 * @param tenantColumn the source's column that names the tenant; null unless scope is tenant.
 *     Silver always calls it {@code tenant_id}
 * @param partitionBy how Silver is partitioned
 * @param monthOf column whose month is {@code load_date}; it never changes for a key; null unless
 *     partitioned by month
 * @param columns the source's columns in order
 * @param derivations columns computed before storing, in order; {@link Expectation#FLAGS} among
 *     them when an expectation flags
 * @param expectations what rows are expected to meet
 * @param history which changes its history keeps; null when it has none
 */
public record SourceTable(
    String name,
    List<String> aliases,
    Scope scope,
    String description,
    String sourceSchema,
    String sourceTable,
    List<String> key,
    String tenantColumn,
    PartitionBy partitionBy,
    String monthOf,
    List<Column> columns,
    List<Derivation> derivations,
    List<Expectation> expectations,
    History history) {

  /** The name that Silver gives the tenant column. */
  public static final String TENANT_ID = "tenant_id";

  /** The month column of Silver and the day column of Bronze. */
  public static final String LOAD_DATE = "load_date";

  public SourceTable {
    aliases = List.copyOf(aliases);
    key = List.copyOf(key);
    columns = List.copyOf(columns);
    derivations = List.copyOf(derivations);
    expectations = List.copyOf(expectations);
  }

  /** How Silver is partitioned. */
  public enum PartitionBy {
    /** One partition: for tables of scope shared and internal. */
    NONE,
    /** By tenant: for small tables. */
    TENANT,
    /** By tenant, then first day of the month of {@code month_of}: for large tables. */
    TENANT_AND_MONTH
  }

  /**
   * A column of the source.
   *
   * @param name the source's name
   * @param sourceType PostgreSQL's notation
   * @param type of what Bronze stores
   * @param nullable whether the source allows NULL
   * @param pii whether it holds personal data
   * @param description for people
   */
  public record Column(
      String name,
      String sourceType,
      TrinoType type,
      boolean nullable,
      boolean pii,
      String description) {}

  /**
   * A column computed before a row is stored; it replaces a source column of the same name.
   *
   * @param column name of the result
   * @param type of the result
   * @param expression Spark SQL over the source's columns and earlier derivations
   * @param pii whether the result holds personal data; unless declared, it does when it replaces or
   *     mentions a column that does
   * @param description for people
   */
  public record Derivation(
      String column, TrinoType type, String expression, boolean pii, String description) {}

  /**
   * Which changes of rows a history keeps.
   *
   * @param columns of the source: a row gets a new version when one of them changes
   * @param began column of the source that says when a row began; null when there is none
   * @param transitions how values may follow each other; null when nothing is said
   */
  public record History(List<String> columns, String began, HistoryTable.Transitions transitions) {
    public History {
      columns = List.copyOf(columns);
    }
  }

  SourceTable withExpectations(List<Expectation> others) {
    return new SourceTable(
        name,
        aliases,
        scope,
        description,
        sourceSchema,
        sourceTable,
        key,
        tenantColumn,
        partitionBy,
        monthOf,
        columns,
        derivations,
        others,
        history);
  }

  /** {@code silver.<name>}. */
  public String dataset() {
    return "silver." + name;
  }

  /** Where its rows go that do not meet what blocks; empty when nothing does. */
  public Optional<Quarantine> quarantine() {
    return expectations.stream().anyMatch(e -> e.severity() == Expectation.Severity.BLOCK)
        ? Optional.of(new Quarantine(name))
        : Optional.empty();
  }

  /** {@code bronze.<source table>}. */
  public String bronzeDataset() {
    return "bronze." + sourceTable;
  }

  /** The source column of that name. */
  public Optional<Column> column(String columnName) {
    return columns.stream().filter(c -> c.name().equals(columnName)).findFirst();
  }
}
