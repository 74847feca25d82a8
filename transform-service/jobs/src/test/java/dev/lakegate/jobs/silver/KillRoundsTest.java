package dev.lakegate.jobs.silver;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.jobs.JobsProcess;
import dev.lakegate.jobs.TestLake;
import dev.lakegate.jobs.protocol.Json;
import dev.lakegate.jobs.table.Retention;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A warm process that is killed again and again, at labelled steps and at random moments, while it
 * carries a random history into Silver and Gold; after each kill, both equal the source.
 */
@Tag("long")
class KillRoundsTest {
  private static final int ROUNDS = Integer.getInteger("lakegate.jobs.kill-rounds", 100);
  private static final long SEED = Long.getLong("lakegate.jobs.kill-seed", 1);

  private static final List<String> STEPS =
      List.of(
          "before commit",
          "create .*[.]parquet",
          "create .*/[.]hoodie/[0-9]+[.]inflight",
          "written .*/[.]hoodie/[0-9]+[.]commit",
          "written .*/[.]hoodie/[0-9]+[.]deltacommit",
          "written .*[.]compaction[.]requested",
          "written .*[.]replacecommit",
          "after commit",
          "before publish",
          "after publish",
          "before replacing",
          "after clearing",
          "after replacing",
          "before savepoint",
          "written .*[.]savepoint",
          "before archive",
          "archived a commit",
          "after snapshots",
          "before clean",
          "written .*[.]clean",
          "after clean");

  private static final JsonNode COUNTS =
      Json.parse(
          """
          {"version": 1, "kind": "gold", "dataset": "gold.counts", "name": "counts", "scope": "tenant",
           "description": "Documents.", "path": "gold/counts", "inputs": ["silver.doc"], "grain": ["tenant_id"],
           "sql": "SELECT tenant_id, count(*) AS documents, sum(amount) AS amount FROM silver.doc GROUP BY 1",
           "tenantColumn": "tenant_id", "partitionBy": ["tenant_id"],
           "columns": [
             {"name": "tenant_id", "type": "varchar", "nullable": false, "description": "Tenant."},
             {"name": "documents", "type": "bigint", "nullable": false, "description": "Documents."},
             {"name": "amount", "type": "decimal(22,2)", "nullable": false, "description": "Amount."}
           ]}
          """);

  @TempDir Path directory;
  private TestLake lake;

  @Test
  void afterEachKillTablesEqualTheSource() throws Exception {
    JsonNode specification = SourceTable.specification("\"tenant_id\"");
    lake =
        new TestLake(
            directory,
            Retention.of(
                Duration.ofSeconds(5), Duration.ofSeconds(10), Duration.ofSeconds(60), 2, 6, 4));
    SourceTable source = new SourceTable(SEED, true);
    Random random = new Random(SEED);
    source.change(4);
    source.drain(false);
    source.copy();
    for (int round = 0; round < ROUNDS; round++) {
      lake.nextManifest();
      String records = source.drain(true);
      if (records != null) {
        lake.bronze("core_doc", SourceTable.typed(records));
      }
      boolean full = round > 0 && random.nextInt(8) == 0;
      ObjectNode silver = lake.silverRequest(specification);
      if (full) {
        silver.put("mode", "full").put("runId", "full-" + round);
      }
      ObjectNode gold = lake.goldRequest(COUNTS, null);
      gold.remove("asOf");
      gold.put("mode", full ? "full" : "incremental");
      String step = random.nextBoolean() ? STEPS.get(random.nextInt(STEPS.size())) : null;
      String where = "seed " + SEED + ", round " + round + ", " + step + (full ? ", full" : "");
      kill(step, random, silver, gold);
      everySnapshotCanBeRead("silver.doc");
      everySnapshotCanBeRead("gold.counts");
      succeeded(lake.run(silver), where);
      succeeded(lake.run(gold), where);
      List<String> truth = source.truth();
      assertThat(lake.isEmpty("silver.doc") ? List.of() : rows()).as(where).isEqualTo(truth);
      assertThat(hudi()).as(where).isEqualTo(truth);
      assertThat(sum("gold.counts", "documents")).as(where).isEqualTo(truth.size());
      everySnapshotCanBeRead("silver.doc");
      source.change(1 + random.nextInt(3));
    }
  }

  /** Runs both in a process that ends at the step, or after a while. */
  private void kill(String step, Random random, JsonNode silver, JsonNode gold) throws Exception {
    List<String> options =
        List.of(
            "-Dlakegate.jobs.retention=PT5S",
            "-Dlakegate.jobs.savepoint-every=PT10S",
            "-Dlakegate.jobs.savepoint-retention=PT1M",
            "-Dlakegate.jobs.clean-every-commits=2",
            "-Dlakegate.jobs.commits-kept=6",
            "-Dlakegate.jobs.archive-every-commits=4");
    try (JobsProcess process = JobsProcess.start(directory, step, options, "serve")) {
      process.await("ready");
      for (JsonNode request : List.of(silver, gold)) {
        ObjectNode message = Json.object().put("id", "1");
        message.set("request", request);
        process.send(Json.write(message));
        if (step == null) {
          // A random moment of the run is what this is about, so the time is no wait for anything.
          if (random.nextBoolean() && !process.ends(random.nextInt(6000), TimeUnit.MILLISECONDS)) {
            process.kill();
            process.awaitExit();
            return;
          }
        }
        if (!process.answers()) {
          return;
        }
      }
    }
  }

  private void everySnapshotCanBeRead(String dataset) throws Exception {
    Path catalog = lake.root().resolve("_catalog").resolve(dataset.replace('.', '/'));
    if (!Files.isDirectory(catalog)) {
      return;
    }
    try (var snapshots = Files.newDirectoryStream(catalog, "*.json")) {
      for (Path snapshot : snapshots) {
        for (JsonNode file : Json.read(snapshot).path("files")) {
          assertThat(lake.root().resolve(file.path("path").asText())).as("%s", snapshot).exists();
        }
      }
    }
  }

  private List<String> rows() {
    return TestLake.query(SourceTable.texts(lake.table("silver.doc"))).stream().sorted().toList();
  }

  private List<String> hudi() {
    return lake
        .hudi(
            "silver/doc",
            "concat_ws('|', id, kind, tenant_id, date_format(created_at, 'yyyy-MM-dd HH:mm:ss.SSSSSS'),"
                + " coalesce(body, 'null'), coalesce(note, 'null'), amount)")
        .stream()
        .sorted()
        .toList();
  }

  private long sum(String dataset, String column) {
    return lake.isEmpty(dataset)
        ? 0
        : Long.parseLong(
            TestLake.query("SELECT sum(" + column + ")::BIGINT FROM " + lake.table(dataset))
                .get(0));
  }

  private static void succeeded(JsonNode result, String where) {
    assertThat(result.path("status").asText()).as(where + " " + result).isEqualTo("succeeded");
  }
}
