package dev.lakegate.governance.policy;

import dev.lakegate.model.policy.Policy;

/**
 * A version of the policy and where it comes from.
 *
 * @param policy the policy
 * @param info who, when and why
 * @param document the policy's JSON, byte for byte as it was stored
 */
public record StoredPolicy(Policy policy, PolicyVersionInfo info, String document) {}
