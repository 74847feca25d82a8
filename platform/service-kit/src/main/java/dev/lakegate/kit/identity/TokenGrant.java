package dev.lakegate.kit.identity;

import java.util.Set;

/**
 * What a personal access token is good for. Immutable.
 *
 * @param id of the token; no secret
 * @param name that its owner gave it
 * @param scopes what it may be used for, see {@link ForPersonalTokens}
 */
public record TokenGrant(String id, String name, Set<String> scopes) {
  /** To run queries and to see the catalog. */
  public static final String QUERY = "query";

  /** To see the state of the platform, where its owner may. */
  public static final String OPERATIONS = "operations";

  public TokenGrant {
    scopes = Set.copyOf(scopes);
  }
}
