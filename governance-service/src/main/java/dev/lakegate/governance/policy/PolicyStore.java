package dev.lakegate.governance.policy;

import dev.lakegate.governance.database.Database;
import dev.lakegate.kit.paging.Page;
import dev.lakegate.model.json.Json;
import dev.lakegate.model.policy.Policy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** Versions of the policy in the control database: only added. Thread-safe. */
@ApplicationScoped
class PolicyStore {
  private static final String INFO =
      "SELECT policy_version, etag, origin, changed_at, changed_by, comment";

  @Inject Database database;

  // Parsing a policy costs more than asking whether it is still the same.
  private volatile StoredPolicy last;

  /** The version in force; empty before the first. */
  Optional<StoredPolicy> current() {
    return database.transaction(this::current);
  }

  /** The version in force as the transaction sees it. */
  Optional<StoredPolicy> current(Connection connection) throws SQLException {
    List<PolicyVersionInfo> newest =
        infos(connection, INFO + " FROM policy_version ORDER BY policy_version DESC LIMIT 1");
    if (newest.isEmpty()) {
      return Optional.empty();
    }
    StoredPolicy known = last;
    if (known == null || !known.info().equals(newest.get(0))) {
      known = find(connection, newest.get(0).policyVersion()).orElseThrow();
      last = known;
    }
    return Optional.of(known);
  }

  /** One version. */
  Optional<StoredPolicy> find(long policyVersion) {
    return database.transaction(connection -> find(connection, policyVersion));
  }

  private static Optional<StoredPolicy> find(Connection connection, long policyVersion)
      throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            INFO + ", document FROM policy_version WHERE policy_version = ?")) {
      select.setLong(1, policyVersion);
      try (ResultSet result = select.executeQuery()) {
        if (!result.next()) {
          return Optional.empty();
        }
        String document = result.getString(7);
        return Optional.of(
            new StoredPolicy(Json.read(document, Policy.class), info(result), document));
      }
    }
  }

  /**
   * The newest versions first.
   *
   * @param before versions lower than this
   */
  Page<PolicyVersionInfo> list(int limit, long before) {
    return database.transaction(
        connection ->
            Page.of(
                infos(
                    connection,
                    INFO
                        + " FROM policy_version WHERE policy_version < ?"
                        + " ORDER BY policy_version DESC LIMIT ?",
                    before,
                    limit + 1),
                limit,
                info -> dev.lakegate.kit.paging.Cursor.encode(info.policyVersion())));
  }

  /**
   * Adds a version under its own number.
   *
   * @throws Database.DuplicateKeyException (from the transaction) when somebody was faster
   */
  StoredPolicy append(
      Connection connection, Policy policy, String origin, String changedBy, String comment)
      throws SQLException {
    String document = Json.write(policy);
    PolicyVersionInfo info =
        new PolicyVersionInfo(
            policy.policyVersion(),
            policy.policyVersion() + "-" + digest(document).substring(0, 16),
            origin,
            Instant.now().truncatedTo(ChronoUnit.MICROS),
            changedBy.replace('\0', '\uFFFD'),
            comment.replace('\0', '\uFFFD'));
    try (PreparedStatement insert =
        connection.prepareStatement(
            """
            INSERT INTO policy_version
              (policy_version, etag, origin, changed_at, changed_by, comment, document)
            VALUES (?, ?, ?, ?, ?, ?, ?::json)""")) {
      insert.setLong(1, info.policyVersion());
      insert.setString(2, info.etag());
      insert.setString(3, info.origin());
      insert.setObject(4, info.changedAt().atOffset(ZoneOffset.UTC));
      insert.setString(5, info.changedBy());
      insert.setString(6, info.comment());
      insert.setString(7, document);
      insert.executeUpdate();
    }
    return new StoredPolicy(policy, info, document);
  }

  static String digest(String text) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private static List<PolicyVersionInfo> infos(Connection connection, String sql, Object... values)
      throws SQLException {
    try (PreparedStatement select = connection.prepareStatement(sql)) {
      for (int i = 0; i < values.length; i++) {
        select.setObject(i + 1, values[i]);
      }
      List<PolicyVersionInfo> infos = new ArrayList<>();
      try (ResultSet result = select.executeQuery()) {
        while (result.next()) {
          infos.add(info(result));
        }
      }
      return infos;
    }
  }

  private static PolicyVersionInfo info(ResultSet result) throws SQLException {
    return new PolicyVersionInfo(
        result.getLong(1),
        result.getString(2),
        result.getString(3),
        result.getObject(4, OffsetDateTime.class).toInstant(),
        result.getString(5),
        result.getString(6));
  }
}
