package dev.lakegate.governance.token;

import dev.lakegate.model.policy.Principal;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.UUID;

/** Personal access tokens and sightings in the control database. Thread-safe. */
@ApplicationScoped
class TokenStore {
  private static final String COLUMNS =
      """
      SELECT id, issuer, subject, name, scopes, personas, tenants, schemas, created_at,
        expires_at, first_used_at, last_used_at, last_used_from, revoked_at, revoked_by
      FROM personal_token""";

  /** Keeps what the issuer said of a person, unless something newer is known; answers which. */
  void see(Connection connection, Owner seen) throws SQLException {
    Principal principal = seen.principal();
    try (PreparedStatement upsert =
        connection.prepareStatement(
            """
            INSERT INTO sighting (issuer, subject, login, personas, tenants, tier, issued_at)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (issuer, subject) DO UPDATE SET login = EXCLUDED.login,
              personas = EXCLUDED.personas, tenants = EXCLUDED.tenants, tier = EXCLUDED.tier,
              issued_at = EXCLUDED.issued_at
            WHERE sighting.issued_at <= EXCLUDED.issued_at""")) {
      upsert.setString(1, principal.issuer());
      upsert.setString(2, principal.subject());
      upsert.setString(3, seen.login());
      upsert.setArray(4, array(connection, principal.personas()));
      upsert.setArray(5, array(connection, principal.tenants()));
      upsert.setString(6, principal.tier());
      upsert.setObject(7, utc(seen.issuedAt()));
      upsert.executeUpdate();
    }
  }

  /** The person; empty when nobody has seen them. */
  Optional<Owner> owner(Connection connection, String issuer, String subject) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            """
            SELECT login, personas, tenants, tier, issued_at FROM sighting
            WHERE issuer = ? AND subject = ?""")) {
      select.setString(1, issuer);
      select.setString(2, subject);
      try (ResultSet result = select.executeQuery()) {
        return result.next()
            ? Optional.of(
                new Owner(
                    new Principal(
                        issuer, subject, set(result, 2), set(result, 3), result.getString(4)),
                    result.getString(1),
                    instant(result, 5)))
            : Optional.empty();
      }
    }
  }

  /** Locks a person's row until the transaction ends: what is counted stays so. */
  void lockOwner(Connection connection, String issuer, String subject) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT 1 FROM sighting WHERE issuer = ? AND subject = ? FOR UPDATE")) {
      select.setString(1, issuer);
      select.setString(2, subject);
      select.executeQuery();
    }
  }

  int live(Connection connection, String issuer, String subject, Instant at) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            """
            SELECT count(*) FROM personal_token
            WHERE issuer = ? AND subject = ? AND revoked_at IS NULL AND expires_at > ?""")) {
      select.setString(1, issuer);
      select.setString(2, subject);
      select.setObject(3, utc(at));
      try (ResultSet result = select.executeQuery()) {
        result.next();
        return result.getInt(1);
      }
    }
  }

  void add(Connection connection, TokenRecord token, String hash) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            """
            INSERT INTO personal_token (id, hash, issuer, subject, name, scopes, personas, tenants,
              schemas, created_at, expires_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""")) {
      insert.setObject(1, token.id());
      insert.setBytes(2, HexFormat.of().parseHex(hash));
      insert.setString(3, token.issuer());
      insert.setString(4, token.subject());
      insert.setString(5, token.name());
      insert.setArray(6, array(connection, token.scopes()));
      insert.setArray(7, array(connection, token.personas()));
      insert.setArray(8, array(connection, token.tenants()));
      insert.setArray(9, array(connection, token.schemas()));
      insert.setObject(10, utc(token.createdAt()));
      insert.setObject(11, utc(token.expiresAt()));
      insert.executeUpdate();
    }
  }

  Optional<TokenRecord> byHash(Connection connection, String hash) throws SQLException {
    return find(connection, " WHERE hash = ?", (Object) HexFormat.of().parseHex(hash)).stream()
        .findFirst();
  }

  /** The token, locked until the transaction ends. */
  Optional<TokenRecord> lock(Connection connection, UUID id) throws SQLException {
    return find(connection, " WHERE id = ? FOR UPDATE", id).stream().findFirst();
  }

  /**
   * Newest first.
   *
   * @param issuer null for everybody's
   */
  List<TokenRecord> list(
      Connection connection,
      String issuer,
      String subject,
      Instant before,
      UUID beforeId,
      int limit)
      throws SQLException {
    StringBuilder where = new StringBuilder(" WHERE true");
    List<Object> values = new ArrayList<>();
    if (issuer != null) {
      where.append(" AND issuer = ? AND subject = ?");
      values.add(issuer);
      values.add(subject);
    }
    if (before != null) {
      where.append(" AND (created_at, id) < (?, ?)");
      values.add(utc(before));
      values.add(beforeId);
    }
    where.append(" ORDER BY created_at DESC, id DESC LIMIT ?");
    values.add(limit);
    return find(connection, where.toString(), values.toArray());
  }

  void revoke(Connection connection, UUID id, Instant at, String by) throws SQLException {
    try (PreparedStatement update =
        connection.prepareStatement(
            """
            UPDATE personal_token SET revoked_at = ?, revoked_by = ?
            WHERE id = ? AND revoked_at IS NULL""")) {
      update.setObject(1, utc(at));
      update.setString(2, by);
      update.setObject(3, id);
      update.executeUpdate();
    }
  }

  void used(Connection connection, UUID id, Instant at, String from) throws SQLException {
    try (PreparedStatement update =
        connection.prepareStatement(
            """
            UPDATE personal_token SET first_used_at = coalesce(first_used_at, ?), last_used_at = ?,
              last_used_from = ?
            WHERE id = ?""")) {
      update.setObject(1, utc(at));
      update.setObject(2, utc(at));
      update.setString(3, from);
      update.setObject(4, id);
      update.executeUpdate();
    }
  }

  private static List<TokenRecord> find(Connection connection, String where, Object... values)
      throws SQLException {
    try (PreparedStatement select = connection.prepareStatement(COLUMNS + where)) {
      for (int i = 0; i < values.length; i++) {
        select.setObject(i + 1, values[i]);
      }
      List<TokenRecord> tokens = new ArrayList<>();
      try (ResultSet result = select.executeQuery()) {
        while (result.next()) {
          tokens.add(
              new TokenRecord(
                  result.getObject(1, UUID.class),
                  result.getString(2),
                  result.getString(3),
                  result.getString(4),
                  set(result, 5),
                  set(result, 6),
                  set(result, 7),
                  set(result, 8),
                  instant(result, 9),
                  instant(result, 10),
                  instant(result, 11),
                  instant(result, 12),
                  result.getString(13),
                  instant(result, 14),
                  result.getString(15)));
        }
      }
      return tokens;
    }
  }

  private static Array array(Connection connection, SortedSet<String> values) throws SQLException {
    return values == null ? null : connection.createArrayOf("text", values.toArray());
  }

  private static SortedSet<String> set(ResultSet result, int column) throws SQLException {
    Array array = result.getArray(column);
    return array == null ? null : new TreeSet<>(List.of((String[]) array.getArray()));
  }

  private static Instant instant(ResultSet result, int column) throws SQLException {
    OffsetDateTime time = result.getObject(column, OffsetDateTime.class);
    return time == null ? null : time.toInstant();
  }

  private static OffsetDateTime utc(Instant instant) {
    return instant.atOffset(ZoneOffset.UTC);
  }
}
