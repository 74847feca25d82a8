package dev.lakegate.transform.run;

import dev.lakegate.model.description.Problem;
import dev.lakegate.transform.freshness.Percentiles;
import dev.lakegate.transform.plan.Bronze;
import dev.lakegate.transform.plan.History;
import dev.lakegate.transform.plan.Plan;
import dev.lakegate.transform.plan.Published;
import dev.lakegate.transform.runner.RunnerState;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * How everything stands, as last looked at. Immutable.
 *
 * @param at when
 * @param plan for every dataset
 * @param published current snapshots by dataset
 * @param watermarks newest source commit fully reflected, by dataset; absent when unknown
 * @param history by dataset
 * @param head end of the chain of manifests; null when there is none
 * @param descriptionProblems what is wrong with the lakehouse description
 * @param manifestProblem what stops the chain of manifests; null when nothing does
 * @param controlProblem what is wrong with the control database; null when nothing is
 * @param standby why this service only watches; null when it does not
 * @param runner how the job runner is doing
 * @param queued runs asked for and not started
 * @param sources the source table of each Silver dataset
 * @param columnsLeftOut names of source columns that Silver cannot have, by dataset; absent when
 *     there are none
 * @param freshness how long changes took to become queryable, by dataset; absent when unknown
 */
public record View(
    Instant at,
    Plan plan,
    Map<String, Published> published,
    Map<String, Instant> watermarks,
    Map<String, History> history,
    Bronze.Head head,
    List<Problem> descriptionProblems,
    String manifestProblem,
    String controlProblem,
    String standby,
    RunnerState runner,
    int queued,
    Map<String, String> sources,
    Map<String, List<String>> columnsLeftOut,
    Map<String, Percentiles> freshness) {}
