package dev.lakegate.transform.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.kit.description.DescriptionFollower;
import dev.lakegate.model.description.Quarantine;
import dev.lakegate.model.job.Checkpoint;
import dev.lakegate.model.job.RunRequest.Mode;
import dev.lakegate.model.job.RunRequest.Past;
import dev.lakegate.model.job.SilverShape;
import dev.lakegate.model.json.ContractException;
import dev.lakegate.model.json.Json;
import dev.lakegate.model.snapshot.AsOfTable;
import dev.lakegate.transform.lakehouse.Description;
import dev.lakegate.transform.manifest.ManifestFollower;
import dev.lakegate.transform.manifest.ManifestIndex;
import dev.lakegate.transform.plan.Batch;
import dev.lakegate.transform.plan.Bronze;
import dev.lakegate.transform.plan.Dataset;
import dev.lakegate.transform.plan.History;
import dev.lakegate.transform.plan.Plan;
import dev.lakegate.transform.plan.Planner;
import dev.lakegate.transform.plan.Published;
import dev.lakegate.transform.plan.Situation;
import dev.lakegate.transform.plan.Watermarks;
import dev.lakegate.transform.runner.JobRunner;
import dev.lakegate.transform.runner.RunLostException;
import dev.lakegate.transform.runner.RunnerState;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Looks at what there is, plans, and starts what the plan names, as many runs at once as the runner
 * takes. All of that happens in one thread; the public methods may be called by any.
 *
 * <p>The truth about progress is what the tables' snapshots say. The control database only records
 * runs, so an end at any point, also of the database, leads to right tables: the next plan starts
 * from the snapshots again.
 */
public final class Conductor implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(Conductor.class);

  /** Rounds of catching up with manifests before other work gets its turn. */
  private static final int CATCH_UP_ROUNDS = 20;

  /** Errors of a restore that leave the table as it was, so that nothing needs to be held. */
  private static final Set<String> CHANGED_NOTHING =
      Set.of("STATE_NOT_KEPT", "STATE_OF_OTHER_DEFINITION", "TABLE_LOCKED", "REQUEST_INVALID");

  private final Clock clock;
  private final DescriptionFollower<Description> descriptions;
  private final ManifestFollower manifests;
  private final PublishedTables tables;
  private final RequestMaker requests;
  private final RunStore store;
  private final HoldStore holds;
  private final BackfillStore backfills;
  private final JobRunner runner;
  private final Planner planner;
  private final RunObserver observer;
  private final Events events;
  private final Leadership leadership;
  private final PublicationWatch publications;
  private final AsOfTables asOfTables;
  private final KeptStates states;
  private final Housekeeping housekeeping;
  private final ConductorSettings settings;
  private final RunId ids;
  private final ScheduledExecutorService thread;

  // Touched by the one thread only.
  private final Map<String, History> history = new HashMap<>();
  private final Map<String, RequestMaker.Reported> reported = new HashMap<>();
  private final Map<String, Plan.State> told = new HashMap<>();
  private boolean leads;
  private boolean runnerOpened;
  private String complaint;
  private String controlProblem;
  private Bronze bronze = Bronze.unknown();
  private List<Situation.Request> queued = List.of();

  private final Queue<RunEnd> unrecorded = new ConcurrentLinkedQueue<>();
  private final Map<String, ActiveRun> active = new ConcurrentHashMap<>();
  private volatile Map<String, Situation.Hold> held = Map.of();
  private volatile boolean queueChanged = true;
  private volatile String standby;
  private volatile View view;
  private volatile boolean closing;

  /**
   * @param storageRoot the lake, as the jobs are told
   * @param limits of one Silver run
   */
  public Conductor(
      Clock clock,
      DescriptionFollower<Description> descriptions,
      ManifestFollower manifests,
      ManifestIndex index,
      Path storageRoot,
      Batch.Limits limits,
      RunStore store,
      HoldStore holds,
      BackfillStore backfills,
      JobRunner runner,
      Planner planner,
      RunObserver observer,
      Events events,
      Leadership leadership,
      ConductorSettings settings) {
    this.clock = Objects.requireNonNull(clock, "clock is null");
    this.descriptions = Objects.requireNonNull(descriptions, "descriptions is null");
    this.manifests = Objects.requireNonNull(manifests, "manifests is null");
    this.tables = new PublishedTables(storageRoot);
    this.requests = new RequestMaker(index, storageRoot.toString(), limits);
    this.store = Objects.requireNonNull(store, "store is null");
    this.holds = Objects.requireNonNull(holds, "holds is null");
    this.backfills = Objects.requireNonNull(backfills, "backfills is null");
    this.runner = Objects.requireNonNull(runner, "runner is null");
    this.planner = Objects.requireNonNull(planner, "planner is null");
    this.observer = Objects.requireNonNull(observer, "observer is null");
    this.events = Objects.requireNonNull(events, "events is null");
    this.leadership = Objects.requireNonNull(leadership, "leadership is null");
    this.publications = new PublicationWatch(index);
    this.settings = Objects.requireNonNull(settings, "settings is null");
    this.ids = new RunId(clock);
    this.asOfTables = new AsOfTables(storageRoot);
    this.states = new KeptStates(storageRoot);
    this.housekeeping =
        new Housekeeping(clock, store, backfills, asOfTables, this::remove, ids, settings);
    this.thread =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread t = new Thread(task, "conductor");
              t.setDaemon(true);
              return t;
            });
  }

  /** Begins to look for news and to start runs. To be called once. */
  public void open() {
    thread.scheduleWithFixedDelay(this::tick, 0, settings.poll().toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Why this service only watches, in a sentence; empty when it does not. */
  public Optional<String> standby() {
    return Optional.ofNullable(standby);
  }

  /** How everything stands; empty until it was first looked at. */
  public Optional<View> view() {
    return Optional.ofNullable(view);
  }

  /**
   * Asks for a run.
   *
   * @param by subject of who asks
   * @return the id of the run, an equal one's when that is queued already; empty when too many are
   *     queued
   */
  public Optional<String> request(String dataset, Mode mode, String by) throws SQLException {
    Optional<String> id =
        store
            .queue()
            .add(
                ids.next(),
                dataset,
                mode,
                "Asked for by " + by + ".",
                by,
                clock.instant(),
                settings.queueMost());
    queueChanged = true;
    soon();
    return id;
  }

  /**
   * Asks for a run about a kept state. A table that is to be restored is held from then on, until
   * {@link #release}.
   *
   * @param by subject of who asks
   * @return as {@link #request(String, Mode, String)}; also the id of an equal run in progress
   */
  public Optional<String> request(String dataset, Mode mode, Past past, String by)
      throws SQLException {
    Optional<String> id =
        store
            .queue()
            .add(
                ids.next(),
                dataset,
                mode,
                Objects.requireNonNull(past, "past is null"),
                mode == Mode.RESTORE ? definition(dataset) : null,
                "Asked for by " + by + ".",
                by,
                clock.instant(),
                settings.queueMost());
    queueChanged = true;
    soon();
    return id;
  }

  private String definition(String dataset) {
    return descriptions
        .current()
        .flatMap(description -> description.dataset(dataset))
        .map(Dataset::definition)
        .orElse(null);
  }

  /**
   * About how many rows a full run of a dataset reads: of a table, all that Bronze has of it since
   * its newest copy began; of a metric, all of its inputs.
   */
  public long rowsOfAFullRun(Dataset dataset) throws SQLException {
    View seen = view;
    if (dataset.bronzeTable() != null) {
      return requests.bronzeRows(dataset.bronzeTable());
    }
    long rows = 0;
    for (String input : dataset.inputs()) {
      Published published = seen == null ? null : seen.published().get(input);
      rows += published == null ? 0 : published.rows();
    }
    return rows;
  }

  /**
   * Asks for the runs of a backfill, all or none.
   *
   * @return as it is recorded; empty when too many runs are queued
   */
  public Optional<Backfill> backfill(Backfill considered) throws SQLException {
    Instant now = clock.instant();
    List<Backfill.Step> steps = new ArrayList<>();
    for (Backfill.Step step : considered.steps()) {
      Optional<String> run =
          store
              .queue()
              .add(
                  ids.next(),
                  step.dataset(),
                  Mode.FULL,
                  "Part of the backfill of %s, asked for by %s."
                      .formatted(considered.dataset(), considered.by()),
                  considered.by(),
                  now,
                  settings.queueMost());
      if (run.isEmpty()) {
        for (Backfill.Step queuedStep : steps) {
          store
              .queue()
              .end(
                  queuedStep.run(),
                  RunStatus.CANCELLED,
                  "QUEUE_FULL",
                  "Not all runs of its backfill could be queued.",
                  now);
        }
        queueChanged = true;
        return Optional.empty();
      }
      steps.add(new Backfill.Step(step.dataset(), run.get(), RunStatus.QUEUED, step.rowsRead()));
    }
    Backfill asked =
        new Backfill(
            ids.next(),
            considered.dataset(),
            considered.from(),
            considered.to(),
            considered.cascade(),
            considered.whole(),
            considered.rowsRead(),
            considered.by(),
            now,
            "queued",
            0,
            steps);
    backfills.add(asked);
    queueChanged = true;
    soon();
    return Optional.of(asked);
  }

  /** Whether a table stays at a former state until somebody releases it. */
  public boolean isHeld(String dataset) {
    return held.containsKey(dataset);
  }

  /**
   * Lets a table that was restored go on.
   *
   * @return whether it was held
   */
  public boolean release(String dataset) throws SQLException {
    boolean held = holds.release(dataset);
    queueChanged = true;
    soon();
    return held;
  }

  /**
   * Ends a run that is queued or in progress.
   *
   * @param by subject of who asks
   * @return false when it is neither
   */
  public boolean cancel(String id, String by) throws SQLException {
    String reason = "Cancelled by " + by + ".";
    if (store.queue().end(id, RunStatus.CANCELLED, "CANCELLED", reason, clock.instant())) {
      holds.undo(id);
      queueChanged = true;
      soon();
      return true;
    }
    ActiveRun current = active.get(id);
    if (current == null) {
      return false;
    }
    current.endingReason = reason;
    current.ending = RunStatus.CANCELLED;
    runner.cancel(id);
    return true;
  }

  private void soon() {
    if (!closing) {
      thread.execute(this::tick);
    }
  }

  private void tick() {
    if (closing) {
      return;
    }
    try {
      look();
      complaint = null;
    } catch (RuntimeException e) {
      if (!e.toString().equals(complaint)) {
        complaint = e.toString();
        LOG.error("looking for work failed unexpectedly; it is tried again", e);
      }
    }
  }

  private void look() {
    descriptions.poll();
    Description description = descriptions.current().orElse(null);
    List<Dataset> datasets = description == null ? List.of() : description.datasets();
    Map<String, Published> published = published(datasets);
    String problem = null;
    try {
      control(datasets, published);
    } catch (SQLException e) {
      problem = "The control database does not answer: " + e.getMessage();
      if (controlProblem == null) {
        LOG.error(problem);
      }
      leads = false;
    }
    if (problem == null && controlProblem != null) {
      LOG.info("the control database answers again");
    }
    controlProblem = problem;
    RunnerState runnerState = runner.state();
    Situation situation =
        new Situation(
            clock.instant(),
            datasets,
            bronze,
            published,
            tables.problems(),
            history,
            running(),
            queued,
            obstacle(description, runnerState),
            held);
    Plan plan = planner.plan(situation);
    show(situation, plan, runnerState);
    tell(plan);
    if (leads && unrecorded.isEmpty() && !plan.ready().isEmpty()) {
      if (dispatch(plan.ready().get(0), description, published)
          && runner.state().phase() == RunnerState.Phase.READY) {
        soon();
      }
    }
  }

  private Map<String, Published> published(List<Dataset> datasets) {
    Map<String, Published> published = new HashMap<>();
    for (Dataset dataset : datasets) {
      tables.current(dataset.name()).ifPresent(p -> published.put(dataset.name(), p));
      if (dataset.hasQuarantine()) {
        String quarantine = dataset.name() + Quarantine.SUFFIX;
        tables.current(quarantine).ifPresent(p -> published.put(quarantine, p));
      }
    }
    return published;
  }

  /** Everything that the control database is needed for. */
  private void control(List<Dataset> datasets, Map<String, Published> published)
      throws SQLException {
    String other = leadership.standby().orElse(null);
    if (other != null) {
      if (standby == null) {
        LOG.warn(other);
      }
      standby = other;
      leads = false;
      manifests.watch();
      bronze = manifests.view(datasets, published);
      return;
    }
    if (!leads) {
      lead();
    }
    while (!unrecorded.isEmpty()) {
      record(unrecorded.peek());
      unrecorded.remove();
    }
    for (int i = 0; i < CATCH_UP_ROUNDS && manifests.poll() > 0; i++) {}
    bronze = manifests.view(datasets, published);
    for (Dataset dataset : datasets) {
      if (!history.containsKey(dataset.name())) {
        history.put(dataset.name(), store.history(dataset.name()));
      }
    }
    if (queueChanged) {
      queueChanged = false;
      try {
        queued = store.queue().all();
        held = holds.all();
      } catch (SQLException e) {
        queueChanged = true;
        throw e;
      }
    }
    dropUnknown(datasets);
    publications.look(datasets, published);
    queueChanged |= housekeeping.keep(datasets);
  }

  /**
   * Removes a table of a former state whose origin is not described any more, so that no run can do
   * it.
   *
   * @return false when it has to be tried again
   */
  public boolean remove(AsOfTable name) {
    if (active.values().stream().anyMatch(run -> run.dataset.equals(name.originDataset()))) {
      return false;
    }
    try {
      asOfTables.remove(name);
      LOG.infof("%s, whose origin is not described any more, was removed", name.dataset());
      return true;
    } catch (IOException e) {
      LOG.errorf("%s could not be removed: %s", name.dataset(), e.toString());
      return false;
    }
  }

  /** Whatever another service did meanwhile is found out anew. */
  private void lead() throws SQLException {
    if (standby != null) {
      LOG.info("the other transform-service has ended; this one takes over");
    }
    Set<String> known = new HashSet<>(active.keySet());
    unrecorded.forEach(end -> known.add(end.runId()));
    List<RunStore.Interrupted> interrupted = store.interruptRunning(clock.instant(), known);
    if (!interrupted.isEmpty()) {
      LOG.warnf("%d runs of an earlier life of this service were interrupted", interrupted.size());
      interrupted.forEach(
          run -> observer.lost(run.id(), run.dataset(), run.mode(), clock.instant()));
    }
    history.clear();
    manifests.forget();
    queueChanged = true;
    standby = null;
    leads = true;
    if (!runnerOpened) {
      // Not before: whoever only watches needs no job process.
      runnerOpened = true;
      runner.open();
    }
  }

  private void dropUnknown(List<Dataset> datasets) throws SQLException {
    List<Situation.Request> known = new ArrayList<>();
    for (Situation.Request request : queued) {
      if (datasets.stream().anyMatch(dataset -> dataset.name().equals(request.dataset()))) {
        known.add(request);
      } else if (!datasets.isEmpty()) {
        store
            .queue()
            .end(
                request.runId(),
                RunStatus.CANCELLED,
                "DATASET_UNKNOWN",
                "The lakehouse description does not name %s any more.".formatted(request.dataset()),
                clock.instant());
      }
    }
    queued = known;
  }

  private Map<String, Situation.Running> running() {
    Map<String, Situation.Running> running = new HashMap<>();
    for (ActiveRun run : active.values()) {
      running.put(run.dataset, new Situation.Running(run.id, run.startedAt, run.stage));
    }
    return running;
  }

  private String obstacle(Description description, RunnerState runnerState) {
    if (description == null) {
      return "The lakehouse description has problems.";
    }
    if (controlProblem != null) {
      return controlProblem;
    }
    if (standby != null) {
      return standby;
    }
    return switch (runnerState.phase()) {
      case READY, BUSY -> null;
      case STARTING, DOWN, CLOSED -> "Waits for the job runner: " + runnerState.message();
    };
  }

  private void show(Situation situation, Plan plan, RunnerState runnerState) {
    Watermarks watermarks =
        new Watermarks(situation.datasets(), situation.bronze(), situation.published());
    Map<String, Instant> reached = new HashMap<>();
    Map<String, String> sources = new HashMap<>();
    Map<String, List<String>> leftOut = new HashMap<>();
    for (Dataset dataset : situation.datasets()) {
      if (dataset.bronzeTable() != null) {
        sources.put(dataset.name(), dataset.bronzeTable());
      }
      List<String> columns = columnsLeftOut(dataset, situation);
      if (!columns.isEmpty()) {
        leftOut.put(dataset.name(), columns);
      }
      Instant watermark = watermarks.of(dataset.name());
      if (watermark != null) {
        reached.put(dataset.name(), watermark);
      }
    }
    view =
        new View(
            situation.now(),
            plan,
            situation.published(),
            reached,
            situation.history(),
            situation.bronze().head(),
            descriptions.problems(),
            manifests.problem().orElse(null),
            controlProblem,
            standby,
            runnerState,
            queued.size(),
            sources,
            leftOut,
            publications.percentiles(situation.now()));
  }

  private static List<String> columnsLeftOut(Dataset dataset, Situation situation) {
    return dataset.layer() != Dataset.Layer.SILVER || dataset.specification() == null
        ? List.of()
        : SilverShape.of(
                dataset.specification(),
                situation.bronze().ledger(dataset.bronzeTable()).versionsThrough(Long.MAX_VALUE))
            .leftOut();
  }

  /** Whether the run was started. */
  private boolean dispatch(
      Plan.Candidate candidate, Description description, Map<String, Published> published) {
    if (closing || runner.state().phase() != RunnerState.Phase.READY) {
      return false;
    }
    Instant now = clock.instant();
    String id = candidate.request() == null ? ids.next() : candidate.request();
    Dataset dataset = description.dataset(candidate.dataset()).orElseThrow();
    ObjectNode request;
    List<Run.Input> inputs;
    try {
      if (candidate.request() != null
          && candidate.mode() == Mode.RESTORE
          && askedOtherwise(candidate, dataset, description, now)) {
        return false;
      }
      request =
          requests.make(
              id,
              candidate,
              dataset,
              description,
              bronze,
              published,
              reported(dataset.name(), published.get(dataset.name())),
              now);
      inputs = RunInputs.planned(dataset, candidate.mode(), published.get(dataset.name()), request);
      boolean started =
          store.start(
              new RunStore.Start(
                  id,
                  dataset.name(),
                  candidate.mode(),
                  candidate.reason(),
                  candidate.request() != null,
                  candidate.behindSince(),
                  dataset.definition(),
                  description.facts().get(dataset.name()),
                  inputs,
                  request,
                  now));
      if (!started) {
        queueChanged = true;
        return false;
      }
    } catch (SQLException e) {
      LOG.errorf("run %s of %s cannot be recorded and is not started: %s", id, dataset.name(), e);
      return false;
    }
    queueChanged = true;
    begin(new ActiveRun(id, dataset.name(), now, inputs), request);
    return true;
  }

  /**
   * Ends a queued run that would be done under another definition than it was asked for, or whose
   * state counts as one of now no more.
   */
  private boolean askedOtherwise(
      Plan.Candidate candidate, Dataset dataset, Description description, Instant now)
      throws SQLException {
    String asked = store.queue().definitionOf(candidate.request()).orElse(dataset.definition());
    String instant = candidate.past().instant();
    String why = "";
    if (asked.equals(dataset.definition())) {
      Making making = Making.of(description, store::made, dataset.name(), instant);
      if (making.restorable() || (!making.known() && !kept(dataset.name(), instant))) {
        return false;
      }
      why = making.difference() == null ? "" : " " + making.difference();
    }
    store
        .queue()
        .end(
            candidate.request(),
            RunStatus.FAILED,
            "STATE_OF_OTHER_DEFINITION",
            "%s is described otherwise now than when this was asked for; ask again.%s"
                .formatted(dataset.name(), why),
            now);
    holds.undo(candidate.request());
    queueChanged = true;
    soon();
    return true;
  }

  /** What is not there any more is for the job to say. */
  private boolean kept(String dataset, String instant) {
    try {
      return states.at(dataset, instant).isPresent();
    } catch (ContractException e) {
      return true;
    }
  }

  /** What the table itself reported, until it publishes another snapshot. */
  private RequestMaker.Reported reported(String dataset, Published published) {
    RequestMaker.Reported known = reported.get(dataset);
    if (known != null && !Objects.equals(known.instant(), instant(published))) {
      reported.remove(dataset);
      return null;
    }
    return known;
  }

  private static String instant(Published published) {
    return published == null ? null : published.instant();
  }

  private void begin(ActiveRun run, ObjectNode request) {
    LOG.infof("run %s of %s starts", run.id, run.dataset);
    active.put(run.id, run);
    observer.begins(run.id, run.dataset, run.startedAt, request);
    events.publish(
        "run-started",
        about(run).put("mode", request.path("mode").asText()).put("at", run.startedAt.toString()));
    try {
      run.timeout =
          thread.schedule(
              () -> timedOut(run), settings.timeout().toMillis(), TimeUnit.MILLISECONDS);
      runner
          .start(
              run.id,
              request,
              stage -> {
                run.stage = stage;
                events.publish("run-progress", about(run).put("stage", stage));
              })
          .whenComplete(
              (result, failure) -> {
                if (!thread.isShutdown()) {
                  thread.execute(() -> ended(run, result, failure));
                }
              });
    } catch (IllegalStateException | RejectedExecutionException e) {
      // The runner, or this conductor, went away between the question and the start.
      ended(run, null, new RunLostException("RUNNER_DIED", e.getMessage()));
    }
  }

  private static ObjectNode about(ActiveRun run) {
    return Json.MAPPER.createObjectNode().put("run", run.id).put("dataset", run.dataset);
  }

  /** Tells of datasets whose state is another one than when they were looked at last. */
  private void tell(Plan plan) {
    for (Plan.Status status : plan.statuses()) {
      if (told.put(status.dataset(), status.state()) != status.state()) {
        events.publish(
            "dataset-state",
            Json.MAPPER
                .createObjectNode()
                .put("dataset", status.dataset())
                .put("state", status.state().name().toLowerCase(Locale.ROOT))
                .put("reason", status.reason()));
      }
    }
  }

  private void timedOut(ActiveRun run) {
    if (active.containsKey(run.id) && run.ending == null) {
      run.endingReason =
          "The run took longer than %d s and was ended; lakegate.runs.timeout sets how long it may."
              .formatted(settings.timeout().toSeconds());
      run.ending = RunStatus.FAILED;
      runner.cancel(run.id);
    }
  }

  private void ended(ActiveRun run, JsonNode raw, Throwable failure) {
    if (run.timeout != null) {
      run.timeout.cancel(false);
    }
    if (closing) {
      run.interrupt();
    }
    RunEnd end = run.end(raw, failure, clock.instant());
    if (Planner.isOutdated(end.errorCode())) {
      reported.put(
          run.dataset,
          new RequestMaker.Reported(
              instant(tables.current(run.dataset).orElse(null)),
              end.result().checkpoint() instanceof Checkpoint.OfManifests consumed
                  ? consumed
                  : null));
    } else if (end.status() == RunStatus.SUCCEEDED) {
      reported.remove(run.dataset);
    }
    queueChanged = true;
    LOG.infof(
        "run %s of %s %s%s",
        run.id,
        run.dataset,
        end.status().wireName(),
        end.errorMessage() == null ? "" : ": " + end.errorCode() + ": " + end.errorMessage());
    if (end.result() != null
        && end.result().rowsLeftOut() != null
        && end.result().rowsLeftOut() > 0) {
      LOG.warnf(
          "run %s left out %d rows of %s, of which a value is known nowhere; './lakegate resync'"
              + " copies the table anew",
          run.id, end.result().rowsLeftOut(), run.dataset);
    }
    unrecorded.add(end);
    active.remove(run.id);
    observer.ended(run.dataset, end.status(), Duration.between(run.startedAt, end.at()));
    observer.ended(end);
    if (end.result() != null) {
      observer.did(run.dataset, end.result());
    }
    events.publish(
        "run-ended",
        about(run)
            .put("status", end.status().wireName())
            .put("errorCode", end.errorCode())
            .put("errorMessage", end.errorMessage())
            .put("instant", end.result() == null ? null : end.result().instant())
            .put("at", end.at().toString()));
    tick();
  }

  private void record(RunEnd end) throws SQLException {
    store.end(end);
    if (end.result() != null && end.result().lineage() != null) {
      store.lineage().keep(end.runId(), end.result().lineage());
    }
    if (end.errorCode() != null && CHANGED_NOTHING.contains(end.errorCode())) {
      holds.undo(end.runId());
    }
    if (end.status() == RunStatus.FAILED || end.status() == RunStatus.CANCELLED) {
      for (String other : backfills.openBeside(end.runId())) {
        store
            .queue()
            .end(
                other,
                RunStatus.CANCELLED,
                "BACKFILL_ENDED",
                "Run %s of the same backfill %s.".formatted(end.runId(), end.status().wireName()),
                clock.instant());
      }
    }
    // A hold, or a run that is queued again, may have come of it.
    queueChanged = true;
    history.put(end.dataset(), store.history(end.dataset()));
  }

  /** Stops starting runs, ends the one in progress, and records that. */
  @Override
  public void close() {
    closing = true;
    active.values().forEach(ActiveRun::interrupt);
    runner.close();
    thread.shutdown();
    try {
      if (!thread.awaitTermination(5, TimeUnit.SECONDS)) {
        thread.shutdownNow();
      }
    } catch (InterruptedException e) {
      thread.shutdownNow();
      Thread.currentThread().interrupt();
    }
    for (RunEnd end : unrecorded) {
      try {
        store.end(end);
      } catch (SQLException e) {
        LOG.warnf("the end of run %s is recorded at the next start", end.runId());
      }
    }
    leadership.close();
  }
}
