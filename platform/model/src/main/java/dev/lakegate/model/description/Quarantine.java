package dev.lakegate.model.description;

import dev.lakegate.model.types.TrinoType;
import java.util.List;

/**
 * Where rows of a table are kept that do not meet what blocks: a table of Silver of scope internal,
 * of the same columns for all tables. Immutable.
 *
 * @param of name of the table whose rows it holds
 */
public record Quarantine(String of) {
  private static final TrinoType TEXT = new TrinoType.Varchar(null);

  /** What follows the table's name in its quarantine's. */
  public static final String SUFFIX = "_quarantine";

  /** Its columns in order, as jobs publish them. */
  public static final List<Column> COLUMNS =
      List.of(
          new Column("key", TEXT, false, true, "Key of the row, as JSON."),
          new Column("tenant_id", TEXT, true, false, "Tenant."),
          new Column(
              "failed_expectations",
              new TrinoType.Array(TEXT),
              false,
              // What a row does not meet says something of its values.
              true,
              "Names of the expectations that the row does not meet."),
          new Column("input", TEXT, false, true, "The row, as JSON."),
          new Column("change_seq", TEXT, false, false, "Change that brought the row."),
          new Column(
              "changed_at",
              TrinoType.parse("timestamp(6) with time zone"),
              true,
              false,
              "When that was committed."));

  /**
   * A column.
   *
   * @param name of it
   * @param type of it
   * @param nullable whether it may be NULL
   * @param pii whether it may hold personal data
   * @param description for people
   */
  public record Column(
      String name, TrinoType type, boolean nullable, boolean pii, String description) {}

  /** Its name in Silver. */
  public String name() {
    return of + SUFFIX;
  }

  /** {@code silver.<name>}. */
  public String dataset() {
    return "silver." + name();
  }

  /** For people. */
  public String description() {
    return "Rows of silver.%s that do not meet what is expected of them.".formatted(of);
  }
}
