package dev.lakegate.transform.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.model.job.Checkpoint;
import dev.lakegate.model.job.RunRequest.Mode;
import dev.lakegate.transform.plan.History.Outcome;
import dev.lakegate.transform.plan.Plan.State;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/**
 * Random histories of a small lakehouse: changes arrive, runs start as planned, succeed, fail, are
 * cancelled or lost after their commit, the clock moves on. Whatever happens, nothing runs while
 * its inputs do, every file is applied once and in order, a failure holds only what reads from it,
 * and when nothing happens any more everything becomes fresh and stays at rest.
 */
class PlanningPropertyTest {
  private static final Rules RULES =
      new Rules(
          Duration.ofSeconds(6),
          50,
          Duration.ofSeconds(20),
          Duration.ofSeconds(40),
          Duration.ofSeconds(5),
          Duration.ofMinutes(5),
          Duration.ofMinutes(1));

  @Property(tries = 200)
  void shouldAlwaysEndFreshAndAtRest(
      @ForAll Random random, @ForAll @IntRange(min = 1, max = 3) int parallel) {
    World world = new World(random, parallel);
    int steps = 20 + random.nextInt(120);
    for (int i = 0; i < steps; i++) {
      world.disturb();
      world.start();
    }
    world.settle();
    world.verifyFresh();
    // At rest means at rest: nothing starts however long one waits within the day.
    for (int i = 0; i < 20; i++) {
      world.now = world.now.plusSeconds(30);
      if (LocalDate.ofInstant(world.now, ZoneOffset.UTC).equals(world.settledOn)) {
        assertThat(world.plan().ready()).isEmpty();
      }
    }
  }

  /** Everything that a plan depends on, and what runs do to it. */
  private static final class World {
    private static final List<String> TABLES = List.of("a", "b", "c");

    final Random random;
    final int parallel;
    final Planner planner = new Planner(RULES);
    final Map<String, Dataset> datasets = new LinkedHashMap<>();
    final List<Entry> chain = new ArrayList<>();
    final Map<String, Published> published = new HashMap<>();
    final Map<String, Mutable> history = new HashMap<>();
    final Map<String, Active> running = new TreeMap<>();
    final Map<String, List<String>> applied = new HashMap<>();
    final Map<String, String> computedBy = new HashMap<>();
    final List<Situation.Request> requests = new ArrayList<>();
    Instant now = Instant.parse("2026-03-02T22:00:00Z");
    LocalDate settledOn;
    int epoch = 1;
    int clock;
    boolean calm;

    final Map<String, Integer> generations = new HashMap<>();
    final Set<String> copying = new HashSet<>();

    record Entry(
        long number,
        String epoch,
        Instant at,
        Map<String, Integer> files,
        Map<String, Integer> begun,
        Map<String, Integer> done) {}

    static final class Mutable {
      History.Last last;
      int failures;
      String definition;
      final List<History.Commit> commits = new ArrayList<>();

      History view() {
        return new History(last, failures, definition, null, commits);
      }
    }

    record Active(
        String id,
        Dataset dataset,
        Mode mode,
        Instant startedAt,
        Instant oldest,
        Batch batch,
        Map<String, String> through) {}

    World(Random random, int parallel) {
      this.random = random;
      this.parallel = parallel;
      for (String table : TABLES) {
        add(new Dataset("silver." + table, Dataset.Layer.SILVER, table, List.of(), false, "1"));
      }
      add(gold("one", false, "silver.a"));
      add(gold("two", true, "silver.a", "silver.b"));
      add(gold("three", false, "gold.one", "silver.c"));
      copying.addAll(TABLES);
      TABLES.forEach(table -> generations.put(table, 1));
      arrive(copying, some());
    }

    static Dataset gold(String name, boolean daily, String... inputs) {
      return new Dataset("gold." + name, Dataset.Layer.GOLD, null, List.of(inputs), daily, "1");
    }

    void add(Dataset dataset) {
      datasets.put(dataset.name(), dataset);
    }

    void disturb() {
      now = now.plusMillis(random.nextInt(random.nextInt(10) == 0 ? 3_000_000 : 5_000));
      switch (random.nextInt(10)) {
        case 0, 1, 2 -> {
          if (random.nextInt(4) == 0) {
            copying.addAll(some());
            copying.forEach(table -> generations.merge(table, 1, Integer::sum));
            arrive(copying, random.nextBoolean() ? Set.copyOf(copying) : some());
          } else {
            arrive(Set.of(), random.nextInt(3) == 0 ? Set.copyOf(copying) : Set.of());
          }
        }
        case 3, 4, 5 -> finish(Outcome.SUCCEEDED);
        case 6 -> finish(Outcome.FAILED);
        case 7 -> finish(random.nextBoolean() ? Outcome.CANCELLED : Outcome.INTERRUPTED);
        case 8 -> {
          if (random.nextInt(5) == 0) {
            redefine();
          } else if (random.nextInt(8) == 0) {
            newEpoch();
          }
        }
        default -> {
          List<String> names = List.copyOf(datasets.keySet());
          String name = names.get(random.nextInt(names.size()));
          Mode mode = random.nextBoolean() ? Mode.FULL : Mode.INCREMENTAL;
          requests.add(new Situation.Request("request-" + clock++, name, mode, "engineer"));
        }
      }
    }

    /** Some tables are copied anew in it, the others go on. */
    void newEpoch() {
      epoch++;
      Set<String> anew = some();
      copying.addAll(anew);
      copying.forEach(table -> generations.merge(table, 1, Integer::sum));
      arrive(copying, some());
    }

    Set<String> some() {
      Set<String> some = new HashSet<>();
      TABLES.stream().filter(table -> random.nextBoolean()).forEach(some::add);
      return some;
    }

    /** A manifest with some files of some tables, with which copies begin and become complete. */
    void arrive(Set<String> begun, Set<String> completed) {
      Map<String, Integer> files = new HashMap<>();
      Map<String, Integer> begins = new HashMap<>();
      Map<String, Integer> done = new HashMap<>();
      for (String table : TABLES) {
        int n = random.nextInt(3);
        if (n > 0) {
          files.put(table, n);
        }
        if (begun.contains(table)) {
          begins.put(table, generations.get(table));
        }
        if (completed.contains(table) && copying.contains(table)) {
          done.put(table, generations.get(table));
        }
      }
      copying.removeAll(done.keySet());
      chain.add(new Entry(chain.size() + 1, "%04x".formatted(epoch), now, files, begins, done));
    }

    SourceLedger ledger(String table) {
      List<SourceLedger.Begun> begun = new ArrayList<>();
      List<SourceLedger.Completed> completed = new ArrayList<>();
      for (Entry entry : chain) {
        Integer began = entry.begun().get(table);
        if (began != null) {
          begun.add(new SourceLedger.Begun(entry.number(), began));
        }
        Integer done = entry.done().get(table);
        if (done != null) {
          completed.add(
              new SourceLedger.Completed(entry.number(), done, "s", entry.epoch(), Instant.EPOCH));
        }
      }
      return new SourceLedger(begun, completed, List.of(), List.of());
    }

    void redefine() {
      List<Dataset> all = List.copyOf(datasets.values());
      Dataset old = all.get(random.nextInt(all.size()));
      datasets.put(
          old.name(),
          new Dataset(
              old.name(),
              old.layer(),
              old.bronzeTable(),
              old.inputs(),
              old.daily(),
              old.definition() + "'"));
    }

    void finish(Outcome outcome) {
      if (running.isEmpty()) {
        return;
      }
      List<String> names = List.copyOf(running.keySet());
      finish(names.get(random.nextInt(names.size())), outcome);
    }

    void finish(String name, Outcome outcome) {
      Active run = running.remove(name);
      // A run that is lost may have committed all the same.
      boolean commits =
          outcome == Outcome.SUCCEEDED || (outcome != Outcome.FAILED && random.nextBoolean());
      Mutable record = history.computeIfAbsent(name, n -> new Mutable());
      if (commits) {
        commit(run);
      }
      if (outcome == Outcome.SUCCEEDED) {
        record.definition = run.dataset().definition();
        record.failures = 0;
        record.commits.add(
            new History.Commit(published.get(name).instant(), run.startedAt(), now, run.oldest()));
      } else if (outcome == Outcome.FAILED) {
        record.failures++;
      }
      record.last =
          new History.Last(
              run.id(),
              outcome,
              now,
              outcome == Outcome.SUCCEEDED ? null : "CODE",
              "message",
              random.nextBoolean(),
              run.dataset().definition());
    }

    void commit(Active run) {
      String name = run.dataset().name();
      String instant = "%017d".formatted(++clock);
      computedBy.put(name, run.dataset().definition());
      if (run.batch() == null) {
        published.put(
            name,
            new Published(
                instant,
                now,
                1,
                null,
                null,
                run.through(),
                run.dataset().daily()
                    ? LocalDate.ofInstant(run.startedAt(), ZoneOffset.UTC)
                    : null));
        return;
      }
      List<String> files = applied.computeIfAbsent(name, n -> new ArrayList<>());
      if (run.mode() == Mode.FULL) {
        files.clear();
      }
      run.batch().files().forEach(file -> files.add(file.path()));
      published.put(
          name,
          new Published(
              instant,
              now,
              files.size(),
              null,
              new Checkpoint.OfManifests(
                  chain.get((int) run.batch().through() - 1).epoch(), run.batch().through()),
              Map.of(),
              null));
    }

    Plan plan() {
      return planner.plan(situation());
    }

    Situation situation() {
      Map<String, SourceLedger> ledgers = new HashMap<>();
      Map<String, Bronze.Backlog> backlogs = new HashMap<>();
      long head = head().manifest();
      for (String table : TABLES) {
        SourceLedger ledger = ledger(table);
        ledgers.put(table, ledger);
        Published current = published.get("silver." + table);
        long consumed = current == null ? 0 : current.bronze().manifest();
        long copy =
            ledger
                .copying()
                .map(SourceLedger.Begun::manifest)
                .filter(begun -> begun > consumed)
                .orElse(head + 1);
        backlogs.put(
            "silver." + table,
            new Bronze.Backlog(
                current == null ? null : chain.get((int) consumed - 1).epoch(),
                sum(files(table, consumed, copy - 1)),
                sum(files(table, copy - 1, head)),
                null));
      }
      Map<String, History> histories = new HashMap<>();
      history.forEach((name, record) -> histories.put(name, record.view()));
      Map<String, Situation.Running> active = new HashMap<>();
      running.forEach(
          (name, run) -> active.put(name, new Situation.Running(run.id(), run.startedAt(), null)));
      return new Situation(
          now,
          List.copyOf(datasets.values()),
          new Bronze(head(), ledgers, backlogs),
          published,
          Map.of(),
          histories,
          active,
          requests,
          null);
    }

    Bronze.Head head() {
      Entry last = chain.get(chain.size() - 1);
      return new Bronze.Head(last.epoch(), last.number(), last.at());
    }

    Bronze.Pending sum(List<PendingFile> files) {
      return files.isEmpty()
          ? null
          : new Bronze.Pending(
              files.size(),
              files.stream().mapToLong(PendingFile::rows).sum(),
              files.size(),
              chain.get((int) files.get(0).manifest() - 1).at());
    }

    List<PendingFile> files(String table, long after, long upTo) {
      List<PendingFile> files = new ArrayList<>();
      for (Entry entry : chain) {
        for (int i = 0;
            entry.number() > after
                && entry.number() <= upTo
                && i < entry.files().getOrDefault(table, 0);
            i++) {
          files.add(file(entry, table, i));
        }
      }
      return files;
    }

    static PendingFile file(Entry entry, String table, int i) {
      return new PendingFile(
          entry.number(), table + "/" + entry.number() + "-" + i, "stream", 1, 1, 10, 1);
    }

    void start() {
      while (running.size() < parallel) {
        Plan plan = plan();
        verify(plan);
        if (plan.ready().isEmpty()) {
          return;
        }
        start(plan.ready().get(0));
      }
      verify(plan());
    }

    void start(Plan.Candidate candidate) {
      Dataset dataset = datasets.get(candidate.dataset());
      requests.removeIf(request -> request.runId().equals(candidate.request()));
      Batch batch = null;
      Map<String, String> through = new HashMap<>();
      if (dataset.layer() == Dataset.Layer.SILVER) {
        Published current = published.get(dataset.name());
        boolean anew = candidate.mode() == Mode.FULL || current == null;
        long from = anew ? 0 : current.bronze().manifest();
        long upTo = candidate.upTo();
        assertThat(upTo).isBetween(Math.max(from, 1), head().manifest());
        if (anew) {
          assertThat(
                  ledger(dataset.bronzeTable()).wholeAt(upTo)
                      || backlog(dataset).copying().rows() >= RULES.copyRows())
              .as("half a copy is not shown")
              .isTrue();
        }
        List<PendingFile> files = files(dataset.bronzeTable(), from, upTo);
        batch =
            from == upTo
                ? new Batch(from, List.of(), true)
                : Batch.cut(
                    upTo,
                    files,
                    false,
                    candidate.mode() == Mode.FULL
                        ? new Batch.Limits(Integer.MAX_VALUE, Long.MAX_VALUE)
                        : new Batch.Limits(3, 25));
      } else {
        dataset.inputs().forEach(input -> through.put(input, published.get(input).instant()));
      }
      running.put(
          dataset.name(),
          new Active(
              "run-" + clock++,
              dataset,
              candidate.mode(),
              now,
              candidate.behindSince(),
              batch,
              through));
    }

    Bronze.Backlog backlog(Dataset dataset) {
      return situation().bronze().backlog(dataset.name());
    }

    void verify(Plan plan) {
      assertThat(plan.statuses()).hasSameSizeAs(datasets.values());
      for (Plan.Status status : plan.statuses()) {
        assertThat(status.reason()).as(status.dataset()).endsWith(".").hasSizeGreaterThan(10);
        assertThat(status.state() == State.RUNNING)
            .isEqualTo(running.containsKey(status.dataset()));
      }
      Set<String> seen = new HashSet<>();
      for (Plan.Candidate candidate : plan.ready()) {
        assertThat(seen.add(candidate.dataset())).as("named twice").isTrue();
        assertThat(running).doesNotContainKey(candidate.dataset());
        for (String active : running.keySet()) {
          assertThat(upstream(active)).as("read by " + active).doesNotContain(candidate.dataset());
        }
        for (String input : upstream(candidate.dataset())) {
          assertThat(running).as("input of " + candidate.dataset()).doesNotContainKey(input);
          assertThat(published).containsKey(input);
          if (candidate.request() == null) {
            assertThat(plan.status(input).orElseThrow().state())
                .as("input of " + candidate.dataset())
                .isNotEqualTo(State.FAILED);
          }
        }
      }
      for (Plan.Status status : plan.statuses()) {
        boolean failing =
            upstream(status.dataset()).stream()
                .map(input -> plan.status(input).orElseThrow().state())
                .anyMatch(state -> state == State.FAILED || state == State.RUNNING);
        boolean troubled =
            status.state() == State.FAILED || status.state() == State.RUNNING || failing;
        boolean cancelled =
            history.containsKey(status.dataset())
                && history.get(status.dataset()).last != null
                && history.get(status.dataset()).last.outcome() == Outcome.CANCELLED;
        // What is behind, has no trouble of its own or upstream, and lacks no input, may run, or
        // gathers with a deadline.
        if (status.state() == State.STALE && !troubled && !cancelled && running.isEmpty() && calm) {
          assertThat(
                  plan.ready().stream().anyMatch(c -> c.dataset().equals(status.dataset()))
                      || plan.ready().stream()
                          .anyMatch(c -> upstream(status.dataset()).contains(c.dataset()))
                      || plan.wakeAt() != null)
              .as(status.toString())
              .isTrue();
        }
      }
    }

    Set<String> upstream(String name) {
      Set<String> all = new HashSet<>();
      for (String input : datasets.get(name).inputs()) {
        all.add(input);
        all.addAll(upstream(input));
      }
      return all;
    }

    /** From now on nothing arrives and every run succeeds. */
    void settle() {
      arrive(Set.of(), Set.copyOf(copying));
      calm = true;
      for (int i = 0; i < 2_000; i++) {
        start();
        if (!running.isEmpty()) {
          now = now.plusMillis(500);
          finish(running.keySet().iterator().next(), Outcome.SUCCEEDED);
          continue;
        }
        Plan plan = plan();
        boolean fresh =
            plan.statuses().stream()
                .allMatch(s -> s.state() == State.FRESH || s.state() == State.EMPTY);
        if (plan.ready().isEmpty() && fresh) {
          settledOn = LocalDate.ofInstant(now, ZoneOffset.UTC);
          return;
        }
        assertThat(plan.wakeAt()).as(plan.toString()).isAfter(now);
        now = plan.wakeAt();
      }
      throw new AssertionError("never at rest: " + plan());
    }

    void verifyFresh() {
      Plan plan = plan();
      for (Dataset dataset : datasets.values()) {
        Plan.Status status = plan.status(dataset.name()).orElseThrow();
        assertThat(status.behindSince()).as(status.toString()).isNull();
        Published current = published.get(dataset.name());
        if (dataset.layer() == Dataset.Layer.SILVER) {
          List<String> all = new ArrayList<>();
          for (Entry entry : chain) {
            for (int i = 0; i < entry.files().getOrDefault(dataset.bronzeTable(), 0); i++) {
              all.add(file(entry, dataset.bronzeTable(), i).path());
            }
          }
          assertThat(applied.getOrDefault(dataset.name(), List.of())).isEqualTo(all);
        } else {
          for (String input : dataset.inputs()) {
            assertThat(current.inputs()).containsEntry(input, published.get(input).instant());
          }
          assertThat(computedBy.get(dataset.name())).isEqualTo(dataset.definition());
          if (dataset.daily()) {
            assertThat(current.asOf()).isEqualTo(LocalDate.ofInstant(now, ZoneOffset.UTC));
          }
        }
      }
    }
  }

  @Property(tries = 1000)
  void shouldCutBatchesThatConsumeEveryFileOnceAndInOrder(
      @ForAll Random random,
      @ForAll @IntRange(min = 1, max = 5) int maxFiles,
      @ForAll @IntRange(min = 1, max = 60) int maxRows,
      @ForAll @IntRange(min = 1, max = 6) int listed) {
    List<PendingFile> all = new ArrayList<>();
    long manifests = 1 + random.nextInt(20);
    for (long manifest = 1; manifest <= manifests; manifest++) {
      for (int i = random.nextInt(4); i > 0; i--) {
        all.add(
            new PendingFile(
                manifest, manifest + "/" + i, "stream", 1, 1, 1 + random.nextInt(30), 1));
      }
    }
    List<PendingFile> consumed = new ArrayList<>();
    long after = 0;
    for (int runs = 0; after < manifests; runs++) {
      assertThat(runs).isLessThan(100);
      long from = after;
      List<PendingFile> rest = all.stream().filter(f -> f.manifest() > from).toList();
      int cut = Math.min(listed, rest.size());
      while (cut > 0
          && cut < rest.size()
          && rest.get(cut).manifest() == rest.get(cut - 1).manifest()) {
        cut++;
      }
      List<PendingFile> part = rest.subList(0, cut);
      Batch batch =
          Batch.cut(manifests, part, cut < rest.size(), new Batch.Limits(maxFiles, maxRows));
      assertThat(batch.through()).isGreaterThan(after).isLessThanOrEqualTo(manifests);
      assertThat(batch.complete()).isEqualTo(batch.files().size() == rest.size());
      boolean oneManifest =
          batch.files().stream().map(PendingFile::manifest).distinct().count() == 1;
      if (!oneManifest) {
        assertThat(batch.files()).hasSizeLessThanOrEqualTo(maxFiles);
        assertThat(batch.files().stream().mapToLong(PendingFile::rows).sum())
            .isLessThanOrEqualTo(maxRows);
      }
      for (PendingFile file : rest) {
        // Whatever the checkpoint covers was taken: nothing between is passed over.
        assertThat(batch.files().contains(file)).isEqualTo(file.manifest() <= batch.through());
      }
      consumed.addAll(batch.files());
      after = batch.through();
    }
    assertThat(consumed).isEqualTo(all);
  }

  @Property(tries = 200)
  void shouldNeverWaitLongerThanTheLongestDelay(
      @ForAll @IntRange(min = 1, max = 200) int failures, @ForAll FailureClass kind) {
    assertThat(RULES.retryDelay(failures, kind))
        .isBetween(
            RULES.firstRetry(),
            RULES.lastRetry().multipliedBy(kind == FailureClass.THROTTLED ? 2 : 1))
        .isGreaterThanOrEqualTo(RULES.retryDelay(Math.max(1, failures - 1), kind));
  }
}
