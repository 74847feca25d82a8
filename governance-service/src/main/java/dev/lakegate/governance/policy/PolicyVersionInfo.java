package dev.lakegate.governance.policy;

import java.time.Instant;

/**
 * Who made a version of the policy, when and why.
 *
 * @param policyVersion from 1, without gaps
 * @param etag strong entity tag, without its quotes; changes with the content, also when the
 *     database is made anew
 * @param origin {@code bootstrap} (first, from the description), {@code facts} (tables changed in
 *     the description), {@code put} (written by hand) or {@code apply} (the description's proposal)
 * @param changedAt when, UTC
 * @param changedBy subject of the author
 * @param comment of the author; may be empty
 */
public record PolicyVersionInfo(
    long policyVersion,
    String etag,
    String origin,
    Instant changedAt,
    String changedBy,
    String comment) {}
