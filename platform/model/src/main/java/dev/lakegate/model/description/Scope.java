package dev.lakegate.model.description;

import java.util.Locale;

/** Whose rows a table holds. */
public enum Scope {
  /** Rows belong to tenants; there is a tenant column, and the table is partitioned by it. */
  TENANT,
  /** No tenant's data, such as a calendar: all personas of the layer read it. */
  SHARED,
  /** Quarantine, audit: only personas marked internal read it. */
  INTERNAL;

  /** As written in YAML and JSON. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }
}
