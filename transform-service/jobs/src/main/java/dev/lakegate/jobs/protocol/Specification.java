package dev.lakegate.jobs.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.jobs.JobException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** All that a job knows about one Silver table or Gold metric. Immutable. */
public final class Specification {
  private static final int VERSION = 1;

  /**
   * Hidden column of what a query computes: names of the expectations that a row does not meet,
   * with commas between; NULL when it meets all.
   */
  public static final String UNMET = "_unmet";

  /** What a job builds. */
  public enum Kind {
    /** A Silver table. */
    SILVER,
    /** A Gold metric. */
    GOLD
  }

  private final Kind kind;
  private final String dataset;
  private final String name;
  private final String scope;
  private final String description;
  private final String path;
  private final List<String> key;
  private final String sql;
  private final List<String> inputs;
  private final Incremental incremental;
  private final String tenantColumn;
  private final List<String> partitionBy;
  private final List<Column> columns;
  private final List<Derivation> derivations;
  private final List<Expectation> expectations;
  private final VersionRules versions;
  private final Specification source;

  private Specification(JsonNode node) {
    Json.requireVersion(node, VERSION, "the job specification");
    this.kind = kind(Json.text(node, "kind"));
    this.dataset = Json.text(node, "dataset");
    this.name = Json.text(node, "name");
    this.scope = Json.text(node, "scope");
    this.description = Json.textOrNull(node, "description");
    this.path = Json.text(node, "path");
    this.key = Json.texts(node, kind == Kind.SILVER ? "key" : "grain");
    this.sql = Json.textOrNull(node, "sql");
    this.inputs = Json.texts(node, "inputs");
    this.incremental =
        kind == Kind.SILVER
            ? null
            : Incremental.ofNullable(node.get("incremental"), dataset, key, inputs);
    this.tenantColumn = Json.textOrNull(node, "tenantColumn");
    this.partitionBy = Json.texts(node, "partitionBy");
    List<Column> parsedColumns = new ArrayList<>();
    for (JsonNode column : node.path("columns")) {
      parsedColumns.add(Column.of(column));
    }
    this.columns = Collections.unmodifiableList(parsedColumns);
    List<Derivation> parsedDerivations = new ArrayList<>();
    for (JsonNode derivation : node.path("derivations")) {
      parsedDerivations.add(Derivation.of(derivation));
    }
    this.derivations = Collections.unmodifiableList(parsedDerivations);
    List<Expectation> parsedExpectations = new ArrayList<>();
    for (JsonNode expectation : node.path("expectations")) {
      parsedExpectations.add(Expectation.of(expectation));
    }
    this.expectations = Collections.unmodifiableList(parsedExpectations);
    this.versions = VersionRules.ofNullable(node.get("history"), dataset);
    this.source = versions == null ? null : versions.source(node);
    check();
  }

  /** Reads and checks a specification. */
  public static Specification of(JsonNode node) {
    return new Specification(node);
  }

  private static Kind kind(String text) {
    if (text.equals("silver")) {
      return Kind.SILVER;
    }
    if (text.equals("gold")) {
      return Kind.GOLD;
    }
    throw invalid("kind must be silver or gold, not " + text);
  }

  private void check() {
    if (key.isEmpty()) {
      throw invalid(dataset + " names no " + (kind == Kind.SILVER ? "key" : "grain") + " column");
    }
    if (columns.isEmpty()) {
      throw invalid(dataset + " has no columns");
    }
    if (kind == Kind.GOLD && (sql == null || sql.trim().isEmpty())) {
      throw invalid(dataset + " has no sql");
    }
    if (path.startsWith("/") || path.contains("..")) {
      throw invalid("path " + path + " must stay below the storage root");
    }
    Set<String> names = new LinkedHashSet<>();
    for (Column column : columns) {
      if (column.name().startsWith("_")) {
        throw invalid(
            "column "
                + column.name()
                + " of "
                + dataset
                + ": names that start with _ are reserved");
      }
      if (!names.add(column.name())) {
        throw invalid("column " + column.name() + " of " + dataset + " is named twice");
      }
    }
    for (String column : key) {
      if (!names.contains(column)) {
        throw invalid("key column " + column + " of " + dataset + " is not one of its columns");
      }
    }
    for (Derivation derivation : derivations) {
      if (derivation.column().startsWith("_")) {
        throw invalid(
            "column "
                + derivation.column()
                + " of "
                + dataset
                + ": names that start with _ are"
                + " reserved");
      }
      if (key.contains(derivation.column())) {
        throw invalid("key column " + derivation.column() + " of " + dataset + " is derived");
      }
      names.add(derivation.column());
    }
    for (String column : partitionBy) {
      if (!names.contains(column)) {
        throw invalid(
            "partition column " + column + " of " + dataset + " is not one of its columns");
      }
    }
  }

  private static JobException invalid(String message) {
    return JobException.permanent("SPECIFICATION_INVALID", message);
  }

  /** The columns of the stored table: the source's, with derived ones in place or at the end. */
  public List<Column> storedColumns() {
    List<Column> result = new ArrayList<>();
    Set<String> seen = new LinkedHashSet<>();
    for (Column column : columns) {
      Derivation derivation = derivation(column.name());
      result.add(
          derivation == null
              ? column
              : new Column(
                  column.name(), derivation.type(), column.nullable(), derivation.description()));
      seen.add(column.name());
    }
    for (Derivation derivation : derivations) {
      if (seen.add(derivation.column())) {
        Derivation last = derivation(derivation.column());
        result.add(new Column(last.column(), last.type(), true, last.description()));
      }
    }
    return Collections.unmodifiableList(result);
  }

  private Derivation derivation(String column) {
    Derivation found = null;
    for (Derivation derivation : derivations) {
      if (derivation.column().equals(column)) {
        found = derivation;
      }
    }
    return found;
  }

  /** Silver table or Gold metric. */
  public Kind kind() {
    return kind;
  }

  /** {@code <schema>.<name>}. */
  public String dataset() {
    return dataset;
  }

  /** Logical schema: {@code silver} or {@code gold}. */
  public String database() {
    return dataset.substring(0, dataset.indexOf('.'));
  }

  /** Table name without schema. */
  public String name() {
    return name;
  }

  /** {@code tenant}, {@code shared} or {@code internal}. */
  public String scope() {
    return scope;
  }

  /** For people; may be null. */
  public String description() {
    return description;
  }

  /** Path of the Hudi table, relative to the storage root. */
  public String path() {
    return path;
  }

  /** Record key: Silver's key, Gold's grain. */
  public List<String> key() {
    return key;
  }

  /** Gold only: the query. */
  public String sql() {
    return sql;
  }

  /** Gold only: the datasets its query reads. */
  public List<String> inputs() {
    return inputs;
  }

  /** Gold only: how a run finds what changes of the inputs touch; null when it cannot. */
  public Incremental incremental() {
    return incremental;
  }

  /** Column that holds the tenant; null unless the scope is {@code tenant}. */
  public String tenantColumn() {
    return tenantColumn;
  }

  /** Partition columns, outermost first. */
  public List<String> partitionBy() {
    return partitionBy;
  }

  /** Silver: the source's columns; Gold: the result's. */
  public List<Column> columns() {
    return columns;
  }

  /** What rows are expected to meet. Those of Silver that flag are a derivation, too. */
  public List<Expectation> expectations() {
    return expectations;
  }

  /** Silver only: expectations that keep rows in quarantine. */
  public List<Expectation> blocking() {
    List<Expectation> blocking = new ArrayList<>();
    if (kind == Kind.SILVER) {
      for (Expectation expectation : expectations) {
        if (expectation.blocking()) {
          blocking.add(expectation);
        }
      }
    }
    return Collections.unmodifiableList(blocking);
  }

  /**
   * The columns of the result as its files hold them: with expectations, names of those that a row
   * does not meet, which readers do not see.
   */
  public List<Column> writtenColumns() {
    if (kind == Kind.SILVER || expectations.isEmpty()) {
      return columns;
    }
    List<Column> written = new ArrayList<>(columns);
    written.add(new Column(UNMET, "varchar", true, null));
    return Collections.unmodifiableList(written);
  }

  /** Silver only: columns computed before storing, in order. */
  public List<Derivation> derivations() {
    return derivations;
  }

  /** Set for a table that holds versions of rows; null for others. */
  public VersionRules versions() {
    return versions;
  }

  /** Of a table of versions: what is read of the source's changes; null for others. */
  public Specification source() {
    return source;
  }
}
