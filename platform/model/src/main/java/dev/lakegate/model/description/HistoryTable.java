package dev.lakegate.model.description;

import dev.lakegate.model.types.TrinoType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The table of Silver that holds former versions of another one's rows: one row for each time in
 * which none of the tracked columns of a key changed. Immutable.
 *
 * @param table whose rows they are
 * @param tracked columns of the source, in order: a row gets a new version when one of them changes
 * @param began column of the source that says when a row began, for the first version of a row
 *     whose beginning was not captured; null when there is none
 * @param transitions how the values of a column may follow each other; null when nothing is said
 * @param columns of the history, in order
 */
public record HistoryTable(
    SourceTable table,
    List<SourceTable.Column> tracked,
    String began,
    Transitions transitions,
    List<Metric.Column> columns) {
  /** What the name of a history ends in. */
  public static final String SUFFIX = "_history";

  /** From when on a version was in force. */
  public static final String VALID_FROM = "valid_from";

  /** Until when; NULL while it is. */
  public static final String VALID_TO = "valid_to";

  /** Change sequence that a version began with: with the table's key it identifies the version. */
  public static final String VERSION = "version";

  /** How a version began. */
  public static final String BEGAN = "began";

  /** How it ended. */
  public static final String ENDED = "ended";

  /** Whether the source may go from the version before to this one. */
  public static final String TRANSITION_ALLOWED = "transition_allowed";

  /** Columns that each history has beside those of its table. */
  static final List<String> OWN =
      List.of(VALID_FROM, VALID_TO, VERSION, BEGAN, ENDED, TRANSITION_ALLOWED);

  private static final TrinoType TEXT = new TrinoType.Varchar(null);

  public HistoryTable {
    tracked = List.copyOf(tracked);
    columns = List.copyOf(columns);
  }

  /**
   * A declared state machine.
   *
   * @param column that it is about, one of the tracked ones
   * @param allowed the values that may follow, by value; a value that is no key may not change
   */
  public record Transitions(String column, Map<String, List<String>> allowed) {
    public Transitions {
      allowed = Map.copyOf(allowed);
    }
  }

  /** The history that a table's description asks for. */
  public static Optional<HistoryTable> of(SourceTable table) {
    SourceTable.History wanted = table.history();
    if (wanted == null) {
      return Optional.empty();
    }
    List<SourceTable.Column> tracked =
        wanted.columns().stream().map(c -> table.column(c).orElseThrow()).toList();
    List<Metric.Column> columns = new ArrayList<>();
    for (String key : table.key()) {
      columns.add(column(table.column(key).orElseThrow()));
    }
    if (table.tenantColumn() != null && !table.key().contains(SourceTable.TENANT_ID)) {
      boolean personal = table.column(table.tenantColumn()).orElseThrow().pii();
      columns.add(new Metric.Column(SourceTable.TENANT_ID, TEXT, false, personal, "Tenant."));
    }
    tracked.forEach(c -> columns.add(column(c)));
    TrinoType time = TrinoType.Simple.TIMESTAMP_WITH_TIME_ZONE;
    columns.add(
        own(
            VALID_FROM,
            time,
            false,
            "When this version came into force: commit time at the source"
                + (wanted.began() == null
                    ? "; of rows that were there before capture, when they were copied."
                    : "; of rows that were there before capture, " + wanted.began() + ".")));
    columns.add(
        own(VALID_TO, time, true, "When it ended, which it no longer includes; NULL while it is."));
    columns.add(own(VERSION, TEXT, false, "Change sequence that it began with; sorts as text."));
    columns.add(
        own(
            BEGAN,
            TEXT,
            false,
            "inserted, changed, rekeyed (the row had another key), moved (it came from another"
                + " tenant) or copied (found so by a copy)."));
    columns.add(
        own(
            ENDED,
            TEXT,
            true,
            "changed, deleted, truncated, rekeyed, moved, copied (a copy found other values) or"
                + " missing (a copy did not find the row); NULL while it is."));
    if (wanted.transitions() != null) {
      columns.add(
          own(
              TRANSITION_ALLOWED,
              TrinoType.Simple.BOOLEAN,
              true,
              "Whether "
                  + wanted.transitions().column()
                  + " may become what it is from what it was; NULL where it did not change, or what"
                  + " it was is not known."));
    }
    return Optional.of(
        new HistoryTable(table, tracked, wanted.began(), wanted.transitions(), columns));
  }

  private static Metric.Column column(SourceTable.Column c) {
    return new Metric.Column(c.name(), c.type(), c.nullable(), c.pii(), c.description());
  }

  private static Metric.Column own(
      String name, TrinoType type, boolean nullable, String description) {
    return new Metric.Column(name, type, nullable, false, description);
  }

  /** In Silver. */
  public String name() {
    return table.name() + SUFFIX;
  }

  /** {@code silver.<name>}. */
  public String dataset() {
    return "silver." + name();
  }

  /** For people. */
  public String description() {
    return "Former and present versions of rows of silver.%s, by commit time. %s"
        .formatted(table.name(), table.description());
  }
}
