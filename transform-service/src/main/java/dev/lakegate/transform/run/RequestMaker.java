package dev.lakegate.transform.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.model.bronze.BronzeFile;
import dev.lakegate.model.job.Checkpoint;
import dev.lakegate.model.job.JobSpecification;
import dev.lakegate.model.job.RunRequest;
import dev.lakegate.model.job.RunRequest.InputFile;
import dev.lakegate.model.job.RunRequest.Mode;
import dev.lakegate.model.job.SilverShape;
import dev.lakegate.model.json.Json;
import dev.lakegate.transform.lakehouse.Description;
import dev.lakegate.transform.manifest.ManifestIndex;
import dev.lakegate.transform.plan.Batch;
import dev.lakegate.transform.plan.Bronze;
import dev.lakegate.transform.plan.Dataset;
import dev.lakegate.transform.plan.PendingFile;
import dev.lakegate.transform.plan.Plan;
import dev.lakegate.transform.plan.Published;
import dev.lakegate.transform.plan.SourceLedger;
import dev.lakegate.transform.plan.Watermarks;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Makes the run requests that jobs are sent. */
final class RequestMaker {
  private final ManifestIndex index;
  private final String storageRoot;
  private final Batch.Limits limits;
  private final KeptStates states;

  RequestMaker(ManifestIndex index, String storageRoot, Batch.Limits limits) {
    this.index = Objects.requireNonNull(index, "index is null");
    this.storageRoot = Objects.requireNonNull(storageRoot, "storageRoot is null");
    this.limits = Objects.requireNonNull(limits, "limits is null");
    this.states = new KeptStates(Path.of(storageRoot));
  }

  /**
   * What a table itself said it has consumed, when a run started from its snapshot was refused.
   *
   * @param instant of the snapshot that said something else; null when there was none
   * @param consumed null when nothing
   */
  record Reported(String instant, Checkpoint.OfManifests consumed) {}

  /**
   * A request over what a run may take now.
   *
   * @param runId of the run
   * @param candidate what to run, and how far it may come
   * @param dataset to run
   * @param description that it is part of
   * @param bronze the chain as planned with
   * @param published current snapshots
   * @param reported Silver: what the table itself said it has consumed, where that is not what its
   *     snapshot says; otherwise null
   * @param now for metrics that depend on the day
   */
  ObjectNode make(
      String runId,
      Plan.Candidate candidate,
      Dataset dataset,
      Description description,
      Bronze bronze,
      Map<String, Published> published,
      Reported reported,
      Instant now)
      throws SQLException {
    JobSpecification specification = description.specifications().get(dataset.name());
    if (candidate.past() != null) {
      return past(runId, candidate, dataset, specification, bronze, published);
    }
    if (dataset.layer() == Dataset.Layer.GOLD) {
      return gold(
          runId, candidate.mode(), dataset, description, specification, bronze, published, now);
    }
    Published current = published.get(dataset.name());
    Checkpoint.OfManifests after =
        reported != null ? reported.consumed() : current == null ? null : current.bronze();
    SourceLedger ledger = bronze.ledger(dataset.bronzeTable());
    return candidate.mode() == Mode.FULL
        ? full(runId, specification, ledger, candidate.upTo())
        : incremental(runId, specification, ledger, after, candidate.upTo());
  }

  /**
   * About a kept state, with the columns that the table then had: those that the chain knew up to
   * what the state had consumed.
   */
  private ObjectNode past(
      String runId,
      Plan.Candidate candidate,
      Dataset dataset,
      JobSpecification specification,
      Bronze bronze,
      Map<String, Published> published) {
    Checkpoint consumed =
        states
            .at(dataset.name(), candidate.past().instant())
            .map(KeptStates.State::checkpoint)
            .orElseGet(() -> checkpointOf(dataset, published.get(dataset.name())));
    return Json.MAPPER.valueToTree(
        new RunRequest(
            RunRequest.VERSION,
            runId,
            candidate.mode(),
            storageRoot,
            consumed instanceof Checkpoint.OfManifests of
                ? SilverShape.of(
                        specification,
                        bronze.ledger(dataset.bronzeTable()).versionsThrough(of.manifest()))
                    .specification()
                : specification,
            null,
            consumed,
            dataset.layer() == Dataset.Layer.SILVER ? List.of() : null,
            null,
            null,
            null,
            candidate.past()));
  }

  /** Of the present state, where the former one is gone: to remove what was made of it. */
  private static Checkpoint checkpointOf(Dataset dataset, Published current) {
    if (current != null && current.bronze() != null) {
      return current.bronze();
    }
    SortedMap<String, String> inputs = new TreeMap<>();
    if (current != null) {
      inputs.putAll(current.inputs());
    }
    return dataset.layer() == Dataset.Layer.SILVER
        ? new Checkpoint.OfManifests("0000", 0)
        : new Checkpoint.OfInputs(inputs, null);
  }

  private ObjectNode incremental(
      String runId,
      JobSpecification specification,
      SourceLedger ledger,
      Checkpoint.OfManifests after,
      long upTo)
      throws SQLException {
    long from = after == null ? 0 : after.manifest();
    boolean ofThisChain =
        after == null || index.epoch(from).map(after.epoch()::equals).orElse(false);
    if (from >= upTo && after != null || !ofThisChain) {
      // Nothing to consume, or nothing that is known to follow: the table only publishes anew.
      return silver(
          runId,
          Mode.INCREMENTAL,
          specification,
          ledger,
          after,
          after,
          List.of(),
          null,
          copies(specification, List.of()));
    }
    ManifestIndex.Listing listing =
        index.files(specification.bronzeTable(), from, upTo, limits.files());
    Batch batch = Batch.cut(upTo, listing.files(), listing.truncated(), limits);
    return silver(
        runId,
        Mode.INCREMENTAL,
        specification,
        ledger,
        after,
        checkpoint(batch.through()),
        batch.files(),
        sweepBefore(ledger.completedWithin(from, batch.through())),
        copies(specification, ledger.allCompletedWithin(from, batch.through())));
  }

  /** Rows in all files that a full run of a table would take, were it to run now. */
  long bronzeRows(String bronzeTable) throws SQLException {
    return index.pending(bronzeTable, 0, Long.MAX_VALUE).map(Bronze.Pending::rows).orElse(0L);
  }

  /**
   * The newest copy that the run may take, and everything since; versions of rows are made of
   * everything that Bronze has.
   */
  private ObjectNode full(
      String runId, JobSpecification specification, SourceLedger ledger, long upTo)
      throws SQLException {
    Optional<SourceLedger.Completed> copy = ledger.completedWithin(0, upTo);
    long from = specification.history() != null ? 0 : copy.map(ledger::beginningOf).orElse(1L) - 1;
    return silver(
        runId,
        Mode.FULL,
        specification,
        ledger,
        null,
        checkpoint(upTo),
        index.files(specification.bronzeTable(), from, upTo, Integer.MAX_VALUE - 1).files(),
        sweepBefore(copy),
        copies(specification, ledger.allCompletedWithin(from, upTo)));
  }

  /** What versions of rows have to know of copies; null for other tables. */
  private static List<RunRequest.Copy> copies(
      JobSpecification specification, List<SourceLedger.Completed> completed) {
    return specification.history() == null
        ? null
        : completed.stream()
            .map(
                copy ->
                    new RunRequest.Copy(
                        copy.sequence() == null ? copy.epoch() : copy.sequence(),
                        copy.at(),
                        copy.manifest()))
            .toList();
  }

  private Checkpoint.OfManifests checkpoint(long manifest) throws SQLException {
    String epoch =
        index
            .epoch(manifest)
            .orElseThrow(
                () -> new IllegalStateException("manifest %d is not indexed".formatted(manifest)));
    return new Checkpoint.OfManifests(epoch, manifest);
  }

  /**
   * Who has the copy keeps what is not older than it. Manifests of version 1 do not tell the copy's
   * sequence, but what an earlier epoch has seen is older.
   */
  private String sweepBefore(Optional<SourceLedger.Completed> copy) throws SQLException {
    if (copy.isEmpty()) {
      return null;
    }
    if (copy.get().sequence() != null) {
      return copy.get().sequence();
    }
    return index.hasEarlierEpoch(copy.get().epoch()) ? copy.get().epoch() : null;
  }

  private ObjectNode silver(
      String runId,
      Mode mode,
      JobSpecification described,
      SourceLedger ledger,
      Checkpoint.OfManifests after,
      Checkpoint.OfManifests through,
      List<PendingFile> files,
      String sweepBefore,
      List<RunRequest.Copy> copies)
      throws SQLException {
    return Json.MAPPER.valueToTree(
        new RunRequest(
            RunRequest.VERSION,
            runId,
            mode,
            storageRoot,
            SilverShape.of(described, ledger.versionsThrough(through.manifest())).specification(),
            after,
            through,
            files.stream().map(RequestMaker::input).toList(),
            null,
            index.newestCommitAt(through.manifest()).orElse(null),
            sweepBefore,
            copies,
            null));
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
