package dev.lakegate.transform.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.model.bronze.ManifestReader;
import dev.lakegate.model.job.Checkpoint;
import dev.lakegate.model.job.JobSpecification;
import dev.lakegate.model.job.JobSpecification.SpecColumn;
import dev.lakegate.model.job.RunRequest.Mode;
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
import dev.lakegate.transform.plan.Rules;
import dev.lakegate.transform.plan.Situation;
import dev.lakegate.transform.testing.ControlDatabase;
import dev.lakegate.transform.testing.SimulatedSource;
import dev.lakegate.transform.testing.SimulatedSource.Change;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * From real manifests over the real index, planner and requests to a model of the fold: whatever
 * the source and capture did, each table ends as the source's. Lost log, copies of single tables in
 * epochs of their own, copies that broke off, roll-ups under running requests, a lost index, full
 * runs at any moment.
 */
class ChainToTableTest {
  private static final Instant NOW = Instant.parse("2026-03-02T12:00:00Z");
  private static ControlDatabase control;

  @TempDir Path directory;

  @BeforeAll
  static void startDatabase() throws IOException {
    control = new ControlDatabase();
  }

  @AfterAll
  static void stopDatabase() throws IOException {
    control.close();
  }

  @Test
  void tablesShouldEndAsTheSource() throws Exception {
    histories(6);
  }

  @Test
  @Tag("long")
  void tablesShouldEndAsTheSourceOverManyHistories() throws Exception {
    histories(200);
  }

  private void histories(int count) throws Exception {
    long seed = Long.getLong("lakegate.test.seed", System.nanoTime());
    for (int i = 0; i < count; i++) {
      control.clear();
      World world = new World(directory.resolve("lake-" + i), new Random(seed + i));
      try {
        world.live();
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError(
            "with -Dlakegate.test.seed=%d: %s".formatted(seed + i, e.getMessage()), e);
      }
    }
  }

  /** A stored row. */
  private record Row(int value, String sequence) {}

  private static final class World {
    final Random random;
    final SimulatedSource source;
    final ManifestIndex index = new ManifestIndex(control.database());
    final ManifestReader reader;
    final Planner planner =
        new Planner(
            new Rules(
                Duration.ofSeconds(6),
                // Some histories show copies in progress, most do not.
                1_000,
                Duration.ofSeconds(20),
                Duration.ofSeconds(40),
                Duration.ofSeconds(5),
                Duration.ofMinutes(5),
                Duration.ofMinutes(1)));
    final Map<String, TreeMap<Integer, Row>> tables = new HashMap<>();
    final Map<String, Published> published = new HashMap<>();
    final Map<String, History> history = new HashMap<>();
    final List<Dataset> datasets = new ArrayList<>();
    final Description description;
    ManifestFollower follower;
    int instants;
    int missing;

    World(Path root, Random random) {
      this.random = random;
      root.toFile().mkdirs();
      this.source = new SimulatedSource(root, random);
      this.reader = new ManifestReader(root);
      this.follower = new ManifestFollower(reader, index);
      Map<String, JobSpecification> specifications = new LinkedHashMap<>();
      for (String table : SimulatedSource.TABLES) {
        String name = "silver." + table.substring(5);
        JobSpecification specification = specification(table);
        specifications.put(name, specification);
        datasets.add(
            new Dataset(name, Dataset.Layer.SILVER, table, List.of(), false, "1", specification));
      }
      description = new Description(datasets, specifications, Map.of());
    }

    static JobSpecification specification(String table) {
      return new JobSpecification(
          1,
          JobSpecification.Kind.SILVER,
          "silver." + table.substring(5),
          table.substring(5),
          "shared",
          "x",
          "silver/" + table.substring(5),
          table,
          List.of("id"),
          null,
          null,
          null,
          null,
          null,
          null,
          null,
          List.of(),
          List.of(new SpecColumn("id", "bigint", false, "x")),
          List.of(),
          List.of());
    }

    void live() throws SQLException {
      int steps = 20 + random.nextInt(40);
      for (int i = 0; i < steps; i++) {
        switch (random.nextInt(12)) {
          case 0 -> source.loseLog();
          case 1 -> source.breakCopy();
          case 2, 3 -> source.rollUp();
          case 4 -> {
            if (random.nextInt(4) == 0) {
              index.clear();
              follower = new ManifestFollower(reader, index);
            }
          }
          case 5 -> run(random.nextBoolean());
          case 6, 7 -> run(false);
          default -> {
            source.change();
            source.flush();
          }
        }
      }
      source.settle();
      for (int i = 0; i < 200 && run(false); i++) {
        if (i < 3) {
          source.rollUp();
        }
      }
      for (String table : SimulatedSource.TABLES) {
        Map<Integer, Integer> values = new TreeMap<>();
        tables
            .getOrDefault("silver." + table.substring(5), new TreeMap<>())
            .forEach((key, row) -> values.put(key, row.value()));
        assertThat(values).as(table).isEqualTo(source.rows(table));
      }
    }

    /** Whether there was something to run. */
    boolean run(boolean full) throws SQLException {
      while (follower.poll() > 0) {}
      Bronze bronze = follower.view(datasets, published);
      List<Situation.Request> requests = new ArrayList<>();
      if (full) {
        requests.add(
            new Situation.Request(
                "asked", datasets.get(random.nextInt(3)).name(), Mode.FULL, "engineer"));
      }
      Plan plan =
          planner.plan(
              new Situation(
                  NOW, datasets, bronze, published, Map.of(), history, Map.of(), requests, null));
      if (plan.ready().isEmpty()) {
        return false;
      }
      Plan.Candidate candidate =
          full ? plan.ready().get(0) : plan.ready().get(random.nextInt(plan.ready().size()));
      Dataset dataset = description.dataset(candidate.dataset()).orElseThrow();
      RequestMaker maker = new RequestMaker(index, "/lake", new Batch.Limits(4, 20));
      JsonNode request =
          maker.make("run", candidate, dataset, description, bronze, published, null, NOW);
      if (random.nextInt(3) == 0) {
        source.rollUp();
      }
      apply(dataset.name(), request);
      return true;
    }

    void apply(String name, JsonNode request) {
      boolean full = request.get("mode").asText().equals("full");
      Published before = published.get(name);
      long consumed = before == null ? 0 : before.bronze().manifest();
      if (!full) {
        assertThat(request.at("/after/manifest").asLong(0)).isLessThanOrEqualTo(consumed);
      }
      TreeMap<Integer, Row> stored =
          full || !tables.containsKey(name) ? new TreeMap<>() : tables.get(name);
      List<Change> batch = new ArrayList<>();
      for (JsonNode file : request.get("files")) {
        assertThat(file.get("manifest").asLong())
            .isLessThanOrEqualTo(request.at("/through/manifest").asLong());
        if (!full && file.get("manifest").asLong() <= consumed) {
          continue;
        }
        List<Change> content = source.file(file.get("path").asText());
        if (content == null) {
          // The index must know of the file that took its place, once it looks again.
          assertThat(++missing).isLessThan(200);
          history.put(
              name,
              new History(
                  new History.Last(
                      "run", History.Outcome.FAILED, NOW, "BRONZE_FILE_MISSING", "x", false, "1"),
                  1,
                  "1",
                  null,
                  List.of()));
          return;
        }
        batch.addAll(content);
      }
      String sweep = request.path("sweepBefore").asText("");
      String truncated = "";
      TreeMap<Integer, Change> last = new TreeMap<>();
      for (Change change : batch) {
        if (change.key() == null) {
          truncated = truncated.compareTo(change.sequence()) < 0 ? change.sequence() : truncated;
        } else {
          last.merge(
              change.key(), change, (a, b) -> a.sequence().compareTo(b.sequence()) >= 0 ? a : b);
        }
      }
      String floor = sweep.compareTo(truncated) > 0 ? sweep : truncated;
      TreeMap<Integer, Row> result = new TreeMap<>(stored);
      last.forEach(
          (key, change) -> {
            Row row = stored.get(key);
            if (row == null || row.sequence().compareTo(change.sequence()) < 0) {
              if (change.value() == null) {
                result.remove(key);
              } else {
                result.put(key, new Row(change.value(), change.sequence()));
              }
            }
          });
      result.values().removeIf(row -> row.sequence().compareTo(floor) < 0);
      tables.put(name, result);
      history.remove(name);
      published.put(
          name,
          new Published(
              "%017d".formatted(++instants),
              NOW,
              result.size(),
              null,
              new Checkpoint.OfManifests(
                  request.at("/through/epoch").asText(), request.at("/through/manifest").asLong()),
              Map.of(),
              null));
    }
  }
}
