package dev.lakegate.model.policy;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Collections;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Who asks, as mapped from a verified token's claims. Immutable. Empty texts name nobody and are
 * dropped.
 *
 * @param issuer of the token
 * @param subject of the token
 * @param personas claimed, sorted; empty means nothing is readable
 * @param tenants claimed, sorted; plain data, nothing in them is a pattern
 * @param tier claimed tier of accounts; null when none
 * @param schemas to which a personal access token is narrowed; null when it is not, or when there
 *     is none
 */
public record Principal(
    String issuer,
    String subject,
    SortedSet<String> personas,
    SortedSet<String> tenants,
    String tier,
    @JsonInclude(JsonInclude.Include.NON_NULL) SortedSet<String> schemas) {

  /** Not narrowed to schemas. */
  public Principal(
      String issuer,
      String subject,
      SortedSet<String> personas,
      SortedSet<String> tenants,
      String tier) {
    this(issuer, subject, personas, tenants, tier, null);
  }

  public Principal {
    Objects.requireNonNull(issuer, "issuer is null");
    Objects.requireNonNull(subject, "subject is null");
    personas = withoutEmpty(personas);
    tenants = withoutEmpty(tenants);
    tier = tier == null || tier.isEmpty() ? null : tier;
    schemas = schemas == null ? null : withoutEmpty(schemas);
  }

  private static SortedSet<String> withoutEmpty(SortedSet<String> values) {
    TreeSet<String> copy = new TreeSet<>(values);
    copy.remove("");
    return Collections.unmodifiableSortedSet(copy);
  }
}
