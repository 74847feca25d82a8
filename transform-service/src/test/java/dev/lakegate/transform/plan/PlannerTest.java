package dev.lakegate.transform.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.model.bronze.SchemaVersion;
import dev.lakegate.model.job.Checkpoint;
import dev.lakegate.model.job.JobSpecification;
import dev.lakegate.model.job.RunRequest.Mode;
import dev.lakegate.transform.plan.History.Commit;
import dev.lakegate.transform.plan.History.Outcome;
import dev.lakegate.transform.plan.Plan.State;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Each case says what a person is told and what may start. */
class PlannerTest {
  private static final Instant NOW = Instant.parse("2026-03-02T10:15:30Z");
  private static final Dataset ORDER = silver("order");
  private static final Dataset CUSTOMER = silver("customer");
  private static final Dataset REVENUE = gold("revenue", false, "silver.order");
  private static final Dataset BOTH = gold("both", true, "silver.order", "silver.customer");

  private static final Rules RULES =
      new Rules(
          Duration.ofSeconds(6),
          1_000,
          Duration.ofSeconds(20),
          Duration.ofSeconds(40),
          Duration.ofSeconds(5),
          Duration.ofMinutes(5),
          Duration.ofMinutes(1));

  private Planner planner = new Planner(RULES);
  private final Map<String, SourceLedger> tables = new HashMap<>();
  private final Map<String, Bronze.Backlog> backlogs = new HashMap<>();
  private final Map<String, Published> published = new HashMap<>();
  private final Map<String, String> unreadable = new HashMap<>();
  private final Map<String, History> history = new HashMap<>();
  private final Map<String, Situation.Running> running = new HashMap<>();
  private final List<Situation.Request> requests = new ArrayList<>();
  private Bronze.Head head = new Bronze.Head("0001", 10, NOW.minusSeconds(3));
  private String obstacle;
  private Instant now = NOW;

  private static Dataset silver(String name) {
    return new Dataset(
        "silver." + name, Dataset.Layer.SILVER, "core_" + name, List.of(), false, "1");
  }

  private static Dataset gold(String name, boolean daily, String... inputs) {
    return new Dataset("gold." + name, Dataset.Layer.GOLD, null, List.of(inputs), daily, "1");
  }

  private void applied(Dataset table, long manifest, String instant) {
    tables.put(table.bronzeTable(), copied(1));
    backlogs.put(table.name(), new Bronze.Backlog("0001", null, null, null));
    published.put(
        table.name(),
        new Published(
            instant, NOW, 5, null, new Checkpoint.OfManifests("0001", manifest), Map.of(), null));
  }

  private static SourceLedger copied(long manifest) {
    return new SourceLedger(
        List.of(new SourceLedger.Begun(1, 1)),
        List.of(new SourceLedger.Completed(manifest, 1, "0001", "0001", Instant.EPOCH)),
        List.of(),
        List.of());
  }

  private static SourceLedger copying(long manifest) {
    return new SourceLedger(
        List.of(new SourceLedger.Begun(manifest, 1)), List.of(), List.of(), List.of());
  }

  private void computed(Dataset metric, Map<String, String> inputs) {
    published.put(
        metric.name(),
        new Published(
            "9", NOW, 5, null, null, inputs, metric.daily() ? LocalDate.of(2026, 3, 2) : null));
  }

  private void pending(Dataset table, int secondsAgo) {
    Bronze.Backlog before = backlogs.getOrDefault(table.name(), Bronze.Backlog.NONE);
    backlogs.put(
        table.name(),
        new Bronze.Backlog(
            before.epoch(),
            new Bronze.Pending(2, 20, 100, NOW.minusSeconds(secondsAgo)),
            before.copying(),
            before.held()));
  }

  private void ended(Dataset dataset, Outcome outcome, int failures, boolean retryable) {
    history.put(
        dataset.name(),
        new History(
            new History.Last(
                "01RUN", outcome, NOW, "DISK_FULL", "no space is left", retryable, "1"),
            failures,
            "1",
            null,
            List.of()));
  }

  private void committed(Dataset table, String instant, int startedAgo, int endedAgo, int oldest) {
    history.put(
        table.name(),
        new History(
            null,
            0,
            "1",
            null,
            List.of(
                new Commit(
                    instant,
                    NOW.minusSeconds(startedAgo),
                    NOW.minusSeconds(endedAgo),
                    NOW.minusSeconds(oldest)))));
  }

  private Set<String> catchingUp = Set.of();

  private Plan plan(Dataset... datasets) {
    return planner.plan(
        new Situation(
            now,
            List.of(datasets),
            new Bronze(head, tables, backlogs, catchingUp),
            published,
            unreadable,
            history,
            running,
            requests,
            obstacle));
  }

  private static List<String> ready(Plan plan) {
    return plan.ready().stream().map(Plan.Candidate::dataset).toList();
  }

  private static Plan.Status status(Plan plan, Dataset dataset) {
    return plan.status(dataset.name()).orElseThrow();
  }

  @Test
  void shouldSayThatNothingIsThereYet() {
    head = null;
    Plan plan = plan(ORDER, REVENUE);
    assertThat(status(plan, ORDER).state()).isEqualTo(State.EMPTY);
    assertThat(status(plan, ORDER).reason())
        .isEqualTo("Capture has not written its first manifest yet.");
    assertThat(status(plan, REVENUE).reason())
        .isEqualTo(
            "Waits for silver.order, which does not exist yet: Capture has not written its first"
                + " manifest yet.");
    assertThat(plan.ready()).isEmpty();
  }

  @Test
  void shouldSweepWhenACopyWithoutRowsEndsAfterTheTableReachedItsEpoch() {
    head = new Bronze.Head("0002", 12, NOW.minusSeconds(3));
    applied(ORDER, 11, "1");
    tables.put("core_order", copied(12));
    Plan plan = plan(ORDER);
    assertThat(ready(plan)).containsExactly("silver.order");
    assertThat(status(plan, ORDER).reason()).contains("rows that the copy has not seen");
    applied(ORDER, 12, "2");
    tables.put("core_order", copied(12));
    assertThat(plan(ORDER).ready()).isEmpty();
  }

  @Test
  void shouldWaitForACopyUnlessItIsLarge() {
    tables.put("core_order", copying(2));
    copied(ORDER, 999);
    Plan plan = plan(ORDER);
    assertThat(status(plan, ORDER).reason())
        .isEqualTo("Waits for the copy of core_order to complete; 999 rows captured so far.");
    assertThat(status(plan, ORDER).state()).isEqualTo(State.EMPTY);
    assertThat(plan.ready()).isEmpty();
    copied(ORDER, 1_000);
    plan = plan(ORDER);
    assertThat(ready(plan)).containsExactly("silver.order");
    assertThat(plan.ready().get(0).upTo()).isEqualTo(10);
    // Metrics wait for the whole copy all the same.
    applied(ORDER, 5, "1");
    pending(ORDER, 1);
    tables.put("core_order", copying(2));
    assertThat(ready(plan(ORDER, REVENUE))).containsExactly("silver.order");
    assertThat(status(plan(ORDER, REVENUE), REVENUE).reason())
        .isEqualTo("Waits for silver.order to apply the whole copy of its source.");
  }

  private void copied(Dataset table, long rows) {
    backlogs.put(
        table.name(),
        new Bronze.Backlog("0001", null, new Bronze.Pending(2, rows, 100, NOW), null));
  }

  @Test
  void shouldMakeATableOfASourceWithoutRows() {
    tables.put("core_order", copied(2));
    assertThat(ready(plan(ORDER))).containsExactly("silver.order");
  }

  @Test
  void shouldRunWhatHasWaitedLongestAndNotWhatHasTheLongestBacklog() {
    applied(ORDER, 5, "1");
    applied(CUSTOMER, 5, "1");
    pending(ORDER, 600);
    pending(CUSTOMER, 2);
    assertThat(ready(plan(ORDER, CUSTOMER))).containsExactly("silver.order", "silver.customer");
    // The backlog's last part has just been applied: now it is the other's turn.
    history.put(
        ORDER.name(),
        new History(
            new History.Last("01RUN", Outcome.SUCCEEDED, NOW, null, null, false, "1"),
            0,
            "1",
            null,
            List.of()));
    assertThat(ready(plan(ORDER, CUSTOMER))).containsExactly("silver.customer", "silver.order");
  }

  @Test
  void shouldGatherAWaveOfChangesIntoOneRun() {
    applied(ORDER, 10, "2");
    applied(CUSTOMER, 5, "1");
    computed(BOTH, Map.of("silver.order", "1", "silver.customer", "1"));
    committed(ORDER, "2", 4, 2, 8);
    pending(CUSTOMER, 7);
    Plan plan = plan(ORDER, CUSTOMER, BOTH);
    assertThat(ready(plan)).containsExactly("silver.customer");
    assertThat(status(plan, BOTH).reason())
        .isEqualTo(
            "silver.order has changed since it was last computed. Waits until 2026-03-02T10:15:34Z"
                + " for silver.customer, which has changes of the same time to apply.");
    assertThat(status(plan, BOTH).behindSince()).isEqualTo(NOW.minusSeconds(8));
    assertThat(plan.wakeAt()).isEqualTo(NOW.plusSeconds(4));
    now = NOW.plusSeconds(4);
    assertThat(ready(plan(ORDER, CUSTOMER, BOTH))).as("never long").contains("gold.both");
    now = NOW;
    // What came after the run had started belongs to the next wave.
    pending(CUSTOMER, 3);
    assertThat(ready(plan(ORDER, CUSTOMER, BOTH))).containsExactly("gold.both", "silver.customer");
  }

  @Test
  void shouldNotGatherWhatNothingIsAboutToApply() {
    applied(ORDER, 10, "2");
    applied(CUSTOMER, 5, "1");
    computed(BOTH, Map.of("silver.order", "1", "silver.customer", "1"));
    committed(ORDER, "2", 4, 2, 8);
    tables.put(
        "core_customer",
        new SourceLedger(
            List.of(new SourceLedger.Begun(1, 1), new SourceLedger.Begun(8, 2)),
            List.of(new SourceLedger.Completed(2, 1, "00010", "0001", Instant.EPOCH)),
            List.of(),
            List.of()));
    backlogs.put(
        CUSTOMER.name(),
        new Bronze.Backlog(
            "0001", null, new Bronze.Pending(1, 10, 10, NOW.minusSeconds(60)), null));
    assertThat(ready(plan(ORDER, CUSTOMER, BOTH)))
        .as("a copy may take long")
        .containsExactly("gold.both");
  }

  @Test
  void shouldHoldOnlyWhatReadsAFailedTable() {
    applied(ORDER, 5, "1");
    applied(CUSTOMER, 5, "1");
    computed(REVENUE, Map.of("silver.order", "1"));
    pending(ORDER, 60);
    pending(CUSTOMER, 2);
    ended(ORDER, Outcome.FAILED, 3, true);
    Plan plan = plan(ORDER, CUSTOMER, REVENUE);
    assertThat(ready(plan)).containsExactly("silver.customer");
    assertThat(status(plan, ORDER).state()).isEqualTo(State.FAILED);
    assertThat(status(plan, ORDER).reason())
        .isEqualTo(
            "Run 01RUN failed (DISK_FULL: no space is left); next try, number 4, at"
                + " 2026-03-02T10:15:50Z.");
    assertThat(status(plan, REVENUE).state()).isEqualTo(State.STALE);
    assertThat(status(plan, REVENUE).reason()).startsWith("Held by silver.order: Run 01RUN failed");
    now = NOW.plusSeconds(20);
    assertThat(ready(plan(ORDER, CUSTOMER, REVENUE))).contains("silver.order");
    // What cannot pass by itself is tried less often, but at once when its description changed.
    now = NOW.plusSeconds(39);
    ended(ORDER, Outcome.FAILED, 1, false);
    assertThat(ready(plan(ORDER))).isEmpty();
    now = NOW.plusSeconds(40);
    assertThat(ready(plan(ORDER))).containsExactly("silver.order");
    now = NOW;
    Dataset changed =
        new Dataset("silver.order", Dataset.Layer.SILVER, "core_order", List.of(), false, "2");
    assertThat(ready(plan(changed))).containsExactly("silver.order");
  }

  private void failed(Dataset dataset, String code, boolean retryable, int failures, String basis) {
    history.put(
        dataset.name(),
        new History(
            new History.Last("01RUN", Outcome.FAILED, NOW, code, "message", retryable, "1", basis),
            failures,
            "1",
            null,
            List.of()));
  }

  @Test
  void shouldNotRepeatWhatTheDataMadeFailBeforeTheDataChanges() {
    applied(ORDER, 5, "1");
    applied(CUSTOMER, 5, "1");
    computed(REVENUE, Map.of("silver.order", "1"));
    pending(ORDER, 60);
    pending(CUSTOMER, 2);
    failed(ORDER, "VALUE_UNFIT", false, 1, Basis.ofFiles(2));
    now = NOW.plusSeconds(86_400);
    Plan plan = plan(ORDER, CUSTOMER, REVENUE);
    assertThat(ready(plan)).as("all but what reads it").containsExactly("silver.customer");
    assertThat(status(plan, ORDER).state()).isEqualTo(State.FAILED);
    assertThat(status(plan, ORDER).nextTryAt()).isNull();
    assertThat(status(plan, ORDER).reason())
        .isEqualTo(
            "Run 01RUN failed (VALUE_UNFIT: message). The data is at fault; it is not tried again"
                + " before core_order or its definition changes, or somebody asks for a run.");
    // Another file: what it brings may mend it, but not more often than other failures.
    failed(ORDER, "VALUE_UNFIT", false, 1, Basis.ofFiles(1));
    now = NOW.plusSeconds(39);
    assertThat(ready(plan(ORDER))).isEmpty();
    now = NOW.plusSeconds(40);
    assertThat(ready(plan(ORDER))).containsExactly("silver.order");
    // Somebody's word, and another definition.
    failed(ORDER, "VALUE_UNFIT", false, 9, Basis.ofFiles(2));
    requests.add(new Situation.Request("01ASKED", ORDER.name(), Mode.INCREMENTAL, "engineer"));
    assertThat(ready(plan(ORDER))).containsExactly("silver.order");
    requests.clear();
    Dataset changed =
        new Dataset("silver.order", Dataset.Layer.SILVER, "core_order", List.of(), false, "2");
    assertThat(ready(plan(changed))).containsExactly("silver.order");
  }

  @Test
  void shouldNotRepeatAMetricThatFailsOnTheSameInputs() {
    applied(ORDER, 10, "2");
    computed(REVENUE, Map.of("silver.order", "1"));
    failed(
        REVENUE, "GRAIN_NOT_UNIQUE", false, 1, Basis.ofInputs(Map.of("silver.order", "2"), null));
    now = NOW.plusSeconds(86_400);
    assertThat(ready(plan(ORDER, REVENUE))).isEmpty();
    assertThat(status(plan(ORDER, REVENUE), REVENUE).reason())
        .contains("it is not tried again before silver.order or its definition changes");
    applied(ORDER, 10, "3");
    assertThat(ready(plan(ORDER, REVENUE))).containsExactly("gold.revenue");
    // Whatever the inputs hold, wrong SQL stays wrong.
    failed(REVENUE, "SQL_INVALID", false, 1, Basis.ofInputs(Map.of("silver.order", "2"), null));
    assertThat(ready(plan(ORDER, REVENUE))).isEmpty();
    assertThat(status(plan(ORDER, REVENUE), REVENUE).reason())
        .contains(
            "The definition is at fault; it is not tried again before its definition changes");
    // Another version of the service may know better: it tries once.
    planner = new Planner(RULES, NOW.plusSeconds(1));
    assertThat(ready(plan(ORDER, REVENUE))).containsExactly("gold.revenue");
  }

  @Test
  void shouldGiveAStorageThatIsThrottlingMoreTime() {
    applied(ORDER, 5, "1");
    pending(ORDER, 60);
    failed(ORDER, "THROTTLED", true, 1, null);
    now = NOW.plusSeconds(19);
    assertThat(ready(plan(ORDER))).isEmpty();
    assertThat(status(plan(ORDER), ORDER).reason()).contains("The storage asked for fewer calls");
    now = NOW.plusSeconds(20);
    assertThat(ready(plan(ORDER))).containsExactly("silver.order");
    failed(ORDER, "THROTTLED", true, 30, null);
    now = NOW.plusSeconds(599);
    assertThat(ready(plan(ORDER))).isEmpty();
    now = NOW.plusSeconds(600);
    assertThat(ready(plan(ORDER))).containsExactly("silver.order");
  }

  @Test
  void shouldComputeAnewWhenTheUtcDayChanges() {
    applied(ORDER, 10, "1");
    applied(CUSTOMER, 10, "1");
    computed(BOTH, Map.of("silver.order", "1", "silver.customer", "1"));
    Plan plan = plan(ORDER, CUSTOMER, BOTH);
    assertThat(status(plan, BOTH).state()).isEqualTo(State.FRESH);
    assertThat(plan.wakeAt()).isEqualTo("2026-03-03T00:00:00Z");
    now = Instant.parse("2026-03-02T23:59:59.999Z");
    assertThat(plan(ORDER, CUSTOMER, BOTH).ready()).isEmpty();
    now = Instant.parse("2026-03-03T00:00:00Z");
    plan = plan(ORDER, CUSTOMER, BOTH);
    assertThat(ready(plan)).containsExactly("gold.both");
    assertThat(status(plan, BOTH).reason())
        .isEqualTo("It was computed as of 2026-03-02, and in UTC it is 2026-03-03 now.");
  }

  @Test
  void shouldComputeAMetricFullyWhenItsDescriptionChanged() {
    applied(ORDER, 10, "1");
    computed(REVENUE, Map.of("silver.order", "1"));
    history.put(REVENUE.name(), new History(null, 0, "0", null, List.of()));
    assertThat(plan(ORDER, REVENUE).ready())
        .singleElement()
        .satisfies(candidate -> assertThat(candidate.mode()).isEqualTo(Mode.FULL));
    history.put(REVENUE.name(), History.NONE);
    assertThat(plan(ORDER, REVENUE).ready()).as("with its history lost").isEmpty();
    computed(REVENUE, Map.of("silver.customer", "1"));
    assertThat(plan(ORDER, REVENUE).ready())
        .singleElement()
        .satisfies(candidate -> assertThat(candidate.mode()).isEqualTo(Mode.FULL));
  }

  @Test
  void shouldStartNothingWhileItsInputsRunOrTheRunnerIsAway() {
    applied(ORDER, 10, "2");
    computed(REVENUE, Map.of("silver.order", "1"));
    running.put(ORDER.name(), new Situation.Running("01RUN", NOW, "committing"));
    requests.add(new Situation.Request("01ASKED", REVENUE.name(), Mode.FULL, "engineer"));
    Plan plan = plan(ORDER, REVENUE);
    assertThat(plan.ready()).isEmpty();
    assertThat(status(plan, ORDER).reason())
        .isEqualTo("Run 01RUN has been going since 2026-03-02T10:15:30Z: committing.");
    assertThat(status(plan, REVENUE).reason())
        .isEqualTo(
            "silver.order has changed since it was last computed. Waits for the run of silver.order"
                + " to end. Run 01ASKED, which engineer asked for, is queued.");
    running.clear();
    obstacle = "Waits for the job runner: The job process starts.";
    plan = plan(ORDER, REVENUE);
    assertThat(plan.ready()).isEmpty();
    assertThat(status(plan, REVENUE).reason()).contains(obstacle);
    obstacle = null;
    plan = plan(ORDER, REVENUE);
    assertThat(plan.ready()).hasSize(1);
    assertThat(plan.ready().get(0).request()).isEqualTo("01ASKED");
    assertThat(plan.ready().get(0).mode()).isEqualTo(Mode.FULL);
  }

  @Test
  void shouldLeaveACancelledTableAloneForAWhile() {
    applied(ORDER, 5, "1");
    pending(ORDER, 10);
    ended(ORDER, Outcome.CANCELLED, 0, true);
    Plan plan = plan(ORDER);
    assertThat(plan.ready()).isEmpty();
    assertThat(status(plan, ORDER).reason())
        .endsWith("Run 01RUN was cancelled; the next starts at 2026-03-02T10:16:30Z.");
    ended(ORDER, Outcome.INTERRUPTED, 0, true);
    assertThat(ready(plan(ORDER))).as("nobody wanted that one to end").hasSize(1);
  }

  @Test
  void shouldNotTakeAnUnreadableSnapshotForAnEmptyTable() {
    tables.put("core_order", copied(1));
    pending(ORDER, 10);
    unreadable.put(ORDER.name(), "current.json cannot be read: it is not complete");
    Plan plan = plan(ORDER, REVENUE);
    assertThat(plan.ready()).isEmpty();
    assertThat(status(plan, ORDER).state()).isEqualTo(State.FAILED);
    assertThat(status(plan, ORDER).reason())
        .isEqualTo(
            "Its snapshot current.json cannot be read: it is not complete. Ask for a run of it:"
                + " that publishes anew.");
  }

  @Test
  void shouldSayThatTheChainIsShorterThanWhatWasConsumed() {
    applied(ORDER, 20, "1");
    assertThat(status(plan(ORDER), ORDER).reason())
        .isEqualTo(
            "It has consumed manifest 20 of epoch 0001, but the chain of manifests ends at 10:"
                + " Bronze is not the one it was built from. If this Bronze is right, build the"
                + " table anew: ask for a run of mode 'full'.");
  }

  @Test
  void shouldKnowHowFarEachDatasetReflectsTheSource() {
    applied(ORDER, 10, "2");
    applied(CUSTOMER, 5, "1");
    computed(BOTH, Map.of("silver.order", "2", "silver.customer", "1"));
    Bronze bronze = new Bronze(head, tables, backlogs);
    Watermarks watermarks = new Watermarks(List.of(ORDER, CUSTOMER, BOTH), bronze, published);
    assertThat(watermarks.of("silver.customer"))
        .as("idle, so nothing newer exists")
        .isEqualTo(head.newestCommitAt());
    assertThat(watermarks.of("gold.both")).isEqualTo(head.newestCommitAt());
    pending(CUSTOMER, 1);
    Watermarks behind =
        new Watermarks(
            List.of(ORDER, CUSTOMER, BOTH), new Bronze(head, tables, backlogs), published);
    assertThat(behind.of("silver.customer")).isNull();
    assertThat(behind.of("gold.both")).isNull();
    assertThat(behind.of("silver.order")).isEqualTo(head.newestCommitAt());
  }

  @Test
  void shouldLetATableGoOnOverAnEpochInWhichOnlyOthersAreCopied() {
    head = new Bronze.Head("0002", 12, NOW.minusSeconds(3));
    applied(ORDER, 10, "1");
    pending(ORDER, 5);
    Plan plan = plan(ORDER);
    assertThat(ready(plan)).containsExactly("silver.order");
    assertThat(plan.ready().get(0).upTo()).isEqualTo(12);
  }

  @Test
  void shouldStopBeforeACopyThatIsNotComplete() {
    applied(ORDER, 5, "1");
    tables.put(
        "core_order",
        new SourceLedger(
            List.of(new SourceLedger.Begun(1, 1), new SourceLedger.Begun(8, 2)),
            List.of(new SourceLedger.Completed(2, 1, "00010", "0001", Instant.EPOCH)),
            List.of(),
            List.of()));
    pending(ORDER, 5);
    assertThat(plan(ORDER).ready().get(0).upTo()).as("what came before it").isEqualTo(7);
    backlogs.put(
        ORDER.name(), new Bronze.Backlog("0001", null, new Bronze.Pending(1, 10, 10, NOW), null));
    Plan plan = plan(ORDER);
    assertThat(plan.ready()).isEmpty();
    assertThat(status(plan, ORDER).reason())
        .isEqualTo("Waits for the copy of core_order to complete; 10 rows captured so far.");
  }

  @Test
  void aTableThatIsBeingCopiedAnewShouldNotSeemFreshAlthoughNothingIsPending() {
    applied(ORDER, 7, "1");
    computed(REVENUE, Map.of("silver.order", "1"));
    tables.put(
        "core_order",
        new SourceLedger(
            List.of(new SourceLedger.Begun(1, 1), new SourceLedger.Begun(8, 2)),
            List.of(new SourceLedger.Completed(2, 1, "00010", "0001", Instant.EPOCH)),
            List.of(),
            List.of()));
    Plan plan = plan(ORDER, REVENUE);
    assertThat(plan.ready()).isEmpty();
    assertThat(status(plan, ORDER).state()).isEqualTo(State.STALE);
    assertThat(status(plan, ORDER).reason())
        .isEqualTo("Waits for the copy of core_order to complete; 0 rows captured so far.");
    assertThat(status(plan, REVENUE).state()).isEqualTo(State.STALE);
    Watermarks watermarks =
        new Watermarks(List.of(ORDER, REVENUE), new Bronze(head, tables, backlogs), published);
    assertThat(watermarks.of("silver.order")).isNull();
    assertThat(watermarks.of("gold.revenue")).isNull();
  }

  /** Its copy is complete in the chain; what happened to it meanwhile is still to come. */
  @Test
  void aTableThatCatchesUpWithItsCopyShouldNotSeemFresh() {
    applied(ORDER, 10, "1");
    computed(REVENUE, Map.of("silver.order", "1"));
    Bronze complete = new Bronze(head, tables, backlogs);
    Bronze lacking = new Bronze(head, tables, backlogs, Set.of("core_order"));
    Instant before = published.get("silver.order").watermark();
    assertThat(new Watermarks(List.of(ORDER), complete, published).of("silver.order"))
        .isEqualTo(head.newestCommitAt());
    assertThat(new Watermarks(List.of(ORDER, REVENUE), lacking, published).of("silver.order"))
        .isEqualTo(before)
        .isNotEqualTo(head.newestCommitAt());
    assertThat(status(plan(ORDER, REVENUE), ORDER).state()).isEqualTo(State.FRESH);
    catchingUp = Set.of("core_order");
    Plan plan = plan(ORDER, REVENUE);
    assertThat(plan.ready()).isEmpty();
    assertThat(status(plan, ORDER).state()).isEqualTo(State.STALE);
    assertThat(status(plan, ORDER).reason())
        .isEqualTo(
            "Waits for the changes of core_order since its copy's snapshot, which are being read.");
    assertThat(status(plan, REVENUE).state()).isEqualTo(State.STALE);
  }

  @Test
  void shouldHoldATableWhoseCheckpointIsOfAnotherChain() {
    applied(ORDER, 5, "1");
    backlogs.put(
        ORDER.name(), new Bronze.Backlog("0003", new Bronze.Pending(1, 10, 10, NOW), null, null));
    computed(REVENUE, Map.of("silver.order", "1"));
    Plan plan = plan(ORDER, REVENUE);
    assertThat(plan.ready()).isEmpty();
    assertThat(status(plan, ORDER).state()).isEqualTo(State.HELD);
    assertThat(status(plan, ORDER).reason())
        .isEqualTo(
            "It has consumed manifest 5 of epoch 0001, but in the chain of manifests that one is of"
                + " epoch 0003: Bronze is not the one it was built from. If this Bronze is right,"
                + " build the table anew: ask for a run of mode 'full'.");
    assertThat(status(plan, REVENUE).reason())
        .startsWith("It reflects what silver.order has, which is held: It has consumed");
    requests.add(new Situation.Request("01ASKED", ORDER.name(), Mode.FULL, "engineer"));
    plan = plan(ORDER, REVENUE);
    assertThat(plan.ready())
        .singleElement()
        .satisfies(
            candidate -> {
              assertThat(candidate.mode()).isEqualTo(Mode.FULL);
              assertThat(candidate.upTo()).isEqualTo(10);
            });
  }

  @Test
  void shouldHoldATableWhoseSourceTakesSomethingAwayUntilSomebodyDecides() {
    applied(ORDER, 5, "1");
    computed(REVENUE, Map.of("silver.order", "1"));
    SchemaVersion gone =
        new SchemaVersion(
            "core_order",
            2,
            List.of("id"),
            List.of(),
            SchemaVersion.Effect.DESTRUCTIVE,
            "Column notes is gone.",
            null);
    SourceLedger held =
        new SourceLedger(
            copied(2).begun(),
            copied(2).completed(),
            List.of(new SourceLedger.Version(7, gone, 8L)),
            List.of());
    tables.put("core_order", held);
    backlogs.put(
        ORDER.name(),
        new Bronze.Backlog(
            "0001",
            new Bronze.Pending(1, 10, 10, NOW.minusSeconds(9)),
            null,
            new Bronze.Pending(3, 1_234, 10, NOW.minusSeconds(2))));
    Plan plan = plan(ORDER, REVENUE);
    assertThat(plan.ready()).singleElement().satisfies(c -> assertThat(c.upTo()).isEqualTo(7));
    backlogs.put(
        ORDER.name(),
        new Bronze.Backlog(
            "0001", null, null, new Bronze.Pending(3, 1_234, 10, NOW.minusSeconds(2))));
    plan = plan(ORDER, REVENUE);
    assertThat(plan.ready()).isEmpty();
    assertThat(status(plan, ORDER).state()).isEqualTo(State.HELD);
    assertThat(status(plan, ORDER).behindSince()).isEqualTo(NOW.minusSeconds(2));
    assertThat(status(plan, ORDER).reason())
        .isEqualTo(
            "Schema version 2 of core_order waits for a decision: Column notes is gone. 1,234"
                + " changes since 2026-03-02T10:15:28Z are not applied. Accept it with './lakegate"
                + " approve core_order', or have the table copied anew with './lakegate resync"
                + " core_order'.");
    assertThat(status(plan, REVENUE).state()).isEqualTo(State.STALE);
    assertThat(status(plan, REVENUE).reason())
        .startsWith("It reflects what silver.order has, which is held: Schema version 2");
    tables.put(
        "core_order",
        new SourceLedger(
            held.begun(),
            held.completed(),
            held.versions(),
            List.of(new SourceLedger.Approval(9, 2))));
    pending(ORDER, 2);
    assertThat(plan(ORDER).ready())
        .singleElement()
        .satisfies(c -> assertThat(c.upTo()).isEqualTo(10));
    tables.put(
        "core_order",
        new SourceLedger(
            List.of(new SourceLedger.Begun(1, 1), new SourceLedger.Begun(9, 2)),
            List.of(
                new SourceLedger.Completed(2, 1, "00010", "0001", Instant.EPOCH),
                new SourceLedger.Completed(10, 2, "00011", "0001", Instant.EPOCH)),
            held.versions(),
            List.of()));
    assertThat(plan(ORDER).ready())
        .as("copied anew")
        .singleElement()
        .satisfies(c -> assertThat(c.upTo()).isEqualTo(10));
  }

  private static Dataset described(String... columns) {
    return new Dataset(
        "silver.order",
        Dataset.Layer.SILVER,
        "core_order",
        List.of(),
        false,
        "1",
        specification(columns));
  }

  private static JobSpecification specification(String... columns) {
    return new JobSpecification(
        1,
        JobSpecification.Kind.SILVER,
        "silver.order",
        "order",
        "shared",
        "Orders.",
        "silver/order",
        "core_order",
        List.of("id"),
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        List.of(),
        Stream.of(columns)
            .map(c -> c.split(":"))
            .map(c -> new JobSpecification.SpecColumn(c[0], c[1], true, c[0]))
            .toList(),
        List.of(),
        List.of());
  }

  private void made(String... columns) {
    history.put(ORDER.name(), new History(null, 0, "1", specification(columns), List.of()));
  }

  @Test
  void shouldMakeARedefinedTableAnewAndOnlyAppendToOneThatGrew() {
    applied(ORDER, 5, "1");
    SchemaVersion first =
        new SchemaVersion(
            "core_order",
            1,
            List.of("id"),
            List.of(
                new SchemaVersion.SourceColumn("id", "bigint", "bigint", false),
                new SchemaVersion.SourceColumn("extra", "text", "varchar", true)));
    tables.put(
        "core_order",
        new SourceLedger(
            copied(1).begun(),
            copied(1).completed(),
            List.of(new SourceLedger.Version(1, first, 1L)),
            List.of()));
    made("id:bigint", "extra:varchar");
    assertThat(plan(described("id:bigint")).ready()).as("nothing changed").isEmpty();
    // The description gives the key another type, which the source cannot narrow.
    Plan plan = plan(described("id:decimal(38,0)"));
    assertThat(plan.ready())
        .singleElement()
        .satisfies(
            candidate -> {
              assertThat(candidate.mode()).isEqualTo(Mode.FULL);
              assertThat(candidate.reason())
                  .isEqualTo(
                      "Its definition changed: column id is decimal(38,0) now and was bigint. It is"
                          + " built anew from Bronze.");
            });
    assertThat(plan(described("id:bigint", "soon:date")).ready())
        .singleElement()
        .satisfies(candidate -> assertThat(candidate.mode()).isEqualTo(Mode.INCREMENTAL));
    made("id:bigint");
    assertThat(plan(described("id:bigint")).ready())
        .as("consumed rows had a column that is not stored")
        .singleElement()
        .satisfies(candidate -> assertThat(candidate.mode()).isEqualTo(Mode.FULL));
  }

  @Test
  void shouldMakeATableAnewWhenItsJobSaysSo() {
    applied(ORDER, 5, "1");
    pending(ORDER, 2);
    history.put(
        ORDER.name(),
        new History(
            new History.Last(
                "01RUN", Outcome.FAILED, NOW, "TABLE_NEEDS_REBUILD", "message", false, "1"),
            1,
            "1",
            null,
            List.of()));
    assertThat(plan(ORDER).ready())
        .singleElement()
        .satisfies(candidate -> assertThat(candidate.mode()).isEqualTo(Mode.FULL));
  }

  @Test
  void shouldRepeatAtOnceWhenAFileWasMergedMeanwhile() {
    applied(ORDER, 5, "1");
    pending(ORDER, 2);
    history.put(
        ORDER.name(),
        new History(
            new History.Last(
                "01RUN", Outcome.FAILED, NOW, "BRONZE_FILE_MISSING", "message", false, "1"),
            1,
            "1",
            null,
            List.of()));
    assertThat(ready(plan(ORDER))).containsExactly("silver.order");
  }

  @Test
  void shouldRunIndependentDatasetsBesideEachOtherAndNoOthers() {
    applied(ORDER, 10, "2");
    applied(CUSTOMER, 10, "2");
    computed(REVENUE, Map.of("silver.order", "1"));
    pending(ORDER, 2);
    pending(CUSTOMER, 1);
    running.put(REVENUE.name(), new Situation.Running("01RUN", NOW, null));
    Plan plan = plan(ORDER, CUSTOMER, REVENUE);
    assertThat(ready(plan)).containsExactly("silver.customer");
    assertThat(status(plan, ORDER).reason())
        .endsWith("Waits for the run of gold.revenue, which reads it, to end.");
  }

  @Test
  void shouldKeepThePlaceOfWhoWaitsForARunningDataset() {
    applied(ORDER, 10, "2");
    applied(CUSTOMER, 10, "2");
    computed(BOTH, Map.of("silver.order", "1", "silver.customer", "1"));
    running.put(ORDER.name(), new Situation.Running("01RUN", NOW, null));
    committed(ORDER, "2", 70, 65, 80);
    pending(CUSTOMER, 1);
    assertThat(ready(plan(ORDER, CUSTOMER, BOTH)))
        .as("the metric is long due, and would wait for the customers next")
        .isEmpty();
    committed(ORDER, "2", 4, 3, 5);
    assertThat(ready(plan(ORDER, CUSTOMER, BOTH))).containsExactly("silver.customer");
  }

  @Test
  void shouldLetAMetricFollowATableThatChangesAllTheTime() {
    runsOf(ORDER, "2", 2, 0);
    runsOf(REVENUE, "9", 7, 4);
    applied(ORDER, 10, "2");
    computed(REVENUE, Map.of("silver.order", "1"));
    pending(ORDER, 2);
    assertThat(ready(plan(ORDER, REVENUE))).containsExactly("gold.revenue", "silver.order");
  }

  @Test
  void shouldLetTheTablesOfAHeavyMetricRunForAsLongAsItRan() {
    runsOf(ORDER, "2", 2, 0);
    runsOf(REVENUE, "9", 35, 5);
    applied(ORDER, 10, "2");
    computed(REVENUE, Map.of("silver.order", "1"));
    pending(ORDER, 2);
    assertThat(ready(plan(ORDER, REVENUE))).containsExactly("silver.order", "gold.revenue");
    runsOf(REVENUE, "9", 65, 35);
    assertThat(ready(plan(ORDER, REVENUE))).containsExactly("gold.revenue", "silver.order");
  }

  private void runsOf(Dataset dataset, String instant, int startedAgo, int endedAgo) {
    Instant ended = NOW.minusSeconds(endedAgo);
    history.put(
        dataset.name(),
        new History(
            new History.Last("01RUN", Outcome.SUCCEEDED, ended, null, null, false, "1"),
            0,
            "1",
            null,
            List.of(
                new Commit(
                    instant,
                    NOW.minusSeconds(startedAgo),
                    ended,
                    NOW.minusSeconds(startedAgo + 3)))));
  }
}
