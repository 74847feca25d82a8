package dev.lakegate.gateway.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakegate.gateway.TestLake;
import dev.lakegate.gateway.catalog.Lake;
import dev.lakegate.gateway.catalog.PrincipalCatalog;
import dev.lakegate.gateway.sql.SqlFailure;
import dev.lakegate.model.description.Lakehouse;
import dev.lakegate.model.description.LakehouseLoader;
import dev.lakegate.model.json.Json;
import dev.lakegate.model.policy.AccessDecision;
import dev.lakegate.model.policy.Policy;
import dev.lakegate.model.policy.Policy.ColumnFacts;
import dev.lakegate.model.policy.Policy.TableFacts;
import dev.lakegate.model.policy.PolicyCompiler;
import dev.lakegate.model.policy.Principal;
import dev.lakegate.model.policy.RowPredicate;
import dev.lakegate.model.snapshot.Snapshot;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Of what the policy, the description and the rows' own time say, the strictest holds. */
class StricterFactsTest {
  private static final Lakehouse SHIPPED = LakehouseLoader.load(Path.of("../lakehouse"));
  private static final Policy POLICY = PolicyCompiler.compile(SHIPPED, 1);
  private static final String TABLE = "gold.dim_customer";
  private static final String THEN = "gold.dim_customer__asof_20260302095900000";
  private static final List<Snapshot.Column> COLUMNS =
      List.of(
          TestLake.column("tenant_id", "varchar"),
          TestLake.column("email", "varchar"),
          TestLake.column("status", "varchar"));
  private static final Map<String, String> ROWS =
      Map.of(
          "tenant-1", "SELECT 'tenant-1' AS tenant_id, 'a@1' AS email, 'new' AS status",
          "tenant-2", "SELECT 'tenant-2' AS tenant_id, 'a@2' AS email, 'new' AS status");
  private static final RowPredicate OWN = new RowPredicate.In("tenant_id", List.of("tenant-1"));

  @TempDir Path directory;
  private TestLake files;
  private Lake lake;

  @BeforeEach
  void publish() {
    files = new TestLake(directory);
    files.publish("gold", "dim_customer", COLUMNS, ROWS);
    lake = new Lake(directory, SHIPPED);
  }

  @AfterEach
  void close() {
    files.close();
  }

  private static Principal principal(String persona, String... tenants) {
    return new Principal(
        "https://issuer",
        "somebody",
        new TreeSet<>(List.of(persona)),
        new TreeSet<>(List.of(tenants)),
        null);
  }

  private static final Principal TENANT = principal("TenantSpecificAnalyst", "tenant-1");

  private AccessDecision decide(Policy policy, Principal principal, String dataset) {
    return new PrincipalCatalog(lake, policy, principal).resolved(dataset).decision();
  }

  private static Policy with(UnaryOperator<TableFacts> change) {
    return new Policy(
        Policy.VERSION,
        2,
        POLICY.personas(),
        POLICY.tierFilters(),
        POLICY.tables().stream().map(t -> t.table().equals(TABLE) ? change.apply(t) : t).toList());
  }

  private static TableFacts nothingPersonal(TableFacts facts) {
    return new TableFacts(
        facts.table(),
        facts.scope(),
        facts.tenantColumn(),
        facts.columns().stream().map(c -> new ColumnFacts(c.name(), false)).toList());
  }

  /** The description is deployed here, and governance-service has not taken it over yet. */
  @Test
  void shouldHideWhatTheDescriptionCallsPersonalThoughThePolicyDoesNot() {
    Policy behind = with(StricterFactsTest::nothingPersonal);
    assertThat(decide(behind, TENANT, TABLE).readableColumns())
        .contains("status")
        .doesNotContain("email");
    assertThat(decide(behind, principal("DataEngineer"), TABLE).readableColumns())
        .contains("email");
  }

  @Test
  void shouldKeepToTheStricterScope() {
    Policy shared = with(t -> new TableFacts(TABLE, "shared", null, t.columns()));
    assertThat(decide(shared, TENANT, TABLE).rows()).isEqualTo(OWN);
    Policy internal = with(t -> new TableFacts(TABLE, "internal", null, t.columns()));
    assertThat(decide(internal, TENANT, TABLE).reason())
        .isEqualTo(AccessDecision.Reason.INTERNAL_TABLE);
  }

  /** By either column alone, rows would be read that by the other one are somebody else's. */
  @Test
  void shouldCallInternalOfWhichTwoColumnsSayWhoseItIs() {
    Policy other = with(t -> new TableFacts(TABLE, "tenant", "status", t.columns()));
    assertThat(decide(other, TENANT, TABLE).reason())
        .isEqualTo(AccessDecision.Reason.INTERNAL_TABLE);
    assertThat(decide(other, principal("LakeFormationAdmin"), TABLE).allowed()).isTrue();
    then(facts("tenant", "status", false), later());
    assertThat(decide(POLICY, TENANT, THEN).reason())
        .isEqualTo(AccessDecision.Reason.INTERNAL_TABLE);
  }

  /** Both say shared since a moment ago; the files still hold every tenant's rows. */
  @Test
  void shouldKeepToTheScopeUnderWhichTheRowsWereStored() {
    files.publish("gold", "dim_date", COLUMNS, ROWS);
    assertThat(decide(POLICY, TENANT, "gold.dim_date").rows()).isEqualTo(OWN);
    files.publish("gold", "dim_date", "shared", List.of(), COLUMNS, ROWS);
    assertThat(decide(POLICY, TENANT, "gold.dim_date").rows()).isInstanceOf(RowPredicate.All.class);
  }

  private void then(String facts, Instant expiresAt) {
    String name = THEN.substring("gold.".length());
    files.publish("gold", name, COLUMNS, ROWS);
    files.asOf("gold", name, expiresAt, facts);
  }

  private static String facts(String scope, String tenantColumn, boolean statusPersonal) {
    return Json.write(
        new TableFacts(
            TABLE,
            scope,
            tenantColumn,
            List.of(
                new ColumnFacts("tenant_id", false),
                new ColumnFacts("email", false),
                new ColumnFacts("status", statusPersonal))));
  }

  private static Instant later() {
    return Instant.now().plusSeconds(3600);
  }

  @Test
  void shouldReadAFormerStateByTheStricterOfThenAndNow() {
    then(facts("tenant", "tenant_id", true), later());
    assertThat(decide(POLICY, TENANT, THEN).readableColumns()).containsExactly("tenant_id");
    assertThat(decide(POLICY, principal("DataEngineer"), THEN).readableColumns())
        .contains("email", "status");
    // What is personal today is hidden in what was made before it was.
    then(facts("tenant", "tenant_id", false), later());
    assertThat(decide(POLICY, TENANT, THEN).readableColumns())
        .containsExactlyInAnyOrder("tenant_id", "status");
    then(facts("internal", null, false), later());
    assertThat(decide(POLICY, TENANT, THEN).allowed()).isFalse();
  }

  @Test
  void shouldShowAFormerStateThatNobodyCanDescribeToThoseAloneWhoReadEverything() {
    then(null, later());
    for (Principal other : List.of(TENANT, principal("DataAnalyst"))) {
      assertThat(decide(POLICY, other, THEN).reason()).isEqualTo(AccessDecision.Reason.PII_COLUMN);
    }
    AccessDecision engineer = decide(POLICY, principal("DataEngineer"), THEN);
    assertThat(engineer.readableColumns()).containsExactly("tenant_id", "email", "status");
    assertThat(engineer.rows()).isInstanceOf(RowPredicate.All.class);
  }

  @Test
  void shouldNotKnowATableOfAFormerStateWithoutAnEndToCome() {
    String name = THEN.substring("gold.".length());
    then(null, later());
    assertThat(lake.resolve("gold", name)).contains(THEN);
    then(null, Instant.now().minusSeconds(1));
    assertThat(lake.resolve("gold", name)).isEmpty();
    assertThat(lake.datasets()).doesNotContain(THEN);
    assertThatThrownBy(() -> decide(POLICY, principal("LakeFormationAdmin"), THEN))
        .isInstanceOf(SqlFailure.class)
        .hasMessageContaining("does not exist any more");
    then("{\"scope\":\"none\"}", later());
    assertThat(lake.resolve("gold", name)).isEmpty();
    files.forget("gold", name);
    files.publish("gold", name, COLUMNS, ROWS);
    assertThat(lake.resolve("gold", name)).as("without a word of its own").isEmpty();
  }
}
