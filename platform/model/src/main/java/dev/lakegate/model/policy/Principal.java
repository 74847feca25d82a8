package dev.lakegate.model.policy;

import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Who asks, as mapped from a verified token's claims. Immutable.
 *
 * @param issuer of the token
 * @param subject of the token
 * @param personas claimed, sorted; empty means nothing is readable
 * @param tenants claimed, sorted
 * @param tier claimed tier of accounts; null when none
 */
public record Principal(
    String issuer,
    String subject,
    SortedSet<String> personas,
    SortedSet<String> tenants,
    String tier) {

  public Principal {
    personas = java.util.Collections.unmodifiableSortedSet(new TreeSet<>(personas));
    tenants = java.util.Collections.unmodifiableSortedSet(new TreeSet<>(tenants));
  }
}
