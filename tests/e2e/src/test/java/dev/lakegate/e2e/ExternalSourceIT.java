package dev.lakegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.e2e.deploy.Dashboards;
import dev.lakegate.laptop.backend.LiveTraffic;
import dev.lakegate.laptop.backend.SampleSize;
import dev.lakegate.model.description.SourceTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * One Lakegate on a PostgreSQL that it did not make, with rows that were there before it. The tests
 * share it and need no order among each other, except for the last two: one reads what all did, one
 * takes it away.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ExternalSourceIT {
  /** From a commit at the source to the gateway's answer. */
  private static final Duration UNDER_A_MINUTE = Duration.ofSeconds(60);

  private static final Duration AFTER_A_KILL = Duration.ofMinutes(3);

  private static final List<String> SERVICES =
      List.of("governance-service", "ingest-service", "transform-service", "query-gateway");

  private static final String REVENUE_AT_THE_SOURCE =
      """
      SELECT tenant_id, to_char(order_date, 'YYYY-MM-DD'), count(*)::text,
             count(DISTINCT customer_id)::text, sum(total)::numeric(18,2)::text,
             round(sum(total) / count(*), 2)::text
      FROM core_order WHERE status = 'completed'
      GROUP BY tenant_id, to_char(order_date, 'YYYY-MM-DD') ORDER BY 1, 2
      """;

  private static final String REVENUE =
      "SELECT tenant_id, dt, order_count, unique_customers, total_revenue, avg_order_value"
          + " FROM gold.revenue_metrics ORDER BY tenant_id, dt";

  @TempDir static Path directory;

  private final SilverTables silver = new SilverTables();
  private Source source;
  private Path lakehouse;
  private Set<String> objectsBefore;
  private Stack stack;

  @BeforeAll
  void start() throws Exception {
    source = Source.start(directory, SampleSize.endingToday(3, 1_500, 60, 11));
    objectsBefore = source.objects();
    stack = new Stack(directory);
    lakehouse = Documented.copyOfDescription(directory.resolve("lakehouse"));
    stack.up(source.urlWithCredentials(), lakehouse).succeeds();
  }

  @AfterAll
  void end() throws Exception {
    if (stack != null) {
      stack.end();
    }
    if (source != null) {
      source.close();
    }
  }

  @Test
  void shouldShowTheRowsThatWereThereBefore() throws Exception {
    meets(Duration.ofMinutes(2));
    for (SourceTable table : silver.tables()) {
      assertThat(source.value("SELECT count(*) FROM " + table.sourceTable()))
          .as("the comparison means something for " + table.sourceTable())
          .isNotEqualTo("0");
    }
  }

  @Test
  void shouldShowLiveChangesWithinAMinute() throws Exception {
    meets(Duration.ofMinutes(2));
    String large = "x".repeat(20_000);
    // An insert, updates, a delete and a changed key; values that are easily damaged on the way.
    source.transaction(
        "INSERT INTO core_tenant VALUES ('ténant/4 %=', 'Größe \"&\" <b>', 'small', now())",
        """
        INSERT INTO core_customer (id, created_at, updated_at, email, phone, first_name, last_name,
                                   metadata, status, tenant_id)
        VALUES (900001, '2024-02-29 23:59:59.999999+00', now(), 'a@b.example', NULL, E'Zoë\\t\\n''"',
                '', '{"a": [1, 2.50, null], "ü": "\\u00e9"}', 'active', 'ténant/4 %=')
        """,
        """
        INSERT INTO core_order (id, created_at, updated_at, order_number, status, order_date,
                                subtotal, tax, shipping, total, currency, notes, customer_id,
                                tenant_id)
        VALUES (900001, now(), now(), 'N-1', 'completed', '2024-02-29 23:59:59.999999+00',
                0.10, 0.01, 0, 0.11, 'EUR', '%s', 900001, 'ténant/4 %%='),
               (900002, now(), now(), 'N-2', 'completed', '2024-03-01 00:00:00+00',
                9999999999.99, 0, -0.01, 9999999999.98, 'EUR', '', 900001, 'ténant/4 %%='),
               (900003, now(), now(), 'N-3', 'completed', '2024-03-01 12:00:00+05',
                0.03, 0, 0, 0.03, 'EUR', '', 900001, 'ténant/4 %%=')
        """
            .formatted(large),
        """
        INSERT INTO core_event (id, session_id, event_type, event_data, ip_address, user_agent,
                                created_at, customer_id, tenant_id)
        VALUES ('00000000-0000-4000-8000-000000000001', 's', 'page_view', '{}', '203.0.113.77', '',
                now(), NULL, 'tenant-1'),
               ('00000000-0000-4000-8000-000000000002', 's', 'purchase', '{}',
                '2001:db8:1:2:3:4:5:6', '', now(), NULL, 'tenant-2')
        """);
    source.transaction(
        // The long text is not in the log of this update.
        "UPDATE core_order SET status = 'refunded', updated_at = now() WHERE id = 900001",
        "UPDATE core_order SET status = 'completed', updated_at = now() WHERE id = 900001",
        "DELETE FROM core_order WHERE id = 900003",
        "UPDATE core_event SET id = '00000000-0000-4000-8000-000000000003'"
            + " WHERE id = '00000000-0000-4000-8000-000000000002'",
        "UPDATE core_product SET price = price + 0.01, updated_at = now() WHERE tenant_id ="
            + " 'tenant-1'",
        "INSERT INTO core_tenant VALUES ('tenant-gone', 'Gone', 'small', now())",
        "DELETE FROM core_tenant WHERE slug = 'tenant-gone'");
    long committed = System.nanoTime();
    meets(UNDER_A_MINUTE);
    System.out.printf(
        "Live changes were in Silver and Gold, row by row, %.1f s after their commit.%n",
        (System.nanoTime() - committed) / 1e9);
    assertThat(
            stack
                .gateway("engineer")
                .value("SELECT length(notes) FROM silver.\"order\" WHERE id = 900001"))
        .isEqualTo(String.valueOf(large.length()));
  }

  /** What docs/ADDING_A_TABLE.md says, to the letter, on a Lakegate that runs. */
  @Test
  void shouldTakeUpADocumentedTableAndMetricWithoutARestart() throws Exception {
    meets(Duration.ofMinutes(2));
    List<ProcessHandle> services = new ArrayList<>();
    for (String name : SERVICES) {
      services.add(stack.process(name));
    }
    source.transaction(
        """
        CREATE TABLE core_coupon (
          id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
          code varchar(40) NOT NULL,
          percent numeric(5,2) NOT NULL,
          tenant_id varchar(63) NOT NULL)
        """,
        """
        INSERT INTO core_coupon (code, percent, tenant_id)
        VALUES ('SPRING', 10, 'tenant-1'), ('AUTUMN', 12.5, 'tenant-1'), ('OTHER', 5, 'tenant-2')
        """);
    Documented documented = new Documented("ADDING_A_TABLE.md");
    Path table = lakehouse.resolve("tables/coupon.yaml");
    Path metric = lakehouse.resolve("metrics/coupon_usage.sql");
    Files.writeString(table, documented.block("yaml"));
    Files.writeString(metric, documented.block("sql"));
    Gateway analyst = stack.gateway("analyst@tenant-1");
    String usage = "SELECT tenant_id, coupons FROM gold.coupon_usage";
    Eventually.passes(
        Duration.ofMinutes(3),
        () -> assertThat(analyst.query(usage).rows()).containsExactly(List.of("tenant-1", "2")));
    source.transaction(
        "INSERT INTO core_coupon (code, percent, tenant_id) VALUES ('LATE', 1, 'tenant-1')",
        "DELETE FROM core_coupon WHERE code = 'OTHER'");
    Eventually.passes(
        UNDER_A_MINUTE.multipliedBy(2),
        () -> {
          assertThat(
                  stack
                      .gateway("engineer")
                      .query("SELECT code, percent, tenant_id FROM silver.coupon ORDER BY code")
                      .rows())
              .containsExactly(
                  List.of("AUTUMN", "12.50", "tenant-1"),
                  List.of("LATE", "1.00", "tenant-1"),
                  List.of("SPRING", "10.00", "tenant-1"));
          assertThat(stack.gateway("analyst").query(usage).rows())
              .containsExactly(List.of("tenant-1", "3"));
        });
    for (int i = 0; i < SERVICES.size(); i++) {
      assertThat(stack.process(SERVICES.get(i))).as(SERVICES.get(i)).isEqualTo(services.get(i));
    }
    // And away again: the other tests' source has no such table.
    Files.delete(metric);
    Files.delete(table);
    Eventually.passes(
        UNDER_A_MINUTE,
        () -> {
          assertThat(analyst.trying(usage).status()).isBetween(400, 499);
          assertThat(stack.status().path("datasets").findValuesAsText("dataset"))
              .doesNotContain("bronze.core_coupon", "silver.coupon", "gold.coupon_usage");
        });
    source.transaction("DROP TABLE core_coupon");
    meets(UNDER_A_MINUTE.multipliedBy(2));
  }

  /** A mistake at the source, seen as of before, gone back behind, and forward again. */
  @Test
  void shouldGoBackToAnInstantAndForwardAgain() throws Exception {
    meets(Duration.ofMinutes(2));
    Gateway engineer = stack.gateway("engineer");
    String rows = "SELECT id, tenant_id, quantity FROM %s ORDER BY id";
    List<List<String>> then = engineer.query(rows.formatted("silver.orderitem")).rows();
    String moment = Instant.now().toString();
    source.transaction(
        "UPDATE core_orderitem SET quantity = quantity + 1000 WHERE tenant_id = 'tenant-1'",
        "DELETE FROM core_orderitem WHERE tenant_id = 'tenant-2'");
    meets(UNDER_A_MINUTE);
    List<List<String>> now = engineer.query(rows.formatted("silver.orderitem")).rows();
    assertThat(now).isNotEqualTo(then);

    Duration patience = Duration.ofMinutes(3);
    String said = stack.run(patience, "asof", "silver.orderitem", moment).succeeds().output();
    String table = said.substring(0, said.indexOf(' '));
    assertThat(table).startsWith("silver.orderitem__asof_");
    assertThat(engineer.query(rows.formatted(table)).rows()).isEqualTo(then);
    assertThat(stack.run(patience, "asof", "silver.orderitem", moment).succeeds().output())
        .startsWith(table + " is silver.orderitem as it was");
    assertThat(stack.gateway("analyst").trying("SELECT count(*) FROM " + table).code())
        .isEqualTo("TABLE_NOT_READABLE");

    Set<List<String>> present = new HashSet<>(now);
    long gone = then.stream().filter(row -> !present.contains(row)).count();
    assertThat(
            stack
                .run(patience, "restore", "silver.orderitem", moment, "--dry-run")
                .succeeds()
                .output())
        .contains("would change: " + gone + " rows")
        .contains(", 0 would go.");
    assertThat(engineer.query(rows.formatted("silver.orderitem")).rows()).isEqualTo(now);
    stack.run(patience, "restore", "silver.orderitem", moment).succeeds();
    assertThat(engineer.query(rows.formatted("silver.orderitem")).rows()).isEqualTo(then);
    Eventually.passes(
        UNDER_A_MINUTE,
        () -> {
          JsonNode held =
              new Gateway(stack.address("transform"), stack.token("engineer"))
                  .get("/api/v1/datasets")
                  .body()
                  .path("items");
          for (JsonNode item : held) {
            if (item.path("dataset").asText().equals("silver.orderitem")) {
              assertThat(item.path("state").asText()).isEqualTo("held");
            }
          }
        });
    source.transaction("UPDATE core_orderitem SET quantity = 7 WHERE tenant_id = 'tenant-3'");
    stack.run(patience, "release", "silver.orderitem").succeeds();
    meets(UNDER_A_MINUTE.multipliedBy(2));
    stack.run(patience, "asof", "--drop", table).succeeds();
    assertThat(stack.run(patience, "asof", "--list").succeeds().output()).doesNotContain(table);
  }

  @Test
  void shouldAnswerEachTenantWithItsOwnRowsAlone() throws Exception {
    meets(Duration.ofMinutes(2));
    for (String tenant : List.of("tenant-1", "tenant-2")) {
      List<List<String>> own =
          source.rows(REVENUE_AT_THE_SOURCE).stream()
              .filter(row -> row.get(0).equals(tenant))
              .toList();
      assertThat(own).isNotEmpty();
      Gateway analyst = stack.gateway("analyst@" + tenant);
      assertThat(analyst.query(REVENUE).rows()).isEqualTo(own);
      // Whatever is written around it.
      assertThat(
              analyst
                  .query(
                      "SELECT DISTINCT tenant_id FROM (SELECT * FROM gold.revenue_metrics UNION ALL"
                          + " SELECT * FROM gold.revenue_metrics WHERE tenant_id <> '"
                          + tenant
                          + "' OR true)")
                  .rows())
          .containsExactly(List.of(tenant));
      assertThat(
              stack
                  .sql(
                      "analyst@" + tenant,
                      "csv",
                      "SELECT count(*), count(DISTINCT tenant_id) FROM gold.revenue_metrics")
                  .succeeds()
                  .output()
                  .lines()
                  .skip(1)
                  .toList())
          .containsExactly(own.size() + ",1");
    }
    assertThat(stack.gateway("analyst").query(REVENUE).rows())
        .isEqualTo(source.rows(REVENUE_AT_THE_SOURCE));
    Gateway.Reply unknown =
        stack.gateway("analyst@nobody-knows-me").trying("SELECT * FROM gold.revenue_metrics");
    assertThat(unknown.status()).isEqualTo(200);
    assertThat(unknown.body().path("rowCount").asInt(-1)).isZero();
    assertThat(unknown.body().path("notes")).isNotEmpty();
  }

  @Test
  void shouldRefuseWithReasonsWhatAPersonaMayNotRead() throws Exception {
    meets(Duration.ofMinutes(2));
    CommandLine.Outcome layer =
        stack.sql("analyst@tenant-1", "table", "SELECT * FROM silver.customer").fails();
    assertThat(layer.errors())
        .contains("LAYER_NOT_GRANTED", "LakeFormationAdmin", "DataEngineer")
        .contains("silver.customer");
    assertThat(layer.output()).isEmpty();
    CommandLine.Outcome column =
        stack.sql("analyst", "table", "SELECT email FROM gold.dim_customer").fails();
    assertThat(column.errors()).contains("PII_COLUMN", "email", "DataEngineer");

    List<String> columns =
        stack.gateway("analyst").query("SELECT * FROM gold.dim_customer").columns();
    assertThat(columns)
        .contains("tenant_id", "customer_id", "status")
        .doesNotContain("email", "phone", "first_name", "last_name");
    assertThat(stack.gateway("engineer").query("SELECT * FROM gold.dim_customer").columns())
        .contains("email", "phone");
    assertThat(
            stack
                .gateway("analyst")
                .trying("SELECT count(*) FROM gold.dim_customer WHERE email LIKE '%@%'")
                .status())
        .isBetween(400, 499);
    assertThat(stack.gateway(null).trying("SELECT 1").status()).isEqualTo(401);
    assertThat(stack.gateway("analyst@tenant-1").trying("DROP TABLE gold.revenue_metrics").status())
        .isBetween(400, 499);
    assertThat(
            stack
                .gateway("admin")
                .trying("SELECT * FROM read_text('" + stack.data().resolve("run/state.json") + "')")
                .status())
        .isBetween(400, 499);
  }

  @Test
  void shouldHaveEveryAnsweredQueryInTheAuditThoughBothServicesWereKilled() throws Exception {
    meets(Duration.ofMinutes(2));
    Set<String> answered = ConcurrentHashMap.newKeySet();
    AtomicBoolean enough = new AtomicBoolean();
    Gateway analyst = stack.gateway("analyst");
    List<Thread> clients = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Thread client =
          new Thread(() -> ask(analyst, answered, enough), "client of a gateway that is killed");
      client.start();
      clients.add(client);
    }
    try {
      for (int kill = 0; kill < 2; kill++) {
        awaitMore(answered, 60);
        stack.process("governance-service").destroyForcibly();
        // The last good policy serves, and the events wait where they survive the gateway too.
        awaitMore(answered, 60);
        stack.process("query-gateway").destroyForcibly();
      }
      awaitMore(answered, 20);
    } finally {
      enough.set(true);
      for (Thread client : clients) {
        client.join();
      }
    }
    Eventually.passes(
        AFTER_A_KILL,
        () -> {
          Set<String> missing = new HashSet<>(answered);
          Gateway audit = new Gateway(stack.address("governance"), stack.token("admin"));
          String next = null;
          do {
            Gateway.Reply page =
                audit.get(
                    "/api/v1/audit-events?subject=analyst&type=query&limit=500"
                        + (next == null ? "" : "&cursor=" + next));
            assertThat(page.status()).as(page.body().toString()).isEqualTo(200);
            page.body()
                .path("items")
                .forEach(e -> missing.remove(e.path("details").path("queryId").asText()));
            next = page.body().path("next").asText(null);
          } while (next != null && !missing.isEmpty());
          assertThat(missing).as("answered queries of " + answered.size()).isEmpty();
        });
  }

  private static void ask(Gateway gateway, Set<String> answered, AtomicBoolean enough) {
    while (!enough.get()) {
      try {
        Gateway.Reply reply =
            gateway.post(
                "/api/v1/queries",
                Map.of("sql", "SELECT count(*) FROM gold.revenue_metrics", "waitMillis", 10_000));
        if (reply.status() == 200) {
          answered.add(reply.body().path("id").asText());
        } else {
          TimeUnit.MILLISECONDS.sleep(50);
        }
      } catch (IOException | InterruptedException e) {
        // It is being killed, or comes back.
        LockSupport.parkNanos(50_000_000L);
      }
    }
  }

  private static void awaitMore(Set<String> answered, int more) throws Exception {
    int before = answered.size();
    Eventually.passes(
        AFTER_A_KILL, () -> assertThat(answered).hasSizeGreaterThanOrEqualTo(before + more));
  }

  @Test
  void shouldSayHowEverythingStands() throws Exception {
    meets(Duration.ofMinutes(2));
    Eventually.passes(
        Duration.ofSeconds(60),
        () -> {
          JsonNode status = stack.status();
          assertThat(status.path("services").findValuesAsText("name"))
              .containsExactlyInAnyOrder(
                  "query-gateway", "ingest-service", "transform-service", "governance-service");
          assertThat(status.path("services").findValuesAsText("healthy"))
              .as(status.toString())
              .containsOnly("true");
          assertThat(status.path("datasets").findValuesAsText("dataset"))
              .contains(
                  "bronze.core_order", "silver.order", "silver.event", "gold.revenue_metrics");
          for (JsonNode dataset : status.path("datasets")) {
            assertThat(dataset.path("reason").asText()).as(dataset.toString()).isNotBlank();
            assertThat(dataset.path("state").asText())
                .as(dataset.toString())
                .isIn("fresh", "running", "stale", "empty");
          }
          assertThat(status.path("capture").path("source").path("connected").asBoolean()).isTrue();
        });
    JsonNode rows = null;
    for (JsonNode dataset : stack.status().path("datasets")) {
      if (dataset.path("dataset").asText().equals("silver.customer")) {
        rows = dataset.path("rows");
      }
    }
    assertThat(rows).isNotNull();
    assertThat(rows.asText()).isEqualTo(source.value("SELECT count(*) FROM core_customer"));
    assertThat(stack.run(UNDER_A_MINUTE, "status").succeeds().output())
        .contains("ingest-service", "gold.revenue_metrics");
    assertThat(stack.gateway("analyst").get("/api/v1/operations").status()).isEqualTo(403);
  }

  @Test
  void shouldLetAnAnalystWorkInTheBrowser() throws Exception {
    meets(Duration.ofMinutes(2));
    Path chromium = chromium();
    try (Browser browser =
        Browser.start(chromium, Files.createDirectory(directory.resolve("browser")))) {
      String home = stack.address("gateway");
      logIn(browser, home + "/", "analyst@tenant-1");
      browser.await(
          "[...document.querySelectorAll('#catalog .table-name')]"
              + ".some(e => e.textContent === 'revenue_metrics')",
          "the catalog lists revenue_metrics");
      assertThat(browser.text("#catalog")).doesNotContain("silver", "bronze");
      browser.type("#sql", "SELECT tenant_id, dt, total_revenue\nFROM gold.revenue_metrics");
      browser.pressControlEnter();
      browser.await("document.querySelector('.grid tbody tr')", "rows appear");
      long own =
          source.rows(REVENUE_AT_THE_SOURCE).stream()
              .filter(row -> row.get(0).equals("tenant-1"))
              .count();
      assertThat(browser.text(".row-count")).isEqualTo(own + " rows");
      assertThat(
              browser
                  .evaluate(
                      "[...new Set([...document.querySelectorAll('.grid tbody tr')]"
                          + ".map(row => row.cells[1].textContent))].join()")
                  .asText())
          .isEqualTo("tenant-1");

      browser.type("#sql", "SELECT *\nFROM silver.customer");
      browser.click("#run");
      browser.await(
          "document.querySelector('[data-reason=LAYER_NOT_GRANTED]')", "the refusal has its code");
      assertThat(browser.text(".notice.error")).contains("DataEngineer");

      browser.type("#sql", "SELECT 1 +\n  FROM gold.revenue_metrics");
      browser.click("#run");
      browser.await("document.querySelector('#paint mark')", "the place of the error is marked");
      assertThat(browser.text("#gutter .at-fault")).isEqualTo("2");

      browser.open(home + "/ops");
      browser.await(
          "document.querySelector('.ops .card')?.innerText.includes('analyst@tenant-1')",
          "the operations page says whom it is for");
      browser.click("#logout");
      browser.await("document.querySelector('#login')", "logged out");
      logIn(browser, home + "/ops", "engineer");
      browser.await(
          "document.querySelectorAll('[data-service]').length === 4"
              + " && document.querySelectorAll('[data-service][data-healthy=true]').length === 4",
          "all services are shown healthy");
      browser.await(
          "document.querySelector('[data-dataset=\"gold.revenue_metrics\"]')",
          "the tables are listed");
      // The refusals above are failed loads, which is right; nothing else may complain.
      assertThat(browser.complaints())
          .allMatch(complaint -> complaint.startsWith("Failed to load resource"));
    }
  }

  @Test
  void shouldShowTheConsoleOverTlsToo() throws Exception {
    Path chromium = chromium();
    try (Browser browser =
        Browser.start(chromium, Files.createDirectory(directory.resolve("browser-tls")))) {
      logIn(browser, stack.address("gatewayTls") + "/", "analyst");
      browser.await(
          "document.querySelector('#user').innerText.includes('analyst')", "analyst is logged in");
    }
  }

  @Test
  void shouldLoseNothingWhenCaptureAndSparkAreKilledInMidWork() throws Exception {
    meets(Duration.ofMinutes(2));
    try (LiveTraffic traffic = source.traffic(60)) {
      long ingest = stack.process("ingest-service").pid();
      // A transaction far larger than a flush, so that the kill finds it half written.
      source.transaction(
          """
          INSERT INTO core_event (id, session_id, event_type, event_data, ip_address, user_agent,
                                  created_at, customer_id, tenant_id)
          SELECT gen_random_uuid(), 's' || n, 'page_view', '{}', NULL, '', now(), NULL,
                 'tenant-' || 1 + n % 3
          FROM generate_series(1, 30000) n
          """);
      killWhileItWrites(ingest);
      Eventually.passes(
          Duration.ofSeconds(60),
          () -> assertThat(stack.process("ingest-service").pid()).isNotEqualTo(ingest));

      ProcessHandle spark = sparkAtWork();
      assertThat(spark.destroyForcibly()).isTrue();
      spark.onExit().get(10, TimeUnit.SECONDS);

      long changes = traffic.changes();
      Eventually.passes(
          Duration.ofSeconds(30), () -> assertThat(traffic.changes()).isGreaterThan(changes));
      assertThat(traffic.problem()).isEmpty();
    }
    meets(AFTER_A_KILL);
    assertThat(stack.spark().isAlive()).isTrue();
  }

  /**
   * After the others: of changes that went through, and of what never happened, nothing is told.
   */
  @Test
  @Order(Integer.MAX_VALUE - 1)
  void shouldExportEveryMetricThatDashboardsAndRulesRead() throws Exception {
    assertThat(Dashboards.promql()).hasSizeGreaterThan(40);
    stack.sql("admin", "csv", "SELECT count(*) FROM gold.revenue_metrics").succeeds();
    assertThat(stack.sql("analyst", "csv", "SELECT * FROM silver.customer").exitCode()).isNotZero();
    Eventually.passes(
        UNDER_A_MINUTE,
        () -> {
          Set<String> exported = new TreeSet<>();
          for (String service : List.of("gateway", "ingest", "transform", "governance")) {
            exported.addAll(Dashboards.exported(figures(service)));
          }
          assertThat(Dashboards.unknown(exported)).isEmpty();
        });
  }

  private String figures(String service) throws Exception {
    HttpResponse<String> answer =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(URI.create(stack.address(service) + "/q/metrics")).build(),
                HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(service).isEqualTo(200);
    return answer.body();
  }

  @Test
  @Order(Integer.MAX_VALUE)
  void shouldLeaveNothingBehindAtTheSource() throws Exception {
    assertThat(source.objects()).as("capture is known by what it made").isNotEqualTo(objectsBefore);
    Map<String, Long> rows = source.backend().countRows();
    CommandLine.Outcome down = stack.run(Duration.ofMinutes(2), "down", "--forget-source");
    down.succeeds();
    assertThat(source.objects()).isEqualTo(objectsBefore);
    assertThat(source.backend().countRows()).isEqualTo(rows);
    assertThat(stack.data().resolve("run/state.json")).doesNotExist();
  }

  /** Silver equals the source row by row, and revenue equals what the source computes. */
  private void meets(Duration within) throws Exception {
    Gateway engineer = stack.gateway("engineer");
    Eventually.passes(
        within,
        () -> {
          silver.assertEqual(source, engineer);
          assertThat(byTenantAndDay(engineer.query(REVENUE).rows()))
              .isEqualTo(byTenantAndDay(source.rows(REVENUE_AT_THE_SOURCE)));
        });
  }

  /** The databases sort text by different rules. */
  private static TreeMap<String, List<String>> byTenantAndDay(List<List<String>> rows) {
    TreeMap<String, List<String>> sorted = new TreeMap<>();
    rows.forEach(row -> sorted.put(row.get(0) + " " + row.get(1), row));
    return sorted;
  }

  /** The Spark process, found while transform-service says that a run is under way. */
  private ProcessHandle sparkAtWork() throws Exception {
    List<ProcessHandle> found = new ArrayList<>();
    Gateway transform = new Gateway(stack.address("transform"), stack.token("engineer"));
    Eventually.passes(
        Duration.ofMinutes(2),
        () -> {
          ProcessHandle spark = stack.spark();
          JsonNode running = transform.get("/api/v1/runs?status=running").body().path("items");
          assertThat(running).as("a run is under way").isNotEmpty();
          found.add(spark);
        });
    return found.get(0);
  }

  /** Kills capture while files that no manifest names yet are being written. */
  private void killWhileItWrites(long ingest) throws Exception {
    Path staging = stack.data().resolve("lake/bronze/_staging");
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (!holdsFiles(staging)) {
      assertThat(System.nanoTime()).as("capture is at work in time").isLessThan(end);
      Thread.onSpinWait();
    }
    assertThat(ProcessHandle.of(ingest).map(ProcessHandle::destroyForcibly)).contains(true);
  }

  private static boolean holdsFiles(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.anyMatch(Files::isRegularFile);
    } catch (IOException | UncheckedIOException e) {
      // It is made and removed with each flush.
      return false;
    }
  }

  private void logIn(Browser browser, String page, String user) throws Exception {
    browser.open(page);
    browser.await("document.querySelector('#login')", "the page offers to log in");
    browser.click("#login");
    browser.await("document.querySelector('input[name=password]')", "the issuer asks who it is");
    browser.type("input[name=username]", user);
    browser.type("input[name=password]", stack.demoPassword());
    browser.click("button[type=submit]");
    browser.await("document.querySelector('#logout')", user + " is logged in");
    assertThat(browser.evaluate("location.href").asText()).isEqualTo(page);
  }

  private static Path chromium() {
    Optional<Path> installed = Browser.installed();
    if (installed.isEmpty()) {
      String missing =
          "No Chromium is installed, so nobody looks at the console. Install it with 'apt-get"
              + " install chromium', or name it in LAKEGATE_CHROMIUM.";
      System.err.println("*** " + missing);
      assertThat(System.getenv("CI")).as(missing).isNotEqualTo("true");
      assumeTrue(false, missing);
    }
    return installed.get();
  }
}
