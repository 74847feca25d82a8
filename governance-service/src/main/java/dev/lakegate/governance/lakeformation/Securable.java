package dev.lakegate.governance.lakeformation;

/** What a grant of Lake Formation is about. {@link #id()} names it, the same each time. */
sealed interface Securable {
  String id();

  /** A database. */
  record Database(String name) implements Securable {
    @Override
    public String id() {
      return "database " + name;
    }
  }

  /** All columns of a table. */
  record Table(String database, String name) implements Securable {
    @Override
    public String id() {
      return "table " + database + "." + name;
    }
  }

  /** Every table of a database, those to come included. */
  record AllTables(String database) implements Securable {
    @Override
    public String id() {
      return "table " + database + ".*";
    }
  }

  /** Columns of a table. */
  record Columns(String database, String table, ColumnSet columns) implements Securable {
    @Override
    public String id() {
      return "columns " + database + "." + table + " (" + columns.text() + ")";
    }
  }

  /** The cells that a filter lets through. */
  record Filter(String database, String table, String name) implements Securable {
    @Override
    public String id() {
      return "filter " + database + "." + table + "/" + name;
    }
  }

  /** Anything else: a location, the catalog, tags. Never made here. */
  record Other(String text) implements Securable {
    @Override
    public String id() {
      return "other " + text;
    }
  }

  /** The database that it belongs to; null when it belongs to none. */
  static String database(Securable s) {
    if (s instanceof Database d) {
      return d.name();
    }
    if (s instanceof Table t) {
      return t.database();
    }
    if (s instanceof AllTables t) {
      return t.database();
    }
    if (s instanceof Columns c) {
      return c.database();
    }
    return s instanceof Filter f ? f.database() : null;
  }
}
