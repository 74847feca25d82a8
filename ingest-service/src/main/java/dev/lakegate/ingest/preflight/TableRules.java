package dev.lakegate.ingest.preflight;

import dev.lakegate.ingest.bronze.TableSchema;
import dev.lakegate.ingest.preflight.Finding.Severity;
import dev.lakegate.ingest.preflight.PreflightFacts.AtSource;
import dev.lakegate.ingest.preflight.PreflightFacts.Table;
import dev.lakegate.ingest.source.Sql;
import dev.lakegate.model.bronze.SchemaVersion.SourceColumn;
import dev.lakegate.model.description.SourceTable;
import dev.lakegate.model.types.TrinoType;
import dev.lakegate.model.types.TrinoType.Decimal;
import dev.lakegate.model.types.TrinoType.Simple;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Judges one described table. Pure. */
final class TableRules {
  /** Digits before the point that an integer type needs. */
  private static final Map<TrinoType, Integer> DIGITS =
      Map.of(Simple.SMALLINT, 5, Simple.INTEGER, 10, Simple.BIGINT, 19);

  private final List<Finding> findings = new ArrayList<>();
  private final PreflightFacts facts;
  private final SourceTable described;
  private final AtSource at;
  private final String name;
  private final String quoted;

  private TableRules(PreflightFacts facts, Table table) {
    this.facts = facts;
    this.described = table.described();
    this.at = table.at();
    this.name = described.sourceSchema() + "." + described.sourceTable();
    this.quoted =
        Sql.identifier(described.sourceSchema()) + "." + Sql.identifier(described.sourceTable());
  }

  static List<Finding> of(PreflightFacts facts, Table table) {
    TableRules rules = new TableRules(facts, table);
    if (table.at() == null) {
      rules.warning(
          "TABLE",
          "The source has no such table; it is captured when it appears.",
          "Create it, or remove lakehouse/tables/" + table.described().name() + ".yaml.");
      return rules.findings;
    }
    if (rules.kind()) {
      rules.rights();
      rules.key();
      rules.identity();
      rules.columns();
      rules.size();
    }
    return rules.findings;
  }

  private boolean kind() {
    if (at.kind() != 'r' && at.kind() != 'p') {
      String kind =
          switch (at.kind()) {
            case 'f' -> "a foreign table, whose rows lie on another server";
            case 'v' -> "a view";
            case 'm' -> "a materialized view";
            default -> "no table";
          };
      blocking(
          "TABLE",
          "It is " + kind + ", so its changes are in no log.",
          at.kind() == 'f'
              ? "Capture the server on which its rows lie."
              : "Describe the tables behind it instead.");
      return false;
    }
    if (!at.foreign().isEmpty()) {
      blocking(
          "TABLE",
          "Its partitions " + names(at.foreign()) + " lie on another server, without a log here.",
          at.foreign().stream()
              .map(p -> "ALTER TABLE " + quoted + " DETACH PARTITION " + p + ";")
              .collect(Collectors.joining(" ")));
    }
    if (!at.unlogged().isEmpty()) {
      blocking(
          "TABLE",
          names(at.unlogged())
              + (at.unlogged().size() == 1 ? " is" : " are")
              + " UNLOGGED, so changes are in no log.",
          at.unlogged().stream()
              .map(p -> "ALTER TABLE " + p + " SET LOGGED;")
              .collect(Collectors.joining(" ")));
    }
    return true;
  }

  private void rights() {
    String role = facts.role().name();
    boolean mayPublish = at.published() || at.owned() || facts.role().superuser();
    if (!at.readable()) {
      blocking(
          "RIGHTS",
          "Role " + role + " may not read it.",
          "GRANT USAGE ON SCHEMA "
              + Sql.identifier(described.sourceSchema())
              + " TO "
              + Sql.identifier(role)
              + "; GRANT SELECT ON "
              + quoted
              + " TO "
              + Sql.identifier(role)
              + ";");
    }
    if (!mayPublish) {
      blocking(
          "RIGHTS",
          "Only its owner " + at.owner() + " may add it to a publication.",
          "ALTER TABLE "
              + quoted
              + " OWNER TO "
              + Sql.identifier(role)
              + "; or, as its owner: ALTER PUBLICATION "
              + Sql.identifier(facts.replication().publicationName())
              + " ADD TABLE "
              + quoted
              + ";");
    } else if (facts.publication() != null && !at.published() && !facts.publication().owned()) {
      blocking(
          "RIGHTS",
          "Publication "
              + facts.replication().publicationName()
              + " lacks it and belongs to another role.",
          "ALTER PUBLICATION "
              + Sql.identifier(facts.replication().publicationName())
              + " ADD TABLE "
              + quoted
              + ";");
    }
    if (at.rowSecurity() && !facts.role().bypassesRowSecurity()) {
      blocking(
          "RIGHTS",
          "Row security hides rows of it from role " + role + ".",
          "ALTER ROLE " + Sql.identifier(role) + " BYPASSRLS;");
    }
  }

  private void key() {
    String described = columnList(this.described.key());
    if (at.key().isEmpty()) {
      blocking(
          "PRIMARY_KEY",
          "It has no primary key, so its changes name no row.",
          "ALTER TABLE " + quoted + " ADD PRIMARY KEY (" + described + ");");
      return;
    }
    if (at.lateKey()) {
      blocking(
          "PRIMARY_KEY",
          "Its primary key is DEFERRABLE, so the log does not identify rows by it.",
          "ALTER TABLE "
              + quoted
              + " DROP CONSTRAINT "
              + Sql.identifier(at.keyConstraint())
              + ", ADD PRIMARY KEY ("
              + columnList(at.key())
              + ");");
    }
    if (!at.key().equals(this.described.key())) {
      blocking(
          "PRIMARY_KEY",
          "Its primary key is ("
              + String.join(", ", at.key())
              + "), the description says ("
              + String.join(", ", this.described.key())
              + ").",
          yaml("key: [" + String.join(", ", at.key()) + "]"));
    }
  }

  private void identity() {
    if (at.key().isEmpty() || at.lateKey()) {
      return;
    }
    if (!at.identityIsKey()) {
      blocking(
          "REPLICA_IDENTITY",
          at.replicaIdentity() == 'n'
              ? "Its replica identity is NOTHING, so updates and deletes name no row (and"
                  + " PostgreSQL refuses them once the table is published)."
              : "Its replica identity is another index than the primary key's.",
          "ALTER TABLE " + quoted + " REPLICA IDENTITY DEFAULT;");
    } else if (at.replicaIdentity() == 'f') {
      ok(
          "REPLICA_IDENTITY",
          "FULL: updates and deletes log whole rows, which is more than needed.");
    }
  }

  private void columns() {
    String reserved = TableSchema.reservedColumn(at.columns(), described.tenantColumn());
    if (reserved != null) {
      blocking(
          "COLUMNS",
          "Its column " + reserved + " has a name that Bronze needs for itself.",
          "ALTER TABLE "
              + quoted
              + " RENAME COLUMN "
              + Sql.identifier(reserved)
              + " TO "
              + Sql.identifier("source_" + reserved.replaceFirst("^_", ""))
              + ";");
    }
    Map<String, SourceColumn> present =
        at.columns().stream().collect(Collectors.toMap(SourceColumn::name, Function.identity()));
    for (SourceTable.Column column : described.columns()) {
      SourceColumn source = present.get(column.name());
      if (source == null) {
        missing(column);
      } else {
        type(column, source);
      }
    }
    List<String> unknown =
        at.columns().stream()
            .filter(c -> described.column(c.name()).isEmpty())
            .map(c -> c.name() + " (" + c.sourceType() + ")")
            .toList();
    if (!unknown.isEmpty()) {
      warning(
          "COLUMNS",
          "Columns that are not described: "
              + String.join(", ", unknown)
              + ". They flow into Silver, and count as personal data until they are described.",
          yaml("add them under columns:"));
    }
    mappings();
  }

  private void missing(SourceTable.Column column) {
    boolean generated = at.generated().contains(column.name());
    blocking(
        "COLUMNS",
        generated
            ? "Column " + column.name() + " is generated, and the log does not carry it."
            : "The source has no column " + column.name() + ", which is described.",
        generated
            ? yaml("move it from columns: to derivations:, with its expression")
            : yaml("remove the column, or rename it as the source calls it"));
  }

  private void type(SourceTable.Column column, SourceColumn source) {
    TrinoType bronze =
        TrinoType.parse(column.name().equals(described.tenantColumn()) ? "varchar" : source.type());
    if (!fits(bronze, column.type())) {
      blocking(
          "COLUMN_TYPE",
          "Column "
              + column.name()
              + " is "
              + source.sourceType()
              + " at the source, so Bronze stores "
              + bronze.text()
              + "; "
              + column.type().text()
              + " is described, which may not hold its values.",
          yaml("{name: " + column.name() + ", type: \"" + bronze.text() + "\"}"));
    } else if (source.nullable() && !column.nullable()) {
      warning(
          "COLUMN_TYPE",
          "Column "
              + column.name()
              + " may be NULL at the source, the description says it may not.",
          yaml("{name: " + column.name() + ", nullable: true}")
              + " Or: ALTER TABLE "
              + quoted
              + " ALTER COLUMN "
              + Sql.identifier(column.name())
              + " SET NOT NULL;");
    }
  }

  /** Whether every value of the one type is a value of the other. */
  static boolean fits(TrinoType from, TrinoType to) {
    if (from.equals(to) || to instanceof TrinoType.Varchar varchar && varchar.length() == null) {
      return true;
    }
    if (DIGITS.containsKey(from)) {
      return to instanceof Decimal decimal
          ? decimal.precision() - decimal.scale() >= DIGITS.get(from)
          : DIGITS.containsKey(to) && DIGITS.get(to) > DIGITS.get(from)
              || to == Simple.DOUBLE && from != Simple.BIGINT;
    }
    if (from instanceof Decimal small && to instanceof Decimal large) {
      return large.scale() >= small.scale()
          && large.precision() - large.scale() >= small.precision() - small.scale();
    }
    return from == Simple.REAL && to == Simple.DOUBLE
        || from == Simple.DATE && to == Simple.TIMESTAMP;
  }

  private void mappings() {
    List<String> texts = new ArrayList<>();
    List<String> lossy = new ArrayList<>();
    for (SourceColumn column : at.columns()) {
      if (column.name().equals(described.tenantColumn())) {
        continue;
      }
      if (column.type().equals("varchar") && !isText(column.sourceType())) {
        texts.add(column.name() + " (" + column.sourceType() + ")");
      }
      Optional<String> lost = TableSchema.lossyValues(column.sourceType());
      lost.ifPresent(what -> lossy.add(column.name() + " (" + what + ")"));
    }
    if (!texts.isEmpty()) {
      ok("COLUMN_TYPE", "Stored as PostgreSQL's text: " + String.join(", ", texts) + ".");
    }
    if (!lossy.isEmpty()) {
      ok(
          "COLUMN_TYPE",
          "Values that become NULL, and are counted, should they occur: "
              + String.join(", ", lossy)
              + ".");
    }
  }

  private static boolean isText(String type) {
    return type.equals("text")
        || type.startsWith("character")
        || type.startsWith("\"char\"")
        || type.equals("name");
  }

  private void size() {
    String partitioned = at.kind() == 'p' ? ", partitioned" : "";
    ok(
        "SIZE",
        at.rows() < 0
            ? PreflightRules.size(at.bytes())
                + partitioned
                + "; its rows were never counted (ANALYZE does). The copy takes about "
                + PreflightRules.duration(PreflightRules.copySeconds(0, at.bytes()))
                + "."
            : "About "
                + at.rows()
                + " rows, "
                + PreflightRules.size(at.bytes())
                + partitioned
                + ". The copy takes about "
                + PreflightRules.duration(PreflightRules.copySeconds(at.rows(), at.bytes()))
                + ".");
  }

  private String yaml(String edit) {
    return "In lakehouse/tables/" + described.name() + ".yaml: " + edit;
  }

  private static String columnList(List<String> columns) {
    return columns.stream().map(Sql::identifier).collect(Collectors.joining(", "));
  }

  private static String names(List<String> tables) {
    return tables.size() <= 5
        ? String.join(", ", tables)
        : String.join(", ", tables.subList(0, 5)) + " and " + (tables.size() - 5) + " more";
  }

  private void ok(String code, String message) {
    findings.add(new Finding(code, Severity.OK, name, message, null));
  }

  private void warning(String code, String message, String remedy) {
    findings.add(new Finding(code, Severity.WARNING, name, message, remedy));
  }

  private void blocking(String code, String message, String remedy) {
    findings.add(new Finding(code, Severity.BLOCKING, name, message, remedy));
  }
}
