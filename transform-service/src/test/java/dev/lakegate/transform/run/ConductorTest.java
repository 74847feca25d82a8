package dev.lakegate.transform.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.kit.description.DescriptionFollower;
import dev.lakegate.model.bronze.ManifestReader;
import dev.lakegate.model.bronze.SchemaVersion;
import dev.lakegate.model.job.RunRequest.Mode;
import dev.lakegate.model.job.RunRequest.Past;
import dev.lakegate.model.json.Json;
import dev.lakegate.model.snapshot.AsOfTable;
import dev.lakegate.transform.lakehouse.Description;
import dev.lakegate.transform.manifest.ManifestFollower;
import dev.lakegate.transform.manifest.ManifestIndex;
import dev.lakegate.transform.plan.Batch;
import dev.lakegate.transform.plan.Plan;
import dev.lakegate.transform.plan.Planner;
import dev.lakegate.transform.plan.Rules;
import dev.lakegate.transform.runner.LocalRunner;
import dev.lakegate.transform.runner.RunnerState;
import dev.lakegate.transform.testing.ControlDatabase;
import dev.lakegate.transform.testing.Eventually;
import dev.lakegate.transform.testing.FakeJobsFiles;
import dev.lakegate.transform.testing.ServiceResource;
import dev.lakegate.transform.testing.TestLake;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The whole service without HTTP: real database, real manifests, a real child process. */
class ConductorTest {
  private static ControlDatabase control;

  @TempDir Path directory;
  private TestLake lake;
  private Path work;
  private Path lakehouse;
  private LocalRunner runner;
  private Conductor conductor;
  private Duration timeout = Duration.ofMinutes(1);
  private Batch.Limits limits = new Batch.Limits(100, 1_000);

  @BeforeAll
  static void startDatabase() throws IOException {
    control = new ControlDatabase();
  }

  @AfterAll
  static void stopDatabase() throws IOException {
    control.close();
  }

  /** Two tables and one metric are enough here. */
  @BeforeEach
  void prepare() throws Exception {
    control.clear();
    lake = new TestLake(directory.resolve("lake"));
    Files.createDirectories(lake.root());
    work = directory.resolve("work");
    lakehouse = directory.resolve("lakehouse");
    ServiceResource.copy(
        Path.of(System.getProperty("lakegate.basedir", "..")).resolve("lakehouse"), lakehouse);
    FakeJobsFiles.script(work);
  }

  @AfterEach
  void stop() {
    if (conductor != null) {
      conductor.close();
      conductor = null;
    }
  }

  private void open() {
    Clock clock = Clock.systemUTC();
    ManifestIndex index = new ManifestIndex(control.database());
    runner = new LocalRunner(FakeJobsFiles.settings(work), clock);
    conductor =
        new Conductor(
            clock,
            new DescriptionFollower<>(lakehouse, Description::of),
            new ManifestFollower(new ManifestReader(lake.root()), index),
            index,
            lake.root(),
            limits,
            new RunStore(control.database()),
            new HoldStore(control.database()),
            new BackfillStore(control.database()),
            runner,
            new Planner(
                new Rules(
                    Duration.ofMillis(300),
                    100,
                    Duration.ofSeconds(20),
                    Duration.ofSeconds(40),
                    Duration.ofMillis(100),
                    Duration.ofMillis(500),
                    Duration.ofMillis(500))),
            (dataset, status, duration) -> {},
            new Events(clock, 100, 5),
            new AdvisoryLock(control.database(), "test"),
            new ConductorSettings(Duration.ofMillis(30), timeout, Duration.ofDays(1), 10_000, 10));
    conductor.open();
  }

  private Plan.Status status(String dataset) {
    return conductor.view().flatMap(view -> view.plan().status(dataset)).orElse(null);
  }

  private void await(String dataset, Plan.State state) {
    Eventually.until(
        () -> status(dataset) != null && status(dataset).state() == state,
        () -> conductor.view().map(View::plan));
  }

  private void awaitApplied(String table, String dataset) {
    Eventually.until(
        () ->
            lake.consumed(dataset).equals(lake.paths(table))
                && status(dataset).state() == Plan.State.FRESH
                && conductor.view().orElseThrow().head().manifest() == lake.last(),
        () -> conductor.view().map(View::plan) + " " + lake.consumed(dataset));
  }

  private List<Run> runs(String dataset) {
    try {
      return new RunStore(control.database()).list(dataset, null, null, 500);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private JsonNode request(Run run) {
    try {
      return new RunStore(control.database()).find(run.id()).orElseThrow().request();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"crash-before", "crash-unpublished", "crash-after", "odd-result", "no-result"})
  void shouldApplyEveryFileOnceWhereverTheJobsDie(String misdeed) {
    lake.copied(Map.of("core_order", 2));
    FakeJobsFiles.script(
        work,
        "silver.order " + misdeed,
        "gold.revenue_metrics " + misdeed,
        "silver.order none",
        "silver.order " + misdeed);
    open();
    awaitApplied("core_order", "silver.order");
    await("gold.revenue_metrics", Plan.State.FRESH);
    lake.stream(Map.of("core_order", 1));
    awaitApplied("core_order", "silver.order");
    await("gold.revenue_metrics", Plan.State.FRESH);
    assertThat(lake.commit("gold.revenue_metrics").get("rows").asLong()).isEqualTo(30);
    Run failed = runs("silver.order").get(runs("silver.order").size() - 1);
    assertThat(failed.status()).isEqualTo(RunStatus.FAILED);
    assertThat(failed.errorCode()).isIn("RUNNER_DIED", "RUNNER_PROTOCOL");
  }

  @Test
  void shouldGoOnFromTheTablesWhenTheServiceIsKilledAndTheDatabaseIsLost() throws Exception {
    lake.copied(Map.of("core_order", 2, "core_event", 1));
    open();
    awaitApplied("core_order", "silver.order");
    awaitApplied("core_event", "silver.event");
    stop();
    // As a kill leaves it: a run that is open in the record, manifests that nobody has seen.
    control.execute(
        "INSERT INTO transform.run (id, dataset, mode, reason, status, queued_at, started_at)"
            + " VALUES ('01JNB4Z0T6W2M7Q9', 'silver.order', 'incremental', 'x', 'running', now(),"
            + " now())");
    lake.stream(Map.of("core_order", 1));
    open();
    awaitApplied("core_order", "silver.order");
    assertThat(new RunStore(control.database()).find("01JNB4Z0T6W2M7Q9").orElseThrow().status())
        .isEqualTo(RunStatus.INTERRUPTED);
    stop();
    control.clear();
    lake.stream(Map.of("core_order", 1, "core_event", 2));
    open();
    awaitApplied("core_order", "silver.order");
    awaitApplied("core_event", "silver.event");
    await("gold.revenue_metrics", Plan.State.FRESH);
    assertThat(runs("silver.order")).hasSize(1);
  }

  /** Whoever asked for it has gone; a restore that is lost would not be repeated by anybody. */
  @ParameterizedTest
  @ValueSource(strings = {"hang", "crash-unpublished"})
  void shouldFinishARestoreThatTheServiceDidNotLiveToSee(String misdeed) throws Exception {
    lake.copied(Map.of("core_order", 2));
    open();
    awaitApplied("core_order", "silver.order");
    String first = lake.commit("silver.order").get("instant").asText();
    lake.stream(Map.of("core_order", 1));
    awaitApplied("core_order", "silver.order");
    String second = lake.commit("silver.order").get("instant").asText();
    FakeJobsFiles.script(work, "silver.order " + misdeed);
    String run =
        conductor
            .request("silver.order", Mode.RESTORE, new Past(first, null, null, false), "engineer")
            .orElseThrow();
    Eventually.until(
        () -> run(run).status() != RunStatus.QUEUED && conductor.isHeld("silver.order"),
        () -> run(run));
    stop();
    if (misdeed.equals("hang")) {
      assertThat(run(run).status()).isEqualTo(RunStatus.QUEUED);
    } else {
      // As if the service had been killed together with the jobs.
      control.execute("UPDATE transform.run SET status = 'running' WHERE id = '" + run + "'");
    }
    lake.stream(Map.of("core_order", 2));
    open();
    Eventually.until(() -> run(run).status() == RunStatus.SUCCEEDED, () -> run(run));
    await("silver.order", Plan.State.HELD);
    assertThat(status("silver.order").reason())
        .contains("It was restored to its state of instant " + first)
        .contains("./lakegate release silver.order");
    assertThat(lake.consumed("silver.order")).isEqualTo(lake.paths("core_order").subList(0, 2));
    assertThat(lake.commit("silver.order").get("instant").asText()).isGreaterThan(second);
    assertThat(conductor.release("silver.order")).isTrue();
    awaitApplied("core_order", "silver.order");
    assertThat(conductor.release("silver.order")).isFalse();
  }

  /** What is held for one restore stays held when another one finds nothing to go back to. */
  @Test
  void shouldHoldATableUntilItIsReleasedWhateverElseIsAsked() throws Exception {
    lake.copied(Map.of("core_order", 2, "core_event", 1));
    open();
    awaitApplied("core_order", "silver.order");
    String first = lake.commit("silver.order").get("instant").asText();
    String nowhere = "20200101000000000";
    String run =
        conductor
            .request("silver.order", Mode.RESTORE, new Past(nowhere, null, null, false), "engineer")
            .orElseThrow();
    Eventually.until(() -> run(run).status() == RunStatus.FAILED, () -> run(run));
    assertThat(run(run).errorCode()).isEqualTo("STATE_NOT_KEPT");
    Eventually.until(() -> !conductor.isHeld("silver.order"), () -> status("silver.order"));
    await("silver.order", Plan.State.FRESH);

    conductor.request("silver.order", Mode.RESTORE, new Past(first, null, null, false), "engineer");
    await("silver.order", Plan.State.HELD);
    Eventually.until(
        () -> runs("silver.order").get(0).status() == RunStatus.SUCCEEDED,
        () -> runs("silver.order"));
    String again =
        conductor
            .request("silver.order", Mode.RESTORE, new Past(nowhere, null, null, false), "engineer")
            .orElseThrow();
    String asked = conductor.request("silver.order", Mode.FULL, "engineer").orElseThrow();
    lake.stream(Map.of("core_order", 1, "core_event", 1));
    Eventually.until(() -> run(again).status() == RunStatus.FAILED, () -> run(again));
    awaitApplied("core_event", "silver.event");
    await("silver.order", Plan.State.HELD);
    assertThat(run(asked).status()).isEqualTo(RunStatus.QUEUED);
    assertThat(lake.consumed("silver.order")).isEqualTo(lake.paths("core_order").subList(0, 2));
    conductor.release("silver.order");
    awaitApplied("core_order", "silver.order");
  }

  /** The rows of then would be stamped as if they had been computed as now. */
  @Test
  void shouldNotRestoreWhatWasAskedForUnderAnotherDefinition() throws Exception {
    lake.copied(Map.of("core_order", 1, "core_invoice", 1));
    open();
    awaitApplied("core_invoice", "silver.invoice");
    awaitApplied("core_order", "silver.order");
    String first = lake.commit("silver.invoice").get("instant").asText();
    await("silver.invoice_reconciliation", Plan.State.FRESH);
    String computed = lake.commit("silver.invoice_reconciliation").get("instant").asText();
    lake.stream(Map.of("core_invoice", 1));
    awaitApplied("core_invoice", "silver.invoice");
    FakeJobsFiles.script(work, "silver.invoice hang");
    String run =
        conductor
            .request("silver.invoice", Mode.RESTORE, new Past(first, null, null, false), "engineer")
            .orElseThrow();
    Eventually.until(() -> run(run).status() == RunStatus.RUNNING, () -> run(run));
    stop();
    assertThat(run(run).status()).as("it is done nevertheless").isEqualTo(RunStatus.QUEUED);
    // Its own definition stays the same.
    String above =
        new RunStore(control.database())
            .queue()
            .add(
                "01JNB4Z0T6W2M7Q9",
                "silver.invoice_reconciliation",
                Mode.RESTORE,
                new Past(computed, null, null, false),
                null,
                "Asked for.",
                "engineer",
                Instant.now(),
                100)
            .orElseThrow();
    Path file = lakehouse.resolve("tables/invoice.yaml");
    Files.writeString(
        file,
        Files.readString(file)
            .replace(
                "derivations:\n",
                "derivations:\n  - {column: is_paid, type: boolean, expression: \"status = 'paid'\","
                    + " description: Whether it was paid.}\n"));
    open();
    Eventually.until(() -> run(run).status() == RunStatus.FAILED, () -> run(run));
    assertThat(run(run).errorCode()).isEqualTo("STATE_OF_OTHER_DEFINITION");
    assertThat(run(run).errorMessage()).contains("silver.invoice");
    Eventually.until(() -> run(above).status() == RunStatus.FAILED, () -> run(above));
    assertThat(run(above).errorCode()).isEqualTo("STATE_OF_OTHER_DEFINITION");
    Eventually.until(
        () -> !conductor.isHeld("silver.invoice_reconciliation"),
        () -> status("silver.invoice_reconciliation"));
    Eventually.until(() -> !conductor.isHeld("silver.invoice"), () -> status("silver.invoice"));
    awaitApplied("core_invoice", "silver.invoice");
    assertThat(lake.commit("silver.invoice").get("mode").asText()).isEqualTo("full");
  }

  private Run run(String id) {
    try {
      return new RunStore(control.database()).find(id).orElseThrow();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void shouldRemoveATableOfAFormerStateWhenItsTimeHasEnded() throws Exception {
    lake.copied(Map.of("core_order", 2));
    open();
    awaitApplied("core_order", "silver.order");
    String instant = lake.commit("silver.order").get("instant").asText();
    String name = "order__asof_" + instant;
    Path current = lake.root().resolve("_catalog/silver/" + name + "/current.json");
    String made =
        conductor
            .request(
                "silver.order",
                Mode.ASOF,
                new Past(instant, name, Instant.now().plusSeconds(600), null),
                "engineer")
            .orElseThrow();
    Eventually.until(() -> run(made).status() == RunStatus.SUCCEEDED, () -> run(made));
    assertThat(current).exists();
    conductor.request(
        "silver.order",
        Mode.ASOF,
        new Past(instant, name, Instant.now().minusSeconds(1), null),
        "engineer");
    Eventually.until(() -> Files.notExists(current.getParent()), () -> runs("silver.order"));
    assertThat(runs("silver.order").stream().map(Run::mode))
        .as("newest first")
        .startsWith(Mode.DROP, Mode.ASOF, Mode.ASOF, Mode.INCREMENTAL);
    await("silver.order", Plan.State.FRESH);
  }

  /** No run can be about what nobody describes; it ends all the same. */
  @Test
  void shouldRemoveWhatWasMadeOfATableThatIsNotDescribedAnyMore() throws Exception {
    Instant past = Instant.now().minusSeconds(1);
    Path ended = stranger("20260302095900001", aboutUntil(past));
    Path damaged = stranger("20260302095900002", "{\"expiresAt\":");
    Path kept = stranger("20260302095900003", aboutUntil(Instant.now().plusSeconds(600)));
    open();
    for (Path one : List.of(ended, damaged)) {
      Eventually.until(() -> Files.notExists(one), () -> one);
      assertThat(lake.root().resolve("silver").resolve(one.getFileName())).doesNotExist();
    }
    assertThat(kept).exists();
    AsOfTable name = AsOfTable.of("silver", kept.getFileName().toString()).orElseThrow();
    assertThat(conductor.remove(name)).isTrue();
    assertThat(kept).doesNotExist();
    assertThat(lake.root().resolve("silver").resolve(kept.getFileName())).doesNotExist();
  }

  private static String aboutUntil(Instant end) {
    return "{\"version\":1,\"statePublishedAt\":\"2026-03-02T10:15:30Z\",\"expiresAt\":\"%s\"}"
        .formatted(end);
  }

  private Path stranger(String instant, String about) throws IOException {
    String name = "stranger__asof_" + instant;
    Path files = Files.createDirectories(lake.root().resolve("silver/" + name + "/tenant_id=a"));
    Files.writeString(files.resolve("a.parquet"), "rows");
    Path catalog = Files.createDirectories(lake.root().resolve("_catalog/silver/" + name));
    Files.writeString(catalog.resolve("asof.json"), about);
    Files.writeString(catalog.resolve(instant + ".json"), "{}");
    return catalog;
  }

  @Test
  void shouldSplitABacklogAtManifests() {
    limits = new Batch.Limits(3, 1_000);
    lake.copied(Map.of("core_order", 2));
    for (int i = 0; i < 5; i++) {
      lake.stream(Map.of("core_order", 2));
      lake.stream(Map.of("core_event", 1));
    }
    open();
    awaitApplied("core_order", "silver.order");
    List<Run> runs = runs("silver.order");
    assertThat(runs).hasSize(6);
    assertThat(runs).allSatisfy(run -> assertThat(request(run).get("files")).hasSize(2));
    // The last one reaches the end of the chain, past manifests that do not concern the table.
    assertThat(request(runs.get(0)).at("/through/manifest").asLong()).isEqualTo(lake.last());
  }

  @Test
  void shouldEndARunThatTakesTooLong() {
    timeout = Duration.ofMillis(600);
    lake.copied(Map.of("core_order", 1));
    FakeJobsFiles.script(work, "silver.order hang");
    open();
    awaitApplied("core_order", "silver.order");
    Run first = runs("silver.order").get(runs("silver.order").size() - 1);
    assertThat(first.status()).isEqualTo(RunStatus.FAILED);
    assertThat(first.errorCode()).isEqualTo("TIMEOUT");
    assertThat(first.errorMessage()).contains("lakegate.runs.timeout");
  }

  @Test
  void shouldRecordARunAsInterruptedWhenItStops() throws Exception {
    lake.copied(Map.of("core_order", 1));
    FakeJobsFiles.script(work, "silver.order hang");
    open();
    Eventually.until(
        () -> status("silver.order") != null && status("silver.order").reason().contains("reading"),
        () -> conductor.view().map(View::plan));
    conductor.close();
    assertThat(runner.state().phase()).isEqualTo(RunnerState.Phase.CLOSED);
    assertThat(runs("silver.order").get(0).status()).isEqualTo(RunStatus.INTERRUPTED);
    conductor = null;
    open();
    awaitApplied("core_order", "silver.order");
  }

  @Test
  void shouldStartFromWhatTheTableHasWhenItsSnapshotSaysMore() throws Exception {
    lake.copied(Map.of("core_order", 1));
    open();
    awaitApplied("core_order", "silver.order");
    JsonNode earlier = lake.commit("silver.order");
    lake.stream(Map.of("core_order", 1));
    awaitApplied("core_order", "silver.order");
    stop();
    // The table is put back to an earlier instant; its snapshot still tells of the later one.
    Files.writeString(lake.root().resolve("silver/order/commit.json"), Json.write(earlier));
    lake.stream(Map.of("core_order", 1));
    open();
    awaitApplied("core_order", "silver.order");
    assertThat(runs("silver.order")).anyMatch(run -> "CHECKPOINT_BEHIND".equals(run.errorCode()));
  }

  @Test
  void shouldSweepWhatANewEpochHasNotSeen() {
    lake.copied(Map.of("core_order", 1, "core_invoice", 1));
    open();
    awaitApplied("core_order", "silver.order");
    awaitApplied("core_invoice", "silver.invoice");
    lake.newEpoch();
    lake.copying(Map.of("core_order", 1));
    Eventually.until(
        () -> status("silver.order").reason().contains("Waits for the copy of core_order"),
        () -> status("silver.order"));
    // The copy finds no invoice any more.
    lake.copied(Map.of("core_order", 1, "core_invoice", 0));
    String sequence = lake.copySequence();
    awaitApplied("core_order", "silver.order");
    Eventually.until(
        () -> sequence.equals(lake.commit("silver.invoice").path("sweptBefore").asText()),
        () -> conductor.view().map(View::plan));
    assertThat(lake.commit("silver.order").get("sweptBefore").asText()).isEqualTo(sequence);
    lake.stream(Map.of("core_order", 1));
    awaitApplied("core_order", "silver.order");
    assertThat(lake.commit("silver.order").has("sweptBefore")).as("once").isFalse();
  }

  @Test
  void shouldTakeNoSnapshotItCannotReadForAnEmptyTable() throws Exception {
    lake.copied(Map.of("core_order", 1));
    open();
    awaitApplied("core_order", "silver.order");
    stop();
    Path current = lake.root().resolve("_catalog/silver/order/current.json");
    Files.writeString(current, "{\"version\":1,");
    lake.stream(Map.of("core_order", 1));
    open();
    Eventually.until(
        () -> status("silver.order") != null && status("silver.order").state() == Plan.State.FAILED,
        () -> conductor.view().map(View::plan));
    assertThat(status("silver.order").reason()).contains("current.json cannot be read");
    assertThat(status("gold.revenue_metrics").reason()).contains("silver.order");
    conductor.request("silver.order", Mode.INCREMENTAL, "engineer");
    awaitApplied("core_order", "silver.order");
  }

  @Test
  void shouldStopAtADamagedManifestAndGoOnWhenItIsWhole() throws Exception {
    lake.copied(Map.of("core_order", 1));
    open();
    awaitApplied("core_order", "silver.order");
    lake.stream(Map.of("core_order", 1));
    awaitApplied("core_order", "silver.order");
    stop();
    lake.stream(Map.of("core_order", 1));
    lake.stream(Map.of("core_order", 1));
    Path damaged = lake.root().resolve("bronze/_manifests/00000000000000000003.json");
    String whole = Files.readString(damaged);
    Files.writeString(damaged, whole.substring(0, whole.length() / 2));
    open();
    Eventually.until(
        () -> conductor.view().map(View::manifestProblem).orElse(null) != null,
        () -> conductor.view());
    assertThat(conductor.view().orElseThrow().manifestProblem())
        .startsWith("Manifest 3 stops the chain: ");
    assertThat(conductor.view().orElseThrow().head().manifest()).isEqualTo(2);
    Files.writeString(damaged, whole);
    awaitApplied("core_order", "silver.order");
    assertThat(conductor.view().orElseThrow().manifestProblem()).isNull();
  }

  @Test
  void shouldSurviveRandomMisdeedsOfTheJobs() {
    Random random = new Random(20260302);
    List<String> misdeeds =
        List.of(
            "crash-before",
            "crash-unpublished",
            "crash-after",
            "odd-result",
            "garbage",
            "none",
            "fail RUN_FAILED true",
            "none",
            "stranger");
    lake.copied(Map.of("core_order", 1, "core_customer", 1, "core_event", 1));
    open();
    for (int i = 0; i < 12; i++) {
      FakeJobsFiles.script(
          work,
          "* " + misdeeds.get(random.nextInt(misdeeds.size())),
          "* none",
          "* " + misdeeds.get(random.nextInt(misdeeds.size())));
      lake.stream(
          Map.of(
              "core_order",
              1 + random.nextInt(3),
              "core_customer",
              random.nextInt(2),
              "core_event",
              1));
      if (random.nextBoolean()) {
        awaitApplied("core_order", "silver.order");
      }
    }
    FakeJobsFiles.script(work);
    awaitApplied("core_order", "silver.order");
    awaitApplied("core_customer", "silver.customer");
    awaitApplied("core_event", "silver.event");
    for (String metric : List.of("revenue_metrics", "dim_customer", "funnel_metrics")) {
      await("gold." + metric, Plan.State.FRESH);
    }
    assertThat(lake.commit("gold.revenue_metrics").get("rows").asLong())
        .isEqualTo(lake.paths("core_order").size() * 10L);
  }

  @Test
  void shouldSayWhatIsWrongWhileTheControlDatabaseIsAway() throws Exception {
    lake.copied(Map.of("core_order", 1));
    open();
    awaitApplied("core_order", "silver.order");
    control.execute("ALTER TABLE transform.manifest RENAME TO away");
    lake.stream(Map.of("core_order", 1));
    Eventually.until(
        () -> conductor.view().orElseThrow().controlProblem() != null, () -> conductor.view());
    control.execute("ALTER TABLE transform.away RENAME TO manifest");
    awaitApplied("core_order", "silver.order");
    assertThat(conductor.view().orElseThrow().controlProblem()).isNull();
  }

  @Test
  void shouldSweepBelowACopyOfTheSameEpochAndLeaveOtherTablesAlone() {
    lake.copied(Map.of("core_order", 1, "core_customer", 1));
    open();
    awaitApplied("core_order", "silver.order");
    awaitApplied("core_customer", "silver.customer");
    lake.copying(Map.of("core_order", 1));
    lake.stream(Map.of("core_customer", 1));
    awaitApplied("core_customer", "silver.customer");
    Eventually.until(
        () -> status("silver.order").reason().contains("Waits for the copy of core_order"),
        () -> status("silver.order"));
    lake.newEpoch();
    lake.stream(Map.of("core_customer", 1));
    awaitApplied("core_customer", "silver.customer");
    assertThat(lake.commit("silver.customer").at("/checkpoint/epoch").asText()).isEqualTo("0002");
    assertThat(lake.commit("silver.customer").has("sweptBefore")).isFalse();
    lake.copied(Map.of("core_order", 1));
    String sequence = lake.copySequence();
    awaitApplied("core_order", "silver.order");
    assertThat(lake.commit("silver.order").get("sweptBefore").asText()).isEqualTo(sequence);
  }

  @Test
  void shouldHoldATableOfAnotherChainUntilItIsBuiltAnew() throws Exception {
    lake.copied(Map.of("core_order", 1));
    open();
    awaitApplied("core_order", "silver.order");
    stop();
    // Bronze is put back to a backup and goes on from there, in an epoch of its own.
    Path commit = lake.root().resolve("silver/order/commit.json");
    Path current = lake.root().resolve("_catalog/silver/order/current.json");
    for (Path file : List.of(commit, current)) {
      Files.writeString(
          file, Files.readString(file).replace("\"epoch\":\"0001\"", "\"epoch\":\"0007\""));
    }
    lake.stream(Map.of("core_order", 1));
    open();
    await("silver.order", Plan.State.HELD);
    assertThat(status("silver.order").reason()).contains("epoch 0007", "mode 'full'");
    String run = conductor.request("silver.order", Mode.FULL, "engineer").orElseThrow();
    awaitApplied("core_order", "silver.order");
    assertThat(lake.commit("silver.order").get("mode").asText()).isEqualTo("full");
    assertThat(request(runs("silver.order").get(0)).has("after")).isFalse();
    assertThat(runs("silver.order").get(0).id()).isEqualTo(run);
  }

  private static SchemaVersion schema(
      int number, SchemaVersion.Effect effect, String... namesAndTypes) {
    List<SchemaVersion.SourceColumn> columns = new ArrayList<>();
    for (String column : namesAndTypes) {
      String[] parts = column.split(":");
      columns.add(new SchemaVersion.SourceColumn(parts[0], parts[1], parts[1], true));
    }
    return new SchemaVersion(
        "core_invoice",
        number,
        List.of("id"),
        columns,
        effect,
        effect == SchemaVersion.Effect.DESTRUCTIVE ? "Column extra is gone." : null,
        null);
  }

  private List<String> columnsOfInvoice() {
    List<String> names = new ArrayList<>();
    lake.commit("silver.invoice").get("columns").forEach(c -> names.add(c.get("name").asText()));
    return names;
  }

  @Test
  void shouldCarryASchemaThroughAdditionsWideningAndAnApproval() throws Exception {
    lake.copied(Map.of("core_invoice", 1));
    open();
    awaitApplied("core_invoice", "silver.invoice");
    lake.schema(schema(1, SchemaVersion.Effect.FIRST, "id:bigint"));
    lake.schema(schema(2, SchemaVersion.Effect.ADDITIVE, "id:bigint", "extra:integer"));
    awaitApplied("core_invoice", "silver.invoice");
    assertThat(columnsOfInvoice()).contains("id", "extra");
    assertThat(lake.commit("silver.invoice").get("mode").asText()).isEqualTo("incremental");
    lake.schema(schema(3, SchemaVersion.Effect.WIDENING, "id:bigint", "extra:bigint"));
    awaitApplied("core_invoice", "silver.invoice");
    assertThat(lake.commit("silver.invoice").get("mode").asText()).isEqualTo("full");
    List<String> before = lake.consumed("silver.invoice");
    lake.schema(schema(4, SchemaVersion.Effect.DESTRUCTIVE, "id:bigint"));
    await("silver.invoice", Plan.State.HELD);
    assertThat(status("silver.invoice").reason())
        .contains("Column extra is gone.", "./lakegate approve core_invoice", "resync");
    assertThat(lake.consumed("silver.invoice")).isEqualTo(before);
    conductor.request("silver.invoice", Mode.FULL, "engineer");
    Eventually.until(
        () -> "engineer".equals(runs("silver.invoice").get(0).requestedBy()),
        () -> runs("silver.invoice"));
    Eventually.until(
        () -> runs("silver.invoice").get(0).status() == RunStatus.SUCCEEDED,
        () -> runs("silver.invoice"));
    assertThat(lake.consumed("silver.invoice")).as("nobody gets past it").isEqualTo(before);
    lake.approve("core_invoice");
    awaitApplied("core_invoice", "silver.invoice");
    assertThat(columnsOfInvoice()).as("a dropped column stays").contains("extra");
  }

  @Test
  void shouldBuildATableAnewWhenItsDescriptionChanges() throws Exception {
    lake.copied(Map.of("core_invoice", 2));
    open();
    awaitApplied("core_invoice", "silver.invoice");
    lake.stream(Map.of("core_invoice", 1));
    awaitApplied("core_invoice", "silver.invoice");
    assertThat(lake.commit("silver.invoice").get("mode").asText()).isEqualTo("incremental");
    Path file = lakehouse.resolve("tables/invoice.yaml");
    Files.writeString(
        file,
        Files.readString(file)
            .replace(
                "derivations:\n",
                "derivations:\n  - {column: is_paid, type: boolean, expression: \"status = 'paid'\","
                    + " description: Whether it was paid.}\n"));
    Eventually.until(
        () -> lake.commit("silver.invoice").get("mode").asText().equals("full"),
        () -> conductor.view().map(View::plan));
    awaitApplied("core_invoice", "silver.invoice");
    assertThat(runs("silver.invoice").get(0).reason())
        .contains("Its definition changed: ", "built anew from Bronze");
    int runs = runs("silver.invoice").size();
    lake.stream(Map.of("core_invoice", 1));
    awaitApplied("core_invoice", "silver.invoice");
    assertThat(runs("silver.invoice")).as("once").hasSize(runs + 1);
  }

  @Test
  void shouldReadTheIndexAnewWhenARollUpHasMergedFiles() throws Exception {
    lake.copied(Map.of("core_order", 1, "core_event", 1));
    open();
    awaitApplied("core_order", "silver.order");
    awaitApplied("core_event", "silver.event");
    FakeJobsFiles.script(work, "silver.order fail BRONZE_FILE_MISSING false");
    lake.stream(Map.of("core_order", 1));
    lake.stream(Map.of("core_order", 1));
    awaitApplied("core_order", "silver.order");
    assertThat(runs("silver.order")).anyMatch(r -> "BRONZE_FILE_MISSING".equals(r.errorCode()));
  }

  @Test
  void shouldRunIndependentTablesBesideEachOther() throws Exception {
    FakeJobsFiles.script(work, "start parallel", "silver.order slow 3000");
    lake.copied(Map.of("core_order", 1, "core_customer", 1, "core_invoice", 1));
    open();
    Eventually.until(
        () ->
            status("silver.order") != null
                && status("silver.order").state() == Plan.State.RUNNING
                && lake.consumed("silver.customer").equals(lake.paths("core_customer"))
                && lake.consumed("silver.invoice").equals(lake.paths("core_invoice")),
        () -> conductor.view().map(View::plan));
    awaitApplied("core_order", "silver.order");
    await("gold.revenue_metrics", Plan.State.FRESH);
    assertThat(runs("silver.order")).hasSize(1);
  }

  @Test
  void shouldRepeatARunThatWasEndedTogetherWithAnother() throws Exception {
    FakeJobsFiles.script(
        work, "start parallel", "silver.order hang", "silver.customer hang", "start parallel");
    lake.copied(Map.of("core_order", 1, "core_customer", 1));
    open();
    Eventually.until(
        () ->
            status("silver.order") != null
                && status("silver.order").reason().contains("reading")
                && status("silver.customer").reason().contains("reading"),
        () -> conductor.view().map(View::plan));
    assertThat(conductor.cancel(runs("silver.order").get(0).id(), "engineer")).isTrue();
    awaitApplied("core_customer", "silver.customer");
    awaitApplied("core_order", "silver.order");
    assertThat(runs("silver.order")).anyMatch(r -> r.status() == RunStatus.CANCELLED);
    assertThat(runs("silver.customer")).anyMatch(r -> r.status() == RunStatus.INTERRUPTED);
  }

  @Test
  void shouldTellHowLongChangesTake() {
    lake.copied(Map.of("core_order", 1));
    open();
    await("gold.revenue_metrics", Plan.State.FRESH);
    assertThat(conductor.view().orElseThrow().freshness())
        .as("copied rows are no changes")
        .doesNotContainKey("silver.order");
    lake.stream(Map.of("core_order", 2));
    awaitApplied("core_order", "silver.order");
    await("gold.revenue_metrics", Plan.State.FRESH);
    Eventually.until(
        () -> conductor.view().orElseThrow().freshness().containsKey("gold.revenue_metrics"),
        () -> conductor.view());
    var silver = conductor.view().orElseThrow().freshness().get("silver.order");
    var gold = conductor.view().orElseThrow().freshness().get("gold.revenue_metrics");
    assertThat(silver.samples()).isEqualTo(2);
    assertThat(silver.p50()).isBetween(0.0, 60.0);
    assertThat(gold.p50()).isGreaterThanOrEqualTo(silver.p50());
  }
}
