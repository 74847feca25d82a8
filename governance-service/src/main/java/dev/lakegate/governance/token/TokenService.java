package dev.lakegate.governance.token;

import dev.lakegate.governance.audit.AuditTrail;
import dev.lakegate.governance.database.Database;
import dev.lakegate.governance.policy.PolicyService;
import dev.lakegate.kit.error.LakegateException;
import dev.lakegate.kit.identity.TokenGrant;
import dev.lakegate.kit.paging.Cursor;
import dev.lakegate.kit.paging.Page;
import dev.lakegate.model.policy.Policy;
import dev.lakegate.model.policy.Principal;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.UUID;

/** The life of personal access tokens. Thread-safe. */
@ApplicationScoped
class TokenService {
  private static final Set<String> SCOPES = Set.of(TokenGrant.QUERY, TokenGrant.OPERATIONS);
  private static final Duration CLOCK_SKEW = Duration.ofMinutes(5);

  @Inject Database database;
  @Inject TokenStore store;
  @Inject TokenConfig config;
  @Inject PolicyService policies;
  @Inject AuditTrail audit;

  private Clock clock = Clock.systemUTC();

  /**
   * What an owner asks for.
   *
   * @param lifetime null for the default
   * @param scopes null for queries alone
   * @param personas null: not narrowed
   * @param tenants null: not narrowed
   * @param schemas null: not narrowed
   */
  record Wish(
      String name,
      Duration lifetime,
      SortedSet<String> scopes,
      SortedSet<String> personas,
      SortedSet<String> tenants,
      SortedSet<String> schemas) {}

  /**
   * What came of looking at a token.
   *
   * @param valid whether it is good now
   * @param reason {@code VALID}, {@code UNKNOWN}, {@code REVOKED}, {@code EXPIRED} or {@code
   *     OWNER_ABSENT}
   * @param token null when it is unknown
   * @param login the name by which its owner logs in; null when it is unknown
   * @param principal what it gives; null unless it is valid
   */
  record Verdict(
      boolean valid, String reason, TokenRecord token, String login, Principal principal) {}

  /** Keeps what the issuer said of a person. */
  void see(Owner owner) {
    Owner bounded = bounded(owner);
    database.transaction(
        connection -> {
          store.see(connection, bounded);
          return null;
        });
  }

  /**
   * Adds a token.
   *
   * @param hash of its secret, hexadecimal
   * @throws LakegateException 400, 409 or 422 when the owner may not have it
   */
  TokenRecord create(Owner owner, String hash, Wish wish) {
    Policy policy = policies.current().policy();
    Principal principal = owner.principal();
    Instant now = now();
    TokenRecord token =
        new TokenRecord(
            UUID.randomUUID(),
            principal.issuer(),
            principal.subject(),
            wish.name(),
            wish.scopes() == null ? new TreeSet<>(Set.of(TokenGrant.QUERY)) : wish.scopes(),
            wish.personas(),
            wish.tenants(),
            wish.schemas(),
            now,
            now.plus(lifetime(wish.lifetime())),
            null,
            null,
            null,
            null,
            null);
    check(policy, principal, token);
    try {
      return database.transaction(
          connection -> {
            store.see(connection, bounded(owner));
            store.lockOwner(connection, principal.issuer(), principal.subject());
            if (store.live(connection, principal.issuer(), principal.subject(), now)
                >= config.mostPerOwner()) {
              throw LakegateException.conflict(
                  "TOO_MANY_TOKENS",
                  "There are " + config.mostPerOwner() + " tokens of yours that are good.",
                  "Revoke one that is no longer needed.");
            }
            store.add(connection, token, hash);
            audit.succeeded(connection, principal, "token", "create", object(token), told(token));
            return token;
          });
    } catch (Database.DuplicateKeyException e) {
      throw LakegateException.conflict(
          "TOKEN_EXISTS", "There is a token with this secret.", "Make another one.");
    }
  }

  private Duration lifetime(Duration asked) {
    if (asked == null) {
      return config.lifetime();
    }
    if (asked.isNegative() || asked.isZero() || asked.compareTo(config.longestLifetime()) > 0) {
      throw LakegateException.badRequest(
              "FIELD_INVALID",
              "A token may be good for 1 to " + config.longestLifetime().toDays() + " days.",
              "Ask for a shorter time.")
          .withDetail("field", "expiresInDays");
    }
    return asked;
  }

  private static void check(Policy policy, Principal owner, TokenRecord token) {
    if (!SCOPES.containsAll(token.scopes()) || token.scopes().isEmpty()) {
      throw invalid("scopes", "'scopes' is not one or more of " + new TreeSet<>(SCOPES) + ".");
    }
    Principal given = narrow(policy, owner, token);
    if (token.personas() != null && !owner.personas().containsAll(token.personas())) {
      throw invalid("personas", "'personas' names one that you do not have.");
    }
    if (token.schemas() != null
        && !token.schemas().stream().allMatch(schema -> mayRead(policy, given, schema))) {
      throw invalid("schemas", "'schemas' names one that you may not read.");
    }
    if (token.tenants() != null) {
      if (!given.tenants().containsAll(token.tenants())) {
        throw invalid("tenants", "'tenants' names one that is not yours by claim.");
      }
      if (given.personas().isEmpty()) {
        throw invalid(
            "tenants",
            "None of your personas reads only its own tenants' rows, so a token cannot be narrowed"
                + " to tenants.");
      }
    }
  }

  private static boolean mayRead(Policy policy, Principal principal, String schema) {
    return policy.personas().stream()
        .filter(persona -> principal.personas().contains(persona.name()))
        .anyMatch(persona -> persona.schemas().contains(schema));
  }

  private static Principal narrow(Policy policy, Principal owner, TokenRecord token) {
    return Narrowing.narrow(policy, owner, token.personas(), token.tenants(), token.schemas());
  }

  private static LakegateException invalid(String field, String message) {
    return LakegateException.invalid(
            "TOKEN_NOT_ALLOWED", message, "A token gives at most what you have yourself.")
        .withDetail("field", field);
  }

  /**
   * Looks at a token, and remembers its use when it is good.
   *
   * @param from the client's address
   */
  Verdict verify(String hash, String from) {
    Policy policy = policies.current().policy();
    Instant now = now();
    return database.transaction(
        connection -> {
          Optional<TokenRecord> found = store.byHash(connection, hash);
          if (found.isEmpty()) {
            return new Verdict(false, "UNKNOWN", null, null, null);
          }
          TokenRecord token = found.get();
          Owner owner = store.owner(connection, token.issuer(), token.subject()).orElseThrow();
          String reason = "VALID";
          if (token.revokedAt() != null) {
            reason = "REVOKED";
          } else if (!now.isBefore(token.expiresAt())) {
            reason = "EXPIRED";
          } else if (owner.issuedAt().plus(config.claimsMaxAge()).isBefore(now)) {
            reason = "OWNER_ABSENT";
          }
          if (!reason.equals("VALID")) {
            return new Verdict(false, reason, token, owner.login(), null);
          }
          Principal principal = narrow(policy, owner.principal(), token);
          used(connection, token, principal, now, from);
          return new Verdict(true, reason, token, owner.login(), principal);
        });
  }

  /** The first use ever, and the first of each day, are in the audit; the last one is kept. */
  private void used(
      Connection connection, TokenRecord seen, Principal principal, Instant now, String from)
      throws SQLException {
    if (seen.lastUsedAt() != null
        && Duration.between(seen.lastUsedAt(), now).toSeconds() < 60
        && from.equals(seen.lastUsedFrom())) {
      return;
    }
    TokenRecord token = store.lock(connection, seen.id()).orElseThrow();
    boolean first = token.lastUsedAt() == null;
    if (first || !day(token.lastUsedAt()).equals(day(now))) {
      audit.succeeded(
          connection,
          principal,
          "token",
          first ? "first-use" : "use",
          object(token),
          Map.of("token", token.name(), "from", from));
    }
    store.used(connection, token.id(), now, from);
  }

  private static Object day(Instant instant) {
    return instant.atOffset(ZoneOffset.UTC).toLocalDate();
  }

  /**
   * Ends a token. One that was ended already stays as it is.
   *
   * @param administrator whether {@code by} may end other people's tokens
   * @throws LakegateException 404 when there is none that they may end
   */
  TokenRecord revoke(UUID id, Principal by, boolean administrator) {
    return database.transaction(
        connection -> {
          TokenRecord token =
              store
                  .lock(connection, id)
                  .filter(
                      t ->
                          administrator
                              || t.issuer().equals(by.issuer()) && t.subject().equals(by.subject()))
                  .orElseThrow(TokenService::unknown);
          if (token.revokedAt() == null) {
            store.revoke(connection, id, now(), by.subject());
            audit.succeeded(connection, by, "token", "revoke", object(token), told(token));
          }
          return store.lock(connection, id).orElseThrow();
        });
  }

  /** Newest first; {@code issuer} null means everybody's. */
  Page<TokenRecord> list(String issuer, String subject, int limit, String cursor) {
    String[] after = Cursor.decode(cursor, 2);
    Instant before =
        after == null ? null : Instant.EPOCH.plus(Cursor.number(after[0]), ChronoUnit.MICROS);
    UUID beforeId = after == null ? null : uuid(after[1]);
    return database.transaction(
        connection -> {
          List<TokenRecord> rows =
              store.list(connection, issuer, subject, before, beforeId, limit + 1);
          return Page.of(
              rows,
              limit,
              t ->
                  Cursor.encode(
                      ChronoUnit.MICROS.between(Instant.EPOCH, t.createdAt()), t.id().toString()));
        });
  }

  private static UUID uuid(String text) {
    try {
      return UUID.fromString(text);
    } catch (IllegalArgumentException e) {
      throw LakegateException.badRequest(
          "CURSOR_INVALID", "The cursor is not one of this list.", "Begin with the first page.");
    }
  }

  static LakegateException unknown() {
    return LakegateException.notFound(
        "TOKEN_UNKNOWN", "There is no such token of yours.", "List your tokens.");
  }

  /** An issuer whose clock runs ahead must not keep later, narrower claims from counting. */
  private Owner bounded(Owner owner) {
    Instant now = now();
    return owner.issuedAt().isAfter(now.plus(CLOCK_SKEW))
        ? new Owner(owner.principal(), owner.login(), now)
        : owner;
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MICROS);
  }

  /** For tests: tells the time from now on. */
  void tellTime(Clock time) {
    clock = time;
  }

  private static String object(TokenRecord token) {
    return "token " + token.id();
  }

  private static Map<String, String> told(TokenRecord token) {
    return Map.of(
        "token", token.name(),
        "owner", token.subject(),
        "scopes", String.join(" ", token.scopes()),
        "expiresAt", token.expiresAt().toString());
  }
}
