package dev.lakegate.transform.plan;

import dev.lakegate.transform.plan.Plan.Candidate;
import dev.lakegate.transform.plan.Plan.Status;
import java.time.Instant;

/**
 * What was found out about a dataset.
 *
 * @param ownBehindSince oldest change that a run of this dataset would apply
 * @param candidate the run that may start, or may when it is not blocked; null when none may
 * @param blocked whether a running dataset must end first
 * @param failing whether a failure, its own or upstream, holds those that read it
 */
record Finding(
    Dataset dataset,
    Status status,
    Instant ownBehindSince,
    Candidate candidate,
    boolean blocked,
    boolean failing) {}
