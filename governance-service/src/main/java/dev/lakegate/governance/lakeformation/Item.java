package dev.lakegate.governance.lakeformation;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.model.json.Json;
import dev.lakegate.model.lakeformation.RowFilter;
import java.util.Objects;

/** One thing that exists in AWS, or should. {@link #key()} names it, the same each time. */
sealed interface Item permits Item.Grant, Item.DataFilter, Item.Role, Item.Workgroup, Gone {
  String key();

  /** What a person reads. */
  String text();

  /** A permission of a principal. */
  record Grant(String principal, Securable on, String permission) implements Item {
    @Override
    public String key() {
      return "grant|" + principal + "|" + on.id() + "|" + permission;
    }

    @Override
    public String text() {
      return permission + " on " + on.id() + " to " + shortName(principal);
    }

    private static String shortName(String arn) {
      return arn.substring(arn.lastIndexOf('/') + 1);
    }
  }

  /** A data-cells filter. */
  record DataFilter(String database, String table, String name, RowFilter rows, ColumnSet columns)
      implements Item {
    @Override
    public String key() {
      return "filter|" + database + "." + table + "|" + name;
    }

    @Override
    public String text() {
      String where = rows instanceof RowFilter.Expression e ? e.text() : "all rows";
      return "filter "
          + name
          + " on "
          + database
          + "."
          + table
          + ": "
          + where
          + "; "
          + columns.text();
    }

    Securable.Filter securable() {
      return new Securable.Filter(database, table, name);
    }

    /** Whether whatever passes it surely passes the other. */
    boolean within(DataFilter other) {
      return columns.within(other.columns())
          && (rows.equals(other.rows()) || other.rows() instanceof RowFilter.AllRows);
    }
  }

  /** The role of a tenant; documents are JSON. */
  record Role(String name, String trust, String boundary, String policy) implements Item {
    @Override
    public String key() {
      return "role|" + name;
    }

    @Override
    public String text() {
      return "role " + name;
    }

    // Whoever wrote a document, spaces and the order of its members mean nothing.
    @Override
    public boolean equals(Object other) {
      return other instanceof Role that
          && name.equals(that.name)
          && same(trust, that.trust)
          && Objects.equals(boundary, that.boundary)
          && same(policy, that.policy);
    }

    @Override
    public int hashCode() {
      return name.hashCode();
    }

    private static boolean same(String one, String other) {
      return one == null || other == null
          ? Objects.equals(one, other)
          : Json.read(one, JsonNode.class).equals(Json.read(other, JsonNode.class));
    }
  }

  /** The workgroup of a tenant. */
  record Workgroup(String name, String results, long bytesScanned, boolean enforced)
      implements Item {
    @Override
    public String key() {
      return "workgroup|" + name;
    }

    @Override
    public String text() {
      return "workgroup "
          + name
          + ", results to "
          + results
          + ", at most "
          + bytesScanned
          + " bytes scanned"
          + (enforced ? "" : ", NOT enforced");
    }
  }
}
