package dev.lakegate.transform.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.model.bronze.BronzeFile;
import dev.lakegate.model.job.Checkpoint;
import dev.lakegate.model.job.JobSpecification;
import dev.lakegate.model.job.RunRequest;
import dev.lakegate.model.job.RunRequest.InputFile;
import dev.lakegate.model.job.RunRequest.Mode;
import dev.lakegate.model.json.Json;
import dev.lakegate.transform.lakehouse.Description;
import dev.lakegate.transform.manifest.ManifestIndex;
import dev.lakegate.transform.plan.Batch;
import dev.lakegate.transform.plan.Bronze;
import dev.lakegate.transform.plan.Dataset;
import dev.lakegate.transform.plan.PendingFile;
import dev.lakegate.transform.plan.Published;
import dev.lakegate.transform.plan.Watermarks;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/** Makes the run requests that jobs are sent. */
final class RequestMaker {
  private final ManifestIndex index;
  private final String storageRoot;
  private final Batch.Limits limits;

  RequestMaker(ManifestIndex index, String storageRoot, Batch.Limits limits) {
    this.index = Objects.requireNonNull(index, "index is null");
    this.storageRoot = Objects.requireNonNull(storageRoot, "storageRoot is null");
    this.limits = Objects.requireNonNull(limits, "limits is null");
  }

  /**
   * What a table itself said it has consumed, when a run started from its snapshot was refused.
   *
   * @param instant of the snapshot that said something else; null when there was none
   * @param consumed null when nothing
   */
  record Reported(String instant, Checkpoint.OfManifests consumed) {}

  /**
   * A request over everything that is there now, within the limits of a run.
   *
   * @param runId of the run
   * @param mode how much to read
   * @param dataset to run
   * @param description that it is part of
   * @param bronze the chain as planned with
   * @param published current snapshots
   * @param consumed Silver: what the table itself said it has consumed, where that is newer than
   *     its snapshot; otherwise null
   * @param now for metrics that depend on the day
   */
  ObjectNode make(
      String runId,
      Mode mode,
      Dataset dataset,
      Description description,
      Bronze bronze,
      Map<String, Published> published,
      Reported reported,
      Instant now)
      throws SQLException {
    JobSpecification specification = description.specifications().get(dataset.name());
    return dataset.layer() == Dataset.Layer.SILVER
        ? silver(runId, mode, specification, bronze, published.get(dataset.name()), reported)
        : gold(runId, mode, dataset, description, specification, bronze, published, now);
  }

  private ObjectNode silver(
      String runId,
      Mode mode,
      JobSpecification specification,
      Bronze bronze,
      Published current,
      Reported reported)
      throws SQLException {
    Bronze.Head head = bronze.head();
    String table = specification.bronzeTable();
    Checkpoint.OfManifests after =
        reported != null ? reported.consumed() : current == null ? null : current.bronze();
    long from = after == null ? 0 : after.manifest();
    ManifestIndex.Listing listing =
        from < head.manifest()
            ? index.files(table, from, head.manifest(), limits.files())
            : new ManifestIndex.Listing(List.of(), false);
    long endOfEpoch =
        listing.files().isEmpty() ? 0 : index.endOfEpoch(listing.files().get(0).epoch());
    Batch batch =
        from > head.manifest()
            ? new Batch(after, List.of(), true)
            : Batch.cut(head, endOfEpoch, listing.files(), listing.truncated(), limits);
    // A copy that completes a later epoch than the table's first shows all keys that are left at
    // the
    // source: what only earlier epochs have seen was deleted while nobody looked.
    boolean copiedAnew =
        !index.copiesCompleted(table, from, batch.through().manifest()).isEmpty()
            && index.hasEarlierEpoch(batch.through().epoch());
    return Json.MAPPER.valueToTree(
        new RunRequest(
            RunRequest.VERSION,
            runId,
            mode,
            storageRoot,
            specification,
            after,
            batch.through(),
            batch.files().stream().map(RequestMaker::input).toList(),
            null,
            index.newestCommitAt(batch.through().manifest()).orElse(null),
            copiedAnew ? batch.through().epoch() : null));
  }

  private static InputFile input(PendingFile file) {
    return new InputFile(
        file.manifest(),
        file.path(),
        BronzeFile.Kind.valueOf(file.kind().toUpperCase(Locale.ROOT)),
        file.schemaVersion(),
        file.generation(),
        file.rows(),
        file.bytes());
  }

  private ObjectNode gold(
      String runId,
      Mode mode,
      Dataset dataset,
      Description description,
      JobSpecification specification,
      Bronze bronze,
      Map<String, Published> published,
      Instant now) {
    SortedMap<String, String> through = new TreeMap<>();
    for (String input : dataset.inputs()) {
      through.put(input, published.get(input).instant());
    }
    RunRequest request =
        new RunRequest(
            RunRequest.VERSION,
            runId,
            mode,
            storageRoot,
            specification,
            null,
            new Checkpoint.OfInputs(through, null),
            null,
            dataset.daily() ? LocalDate.ofInstant(now, ZoneOffset.UTC) : null,
            new Watermarks(description.datasets(), bronze, published).ofInputs(dataset.name()));
    return Json.MAPPER.valueToTree(request);
  }
}
