package dev.lakegate.ingest.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.ingest.capture.CaptureSteps.Step;
import dev.lakegate.ingest.testing.BronzeFold;
import dev.lakegate.ingest.testing.CaptureProcess;
import dev.lakegate.ingest.testing.History;
import dev.lakegate.ingest.testing.TestSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The engine dies at each step at which it may, under load and while tables are copied anew; its
 * successor brings Bronze to what the source has, row by row, every time.
 */
class KilledAtStepsTest {
  private static final List<CapturedTable> TABLES = TestSource.tables();
  private static final Duration LIMIT = Duration.ofSeconds(90);
  private static final int STEP_ROUNDS = Integer.getInteger("lakegate.capture.step-rounds", 200);
  private static final int SCHEMA_ROUNDS =
      Integer.getInteger("lakegate.capture.schema-rounds", 150);
  private static final Set<Step> OPENING =
      EnumSet.of(Step.OPENING_MARKED, Step.SLOT_DROPPED, Step.SLOT_CREATED, Step.EPOCH_OPENED);
  private static final Set<Step> COPYING =
      EnumSet.of(
          Step.GAP_MARKED,
          Step.BUMP_DECIDED,
          Step.BUMPED,
          Step.SNAPSHOT_TAKEN,
          Step.COPY_FILES_WRITTEN,
          Step.COPY_PART_APPENDED,
          Step.COPY_COMPLETED,
          Step.COPY_STREAM_BEGUN,
          Step.COPY_CAUGHT_UP);

  @TempDir Path directory;
  private final long seed = Long.getLong("lakegate.test.seed", new Random().nextLong());
  private final Random random = new Random(seed);
  private TestSource source;
  private History history;
  private BronzeFold fold;
  private Process process;
  private int columns;

  @BeforeEach
  void start() throws Exception {
    source = TestSource.start();
    source.seed(4, 60);
    History.prepare(source);
    history = new History(seed, 4);
    fold = BronzeFold.open(directory.resolve("lake"));
  }

  @AfterEach
  void kill() throws Exception {
    if (process != null) {
      process.destroyForcibly().waitFor();
    }
  }

  @Test
  void atEachStepOnce() throws Exception {
    for (Step step : Step.values()) {
      round(step, 0);
    }
  }

  @Test
  @Tag("long")
  void atRandomStepsAndMomentsHundredsOfTimes() throws Exception {
    for (int i = 0; i < STEP_ROUNDS; i++) {
      Step step = Step.values()[random.nextInt(Step.values().length)];
      round(step, OPENING.contains(step) ? 0 : random.nextInt(3));
    }
  }

  @Test
  void atRandomMomentsWhileTheSchemaChanges() throws Exception {
    randomMoments(4);
  }

  @Test
  @Tag("long")
  void atRandomMomentsWhileTheSchemaChangesHundredsOfTimes() throws Exception {
    randomMoments(SCHEMA_ROUNDS);
  }

  private void randomMoments(int rounds) throws Exception {
    List<String> done = new ArrayList<>();
    try {
      live();
      for (int i = 0; i < rounds; i++) {
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(random.nextInt(4000));
        try (Connection connection = source.connect();
            Connection other = source.connect();
            Statement statement = other.createStatement()) {
          // As the traffic's own connection: references are not what is tested.
          statement.execute("SET session_replication_role = replica");
          while (System.nanoTime() - until < 0) {
            if (random.nextInt(25) == 0) {
              String migration = migration();
              done.add(migration);
              statement.execute(migration);
            }
            history.transaction(connection);
            TimeUnit.MILLISECONDS.sleep(random.nextInt(20));
          }
        }
        process.destroyForcibly().waitFor();
        done.add("-- killed");
        live();
      }
    } catch (AssertionError | SQLException | RuntimeException e) {
      throw new AssertionError(
          "seed " + seed + ": " + e.getMessage() + "\n" + String.join("\n", done) + "\n" + tail(),
          e);
    }
  }

  private final List<String> added = new ArrayList<>();

  /** A statement that changes a table; columns of the backend stay as they are. */
  private String migration() {
    String table = TABLES.get(random.nextInt(TABLES.size())).table();
    String alter = "ALTER TABLE " + table;
    String column = "extra" + columns++;
    int kind = random.nextInt(10);
    if (kind < 4 && !added.isEmpty()) {
      String[] present = added.get(random.nextInt(added.size())).split(" ");
      alter = "ALTER TABLE " + present[0];
      switch (kind) {
        case 0 -> {
          added.remove(String.join(" ", present));
          return alter + " DROP COLUMN " + present[1];
        }
        case 1 -> {
          added.remove(String.join(" ", present));
          added.add(present[0] + " " + column);
          return alter + " RENAME COLUMN " + present[1] + " TO " + column;
        }
        case 2 -> {
          return alter + " ALTER COLUMN " + present[1] + " TYPE text";
        }
        default -> {
          return "UPDATE " + present[0] + " SET " + present[1] + " = DEFAULT";
        }
      }
    }
    switch (kind) {
      case 4 -> {
        return alter + " REPLICA IDENTITY " + (random.nextBoolean() ? "FULL" : "DEFAULT");
      }
      case 5 -> {
        return "VACUUM FULL " + table;
      }
      case 6 -> {
        return "BEGIN; "
            + alter
            + " RENAME TO elsewhere; DELETE FROM elsewhere WHERE random() < 0.1; ALTER TABLE"
            + " elsewhere RENAME TO "
            + table
            + "; COMMIT";
      }
      case 7 -> {
        return "BEGIN; CREATE TABLE another (LIKE "
            + table
            + " INCLUDING ALL); INSERT INTO another SELECT * FROM "
            + table
            + " WHERE random() < 0.8; DROP TABLE "
            + table
            + " CASCADE; ALTER TABLE another RENAME TO "
            + table
            + "; COMMIT";
      }
      case 8 -> {
        added.add(table + " " + column);
        return alter + " ADD COLUMN " + column + " int";
      }
      default -> {
        added.add(table + " " + column);
        return alter + " ADD COLUMN " + column + " int NOT NULL DEFAULT " + columns;
      }
    }
  }

  private void round(Step step, int skip) throws Exception {
    try {
      if (process == null) {
        live();
      }
      if (OPENING.contains(step)) {
        process.destroyForcibly().waitFor();
        dropSlot();
        CaptureProcess.haltAt(directory, step, skip);
        process = CaptureProcess.start(directory, source, 1000, 16 << 10, log());
      } else {
        CaptureProcess.haltAt(directory, step, skip);
      }
      dieUnderLoad(step);
      CaptureProcess.haltNowhere(directory);
      live();
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError(
          "seed "
              + seed
              + ", step "
              + step
              + " after "
              + skip
              + ": "
              + e.getMessage()
              + "\n"
              + tail(),
          e);
    }
  }

  /** Starts it and waits until Bronze is what the source is. */
  private void live() throws Exception {
    process = CaptureProcess.start(directory, source, 1000, 16 << 10, log());
    try {
      TestSource.await("Bronze equals the source", LIMIT, this::equal);
    } catch (AssertionError late) {
      fold.advance().assertEqualsSource(source, TABLES);
    }
  }

  private boolean equal() {
    assertThat(process.isAlive()).as("capture lives").isTrue();
    try {
      long before = fold.manifests();
      if (fold.advance().manifests() == before && before > 0) {
        TimeUnit.MILLISECONDS.sleep(100);
      }
      fold.assertEqualsSource(source, TABLES);
      return true;
    } catch (AssertionError e) {
      return false;
    } catch (SQLException | IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private void dieUnderLoad(Step step) throws Exception {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    try (Connection connection = source.connect();
        Connection other = source.connect();
        Statement statement = other.createStatement()) {
      for (int i = 0; process.isAlive(); i++) {
        assertThat(System.nanoTime()).as("it reaches " + step).isLessThan(deadline);
        if (COPYING.contains(step) && i % 40 == 0) {
          CapturedTable table = TABLES.get(random.nextInt(TABLES.size()));
          String name = step == Step.COPY_PART_APPENDED ? "core_order" : table.table();
          statement.execute(
              "ALTER TABLE " + name + " ADD COLUMN extra" + columns++ + " int DEFAULT " + i);
        }
        if (step == Step.SPILLED && i % 20 == 0) {
          statement.execute(
              "BEGIN; INSERT INTO core_event (id, session_id, event_type, event_data, user_agent,"
                  + " created_at, tenant_id) SELECT gen_random_uuid(), 'big', 'x', '{}', repeat('a',"
                  + " 60), now(), 'tenant-1' FROM generate_series(1, 2000);"
                  + "DELETE FROM core_event WHERE session_id = 'big'; COMMIT");
        }
        history.transaction(connection);
        TimeUnit.MILLISECONDS.sleep(10);
      }
    }
    assertThat(process.waitFor()).as(this::tail).isEqualTo(CaptureProcess.HALTED);
  }

  private void dropSlot() throws Exception {
    String slot = "'" + source.settings().slot() + "'";
    TestSource.await(
        "the slot is free",
        LIMIT,
        () -> {
          try {
            source.execute(
                "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE"
                    + " slot_name = "
                    + slot);
            return true;
          } catch (SQLException e) {
            return false;
          }
        });
  }

  private Path log() {
    return directory.resolve("log");
  }

  private String tail() {
    try {
      List<String> lines = Files.readAllLines(log());
      return String.join("\n", lines.subList(Math.max(0, lines.size() - 30), lines.size()));
    } catch (IOException e) {
      return "no log";
    }
  }
}
