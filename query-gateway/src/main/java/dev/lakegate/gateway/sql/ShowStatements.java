package dev.lakegate.gateway.sql;

import dev.lakegate.gateway.sql.CatalogView.ListedColumn;
import dev.lakegate.gateway.sql.CatalogView.ListedTable;
import io.trino.sql.parser.SqlParser;
import io.trino.sql.tree.Identifier;
import io.trino.sql.tree.QualifiedName;
import io.trino.sql.tree.ShowCatalogs;
import io.trino.sql.tree.ShowColumns;
import io.trino.sql.tree.ShowCreate;
import io.trino.sql.tree.ShowFunctions;
import io.trino.sql.tree.ShowSchemas;
import io.trino.sql.tree.ShowTables;
import io.trino.sql.tree.Statement;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * SHOW and DESCRIBE as queries over the virtual catalog, in Trino SQL of our own making: they are
 * translated like any other query and can show nothing that a query could not.
 */
final class ShowStatements {
  private final TableNames names;
  private final CatalogView catalog;
  private final VirtualCatalog virtual;
  private final Session session;

  ShowStatements(TableNames names, Session session) {
    this.names = names;
    this.catalog = names.catalog;
    this.virtual = names.virtual;
    this.session = session;
  }

  /** The query that answers a statement; empty when it is none of these. */
  Optional<Statement> query(Statement s) {
    return sql(s).map(text -> new SqlParser().createStatement(text));
  }

  private Optional<String> sql(Statement s) {
    if (s instanceof ShowCatalogs c) {
      return Optional.of(
          "SELECT table_cat AS \"Catalog\" FROM system.jdbc.catalogs"
              + like(" WHERE ", "table_cat", c.getLikePattern(), c.getEscape())
              + " ORDER BY table_cat");
    }
    if (s instanceof ShowSchemas c) {
      String from = c.getCatalog().map(ShowStatements::lower).orElse(names.sessionCatalog());
      requireCatalog(s, from);
      return Optional.of(
          "SELECT schema_name AS \"Schema\" FROM "
              + name(from)
              + ".information_schema.schemata"
              + like(" WHERE ", "schema_name", c.getLikePattern(), c.getEscape())
              + " ORDER BY schema_name");
    }
    if (s instanceof ShowTables t) {
      List<String> parts = t.getSchema().map(ShowStatements::parts).orElse(List.of());
      if (parts.size() > 2) {
        throw Refusal.at(s, "SYNTAX_ERROR", "Too many parts in schema name: " + t.getSchema());
      }
      String from = parts.size() == 2 ? parts.get(0) : names.sessionCatalog();
      String schema = parts.isEmpty() ? session.schema() : parts.get(parts.size() - 1);
      requireCatalog(s, from);
      if (!virtual.hasSchema(from, schema)) {
        throw Refusal.at(s, "SCHEMA_NOT_FOUND", "Schema '" + schema + "' does not exist");
      }
      return Optional.of(
          "SELECT table_name AS \"Table\" FROM "
              + name(from)
              + ".information_schema.tables WHERE table_schema = "
              + text(schema)
              + like(" AND ", "table_name", t.getLikePattern(), t.getEscape())
              + " ORDER BY table_name");
    }
    if (s instanceof ShowColumns c) {
      return Optional.of(
          "SELECT * FROM (VALUES "
              + names.listed(s, c.getTable()).columns().stream()
                  .map(ShowStatements::described)
                  .collect(Collectors.joining(", "))
              + ") AS t(\"Column\", \"Type\", \"Extra\", \"Comment\")"
              + like(" WHERE ", "\"Column\"", c.getLikePattern(), c.getEscape()));
    }
    if (s instanceof ShowCreate c && c.getType() == ShowCreate.Type.TABLE) {
      return Optional.of(
          "SELECT CAST("
              + text(definition(names.listed(s, c.getName())))
              + " AS varchar) AS \"Create Table\"");
    }
    if (s instanceof ShowFunctions f) {
      if (f.getSchema().isPresent()) {
        throw Refusal.unsupported(s, "SHOW FUNCTIONS of a schema");
      }
      return Optional.of(
          "SELECT * FROM (VALUES "
              + FunctionSignatures.all().stream()
                  .map(ShowStatements::function)
                  .collect(Collectors.joining(", "))
              + ") AS t(\"Function\", \"Return Type\","
              + " \"Argument Types\", \"Function Type\", \"Deterministic\", \"Description\")"
              + like(" WHERE ", "\"Function\"", f.getLikePattern(), f.getEscape())
              + " ORDER BY \"Function\"");
    }
    return Optional.empty();
  }

  private void requireCatalog(Statement s, String name) {
    if (!virtual.catalogs().contains(name)) {
      throw Refusal.at(s, "CATALOG_NOT_FOUND", "Catalog '" + name + "' not found");
    }
  }

  private static String like(
      String glue, String column, Optional<String> pattern, Optional<String> escape) {
    return pattern
        .map(
            p ->
                glue
                    + column
                    + " LIKE "
                    + text(p)
                    + escape.map(e -> " ESCAPE " + text(e)).orElse(""))
        .orElse("");
  }

  private static String function(FunctionSignatures.Signature f) {
    return Stream.of(f.name(), f.result(), f.arguments(), f.kind())
        .map(v -> "CAST(" + text(v) + " AS varchar), ")
        .collect(Collectors.joining("", "(", f.deterministic() + ", CAST('' AS varchar))"));
  }

  private static String described(ListedColumn c) {
    return "(CAST("
        + text(c.name())
        + " AS varchar), CAST("
        + text(c.type().display())
        + " AS varchar), CAST('' AS varchar), CAST("
        + text(c.comment())
        + " AS varchar))";
  }

  private String definition(ListedTable t) {
    StringBuilder b = new StringBuilder("CREATE TABLE ");
    b.append(name(catalog.catalog())).append('.').append(name(t.schema())).append('.');
    b.append(name(t.name())).append(" (\n");
    b.append(
        t.columns().stream()
            .map(
                c ->
                    "   "
                        + name(c.name())
                        + " "
                        + c.type().display()
                        + (c.nullable() ? "" : " NOT NULL")
                        + (c.comment().isEmpty() ? "" : " COMMENT " + text(c.comment())))
            .collect(Collectors.joining(",\n")));
    b.append("\n)");
    if (!t.comment().isEmpty()) {
      b.append("\nCOMMENT ").append(text(t.comment()));
    }
    return b.toString();
  }

  private static String lower(Identifier i) {
    return i.getValue().toLowerCase(Locale.ROOT);
  }

  private static List<String> parts(QualifiedName name) {
    return name.getParts().stream().map(p -> p.toLowerCase(Locale.ROOT)).toList();
  }

  private static String text(String s) {
    return "'" + s.replace("'", "''") + "'";
  }

  private static String name(String s) {
    return s.matches("[a-z_][a-z0-9_]*") && !s.equals("order")
        ? s
        : "\"" + s.replace("\"", "\"\"") + "\"";
  }
}
