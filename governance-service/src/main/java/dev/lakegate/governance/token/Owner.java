package dev.lakegate.governance.token;

import dev.lakegate.model.policy.Principal;
import java.time.Instant;

/**
 * A person as the issuer last described them.
 *
 * @param principal the claims
 * @param login the name by which they log in
 * @param issuedAt when the issuer said so
 */
record Owner(Principal principal, String login, Instant issuedAt) {}
