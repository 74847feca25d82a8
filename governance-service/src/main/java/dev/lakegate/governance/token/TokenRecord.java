package dev.lakegate.governance.token;

import java.time.Instant;
import java.util.SortedSet;
import java.util.UUID;

/**
 * A personal access token, without its secret.
 *
 * @param issuer of its owner's log-ins
 * @param subject of its owner
 * @param personas to which it is narrowed; null when it is not
 * @param tenants to which it is narrowed; null when it is not
 * @param schemas to which it is narrowed; null when it is not
 * @param firstUsedAt null when it never was
 * @param lastUsedAt null when it never was; exact to a minute
 * @param lastUsedFrom the client's address then
 * @param revokedAt null when it is not
 * @param revokedBy subject who did it
 */
record TokenRecord(
    UUID id,
    String issuer,
    String subject,
    String name,
    SortedSet<String> scopes,
    SortedSet<String> personas,
    SortedSet<String> tenants,
    SortedSet<String> schemas,
    Instant createdAt,
    Instant expiresAt,
    Instant firstUsedAt,
    Instant lastUsedAt,
    String lastUsedFrom,
    Instant revokedAt,
    String revokedBy) {

  /** Whether it would be taken at a moment, whatever its owner may. */
  boolean isLive(Instant at) {
    return revokedAt == null && at.isBefore(expiresAt);
  }
}
