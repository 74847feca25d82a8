package dev.lakegate.transform.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.model.bronze.BronzeFile;
import dev.lakegate.model.bronze.Manifest;
import dev.lakegate.model.description.LakehouseLoader;
import dev.lakegate.model.job.Checkpoint;
import dev.lakegate.model.job.JobSpecification;
import dev.lakegate.model.job.RunRequest.Mode;
import dev.lakegate.model.json.Json;
import dev.lakegate.transform.lakehouse.Description;
import dev.lakegate.transform.manifest.ManifestIndex;
import dev.lakegate.transform.plan.Batch;
import dev.lakegate.transform.plan.Bronze;
import dev.lakegate.transform.plan.Dataset;
import dev.lakegate.transform.plan.Plan;
import dev.lakegate.transform.plan.Published;
import dev.lakegate.transform.plan.SourceLedger;
import dev.lakegate.transform.testing.ControlDatabase;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What this service sends is what the contract's golden files say. */
class RequestGoldenTest {
  private static final Instant COMMITTED = Instant.parse("2026-03-02T10:15:30.123456Z");
  private static final Instant NOW = Instant.parse("2026-03-02T10:15:32Z");

  private static JsonNode golden(String name) throws IOException {
    try (InputStream in =
        RequestGoldenTest.class.getResourceAsStream("/contracts/golden/" + name + ".json")) {
      return Json.MAPPER.readTree(in);
    }
  }

  private static JsonNode expected(String name) throws IOException {
    ObjectNode request = (ObjectNode) golden(name);
    String reference = request.at("/specification/$golden").asText();
    request.set("specification", golden(reference.replace(".json", "")));
    return request;
  }

  private static Published silver(String instant, long manifest) {
    return new Published(
        instant, NOW, 1, COMMITTED, new Checkpoint.OfManifests("0001", manifest), Map.of(), null);
  }

  @Test
  void shouldMakeTheGoldenRequests() throws Exception {
    JsonNode wantedSilver = expected("run-request.silver");
    JsonNode wantedGold = expected("run-request.gold");
    JobSpecification event =
        Json.MAPPER.treeToValue(wantedSilver.get("specification"), JobSpecification.class);
    JobSpecification revenue =
        Json.MAPPER.treeToValue(wantedGold.get("specification"), JobSpecification.class);
    Dataset eventTable =
        new Dataset("silver.event", Dataset.Layer.SILVER, "core_event", List.of(), false, "1");
    Dataset orderTable =
        new Dataset("silver.order", Dataset.Layer.SILVER, "core_order", List.of(), false, "1");
    Dataset metric =
        new Dataset(
            "gold.revenue_metrics",
            Dataset.Layer.GOLD,
            null,
            List.of("silver.order"),
            wantedGold.has("asOf"),
            "1");
    Description description =
        new Description(
            List.of(eventTable, orderTable, metric),
            Map.of("silver.event", event, "gold.revenue_metrics", revenue),
            Map.of());
    try (ControlDatabase control = new ControlDatabase()) {
      ManifestIndex index = new ManifestIndex(control.database());
      index.append(List.of(manifest(1), manifest(2)));
      RequestMaker maker = new RequestMaker(index, "/data/lake", new Batch.Limits(10, 100));
      Bronze bronze = new Bronze(index.head().orElseThrow(), Map.of(), Map.of());
      Map<String, Published> published =
          Map.of(
              "silver.event", silver("20260302101530001", 1),
              "silver.order", silver("20260302101532123", 2));
      assertThat(
              (JsonNode)
                  maker.make(
                      wantedSilver.get("runId").asText(),
                      new Plan.Candidate("silver.event", Mode.INCREMENTAL, "x", null, null, 2L),
                      eventTable,
                      description,
                      bronze,
                      published,
                      null,
                      NOW))
          .isEqualTo(roundTrip(wantedSilver));
      assertThat(
              (JsonNode)
                  maker.make(
                      wantedGold.get("runId").asText(),
                      new Plan.Candidate(metric.name(), Mode.INCREMENTAL, "x", null, null, null),
                      metric,
                      description,
                      bronze,
                      published,
                      null,
                      NOW))
          .isEqualTo(roundTrip(wantedGold));
    }
  }

  /** A table begins with its newest copy; versions with all that Bronze has. */
  @Test
  void versionsAreMadeOfAllCopiesAndOfWhatIsBeforeThem() throws Exception {
    ObjectNode tree = (ObjectNode) golden("job-specification.history");
    JobSpecification history =
        Json.MAPPER.treeToValue(tree.put("bronzeTable", "core_event"), JobSpecification.class);
    JobSpecification event =
        Json.MAPPER.treeToValue(golden("job-specification.silver"), JobSpecification.class);
    Dataset versions =
        new Dataset(history.dataset(), Dataset.Layer.SILVER, "core_event", List.of(), false, "1");
    Dataset table =
        new Dataset("silver.event", Dataset.Layer.SILVER, "core_event", List.of(), false, "1");
    Description description =
        new Description(
            List.of(versions, table), Map.of(versions.name(), history, table.name(), event));
    SourceLedger ledger =
        new SourceLedger(
            List.of(new SourceLedger.Begun(1, 1), new SourceLedger.Begun(2, 2)),
            List.of(
                new SourceLedger.Completed(1, 1, "s1", "0001", COMMITTED),
                new SourceLedger.Completed(2, 2, null, "0001", NOW)),
            List.of(),
            List.of());
    try (ControlDatabase control = new ControlDatabase()) {
      ManifestIndex index = new ManifestIndex(control.database());
      index.append(List.of(manifest(1), manifest(2)));
      RequestMaker maker = new RequestMaker(index, "/data/lake", new Batch.Limits(10, 100));
      Bronze bronze =
          new Bronze(index.head().orElseThrow(), Map.of("core_event", ledger), Map.of());
      JsonNode ofVersions =
          maker.make(
              "run",
              new Plan.Candidate(versions.name(), Mode.FULL, "x", null, null, 2L),
              versions,
              description,
              bronze,
              Map.of(),
              null,
              NOW);
      assertThat(ofVersions.path("files").findValuesAsText("manifest")).containsExactly("1", "2");
      assertThat(ofVersions.path("copies").findValuesAsText("sequence"))
          .containsExactly("s1", "0001");
      assertThat(ofVersions.path("copies").findValuesAsText("manifest")).containsExactly("1", "2");
      JsonNode ofTable =
          maker.make(
              "run",
              new Plan.Candidate(table.name(), Mode.FULL, "x", null, null, 2L),
              table,
              description,
              bronze,
              Map.of(),
              null,
              NOW);
      assertThat(ofTable.path("files").findValuesAsText("manifest")).containsExactly("2");
      assertThat(ofTable.has("copies")).isFalse();
      JsonNode next =
          maker.make(
              "run",
              new Plan.Candidate(versions.name(), Mode.INCREMENTAL, "x", null, null, 2L),
              versions,
              description,
              bronze,
              Map.of(versions.name(), silver("20260302101530001", 1)),
              null,
              NOW);
      assertThat(next.path("copies").findValuesAsText("sequence")).containsExactly("0001");
    }
  }

  @Test
  void aDerivedTableOfSilverIsPlannedAsAMetricIs() {
    Description description =
        Description.of(
            LakehouseLoader.load(Path.of(System.getProperty("lakegate.basedir"), "lakehouse")));
    Dataset session = description.dataset("silver.session").orElseThrow();
    assertThat(session.layer()).isEqualTo(Dataset.Layer.GOLD);
    assertThat(session.bronzeTable()).isNull();
    assertThat(session.inputs()).containsExactly("silver.event");
    assertThat(description.specifications().get("silver.session").path())
        .isEqualTo("silver/session");
    assertThat(description.datasets().stream().map(Dataset::name))
        .containsSubsequence("silver.event", "silver.session");
  }

  /** Numbers as the mapper makes them. */
  private static JsonNode roundTrip(JsonNode tree) throws IOException {
    return Json.MAPPER.valueToTree(
        Json.MAPPER.treeToValue(tree, dev.lakegate.model.job.RunRequest.class));
  }

  private static Manifest manifest(long number) {
    String sequence = "0".repeat(53);
    return new Manifest(
        Manifest.VERSION,
        number,
        "0001",
        "7301234567890123456/app",
        1,
        COMMITTED,
        sequence,
        sequence,
        "0/16B5940",
        List.of(
            new BronzeFile(
                "bronze/core_event/load_date=2026-03-02/tenant_id=tenant-1/%020d-0.parquet"
                    .formatted(number),
                "core_event",
                "tenant-1",
                LocalDate.of(2026, 3, 2),
                2,
                3184,
                BronzeFile.Kind.STREAM,
                1,
                1,
                sequence,
                sequence,
                COMMITTED)),
        List.of(),
        List.of(),
        List.of(),
        List.of());
  }
}
