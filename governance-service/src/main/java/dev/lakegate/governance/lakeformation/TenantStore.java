package dev.lakegate.governance.lakeformation;

import dev.lakegate.governance.audit.AuditTrail;
import dev.lakegate.governance.database.Database;
import dev.lakegate.kit.error.LakegateException;
import dev.lakegate.model.policy.Principal;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Which tenants shall have a role of their own, and who said so. Thread-safe. */
@ApplicationScoped
class TenantStore {
  private static final String COLUMNS =
      "tenant, state, proposed_at, proposed_by, decided_at, decided_by";

  @Inject Database database;
  @Inject AuditTrail audit;

  /**
   * A tenant.
   *
   * @param state proposed, approved, rejected or removed
   * @param decidedAt null while nobody has decided
   * @param decidedBy null while nobody has decided
   */
  public record Tenant(
      String tenant,
      String state,
      Instant proposedAt,
      String proposedBy,
      Instant decidedAt,
      String decidedBy) {}

  /** Those that have, or shall have, a role. */
  Set<String> approved() {
    return database.transaction(
        c -> {
          Set<String> tenants = new java.util.TreeSet<>();
          try (PreparedStatement s =
                  c.prepareStatement("SELECT tenant FROM lake_tenant WHERE state = 'approved'");
              ResultSet row = s.executeQuery()) {
            while (row.next()) {
              tenants.add(row.getString(1));
            }
          }
          return tenants;
        });
  }

  /**
   * @param after the last tenant of the page before; empty for the first
   */
  List<Tenant> list(String after, int most) {
    return database.transaction(
        c -> {
          List<Tenant> tenants = new ArrayList<>();
          try (PreparedStatement s =
              c.prepareStatement(
                  "SELECT "
                      + COLUMNS
                      + " FROM lake_tenant WHERE tenant > ? ORDER BY tenant LIMIT ?")) {
            s.setString(1, after);
            s.setInt(2, most);
            try (ResultSet row = s.executeQuery()) {
              while (row.next()) {
                tenants.add(tenant(row));
              }
            }
          }
          return tenants;
        });
  }

  /**
   * Proposes those that nobody has decided about yet. One that was rejected or removed stays so.
   *
   * @param approve whether that is decision enough
   * @return how many were new
   */
  int propose(Collection<String> tenants, boolean approve, Principal who) {
    return database.transaction(
        c -> {
          int added = 0;
          for (String tenant : tenants) {
            try (PreparedStatement s =
                c.prepareStatement(
                    "INSERT INTO lake_tenant (tenant, state, proposed_at, proposed_by, decided_at,"
                        + " decided_by) VALUES (?, ?, now(), ?, CASE WHEN ? THEN now() END, ?)"
                        + " ON CONFLICT (tenant) DO NOTHING")) {
              s.setString(1, tenant);
              s.setString(2, approve ? "approved" : "proposed");
              s.setString(3, who.subject());
              s.setBoolean(4, approve);
              s.setString(5, approve ? "setting" : null);
              if (s.executeUpdate() == 1) {
                added++;
                audit(c, who, approve ? "approve" : "propose", tenant);
              }
            }
          }
          return added;
        });
  }

  /**
   * @param state approved, rejected or removed
   */
  Tenant decide(String tenant, String state, Principal who) {
    return database.transaction(
        c -> {
          try (PreparedStatement s =
              c.prepareStatement(
                  "UPDATE lake_tenant SET state = ?, decided_at = now(), decided_by = ?"
                      + " WHERE tenant = ?")) {
            s.setString(1, state);
            s.setString(2, who.subject());
            s.setString(3, tenant);
            if (s.executeUpdate() == 0) {
              throw LakegateException.notFound(
                  "TENANT_UNKNOWN",
                  "Nobody has proposed this tenant.",
                  "Propose it first: POST /api/v1/lake-formation/tenants.");
            }
          }
          audit(c, who, state, tenant);
          return find(c, tenant).orElseThrow();
        });
  }

  private static Optional<Tenant> find(Connection c, String tenant) throws SQLException {
    try (PreparedStatement s =
        c.prepareStatement("SELECT " + COLUMNS + " FROM lake_tenant WHERE tenant = ?")) {
      s.setString(1, tenant);
      try (ResultSet row = s.executeQuery()) {
        return row.next() ? Optional.of(tenant(row)) : Optional.empty();
      }
    }
  }

  private void audit(Connection c, Principal who, String action, String tenant)
      throws SQLException {
    audit.succeeded(c, who, "lake-formation", "tenant-" + action, tenant, Map.of());
  }

  private static Tenant tenant(ResultSet row) throws SQLException {
    Timestamp decided = row.getTimestamp(5);
    return new Tenant(
        row.getString(1),
        row.getString(2),
        row.getTimestamp(3).toInstant(),
        row.getString(4),
        decided == null ? null : decided.toInstant(),
        row.getString(6));
  }
}
