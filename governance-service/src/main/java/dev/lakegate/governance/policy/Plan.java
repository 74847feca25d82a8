package dev.lakegate.governance.policy;

import dev.lakegate.model.policy.Policy;
import java.util.List;

/**
 * What the lakehouse description proposes against the policy in force.
 *
 * @param policyVersion in force
 * @param etag of the version in force, for {@code If-Match}
 * @param plan identifies this very proposal against this very version
 * @param differences what would change; empty when the two agree
 * @param proposal the policy as it would be
 */
public record Plan(
    long policyVersion, String etag, String plan, List<Difference> differences, Policy proposal) {}
