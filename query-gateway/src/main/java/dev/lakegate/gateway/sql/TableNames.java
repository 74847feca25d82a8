package dev.lakegate.gateway.sql;

import dev.lakegate.gateway.sql.CatalogView.AsOf;
import dev.lakegate.gateway.sql.CatalogView.ListedColumn;
import dev.lakegate.gateway.sql.CatalogView.ListedTable;
import dev.lakegate.gateway.sql.CatalogView.TableView;
import dev.lakegate.gateway.sql.VirtualCatalog.VirtualTable;
import dev.lakegate.model.policy.AccessDecision;
import io.trino.sql.tree.Node;
import io.trino.sql.tree.QualifiedName;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Finds what a name of a table means, for one principal, and refuses what it may not read. */
final class TableNames {
  final CatalogView catalog;
  final VirtualCatalog virtual;
  private final Session session;

  TableNames(CatalogView catalog, Session session) {
    this.catalog = catalog;
    this.virtual = new VirtualCatalog(catalog);
    this.session = session;
  }

  /** A name of up to three parts, completed. */
  record Named(String catalog, String schema, String table) {}

  /** The catalog of names of one or two parts. */
  String sessionCatalog() {
    return session.catalog() == null ? catalog.catalog() : session.catalog();
  }

  Named complete(Node at, QualifiedName name) {
    List<String> parts = name.getParts().stream().map(p -> p.toLowerCase(Locale.ROOT)).toList();
    if (parts.size() > 3) {
      throw Refusal.at(at, "SYNTAX_ERROR", "Too many parts in table name: " + name);
    }
    String in = parts.size() == 3 ? parts.get(0) : sessionCatalog();
    if (!virtual.catalogs().contains(in)) {
      throw Refusal.at(at, "CATALOG_NOT_FOUND", "Catalog '" + in + "' not found");
    }
    String schema = parts.size() == 1 ? session.schema() : parts.get(parts.size() - 2);
    if (!virtual.hasSchema(in, schema)) {
      throw Refusal.at(at, "SCHEMA_NOT_FOUND", "Schema '" + schema + "' does not exist");
    }
    return new Named(in, schema, parts.get(parts.size() - 1));
  }

  static SqlFailure notFound(Node at, Named n) {
    return Refusal.at(
        at,
        "TABLE_NOT_FOUND",
        "Table '" + n.catalog() + "." + n.schema() + "." + n.table() + "' does not exist");
  }

  /** One of the tables that are made of names alone. */
  Optional<VirtualTable> virtual(Named n) {
    return virtual.table(n.catalog(), n.schema(), n.table());
  }

  /** A table of the lake that the principal may read. */
  TableView require(Node at, Named n) {
    if (!n.catalog().equals(catalog.catalog())
        || n.schema().equals(VirtualCatalog.INFORMATION_SCHEMA)) {
      throw notFound(at, n);
    }
    TableView view = catalog.table(n.schema(), n.table()).orElseThrow(() -> notFound(at, n));
    requireAllowed(at, view);
    return view;
  }

  /** The same at a former state, by the rules of now. */
  TableView former(Named n, Node at, AsOf asOf) {
    TableView view;
    try {
      view = catalog.table(n.schema(), n.table(), asOf).orElseThrow(() -> notFound(at, n));
    } catch (SqlFailure f) {
      SqlFailure placed = Refusal.at(at, f.code(), f.getMessage());
      f.details().forEach(placed::with);
      throw placed;
    }
    requireAllowed(at, view);
    return view;
  }

  private static void requireAllowed(Node at, TableView view) {
    AccessDecision decision = view.decision();
    if (!decision.allowed()) {
      throw Refusal.at(at, "TABLE_NOT_READABLE", decision.message())
          .with("table", view.qualifiedName())
          .with("reason", decision.reason().name())
          .with("personasThatMay", decision.personasThatMay());
    }
  }

  /** A table for SHOW and DESCRIBE; who may not read it is refused as in a query. */
  ListedTable listed(Node at, QualifiedName name) {
    Named n = complete(at, name);
    Optional<VirtualTable> made = virtual(n);
    if (made.isPresent()) {
      return new ListedTable(
          n.schema(),
          n.table(),
          "",
          made.get().columns().stream()
              .map(c -> new ListedColumn(c.name(), c.type(), "", true))
              .toList());
    }
    TableView view = require(at, n);
    return catalog.listing().stream()
        .filter(t -> t.schema().equals(view.schema()) && t.name().equals(view.name()))
        .findFirst()
        .orElseThrow(() -> notFound(at, n));
  }
}
