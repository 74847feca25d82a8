package dev.lakegate.transform.api;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import dev.lakegate.kit.testing.ControlDatabaseResource;
import dev.lakegate.kit.testing.IssuerResource;
import dev.lakegate.kit.testing.TestIssuer;
import dev.lakegate.model.bronze.SchemaVersion;
import dev.lakegate.transform.testing.Eventually;
import dev.lakegate.transform.testing.FakeJobsFiles;
import dev.lakegate.transform.testing.ServiceResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.path.json.JsonPath;
import io.restassured.specification.RequestSpecification;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(ControlDatabaseResource.class)
@QuarkusTestResource(IssuerResource.class)
@QuarkusTestResource(ServiceResource.class)
class TransformApiTest {
  private static final List<String> SOURCES =
      List.of(
          "core_tenant",
          "core_customer",
          "core_product",
          "core_order",
          "core_orderitem",
          "core_event",
          "core_subscription",
          "core_invoice");

  TestIssuer issuer;
  ServiceResource.Places places;

  /** The lake outlives a test, so the first one copies the source and all wait for freshness. */
  @BeforeEach
  void settle() {
    FakeJobsFiles.script(places.work());
    if (places.lake().last() == 0) {
      Map<String, Integer> files = new java.util.HashMap<>();
      SOURCES.forEach(table -> files.put(table, 2));
      places.lake().copied(files);
    }
    awaitFresh();
  }

  private RequestSpecification as(String token) {
    return given().header("Authorization", "Bearer " + token);
  }

  private JsonPath datasets() {
    return as(issuer.engineer())
        .get("/api/v1/datasets")
        .then()
        .statusCode(200)
        .extract()
        .jsonPath();
  }

  private Map<String, Object> dataset(String name) {
    return datasets().getMap("items.find { it.dataset == '" + name + "' }");
  }

  private void awaitFresh() {
    Eventually.until(
        () -> {
          JsonPath all = datasets();
          return all.getList("items.findAll { it.state != 'fresh' }").isEmpty()
              && all.getLong("manifests.last") == places.lake().last();
        },
        () -> datasets().prettify());
  }

  private String order(String dataset, String mode) {
    return as(issuer.engineer())
        .contentType(ContentType.JSON)
        .body(Map.of("dataset", dataset, "mode", mode))
        .post("/api/v1/runs")
        .then()
        .statusCode(202)
        .body("requestedBy", equalTo("engineer"))
        .extract()
        .path("id");
  }

  private JsonPath run(String id) {
    return as(issuer.engineer())
        .get("/api/v1/runs/" + id)
        .then()
        .statusCode(200)
        .extract()
        .jsonPath();
  }

  private void awaitStatus(String id, String status) {
    Eventually.until(() -> status.equals(run(id).getString("status")), () -> run(id).prettify());
  }

  @Test
  void shouldBringAChangeFromBronzeToGold() {
    long before = places.lake().commit("gold.revenue_metrics").get("rows").asLong();
    places.lake().stream(Map.of("core_order", 3));
    awaitFresh();
    assertThat(places.lake().consumed("silver.order")).isEqualTo(places.lake().paths("core_order"));
    assertThat(places.lake().commit("gold.revenue_metrics").get("rows").asLong())
        .isEqualTo(before + 30);
    Map<String, Object> silver = dataset("silver.order");
    assertThat(silver)
        .containsEntry("layer", "silver")
        .containsEntry("state", "fresh")
        .containsEntry("lagSeconds", 0.0f)
        .containsEntry("rows", places.lake().paths("core_order").size() * 10)
        .containsEntry("reason", "Everything captured from core_order is applied.");
    assertThat(silver.get("checkpoint"))
        .isEqualTo(Map.of("epoch", "0001", "manifest", (int) places.lake().last()));
    assertThat(silver.get("lastCommitAt")).asString().startsWith("20").endsWith("Z");
    Map<String, Object> gold = dataset("gold.revenue_metrics");
    assertThat(gold.get("watermark")).isEqualTo(silver.get("watermark")).isNotNull();
    assertThat(gold.get("checkpoint"))
        .isEqualTo(
            Map.of("silver.order", places.lake().commit("silver.order").get("instant").asText()));
    // A table that the change did not touch reflects it all the same: nothing newer exists for it.
    assertThat(dataset("silver.tenant").get("watermark")).isEqualTo(silver.get("watermark"));
  }

  @Test
  void shouldAnswerOperatorsAndServicesAlone() {
    for (String path : List.of("/api/v1/datasets", "/api/v1/runs", "/api/v1/lineage")) {
      given().get(path).then().statusCode(401).body("error.code", equalTo("TOKEN_MISSING"));
      as(issuer.analyst())
          .get(path)
          .then()
          .statusCode(403)
          .body("error.code", equalTo("FORBIDDEN"));
      as(issuer.tenantAnalyst("tenant-1")).get(path).then().statusCode(403);
      as(issuer.admin()).get(path).then().statusCode(200);
      as(issuer.service("query-gateway")).get(path).then().statusCode(200);
    }
    for (String token : List.of(issuer.analyst(), issuer.service("query-gateway"))) {
      as(token)
          .contentType(ContentType.JSON)
          .body(Map.of("dataset", "silver.order"))
          .post("/api/v1/runs")
          .then()
          .statusCode(403);
      as(token).post("/api/v1/runs/01JNB4Z0T6W2M7Q9/cancel").then().statusCode(403);
    }
  }

  @Test
  void shouldRunAMetricAnewWhenAsked() {
    String id = order("gold.revenue_metrics", "full");
    awaitStatus(id, "succeeded");
    JsonPath run = run(id);
    assertThat(run.getString("request.mode")).isEqualTo("full");
    assertThat(run.getMap("request")).doesNotContainKey("specification");
    assertThat(run.getString("request.specificationFingerprint")).isNotBlank();
    assertThat(run.getString("result.status")).isEqualTo("succeeded");
    assertThat(run.getString("reason")).isEqualTo("Asked for by engineer.");
    assertThat(run.getString("instant")).isEqualTo(run.getString("result.instant"));
    assertThat(places.lake().commit("gold.revenue_metrics").get("mode").asText()).isEqualTo("full");
  }

  @Test
  void shouldBuildATableAnewWhenAsked() {
    List<String> before = places.lake().consumed("silver.product");
    awaitStatus(order("silver.product", "full"), "succeeded");
    assertThat(places.lake().commit("silver.product").get("mode").asText()).isEqualTo("full");
    assertThat(places.lake().consumed("silver.product")).isEqualTo(before);
  }

  @Test
  void shouldRefuseOrdersThatMakeNoSense() {
    Map<String, String> refusals =
        Map.of(
            "{\"dataset\":\"silver.nothing\"}", "DATASET_UNKNOWN",
            "{\"dataset\":\"\"}", "FIELD_INVALID",
            "{}", "FIELD_INVALID",
            "{\"dataset\":\"silver.order\",\"mode\":\"half\"}", "BODY_INVALID",
            "{\"dataset\":\"silver.order\",\"more\":1}", "BODY_INVALID",
            "[", "BODY_INVALID");
    refusals.forEach(
        (body, code) ->
            as(issuer.admin())
                .contentType(ContentType.JSON)
                .body(body)
                .post("/api/v1/runs")
                .then()
                .body("error.code", equalTo(code))
                .body("error.remedy", notNullValue()));
    as(issuer.admin())
        .get("/api/v1/runs/01JNB4Z0T6W2M7Q9")
        .then()
        .statusCode(404)
        .body("error.code", equalTo("RUN_UNKNOWN"));
    as(issuer.admin())
        .get("/api/v1/runs?cursor=x")
        .then()
        .statusCode(400)
        .body("error.code", equalTo("CURSOR_INVALID"));
    as(issuer.admin())
        .get("/api/v1/runs?status=odd")
        .then()
        .statusCode(400)
        .body("error.code", equalTo("STATUS_UNKNOWN"));
    as(issuer.admin()).get("/api/v1/runs?limit=0").then().statusCode(400);
  }

  @Test
  void shouldEndARunThatIsCancelledWhateverItIsDoing() throws IOException {
    FakeJobsFiles.script(places.work(), "gold.revenue_metrics hang");
    String hanging = order("gold.revenue_metrics", "incremental");
    Eventually.until(
        () ->
            "running".equals(dataset("gold.revenue_metrics").get("state"))
                && dataset("gold.revenue_metrics").get("reason").toString().contains("reading"),
        () -> dataset("gold.revenue_metrics"));
    String waiting = order("silver.invoice", "incremental");
    assertThat(order("silver.invoice", "incremental")).as("an equal order").isEqualTo(waiting);
    assertThat(run(waiting).getString("status")).isEqualTo("queued");
    long pid = Long.parseLong(Files.readString(places.work().resolve("pid.txt")));
    as(issuer.engineer()).post("/api/v1/runs/" + waiting + "/cancel").then().statusCode(202);
    assertThat(run(waiting).getString("status")).isEqualTo("cancelled");
    as(issuer.engineer()).post("/api/v1/runs/" + hanging + "/cancel").then().statusCode(202);
    awaitStatus(hanging, "cancelled");
    assertThat(run(hanging).getString("errorMessage")).isEqualTo("Cancelled by engineer.");
    assertThat(ProcessHandle.of(pid).filter(ProcessHandle::isAlive)).isEmpty();
    as(issuer.engineer())
        .post("/api/v1/runs/" + hanging + "/cancel")
        .then()
        .statusCode(409)
        .body("error.code", equalTo("RUN_ENDED"));
  }

  @Test
  void shouldPageThroughRuns() {
    String first = order("gold.revenue_metrics", "incremental");
    awaitStatus(first, "succeeded");
    String second = order("gold.revenue_metrics", "incremental");
    awaitStatus(second, "succeeded");
    String path = "/api/v1/runs?dataset=gold.revenue_metrics&status=succeeded&limit=1";
    JsonPath page = as(issuer.admin()).get(path).jsonPath();
    assertThat(page.getList("items.id")).containsExactly(second);
    assertThat(page.getMap("items[0]")).doesNotContainEntry("request", Map.of());
    page = as(issuer.admin()).get(path + "&cursor=" + page.getString("next")).jsonPath();
    assertThat(page.getList("items.id")).containsExactly(first);
  }

  @Test
  void shouldTakeUpAMetricThatIsAddedWhileItRuns() throws IOException {
    Path revenue = places.lakehouse().resolve("metrics/revenue_metrics.sql");
    Path added = places.lakehouse().resolve("metrics/late_metrics.sql");
    String text = Files.readString(revenue);
    Files.writeString(
        added,
        text.replace("grain: [tenant_id, dt]", "grain: [nothing]")
            .replace("name: revenue_metrics", "name: late_metrics"));
    Eventually.until(
        () -> !datasets().getList("descriptionProblems").isEmpty(), () -> datasets().prettify());
    assertThat(datasets().getString("descriptionProblems[0].file"))
        .isEqualTo("metrics/late_metrics.sql");
    assertThat(dataset("gold.revenue_metrics")).as("the last valid one").isNotNull();
    Files.writeString(added, text.replace("name: revenue_metrics", "name: late_metrics"));
    Eventually.until(
        () -> {
          Map<String, Object> late = dataset("gold.late_metrics");
          return late != null && "fresh".equals(late.get("state"));
        },
        () -> datasets().prettify());
    assertThat(datasets().getList("descriptionProblems")).isEmpty();
    Files.delete(added);
    Eventually.until(() -> dataset("gold.late_metrics") == null, () -> datasets().prettify());
  }

  @Test
  void shouldComputeAMetricAnewWhenItsQueryChanges() throws IOException {
    Path file = places.lakehouse().resolve("metrics/funnel_metrics.sql");
    String text = Files.readString(file);
    String instant = places.lake().commit("gold.funnel_metrics").get("instant").asText();
    Files.writeString(file, text + "\n-- counted differently\nHAVING count(*) > 0\n");
    Eventually.until(
        () -> {
          var commit = places.lake().commit("gold.funnel_metrics");
          return !commit.get("instant").asText().equals(instant)
              && commit.get("mode").asText().equals("full");
        },
        () -> places.lake().commit("gold.funnel_metrics"));
    Files.writeString(file, text);
    awaitFresh();
  }

  @Test
  void shouldTellWhatATableLacksUntilItIsMadeAnew() {
    FakeJobsFiles.script(places.work(), "silver.invoice leaves-out-rows");
    places.lake().stream(Map.of("core_invoice", 1));
    awaitFresh();
    Eventually.until(
        () -> Integer.valueOf(3).equals(dataset("silver.invoice").get("rowsLeftOut")),
        () -> dataset("silver.invoice"));
    assertThat(dataset("silver.invoice").get("reason").toString())
        .contains("It lacks up to 3 changed rows");
    assertThat(dataset("silver.invoice").get("nextAction").toString())
        .startsWith("./lakegate resync core_invoice ");
    given()
        .get("/q/metrics")
        .then()
        .body(containsString("lakegate_dataset_rows_left_out{dataset=\"silver.tenant\"}"));
    // A run without such rows does not bring back those that are missing.
    places.lake().stream(Map.of("core_invoice", 1));
    awaitFresh();
    assertThat(dataset("silver.invoice")).containsEntry("rowsLeftOut", 3);

    awaitStatus(order("silver.invoice", "full"), "succeeded");
    Eventually.until(
        () -> Integer.valueOf(0).equals(dataset("silver.invoice").get("rowsLeftOut")),
        () -> dataset("silver.invoice"));
    assertThat(dataset("silver.invoice").get("nextAction")).isNull();
  }

  @Test
  @SuppressWarnings("unchecked")
  void shouldTellHowManyRowsAreInQuarantine() {
    FakeJobsFiles.script(places.work(), "silver.subscription quarantines");
    places.lake().stream(Map.of("core_subscription", 1));
    awaitFresh();
    Eventually.until(
        () -> Integer.valueOf(5).equals(dataset("silver.subscription").get("rowsQuarantined")),
        () -> dataset("silver.subscription"));
    assertThat(dataset("silver.subscription").get("reason").toString())
        .contains(
            "5 rows are in silver.subscription_quarantine: they do not meet what is expected");
    assertThat((List<Map<String, Object>>) dataset("silver.subscription").get("expectations"))
        .anySatisfy(
            expected -> {
              assertThat(expected)
                  .containsEntry("name", "status_is_known")
                  .containsEntry("severity", "flag")
                  .containsEntry("rows", dataset("silver.subscription").get("rows"));
              assertThat(expected.get("tenants"))
                  .isEqualTo(Map.of("tenant-1", dataset("silver.subscription").get("rows")));
            })
        .anySatisfy(
            expected ->
                assertThat(expected)
                    .containsEntry("name", "ends_after_start")
                    .containsEntry("rows", 0));
    given()
        .get("/q/metrics")
        .then()
        .body(containsString("lakegate_dataset_rows_quarantined{dataset=\"silver.tenant\"}"));
    // The next run says how many there are then.
    places.lake().stream(Map.of("core_subscription", 1));
    Eventually.until(
        () -> Integer.valueOf(0).equals(dataset("silver.subscription").get("rowsQuarantined")),
        () -> dataset("silver.subscription"));
  }

  @Test
  void shouldNameColumnsThatATableCannotHave() {
    places
        .lake()
        .schema(
            new SchemaVersion(
                "core_subscription",
                places.lake().schemaOf("core_subscription") + 1,
                List.of("id"),
                List.of(
                    new SchemaVersion.SourceColumn("id", "bigint", "bigint", false),
                    new SchemaVersion.SourceColumn("Plan Name", "text", "varchar", true)),
                SchemaVersion.Effect.ADDITIVE,
                null,
                null));
    Eventually.until(
        () -> List.of("Plan Name").equals(dataset("silver.subscription").get("columnsLeftOut")),
        () -> dataset("silver.subscription"));
    assertThat(dataset("silver.subscription").get("reason").toString())
        .endsWith("because of their names: Plan Name.");
    awaitFresh();
  }

  private String instant(String dataset) {
    return places.lake().commit(dataset).get("instant").asText();
  }

  private io.restassured.response.ValidatableResponse post(String path, Map<String, ?> body) {
    return as(issuer.engineer()).contentType(ContentType.JSON).body(body).post(path).then();
  }

  @Test
  void shouldMakeATableOfAFormerStateOnceAndRemoveIt() throws IOException {
    String instant = instant("silver.invoice");
    places.lake().stream(Map.of("core_invoice", 1));
    awaitFresh();
    String published =
        dev.lakegate.model.json.Json.read(
                Files.readString(
                    places.lake().root().resolve("_catalog/silver/invoice/" + instant + ".json")),
                com.fasterxml.jackson.databind.JsonNode.class)
            .get("publishedAt")
            .asText();
    String table = "silver.invoice__asof_" + instant;
    post("/api/v1/asof", Map.of("table", "silver.invoice", "instant", instant))
        .statusCode(202)
        .body("table", equalTo(table))
        .body("run", notNullValue());
    Eventually.until(
        () ->
            "ready"
                .equals(
                    as(issuer.engineer())
                        .get("/api/v1/asof")
                        .jsonPath()
                        .getString("items.find { it.table == '" + table + "' }.state")),
        () -> as(issuer.engineer()).get("/api/v1/asof").asString());
    // It was made by the description in force, whose facts are kept beside it.
    com.fasterxml.jackson.databind.JsonNode request =
        dev.lakegate.model.json.Json.read(
            as(issuer.engineer())
                .get("/api/v1/runs?dataset=silver.invoice&limit=1")
                .jsonPath()
                .getString("items[0].id")
                .transform(id -> as(issuer.engineer()).get("/api/v1/runs/" + id).asString()),
            com.fasterxml.jackson.databind.JsonNode.class);
    assertThat(request.at("/request/past/facts/scope").asText()).isEqualTo("tenant");
    assertThat(request.at("/request/past/facts/tenantColumn").asText()).isEqualTo("tenant_id");
    assertThat(request.at("/request/past/facts/columns").findValuesAsText("name"))
        .contains("id", "tenant_id");
    // By its moment, which is the same state: nothing is made a second time.
    post("/api/v1/asof", Map.of("table", "silver.invoice", "instant", published))
        .statusCode(200)
        .body("table", equalTo(table))
        .body("origin", equalTo("silver.invoice"))
        .body("rows", notNullValue())
        .body("run", nullValue());
    Map.of(
            "{\"table\":\"silver.nothing\",\"instant\":\"" + instant + "\"}",
            "DATASET_UNKNOWN",
            "{\"table\":\"silver.invoice\",\"instant\":\"yesterday\"}",
            "FIELD_INVALID",
            "{\"table\":\"silver.invoice\",\"instant\":\"2999-01-01T00:00:00Z\"}",
            "FIELD_INVALID",
            "{\"table\":\"silver.invoice\",\"instant\":\"2001-01-01T00:00:00Z\"}",
            "STATE_NOT_KEPT",
            "{\"table\":\"silver.invoice\",\"instant\":\"20010101000000000\"}",
            "STATE_NOT_KEPT",
            "{\"table\":\"silver.invoice\",\"instant\":\"" + instant + "\",\"expiresInDays\":400}",
            "FIELD_INVALID")
        .forEach(
            (body, code) ->
                as(issuer.admin())
                    .contentType(ContentType.JSON)
                    .body(body)
                    .post("/api/v1/asof")
                    .then()
                    .body("error.code", equalTo(code)));
    post("/api/v1/runs", Map.of("dataset", "silver.invoice", "mode", "asof"))
        .statusCode(422)
        .body("error.code", equalTo("FIELD_INVALID"));
    as(issuer.analyst()).get("/api/v1/asof").then().statusCode(403);
    as(issuer.analyst()).delete("/api/v1/asof/" + table).then().statusCode(403);
    as(issuer.engineer()).delete("/api/v1/asof/silver.invoice").then().statusCode(404);
    assertThat(dataset("silver.invoice")).containsEntry("state", "fresh");

    as(issuer.engineer()).delete("/api/v1/asof/" + table).then().statusCode(202);
    Eventually.until(
        () -> !as(issuer.engineer()).get("/api/v1/asof").asString().contains(table),
        () -> as(issuer.engineer()).get("/api/v1/asof").asString());
  }

  @Test
  void shouldRestoreATableAndLetItGoOnWhenItIsReleased() throws IOException {
    String instant = instant("silver.order");
    List<String> then = places.lake().consumed("silver.order");
    String path = "/api/v1/tables/silver.order/";
    post(path + "restore", Map.of("instant", instant))
        .statusCode(409)
        .body("error.code", equalTo("STATE_IS_PRESENT"));
    places.lake().stream(Map.of("core_order", 1));
    awaitFresh();
    String dry =
        post(path + "restore", Map.of("instant", instant, "dryRun", true))
            .statusCode(202)
            .extract()
            .path("id");
    awaitStatus(dry, "succeeded");
    assertThat(run(dry).getInt("rowsUpserted")).isEqualTo(7);
    assertThat(run(dry).getInt("rowsDeleted")).isEqualTo(3);
    assertThat(run(dry).getString("request.past.instant")).isEqualTo(instant);
    assertThat(dataset("silver.order")).containsEntry("state", "fresh");

    // A state of which nobody knows how it was computed.
    Path catalog = places.lake().root().resolve("_catalog/silver/order");
    String stranger = "20200101000000000";
    Files.writeString(
        catalog.resolve(stranger + ".json"),
        Files.readString(catalog.resolve(instant + ".json")).replace(instant, stranger));
    post(path + "restore", Map.of("instant", stranger))
        .statusCode(409)
        .body("error.code", equalTo("STATE_OF_OTHER_DEFINITION"));
    as(issuer.analyst())
        .contentType(ContentType.JSON)
        .body(Map.of("instant", instant))
        .post(path + "restore")
        .then()
        .statusCode(403);

    String run =
        post(path + "restore", Map.of("instant", instant)).statusCode(202).extract().path("id");
    awaitStatus(run, "succeeded");
    Eventually.until(
        () ->
            "held".equals(dataset("silver.order").get("state"))
                && dataset("silver.order").get("reason").toString().contains("was restored"),
        () -> dataset("silver.order"));
    assertThat(dataset("silver.order").get("reason").toString())
        .contains("It was restored to its state of instant " + instant + ", as engineer asked at ")
        .contains("./lakegate release silver.order");
    assertThat(places.lake().consumed("silver.order")).isEqualTo(then);
    post("/api/v1/runs", Map.of("dataset", "silver.order"))
        .statusCode(409)
        .body("error.code", equalTo("DATASET_HELD"));
    places.lake().stream(Map.of("core_order", 1, "core_event", 1));
    // What reads it goes on with what it has, and everything else goes on at all.
    String restored = run(run).getString("instant");
    Eventually.until(
        () ->
            "fresh".equals(dataset("silver.event").get("state"))
                && Map.of("silver.order", restored)
                    .equals(dataset("gold.revenue_metrics").get("checkpoint")),
        () -> datasets().prettify());
    assertThat(places.lake().consumed("silver.order")).isEqualTo(then);
    as(issuer.analyst()).post(path + "release").then().statusCode(403);
    as(issuer.engineer()).post(path + "release").then().statusCode(200);
    awaitFresh();
    assertThat(places.lake().consumed("silver.order")).isEqualTo(places.lake().paths("core_order"));
    as(issuer.engineer())
        .post(path + "release")
        .then()
        .statusCode(409)
        .body("error.code", equalTo("NOT_HELD"));
  }

  /** Its query is the same; what the query reads is not. */
  @Test
  void shouldNotCountAStateAsOfNowWhenAnInputIsDefinedOtherwise() throws IOException {
    String instant = instant("silver.invoice_reconciliation");
    String before = instant("silver.invoice");
    Path file = places.lakehouse().resolve("tables/invoice.yaml");
    String text = Files.readString(file);
    Files.writeString(
        file,
        text.replace(
            "derivations:\n",
            "derivations:\n  - {column: is_paid, type: boolean, expression: \"status = 'paid'\","
                + " description: Whether it was paid.}\n"));
    try {
      Eventually.until(
          () -> !instant("silver.invoice").equals(before), () -> datasets().prettify());
      awaitFresh();
      assertThat(instant("silver.invoice_reconciliation")).isNotEqualTo(instant);
      String table = "silver.invoice_reconciliation__asof_" + instant;
      String made =
          post("/api/v1/asof", Map.of("table", "silver.invoice_reconciliation", "instant", instant))
              .statusCode(202)
              .extract()
              .path("run");
      awaitStatus(made, "succeeded");
      assertThat(run(made).getString("request.past.table")).isNotNull();
      assertThat(run(made).getMap("request.past")).doesNotContainKey("facts");
      as(issuer.engineer()).delete("/api/v1/asof/" + table).then().statusCode(202);
      post(
              "/api/v1/tables/silver.invoice_reconciliation/restore",
              Map.of("instant", instant, "dryRun", true))
          .statusCode(409)
          .body("error.code", equalTo("STATE_OF_OTHER_DEFINITION"))
          .body("error.message", containsString("silver.invoice was defined otherwise"));
    } finally {
      Files.writeString(file, text);
    }
    awaitFresh();
  }

  /** It is computed by a query, as a metric is, and bears Silver's name. */
  @Test
  void shouldTakeADerivedTableOfSilverBackAsAMetric() throws IOException {
    String instant = instant("silver.order_facts");
    Object then = dataset("silver.order_facts").get("checkpoint");
    String path = "/api/v1/tables/silver.order_facts/";
    places.lake().stream(Map.of("core_order", 1));
    awaitFresh();
    Object now = dataset("silver.order_facts").get("checkpoint");
    assertThat(now).isNotEqualTo(then);
    String made =
        post("/api/v1/asof", Map.of("table", "silver.order_facts", "instant", instant))
            .statusCode(202)
            .body("table", equalTo("silver.order_facts__asof_" + instant))
            .extract()
            .path("run");
    awaitStatus(made, "succeeded");
    assertThat(run(made).getMap("request")).doesNotContainKey("files");
    as(issuer.engineer())
        .delete("/api/v1/asof/silver.order_facts__asof_" + instant)
        .then()
        .statusCode(202);
    String restore =
        post(path + "restore", Map.of("instant", instant)).statusCode(202).extract().path("id");
    awaitStatus(restore, "succeeded");
    Eventually.until(
        () -> "held".equals(dataset("silver.order_facts").get("state")),
        () -> dataset("silver.order_facts"));
    assertThat(dataset("silver.order_facts")).containsEntry("checkpoint", then);
    assertThat(run(restore).getList("inputs")).isEmpty();
    as(issuer.engineer()).post(path + "release").then().statusCode(200);
    awaitFresh();
    assertThat(dataset("silver.order_facts")).containsEntry("checkpoint", now);
    post(
            "/api/v1/datasets/silver.order_facts/backfill",
            Map.of("from", "2026-01-01", "dryRun", true))
        .statusCode(200)
        .body("whole", containsString("computed from its inputs"))
        .body("whole", not(containsString("Bronze")));
  }

  private JsonPath backfill(String id) {
    return as(issuer.engineer())
        .get("/api/v1/backfills/" + id)
        .then()
        .statusCode(200)
        .extract()
        .jsonPath();
  }

  /** A dataset and all that reads it, directly or not. */
  private java.util.Set<String> reached(String dataset) {
    List<Map<String, Object>> edges =
        as(issuer.engineer()).get("/api/v1/lineage").jsonPath().getList("items");
    java.util.Set<String> reached = new java.util.TreeSet<>(java.util.Set.of(dataset));
    for (boolean more = true; more; ) {
      more = false;
      for (Map<String, Object> edge : edges) {
        if (((List<?>) edge.get("inputs")).stream().anyMatch(reached::contains)) {
          more |= reached.add((String) edge.get("dataset"));
        }
      }
    }
    return reached;
  }

  @Test
  void shouldComputeADatasetAndWhatReadsItAnew() {
    String path = "/api/v1/datasets/silver.order/backfill";
    int rows = places.lake().paths("core_order").size() * 10;
    post(path, Map.of("from", "2026-01-01", "to", "2026-01-31", "dryRun", true))
        .statusCode(200)
        .body("id", nullValue())
        .body("state", equalTo("considered"))
        .body("from", equalTo("2026-01-01T00:00:00.000000Z"))
        .body("to", equalTo("2026-02-01T00:00:00.000000Z"))
        .body("steps[0].dataset", equalTo("silver.order"))
        .body("steps[0].rowsRead", equalTo(rows))
        .body("steps.dataset", hasItem("gold.revenue_metrics"))
        .body("whole", containsString("built anew from Bronze"));
    post(path, Map.of("from", "2026-01-01", "dryRun", true, "cascade", false))
        .body("steps.dataset", equalTo(List.of("silver.order")));
    // More rows than the test's configuration lets pass unseen.
    post(path, Map.of("from", "2026-01-01"))
        .statusCode(409)
        .body("error.code", equalTo("BACKFILL_TOO_LARGE"))
        .body("error.details.rowsRead", notNullValue());
    for (Map<String, Object> wrong :
        List.<Map<String, Object>>of(
            Map.of("from", "2026-01-02", "to", "2026-01-01"),
            Map.of("from", "2999-01-01"),
            Map.of("from", "soon"),
            Map.of())) {
      post(path, wrong).body("error.code", equalTo("FIELD_INVALID"));
    }
    as(issuer.analyst())
        .contentType(ContentType.JSON)
        .body(Map.of("from", "2026-01-01"))
        .post(path)
        .then()
        .statusCode(403);

    String id =
        post(path, Map.of("from", "2026-01-01", "confirm", true))
            .statusCode(202)
            .body("steps[0].dataset", equalTo("silver.order"))
            .extract()
            .path("id");
    Eventually.until(
        () -> "succeeded".equals(backfill(id).getString("state")), () -> backfill(id).prettify());
    assertThat(backfill(id).getInt("done")).isEqualTo(reached("silver.order").size());
    assertThat(backfill(id).getList("steps.dataset", String.class))
        .containsExactlyInAnyOrderElementsOf(reached("silver.order"));
    assertThat(places.lake().commit("silver.order").get("mode").asText()).isEqualTo("full");
    assertThat(places.lake().commit("gold.revenue_metrics").get("mode").asText()).isEqualTo("full");
    assertThat(run(backfill(id).getString("steps[0].run")).getString("finishedAt"))
        .isLessThanOrEqualTo(run(backfill(id).getString("steps[1].run")).getString("startedAt"));
    assertThat(run(backfill(id).getString("steps[1].run")).getString("reason"))
        .isEqualTo("Part of the backfill of silver.order, asked for by engineer.");
    as(issuer.admin()).get("/api/v1/backfills").then().body("items.id", hasItem(id));
    awaitFresh();
  }

  @Test
  void shouldEndABackfillWithItsFirstFailureOrWhenItIsCancelled() throws IOException {
    FakeJobsFiles.script(places.work(), "silver.order fail VALUE_UNFIT false");
    String path = "/api/v1/datasets/silver.order/backfill";
    String failing = post(path, Map.of("from", "2026-01-01", "confirm", true)).extract().path("id");
    Eventually.until(
        () ->
            "failed".equals(backfill(failing).getString("state"))
                && "cancelled".equals(backfill(failing).getString("steps[1].status")),
        () -> backfill(failing).prettify());
    FakeJobsFiles.script(places.work(), "silver.order hang");
    String hanging = post(path, Map.of("from", "2026-01-01", "confirm", true)).extract().path("id");
    Eventually.until(
        () -> "running".equals(backfill(hanging).getString("state")),
        () -> backfill(hanging).prettify());
    as(issuer.engineer()).post("/api/v1/backfills/" + hanging + "/cancel").then().statusCode(202);
    Eventually.until(
        () -> backfill(hanging).getList("steps.status").stream().allMatch("cancelled"::equals),
        () -> backfill(hanging).prettify());
    FakeJobsFiles.script(places.work());
    awaitFresh();
    as(issuer.engineer()).get("/api/v1/backfills/nothing").then().statusCode(404);
  }

  /** Reads events up to one that holds all of these texts. */
  private List<String> events(String after, String... until) throws Exception {
    java.net.http.HttpRequest.Builder request =
        java.net.http.HttpRequest.newBuilder(
                java.net.URI.create(
                    io.restassured.RestAssured.baseURI + ":" + port() + "/api/v1/events"))
            .timeout(java.time.Duration.ofSeconds(90))
            .header("Authorization", "Bearer " + issuer.engineer());
    if (after != null) {
      request.header("Last-Event-ID", after);
    }
    java.net.http.HttpResponse<java.io.InputStream> response =
        java.net.http.HttpClient.newHttpClient()
            .send(request.build(), java.net.http.HttpResponse.BodyHandlers.ofInputStream());
    assertThat(response.statusCode()).isEqualTo(200);
    List<String> events = new java.util.ArrayList<>();
    StringBuilder event = new StringBuilder();
    try (java.io.BufferedReader in =
        new java.io.BufferedReader(
            new java.io.InputStreamReader(
                response.body(), java.nio.charset.StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        if (!line.isEmpty()) {
          event.append(line).append('\n');
          continue;
        }
        events.add(event.toString());
        event.setLength(0);
        String last = events.get(events.size() - 1);
        if (java.util.Arrays.stream(until).allMatch(last::contains)) {
          return events;
        }
      }
    }
    throw new AssertionError("ended early: " + events);
  }

  private static int port() {
    return io.restassured.RestAssured.port;
  }

  private static String id(String event) {
    return event
        .lines()
        .filter(l -> l.startsWith("id:"))
        .findFirst()
        .orElseThrow()
        .substring(3)
        .trim();
  }

  @Test
  void shouldTellWhatHappensAsItHappensAndGoOnWhereSomebodyLeft() throws Exception {
    as(issuer.analyst()).get("/api/v1/events").then().statusCode(403);
    assertThat(events(null, "event:heartbeat")).isNotEmpty();
    java.util.concurrent.CompletableFuture<List<String>> listening =
        java.util.concurrent.CompletableFuture.supplyAsync(
            () -> {
              try {
                return events(null, "event:run-ended", "gold.revenue_metrics");
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            });
    // Whether it listens already cannot be seen from here: asked until it has heard.
    while (!listening.isDone()) {
      awaitStatus(order("gold.revenue_metrics", "full"), "succeeded");
    }
    List<String> heard = listening.get();
    String ended = heard.get(heard.size() - 1);
    assertThat(ended).contains("succeeded").contains("\"instant\"");
    // All that belongs to one run, in order, once more from behind its first event on.
    String run = order("gold.revenue_metrics", "full");
    List<String> all = events(id(ended), "event:run-ended", run);
    List<String> of = all.stream().filter(e -> e.contains(run)).toList();
    assertThat(of.get(0)).contains("event:run-started");
    // That the dataset runs now may be noticed before the job says what it does.
    assertThat(of.stream().filter(e -> !e.contains("event:dataset-state")).toList().get(1))
        .contains("event:run-progress")
        .contains("reading");
    assertThat(of.get(of.size() - 1)).contains("event:run-ended");
    List<String> again = events(id(of.get(0)), "event:run-ended", run);
    assertThat(again.stream().filter(e -> e.contains(run)).toList())
        .isEqualTo(of.subList(1, of.size()));
    assertThat(all.stream().filter(e -> e.contains("event:dataset-state")).toList())
        .anySatisfy(e -> assertThat(e).contains("gold.revenue_metrics"));
    assertThat(events("long-ago-7", "event:reset").get(0)).contains("event:reset");
    given()
        .get("/q/metrics")
        .then()
        .body(containsString("lakegate_runs_rows_read_total{dataset=\"gold.revenue_metrics\"}"));
  }

  /** Every method of every resource stands in the API's description. */
  @Test
  void shouldDescribeTheWholeApi() throws Exception {
    JsonPath openapi = given().queryParam("format", "json").get("/q/openapi").jsonPath();
    Map<String, Map<String, Object>> paths = openapi.getMap("paths");
    int methods = 0;
    Path classes = Path.of("target/classes/dev/lakegate/transform/api");
    try (var files = Files.list(classes)) {
      for (Path file : files.filter(f -> f.toString().endsWith("Resource.class")).toList()) {
        Class<?> resource =
            Class.forName(
                "dev.lakegate.transform.api."
                    + file.getFileName().toString().replace(".class", ""));
        String base = resource.getAnnotation(jakarta.ws.rs.Path.class).value();
        for (var method : resource.getDeclaredMethods()) {
          for (var annotation : method.getAnnotations()) {
            var verb = annotation.annotationType().getAnnotation(jakarta.ws.rs.HttpMethod.class);
            if (verb != null) {
              methods++;
              var path = method.getAnnotation(jakarta.ws.rs.Path.class);
              String whole = base + (path == null ? "" : path.value());
              assertThat(paths).containsKey(whole);
              assertThat(paths.get(whole))
                  .containsKey(verb.value().toLowerCase(java.util.Locale.ROOT));
            }
          }
        }
      }
    }
    assertThat(methods).isGreaterThan(10);
  }

  @Test
  void shouldTellLineage() {
    as(issuer.admin())
        .get("/api/v1/lineage")
        .then()
        .body(
            "items.find { it.dataset == 'silver.order' }.inputs",
            equalTo(List.of("bronze.core_order")))
        .body(
            "items.find { it.dataset == 'gold.revenue_metrics' }.inputs",
            equalTo(List.of("silver.order")))
        .body(
            "items.find { it.dataset == 'gold.revenue_metrics' }.rows[0]",
            equalTo(Map.of("dataset", "silver.order", "column", "status", "kind", "filter")));
    String path = "/api/v1/lineage?dataset=gold.revenue_metrics&column=total_revenue";
    as(issuer.admin())
        .get(path)
        .then()
        .statusCode(200)
        .body("items.dataset", equalTo(List.of("silver.order", "gold.revenue_metrics")))
        .body("items[0].columns.column", equalTo(List.of("id")))
        .body(
            "items[0].columns[0].inputs",
            equalTo(
                List.of(
                    Map.of("dataset", "bronze.core_order", "column", "id", "kind", "identity"))))
        .body("items[1].columns.column", equalTo(List.of("total_revenue")))
        .body(
            "items[1].columns[0].inputs",
            equalTo(
                List.of(Map.of("dataset", "silver.order", "column", "id", "kind", "aggregation"))));
    as(issuer.admin())
        .get("/api/v1/lineage?dataset=bronze.core_order&direction=downstream")
        .then()
        .body("items.dataset", hasItem("gold.revenue_metrics"))
        .body("items.dataset", not(hasItem("silver.customer")));
    for (String[] wrong :
        new String[][] {
          {"?dataset=gold.nothing", "404", "DATASET_UNKNOWN"},
          {"?dataset=silver.order&column=nothing", "404", "COLUMN_UNKNOWN"},
          {"?dataset=silver.order&direction=sideways", "400", "DIRECTION_UNKNOWN"},
          {"?column=id", "400", "PARAMETER_MISSING"}
        }) {
      as(issuer.admin())
          .get("/api/v1/lineage" + wrong[0])
          .then()
          .statusCode(Integer.parseInt(wrong[1]))
          .body("error.code", equalTo(wrong[2]));
    }
  }

  @Test
  void shouldTellWhatARunReadAndSaid() throws Exception {
    FakeJobsFiles.script(places.work(), "silver.order talk");
    long before = places.lake().last();
    places.lake().stream(Map.of("core_order", 2));
    awaitFresh();
    JsonPath runs = as(issuer.engineer()).get("/api/v1/runs?limit=200").jsonPath();
    Map<String, Object> silver = runs.getMap("items.find { it.dataset == 'silver.order' }");
    assertThat(silver.get("inputs"))
        .isEqualTo(
            List.of(
                Map.of(
                    "dataset",
                    "bronze.core_order",
                    "from",
                    "0001:" + before,
                    "to",
                    "0001:" + places.lake().last())));
    assertThat(silver)
        .containsEntry("rowsRead", 1)
        .containsEntry("rowsUpserted", 1)
        .containsEntry("rowsRejected", 0)
        .containsEntry("bytesWritten", 10);
    assertThat((Integer) silver.get("durationMillis")).isGreaterThan(400);
    Map<String, Object> gold = runs.getMap("items.find { it.dataset == 'gold.revenue_metrics' }");
    Map<?, ?> read = (Map<?, ?>) ((List<?>) gold.get("inputs")).get(0);
    assertThat(read.get("dataset")).isEqualTo("silver.order");
    assertThat(read.get("to")).isEqualTo(silver.get("instant"));
    assertThat((String) read.get("from")).isLessThan((String) read.get("to"));
    assertThat(run((String) gold.get("id")).getMap("$"))
        .containsEntry("inputs", gold.get("inputs"))
        .containsKey("result");
    assertThat(run((String) gold.get("id")).getMap("result")).doesNotContainKey("lineage");
    String id = order("gold.revenue_metrics", "full");
    awaitStatus(id, "succeeded");
    assertThat(run(id).getString("inputs[0].from")).isNull();

    String path = "/api/v1/runs/" + silver.get("id") + "/log";
    JsonPath log = as(issuer.engineer()).get(path).then().statusCode(200).extract().jsonPath();
    List<String> lines = log.getList("lines");
    assertThat(lines.get(0)).endsWith("----- begins");
    assertThat(lines).anyMatch(line -> line.endsWith("----- reading"));
    assertThat(lines)
        .contains(
            "2026-03-02T10:15:30.000Z WARN  [main] [run "
                + silver.get("id")
                + "] Fold password=***",
            "  goes on");
    assertThat(lines.get(lines.size() - 1)).endsWith("----- ends: succeeded");
    assertThat(log.getInt("total")).isEqualTo(lines.size());
    assertThat(log.getString("next")).isNull();
    as(issuer.engineer())
        .get(path + "?offset=1&limit=2")
        .then()
        .body("lines", equalTo(lines.subList(1, 3)))
        .body("next", equalTo(3));
    as(issuer.engineer())
        .get(path + "?tail=1")
        .then()
        .body("lines", equalTo(lines.subList(lines.size() - 1, lines.size())))
        .body("offset", equalTo(lines.size() - 1));
    as(issuer.analyst()).get(path).then().statusCode(403);
    as(issuer.engineer())
        .get("/api/v1/runs/01JNB4Z0T6W2M7Q9/log")
        .then()
        .statusCode(404)
        .body("error.code", equalTo("RUN_UNKNOWN"));
    // What listeners of lineage were told of the same run.
    List<String> events = java.nio.file.Files.readAllLines(places.work().resolve("lineage.ndjson"));
    assertThat(events.stream().filter(e -> e.contains("\"name\":\"silver.order\"")))
        .anyMatch(event -> event.contains("\"eventType\":\"START\""))
        .anyMatch(event -> event.contains("\"eventType\":\"COMPLETE\""));
  }

  @Test
  void shouldBeReadyAndCountRuns() {
    given()
        .get("/q/health/ready")
        .then()
        .statusCode(200)
        .body("checks.name", hasItem("control database"))
        .body("checks.name", hasItem("lakehouse description"))
        .body("checks.find { it.name == 'job runner' }.data", hasKey("phase"));
    Eventually.until(
        () ->
            given()
                .get("/q/metrics")
                .asString()
                .contains("lakegate_dataset_lag_seconds{dataset=\"silver.order\"} 0.0"),
        () -> given().get("/q/metrics").asString());
    given()
        .get("/q/metrics")
        .then()
        .body(
            containsString(
                "lakegate_runs_seconds_count{dataset=\"silver.order\",status=\"succeeded\"}"))
        .body(containsString("lakegate_runner_ready 1.0"))
        .body(not(containsString("lakegate_manifest_head 0.0")));
    given()
        .get("/q/openapi")
        .then()
        .statusCode(200)
        .body(containsString("/api/v1/runs/{id}/cancel"));
  }

  @Test
  void shouldSayWhyADatasetFailedAndHoldOnlyWhatReadsIt() {
    FakeJobsFiles.script(places.work(), "silver.order always:fail DISK_FULL false");
    places.lake().stream(Map.of("core_order", 1, "core_event", 1));
    AtomicReference<Map<String, Object>> waiting = new AtomicReference<>();
    Eventually.until(
        () -> {
          waiting.set(dataset("silver.order"));
          return waiting.get().get("nextTryAt") != null;
        },
        () -> datasets().prettify());
    assertThat(waiting.get()).containsEntry("state", "failed");
    assertThat(waiting.get().get("reason"))
        .asString()
        .contains("DISK_FULL: scripted to fail with DISK_FULL")
        .contains("next try, number ");
    assertThat(dataset("gold.revenue_metrics"))
        .containsEntry("state", "stale")
        .hasEntrySatisfying(
            "reason", reason -> assertThat(reason).asString().contains("silver.order"));
    Eventually.until(
        () -> "fresh".equals(dataset("gold.funnel_metrics").get("state")),
        () -> datasets().prettify());
    as(issuer.admin())
        .get("/api/v1/datasets")
        .then()
        .body("items.find { it.dataset == 'silver.order' }.lastRun.errorCode", equalTo("DISK_FULL"))
        .body("next", nullValue());
    FakeJobsFiles.script(places.work());
  }
}
