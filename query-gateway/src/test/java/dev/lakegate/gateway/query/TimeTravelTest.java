package dev.lakegate.gateway.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.lakegate.gateway.TestLake;
import dev.lakegate.gateway.catalog.Lake;
import dev.lakegate.gateway.engine.DuckDbEngine;
import dev.lakegate.gateway.engine.EngineSettings;
import dev.lakegate.gateway.engine.Execution;
import dev.lakegate.gateway.engine.VanishedFileException;
import dev.lakegate.gateway.sql.Session;
import dev.lakegate.gateway.sql.SqlFailure;
import dev.lakegate.model.description.Lakehouse;
import dev.lakegate.model.description.LakehouseLoader;
import dev.lakegate.model.policy.Policy;
import dev.lakegate.model.policy.PolicyCompiler;
import dev.lakegate.model.policy.Principal;
import dev.lakegate.model.snapshot.Snapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Former states of tables, against what was recorded when they were the present. */
class TimeTravelTest {
  private static final List<String> TENANTS = List.of("tenant-1", "tenant-2", "tenant-3");
  private static final Instant NOW = Instant.parse("2026-03-02T12:00:00Z");
  private static final List<Snapshot.Column> COLUMNS =
      List.of(
          TestLake.column("tenant_id", "varchar"),
          TestLake.column("dt", "date"),
          TestLake.column("order_count", "bigint"));

  private final Lakehouse lakehouse = LakehouseLoader.load(Path.of("../lakehouse"));
  private final Policy policy = PolicyCompiler.compile(lakehouse, 1);
  @TempDir Path directory;
  private TestLake lake;
  private DuckDbEngine engine;
  private Planner planner;

  /** Row texts by tenant of each state, by its instant. */
  private final TreeMap<String, Map<String, List<String>>> truths = new TreeMap<>();

  private final TreeMap<String, Instant> published = new TreeMap<>();

  @BeforeEach
  void open() {
    lake = new TestLake(directory.resolve("lake"));
    engine = new DuckDbEngine(new EngineSettings(lake.root(), directory.resolve("t"), 128, 128, 1));
    planner = new Planner(new Lake(lake.root(), lakehouse), engine::value);
  }

  @AfterEach
  void close() {
    engine.close();
    lake.close();
  }

  private static Principal tenant(String... tenants) {
    return new Principal(
        "issuer",
        "analyst",
        new TreeSet<>(Set.of("TenantSpecificAnalyst")),
        new TreeSet<>(List.of(tenants)),
        null);
  }

  private static Principal persona(String name) {
    return new Principal("issuer", name, new TreeSet<>(Set.of(name)), new TreeSet<>(), null);
  }

  private Planned plan(Principal p, String sql) {
    return planner.plan(sql, policy, p, new Session(NOW, p.subject(), "gold"));
  }

  private List<String> answer(Principal p, String sql) {
    Planned planned = plan(p, sql);
    List<String> rows = new ArrayList<>();
    try (Execution e = engine.execute(planned.query(), planned.relations())) {
      for (Object[] row = e.next(); row != null; row = e.next()) {
        rows.add(
            java.util.Arrays.stream(row).map(String::valueOf).collect(Collectors.joining(" ")));
      }
    }
    rows.sort(null);
    return rows;
  }

  private SqlFailure failure(Principal p, String sql) {
    return catchThrowableOfType(SqlFailure.class, () -> answer(p, sql));
  }

  /** Publishes rows {@code tenant -> order counts} and records them. */
  private String publish(Map<String, List<Integer>> rows) {
    Map<String, String> files = new LinkedHashMap<>();
    Map<String, List<String>> truth = new TreeMap<>();
    rows.forEach(
        (t, counts) -> {
          if (!counts.isEmpty()) {
            files.put(
                t,
                "SELECT '"
                    + t
                    + "' AS tenant_id, DATE '2026-01-01' AS dt, CAST(x AS BIGINT) AS order_count"
                    + " FROM (VALUES "
                    + counts.stream().map(c -> "(" + c + ")").collect(Collectors.joining(", "))
                    + ") v(x)");
          }
          truth.put(t, counts.stream().map(c -> t + " " + c).sorted().toList());
        });
    lake.publish("gold", "revenue_metrics", COLUMNS, files);
    truths.put(lake.instant(), truth);
    published.put(lake.instant(), lake.publishedAt());
    return lake.instant();
  }

  private List<String> truth(String instant, String... tenants) {
    return List.of(tenants).stream()
        .flatMap(t -> truths.get(instant).getOrDefault(t, List.of()).stream())
        .sorted()
        .toList();
  }

  private static String sql(Instant at) {
    return at.toString().replace("T", " ").replace("Z", " UTC");
  }

  private static final String ROWS = "SELECT tenant_id, order_count FROM revenue_metrics ";

  @Test
  void shouldReadWhatCouldBeReadAtAnyMoment() {
    Random random = new Random(20260302);
    for (int i = 0; i < 12; i++) {
      Map<String, List<Integer>> rows = new LinkedHashMap<>();
      for (String t : TENANTS) {
        rows.put(t, random.ints(random.nextInt(6), 0, 100).boxed().toList());
      }
      publish(rows);
      lake.pass(1 + random.nextInt(60));
    }
    Instant first = published.firstEntry().getValue();
    Instant last = published.lastEntry().getValue();
    for (int i = 0; i < 150; i++) {
      long span = last.toEpochMilli() - first.toEpochMilli() + 2000;
      Instant at = first.plusMillis((long) (random.nextDouble() * span));
      if (i % 3 == 0) {
        // At the very millisecond and right before it, where mistakes are.
        Instant exact = new ArrayList<>(published.values()).get(random.nextInt(published.size()));
        at = i % 2 == 0 || exact.equals(first) ? exact : exact.minusMillis(1);
      }
      Instant moment = at;
      String expected =
          published.entrySet().stream()
              .filter(e -> !e.getValue().isAfter(moment))
              .reduce((a, b) -> b)
              .orElseThrow()
              .getKey();
      String asOf = "FOR TIMESTAMP AS OF TIMESTAMP '" + sql(at) + "'";
      for (String t : TENANTS) {
        assertThat(answer(tenant(t), ROWS + asOf)).as(asOf).isEqualTo(truth(expected, t));
      }
      assertThat(answer(persona("DataAnalyst"), ROWS + asOf))
          .isEqualTo(truth(expected, TENANTS.toArray(String[]::new)));
      assertThat(answer(tenant("tenant-2"), ROWS + "FOR VERSION AS OF '" + expected + "'"))
          .isEqualTo(truth(expected, "tenant-2"));
      assertThat(plan(tenant("tenant-1"), ROWS + asOf).notes())
          .anySatisfy(
              n -> {
                assertThat(n.code()).isEqualTo("TIME_TRAVEL");
                assertThat(n.message()).contains(expected, published.get(expected).toString());
              });
    }
    assertThat(answer(tenant("tenant-1"), ROWS)).isEqualTo(truth(truths.lastKey(), "tenant-1"));
  }

  @Test
  void shouldTakeAnyConstantMomentThatCostsNothing() {
    publish(Map.of("tenant-1", List.of(1)));
    lake.pass(60);
    publish(Map.of("tenant-1", List.of(2)));
    lake.pass(60);
    publish(Map.of("tenant-1", List.of(3)));
    // Published at 10:00:01.001, 10:01:01.002 and 10:02:01.003; the session began at 12:00.
    for (String moment :
        List.of(
            "TIMESTAMP '2026-03-02 10:01:30'",
            "TIMESTAMP '2026-03-02 10:01:30 UTC'",
            "TIMESTAMP '2026-03-02 11:01:30 Europe/Berlin'",
            "TIMESTAMP '2026-03-02 10:01:30' AT TIME ZONE 'Asia/Tokyo'",
            "CAST('2026-03-02 10:01:30' AS timestamp)",
            "CAST('2026-03-02 10:01:30' AS timestamp(6))",
            "now() - INTERVAL '1' HOUR - INTERVAL '58' MINUTE",
            "current_timestamp - INTERVAL '7110' SECOND",
            "localtimestamp - INTERVAL '118' MINUTE",
            "date_add('minute', -118, now())",
            "date_trunc('minute', now()) - INTERVAL '118' MINUTE",
            "from_unixtime(1772445690)")) {
      assertThat(answer(tenant("tenant-1"), ROWS + "FOR TIMESTAMP AS OF " + moment))
          .as(moment)
          .containsExactly("tenant-1 2");
    }
    assertThat(answer(tenant("tenant-1"), ROWS + "FOR VERSION AS OF 20260302100000001"))
        .containsExactly("tenant-1 1");
    assertThat(failure(tenant("tenant-1"), ROWS + "FOR TIMESTAMP AS OF DATE '2026-03-02'").code())
        .isEqualTo("INVALID_ARGUMENTS");
    // Whatever is evaluated may fail as any expression may.
    assertThat(
            failure(tenant("tenant-1"), ROWS + "FOR TIMESTAMP AS OF CAST('x' AS timestamp)").code())
        .isEqualTo("INVALID_CAST_ARGUMENT");
    for (String wrong : List.of("now()", "localtimestamp", "now() + INTERVAL '1' DAY")) {
      SqlFailure f = failure(tenant("tenant-1"), ROWS + "FOR TIMESTAMP AS OF " + wrong);
      assertThat(f.code()).isEqualTo("INVALID_ARGUMENTS");
      assertThat(f.getMessage()).startsWith("line 1:").endsWith("is not in the past");
    }
    assertThat(
            failure(tenant("tenant-1"), ROWS + "FOR TIMESTAMP AS OF CAST(NULL AS timestamp)")
                .getMessage())
        .endsWith("Pointer value cannot be NULL");
  }

  @Test
  void shouldNameTheOldestStateWhenAnOlderOneIsAskedFor() throws IOException {
    assertThat(failure(tenant("tenant-1"), ROWS + "FOR VERSION AS OF '20260302100000001'"))
        .hasMessageContaining("gold.revenue_metrics has no state yet");
    String first = publish(Map.of("tenant-1", List.of(1)));
    lake.pass(60);
    String second = publish(Map.of("tenant-1", List.of(2)));
    lake.pass(60);
    publish(Map.of("tenant-1", List.of(3)));
    String before = "FOR TIMESTAMP AS OF TIMESTAMP '2026-03-02 09:00:00'";
    SqlFailure tooOld = failure(tenant("tenant-1"), ROWS + before);
    assertThat(tooOld.code()).isEqualTo("INVALID_ARGUMENTS");
    assertThat(tooOld).hasMessageContaining("the oldest one is of instant " + first);
    assertThat(tooOld.details())
        .containsEntry("oldestInstant", first)
        .containsKeys("line", "column", "table");

    // Retention took the first: what it held is asked for in vain from then on.
    Files.delete(file(first));
    String then = "FOR TIMESTAMP AS OF TIMESTAMP '2026-03-02 10:00:30'";
    for (String asOf : List.of(then, "FOR VERSION AS OF '" + first + "'")) {
      assertThat(failure(tenant("tenant-1"), ROWS + asOf))
          .hasMessageContaining("the oldest one is of instant " + second);
    }
    for (String nothing : List.of("", "current", "../current", "2026", "20260302100000001.json")) {
      assertThat(failure(tenant("tenant-1"), ROWS + "FOR VERSION AS OF '" + nothing + "'").code())
          .isEqualTo("INVALID_ARGUMENTS");
    }
  }

  @Test
  void shouldNotReadAStateThatIsWrittenButNotInForce() throws IOException {
    String first = publish(Map.of("tenant-1", List.of(1)));
    byte[] current = Files.readAllBytes(file("current"));
    lake.pass(60);
    String second = publish(Map.of("tenant-1", List.of(2)));
    Files.write(file("current"), current);
    assertThat(
            answer(
                tenant("tenant-1"), ROWS + "FOR TIMESTAMP AS OF TIMESTAMP '2026-03-02 11:00:00'"))
        .isEqualTo(truth(first, "tenant-1"));
    assertThat(failure(tenant("tenant-1"), ROWS + "FOR VERSION AS OF '" + second + "'").code())
        .isEqualTo("INVALID_ARGUMENTS");
  }

  private Path file(String name) {
    return lake.root().resolve("_catalog/gold/revenue_metrics/" + name + ".json");
  }

  @Test
  void shouldReadSeveralStatesInOneStatement() {
    String first = publish(Map.of("tenant-1", List.of(1, 5), "tenant-2", List.of(7)));
    lake.pass(60);
    String second = publish(Map.of("tenant-1", List.of(5, 9), "tenant-2", List.of(7, 8)));
    lake.pass(60);
    publish(Map.of("tenant-1", List.of(), "tenant-2", List.of(1)));
    String v1 = "gold.revenue_metrics FOR VERSION AS OF '" + first + "'";
    String v2 = "lakehouse.gold.revenue_metrics FOR VERSION AS OF '" + second + "'";
    assertThat(
            answer(
                tenant("tenant-1"),
                "SELECT a.order_count, b.order_count, n.order_count FROM "
                    + v1
                    + " AS a FULL JOIN "
                    + v2
                    + " b ON a.order_count = b.order_count LEFT JOIN revenue_metrics n ON true"))
        .containsExactlyInAnyOrder("1 null null", "5 5 null", "null 9 null");
    assertThat(
            answer(
                tenant("tenant-1"),
                "WITH old AS (SELECT order_count FROM "
                    + v1
                    + "), young AS (SELECT order_count FROM "
                    + v2
                    + ") SELECT * FROM young EXCEPT SELECT * FROM old"))
        .containsExactly("9");
    assertThat(
            answer(
                tenant("tenant-2"),
                "SELECT (SELECT count(*) FROM " + v1 + "), (SELECT count(*) FROM " + v2 + ")"))
        .containsExactly("1 2");
    Planned same =
        plan(
            tenant("tenant-1"),
            "SELECT * FROM "
                + v1
                + " a JOIN revenue_metrics FOR TIMESTAMP AS OF TIMESTAMP '2026-03-02 10:00:40' b"
                + " ON a.dt = b.dt");
    assertThat(same.query().bindings()).hasSize(1);
    assertThat(same.formerStates()).containsExactly("gold.revenue_metrics@" + first);
  }

  @Test
  void shouldOpenOnlyFilesOfPermittedTenantsOfThatState() {
    // A row of tenant-1 moves to tenant-2: the former state still has it with tenant-1.
    String first = publish(Map.of("tenant-1", List.of(1, 42), "tenant-2", List.of(2)));
    lake.pass(60);
    String second = publish(Map.of("tenant-1", List.of(1), "tenant-2", List.of(2, 42)));
    for (String t : TENANTS) {
      for (String instant : List.of(first, second)) {
        Planned p = plan(tenant(t), ROWS + "FOR VERSION AS OF '" + instant + "'");
        assertThat(p.relations())
            .allSatisfy(
                r -> {
                  assertThat(r.files()).allMatch(f -> f.contains("/tenant_id=" + t + "/"));
                  assertThat(r.files()).allMatch(f -> f.endsWith("_" + instant + ".parquet"));
                  assertThat(r.rows())
                      .isEqualTo(
                          new dev.lakegate.model.policy.RowPredicate.In("tenant_id", List.of(t)));
                });
        assertThat(answer(tenant(t), ROWS + "FOR VERSION AS OF '" + instant + "'"))
            .isEqualTo(truth(instant, t));
      }
    }
  }

  @Test
  void shouldGovernColumnsOfThenByThePolicyOfToday() {
    List<Snapshot.Column> then =
        List.of(
            TestLake.column("tenant_id", "varchar"),
            TestLake.column("customer_id", "integer"),
            TestLake.column("email", "varchar"),
            TestLake.column("nickname", "varchar"));
    lake.publish(
        "gold",
        "dim_customer",
        then,
        Map.of(
            "tenant-1",
            "SELECT 'tenant-1' AS tenant_id, CAST(7 AS INTEGER) AS customer_id, 'e' AS email, 'n'"
                + " AS nickname"));
    String first = lake.instant();
    lake.pass(60);
    lake.publish(
        "gold",
        "dim_customer",
        List.of(
            TestLake.column("tenant_id", "varchar"),
            TestLake.column("customer_id", "bigint"),
            TestLake.column("status", "varchar")),
        Map.of(
            "tenant-1",
            "SELECT 'tenant-1' AS tenant_id, CAST(8 AS BIGINT) AS customer_id, 'ok' AS status"));
    String old = "SELECT * FROM dim_customer FOR VERSION AS OF '" + first + "'";
    assertThat(answer(tenant("tenant-1"), old)).containsExactly("tenant-1 7");
    assertThat(plan(tenant("tenant-1"), old).query().columns())
        .extracting(c -> c.name() + " " + c.type().display())
        .containsExactly("tenant_id varchar", "customer_id integer");
    // What only the present has, the former state has not.
    assertThat(failure(tenant("tenant-1"), old.replace("*", "status")).code())
        .isEqualTo("COLUMN_NOT_FOUND");
    assertThat(answer(tenant("tenant-1"), "SELECT status FROM dim_customer")).containsExactly("ok");
    // Not described today: personal data, whatever it was then.
    for (Principal p : List.of(tenant("tenant-1"), persona("DataAnalyst"))) {
      for (String column : List.of("email", "nickname")) {
        SqlFailure f = failure(p, old.replace("*", column));
        assertThat(f.code()).isEqualTo("COLUMN_NOT_READABLE");
        assertThat(f.details()).containsEntry("reason", "PII_COLUMN");
      }
    }
    assertThat(answer(persona("DataEngineer"), old)).containsExactly("tenant-1 7 e n");
    assertThat(answer(persona("LakeFormationAdmin"), old)).containsExactly("tenant-1 7 e n");
  }

  @Test
  void shouldNoticeThatFilesOfAStateAreGone() throws IOException {
    String first = publish(Map.of("tenant-1", List.of(1)));
    lake.pass(60);
    publish(Map.of("tenant-1", List.of(2)));
    String old = ROWS + "FOR VERSION AS OF '" + first + "'";
    for (String f : plan(tenant("tenant-1"), old).relations().get(0).files()) {
      Files.delete(lake.root().resolve(f));
    }
    assertThatThrownBy(() -> answer(tenant("tenant-1"), old))
        .isInstanceOf(VanishedFileException.class);
  }

  @Test
  void shouldNotTravelInBronze() {
    SqlFailure f =
        failure(
            persona("DataEngineer"),
            "SELECT * FROM bronze.core_order FOR TIMESTAMP AS OF now() - INTERVAL '1' DAY");
    assertThat(f.code()).isEqualTo("NOT_SUPPORTED");
    assertThat(f).hasMessageContaining("_commit_ts");
  }
}
