package dev.lakegate.gateway.sql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.gateway.engine.DuckDbEngine;
import dev.lakegate.gateway.engine.EngineSettings;
import dev.lakegate.gateway.engine.Execution;
import dev.lakegate.gateway.sql.SecuredQuery.OutputColumn;
import dev.lakegate.model.policy.Principal;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What tools ask about the catalog, as two principals are answered. */
class VirtualCatalogTest {
  @TempDir static Path directory;
  private static DuckDbEngine engine;

  @BeforeAll
  static void open() {
    engine = new DuckDbEngine(new EngineSettings(directory, directory.resolve("t"), 128, 128, 1));
  }

  @AfterAll
  static void close() {
    engine.close();
  }

  private static SecuredQuery secure(Principal p, String sql) {
    return new SqlBoundary(engine::value)
        .secure(
            sql,
            new TestCatalog(p),
            new Session(Instant.parse("2026-03-03T00:00:00Z"), p.subject(), "gold"));
  }

  private static List<String> rows(Principal p, String sql) {
    SecuredQuery query = secure(p, sql);
    assertThat(query.bindings()).isEmpty();
    List<String> rows = new ArrayList<>();
    try (Execution e = engine.execute(query, List.of())) {
      for (Object[] row = e.next(); row != null; row = e.next()) {
        rows.add(Arrays.stream(row).map(String::valueOf).collect(Collectors.joining("|")));
      }
    }
    return rows;
  }

  private static List<String> tenant(String sql) {
    return rows(TestCatalog.TENANT, sql);
  }

  private static List<String> engineer(String sql) {
    return rows(TestCatalog.ENGINEER, sql);
  }

  @Test
  void shouldShowWhatMayBeReadAndNothingElse() {
    assertThat(tenant("SHOW CATALOGS")).containsExactly("lakehouse", "system");
    assertThat(tenant("SHOW CATALOGS LIKE 'lake%'")).containsExactly("lakehouse");
    assertThat(tenant("SHOW SCHEMAS")).containsExactly("gold", "information_schema");
    assertThat(engineer("SHOW SCHEMAS")).containsExactly("gold", "information_schema", "silver");
    assertThat(tenant("SHOW SCHEMAS FROM system")).containsExactly("information_schema", "jdbc");
    assertThat(tenant("SHOW SCHEMAS LIKE 'g$_%' ESCAPE '$'")).isEmpty();
    assertThat(tenant("SHOW TABLES")).containsExactly("dim_customer", "revenue_metrics");
    assertThat(tenant("SHOW TABLES FROM lakehouse.gold LIKE '%metrics'"))
        .containsExactly("revenue_metrics");
    assertThat(tenant("SHOW TABLES FROM gold LIKE ''' OR ''1''=''1'")).isEmpty();
    assertThat(tenant("SHOW TABLES FROM gold LIKE ' WHERE '")).isEmpty();
    assertThat(tenant("SHOW TABLES FROM silver")).isEmpty();
    assertThat(engineer("SHOW TABLES IN silver")).containsExactly("order");
    assertThat(secure(TestCatalog.TENANT, "SHOW TABLES").columns())
        .extracting(OutputColumn::name)
        .containsExactly("Table");
  }

  @Test
  void shouldDescribeReadableColumnsOnly() {
    assertThat(tenant("DESCRIBE dim_customer"))
        .containsExactly("tenant_id|varchar||", "customer_id|bigint||", "status|varchar||");
    assertThat(engineer("SHOW COLUMNS FROM gold.dim_customer LIKE 'e%'"))
        .containsExactly("email|varchar||");
    assertThat(secure(TestCatalog.TENANT, "DESC gold.dim_customer").columns())
        .extracting(OutputColumn::name)
        .containsExactly("Column", "Type", "Extra", "Comment");
    assertThat(tenant("DESCRIBE information_schema.schemata"))
        .containsExactly("catalog_name|varchar||", "schema_name|varchar||");
    assertThat(tenant("SHOW CREATE TABLE dim_customer"))
        .singleElement()
        .isEqualTo(
            """
            CREATE TABLE lakehouse.gold.dim_customer (
               tenant_id varchar,
               customer_id bigint,
               status varchar
            )
            COMMENT 'Table dim_customer.'""");
    assertThat(engineer("SHOW CREATE TABLE silver.orders").get(0))
        .startsWith("CREATE TABLE lakehouse.silver.\"order\" (");
  }

  @Test
  void shouldAnswerInformationSchema() {
    assertThat(
            tenant(
                "SELECT table_schema, table_name, table_type FROM information_schema.tables"
                    + " WHERE table_schema <> 'information_schema' ORDER BY 2"))
        .containsExactly("gold|dim_customer|BASE TABLE", "gold|revenue_metrics|BASE TABLE");
    assertThat(
            tenant(
                "SELECT column_name, ordinal_position, is_nullable, data_type FROM"
                    + " lakehouse.information_schema.columns WHERE table_name = 'dim_customer'"
                    + " ORDER BY ordinal_position"))
        .containsExactly(
            "tenant_id|1|YES|varchar", "customer_id|2|YES|bigint", "status|3|YES|varchar");
    String email = "FROM information_schema.columns WHERE column_name = 'email'";
    assertThat(tenant("SELECT count(*) " + email)).containsExactly("0");
    assertThat(engineer("SELECT table_name " + email)).containsExactly("dim_customer");
    assertThat(tenant("SELECT * FROM information_schema.views")).isEmpty();
    assertThat(tenant("SELECT * FROM system.information_schema.schemata ORDER BY 2"))
        .containsExactly("system|information_schema", "system|jdbc");
    // Virtual and real tables in one statement, with every scoping rule.
    assertThat(
            tenant(
                "WITH t AS (SELECT table_name n FROM information_schema.tables t WHERE"
                    + " t.table_schema = 'gold') SELECT count(*) FROM t a JOIN t b ON a.n < b.n"))
        .containsExactly("1");
    assertThat(
            secure(
                    TestCatalog.TENANT,
                    "SELECT * FROM revenue_metrics WHERE 'gold' IN (SELECT schema_name FROM"
                        + " information_schema.schemata)")
                .bindings())
        .hasSize(1);
  }

  @Test
  void shouldAnswerDriversAsTrinoDoes() {
    assertThat(tenant("SELECT * FROM system.jdbc.catalogs ORDER BY table_cat"))
        .containsExactly("lakehouse", "system");
    assertThat(
            tenant(
                "SELECT table_cat, table_schem, table_name, table_type FROM system.jdbc.tables"
                    + " WHERE table_cat = 'lakehouse' AND table_schem LIKE 'go_d' ESCAPE '\\' AND"
                    + " table_type IN ('TABLE', 'VIEW') ORDER BY 3"))
        .containsExactly(
            "lakehouse|gold|dim_customer|TABLE", "lakehouse|gold|revenue_metrics|TABLE");
    assertThat(
            tenant(
                "SELECT column_name, data_type, type_name, column_size, decimal_digits,"
                    + " num_prec_radix, ordinal_position FROM system.jdbc.columns WHERE table_name"
                    + " = 'revenue_metrics' ORDER BY ordinal_position"))
        .containsExactly(
            "tenant_id|12|varchar|2147483647|null|null|1",
            "dt|91|date|14|null|null|2",
            "order_count|-5|bigint|19|null|10|3",
            "total_revenue|3|decimal(18,2)|18|2|10|4");
    assertThat(tenant("SELECT type_name FROM system.jdbc.types WHERE data_type = -5"))
        .containsExactly("bigint");
    assertThat(tenant("SELECT * FROM system.jdbc.table_types ORDER BY 1"))
        .containsExactly("TABLE", "VIEW");
    // Whatever is listed can be asked.
    List<String> listed =
        engineer(
            "SELECT table_cat || '.' || table_schem || '.' || table_name FROM system.jdbc.tables"
                + " WHERE table_schem IN ('jdbc', 'information_schema')");
    assertThat(listed).contains("system.jdbc.udts", "lakehouse.information_schema.roles");
    for (String table : listed) {
      assertThat(engineer("SELECT * FROM " + table + " LIMIT 1")).hasSizeLessThan(2);
    }
  }

  @Test
  void shouldShowFunctionsThatCanBeCalled() {
    assertThat(tenant("SHOW FUNCTIONS LIKE 'date$_t%' ESCAPE '$'"))
        .containsExactly(
            "date_trunc|date|varchar(x), date|scalar|true|",
            "date_trunc|timestamp(p)|varchar(x), timestamp(p)|scalar|true|",
            "date_trunc|timestamp(p) with time zone|varchar(x), timestamp(p) with time"
                + " zone|scalar|true|");
    assertThat(tenant("SHOW FUNCTIONS"))
        .contains(
            "sum|decimal(38,s)|decimal(p,s)|aggregate|true|",
            "rank|bigint||window|true|",
            "transform|array(U)|array(T), function(T,U)|scalar|true|");
  }

  @Test
  void shouldExplainAStatementInItsOwnWords() {
    String plan =
        tenant(
                "EXPLAIN SELECT dt, sum(total_revenue) AS \"it's\" FROM revenue_metrics FOR"
                    + " VERSION AS OF '20260301000000000' WHERE order_count > 1 GROUP BY dt")
            .get(0);
    assertThat(plan)
        .contains("gold.revenue_metrics as of instant 20260301000000000")
        .contains("columns: dt, order_count, total_revenue")
        .contains("rows: those whose tenant_id is one of tenant-1")
        .contains("it's decimal(38,2)")
        .doesNotContain("c1", "read_parquet", "lk_");
    assertThat(engineer("EXPLAIN (TYPE LOGICAL, FORMAT TEXT) SELECT count(*) FROM silver.orders"))
        .singleElement()
        .asString()
        .contains("silver.order", "columns: none, rows are counted", "rows: all");
    assertThat(tenant("EXPLAIN (TYPE VALIDATE) SELECT 1")).containsExactly("true");
    assertThat(tenant("EXPLAIN SELECT 1").get(0)).contains("no table");
  }
}
