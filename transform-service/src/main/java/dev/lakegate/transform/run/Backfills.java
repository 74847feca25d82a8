package dev.lakegate.transform.run;

import dev.lakegate.transform.plan.Dataset;
import dev.lakegate.transform.run.Backfill.Step;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.ToLongFunction;

/** What computing a range again takes. Pure. */
public final class Backfills {
  private Backfills() {}

  /**
   * Considers a backfill.
   *
   * @param datasets all, inputs before those that read them
   * @param rows about how many rows a full run of a dataset reads
   */
  public static Backfill consider(
      List<Dataset> datasets,
      Dataset dataset,
      Instant from,
      Instant to,
      boolean cascade,
      String by,
      ToLongFunction<Dataset> rows) {
    Set<String> affected = new LinkedHashSet<>();
    affected.add(dataset.name());
    List<Step> steps = new ArrayList<>();
    for (Dataset one : datasets) {
      if (cascade && one.inputs().stream().anyMatch(affected::contains)) {
        affected.add(one.name());
      }
      if (affected.contains(one.name())) {
        steps.add(new Step(one.name(), null, null, rows.applyAsLong(one)));
      }
    }
    return new Backfill(
        null,
        dataset.name(),
        from,
        to,
        cascade,
        whole(dataset),
        steps.stream().mapToLong(Step::rowsRead).sum(),
        by,
        null,
        "considered",
        0,
        steps);
  }

  /** Why more than the range is computed. */
  static String whole(Dataset dataset) {
    return dataset.bronzeTable() != null
        ? "The whole table is built anew from Bronze: deletes are not kept in it, so the changes of"
            + " a range alone would bring back rows that were deleted later."
        : "All of it is computed from its inputs: a row of the range may depend on rows of any"
            + " time. Rows that come out as they are stay untouched.";
  }
}
