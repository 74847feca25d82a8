package dev.lakegate.gateway.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Instant;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Statements that must not pass, each with the code that refuses it. */
class HostileStatementsTest {
  private static final String STATEMENTS =
      """
      STATEMENT_NOT_ALLOWED|INSERT INTO gold.revenue_metrics SELECT * FROM gold.revenue_metrics
      STATEMENT_NOT_ALLOWED|DELETE FROM gold.revenue_metrics
      STATEMENT_NOT_ALLOWED|UPDATE gold.revenue_metrics SET dt = NULL
      STATEMENT_NOT_ALLOWED|MERGE INTO gold.revenue_metrics t USING gold.dim_customer s ON true WHEN MATCHED THEN DELETE
      STATEMENT_NOT_ALLOWED|TRUNCATE TABLE gold.revenue_metrics
      STATEMENT_NOT_ALLOWED|CREATE TABLE x AS SELECT 1 a
      STATEMENT_NOT_ALLOWED|CREATE TABLE x (a integer)
      STATEMENT_NOT_ALLOWED|CREATE VIEW v AS SELECT 1 a
      STATEMENT_NOT_ALLOWED|CREATE MATERIALIZED VIEW v AS SELECT 1 a
      STATEMENT_NOT_ALLOWED|CREATE SCHEMA s
      STATEMENT_NOT_ALLOWED|CREATE CATALOG c USING memory
      STATEMENT_NOT_ALLOWED|CREATE ROLE r
      STATEMENT_NOT_ALLOWED|CREATE FUNCTION f() RETURNS bigint RETURN 1
      STATEMENT_NOT_ALLOWED|DROP TABLE gold.revenue_metrics
      STATEMENT_NOT_ALLOWED|DROP SCHEMA gold CASCADE
      STATEMENT_NOT_ALLOWED|DROP VIEW v
      STATEMENT_NOT_ALLOWED|ALTER TABLE gold.revenue_metrics RENAME TO x
      STATEMENT_NOT_ALLOWED|ALTER TABLE gold.revenue_metrics ADD COLUMN x bigint
      STATEMENT_NOT_ALLOWED|ALTER TABLE gold.revenue_metrics EXECUTE optimize
      STATEMENT_NOT_ALLOWED|ANALYZE gold.revenue_metrics
      STATEMENT_NOT_ALLOWED|COMMENT ON TABLE gold.revenue_metrics IS 'x'
      STATEMENT_NOT_ALLOWED|CALL system.runtime.kill_query('x')
      STATEMENT_NOT_ALLOWED|EXPLAIN DELETE FROM gold.dim_customer
      STATEMENT_NOT_ALLOWED|EXPLAIN EXPLAIN SELECT 1
      STATEMENT_NOT_ALLOWED|EXPLAIN SHOW TABLES
      NOT_SUPPORTED|EXPLAIN (TYPE IO) SELECT 1
      NOT_SUPPORTED|EXPLAIN (FORMAT GRAPHVIZ) SELECT 1
      TABLE_NOT_READABLE|EXPLAIN SELECT * FROM silver."order"
      COLUMN_NOT_READABLE|EXPLAIN (TYPE VALIDATE) SELECT email FROM gold.dim_customer
      TABLE_NOT_READABLE|SHOW COLUMNS FROM silver."order"
      TABLE_NOT_READABLE|SHOW CREATE TABLE silver."order"
      TABLE_NOT_READABLE|DESCRIBE silver.orders
      TABLE_NOT_READABLE|DESCRIBE gold.quarantine
      TABLE_NOT_FOUND|DESCRIBE gold.nothing
      TABLE_NOT_FOUND|DESCRIBE "dim_customer' OR '1'='1"
      SCHEMA_NOT_FOUND|SHOW TABLES FROM nothing
      SCHEMA_NOT_FOUND|SHOW TABLES FROM "gold' OR '1'='1"
      CATALOG_NOT_FOUND|SHOW SCHEMAS FROM "lakehouse.information_schema.schemata, gold.dim_customer --"
      CATALOG_NOT_FOUND|SHOW TABLES FROM hive.gold
      STATEMENT_NOT_ALLOWED|SHOW CREATE VIEW gold.dim_customer
      STATEMENT_NOT_ALLOWED|SHOW CREATE SCHEMA gold
      STATEMENT_NOT_ALLOWED|SHOW GRANTS
      STATEMENT_NOT_ALLOWED|SHOW ROLES
      STATEMENT_NOT_ALLOWED|SHOW ROLE GRANTS
      STATEMENT_NOT_ALLOWED|EXPLAIN ANALYZE SELECT * FROM gold.dim_customer
      STATEMENT_NOT_ALLOWED|EXPLAIN ANALYZE DELETE FROM gold.dim_customer
      STATEMENT_NOT_ALLOWED|PREPARE p FROM DELETE FROM gold.dim_customer
      STATEMENT_NOT_ALLOWED|EXECUTE p
      STATEMENT_NOT_ALLOWED|EXECUTE IMMEDIATE 'DELETE FROM gold.dim_customer'
      STATEMENT_NOT_ALLOWED|DEALLOCATE PREPARE p
      STATEMENT_NOT_ALLOWED|DESCRIBE INPUT p
      STATEMENT_NOT_ALLOWED|SET SESSION x.y = true
      STATEMENT_NOT_ALLOWED|SET ROLE admin
      STATEMENT_NOT_ALLOWED|SET TIME ZONE 'Asia/Tokyo'
      STATEMENT_NOT_ALLOWED|SET PATH a
      STATEMENT_NOT_ALLOWED|SET SESSION AUTHORIZATION admin
      STATEMENT_NOT_ALLOWED|RESET SESSION AUTHORIZATION
      STATEMENT_NOT_ALLOWED|USE lakehouse.silver
      STATEMENT_NOT_ALLOWED|GRANT SELECT ON gold.dim_customer TO ROLE public
      STATEMENT_NOT_ALLOWED|REVOKE SELECT ON gold.dim_customer FROM ROLE public
      STATEMENT_NOT_ALLOWED|DENY SELECT ON gold.dim_customer TO USER x
      STATEMENT_NOT_ALLOWED|START TRANSACTION
      STATEMENT_NOT_ALLOWED|COMMIT
      STATEMENT_NOT_ALLOWED|ROLLBACK
      STATEMENT_NOT_ALLOWED|SHOW STATS FOR gold.dim_customer
      STATEMENT_NOT_ALLOWED|SHOW SESSION
      STATEMENT_NOT_ALLOWED|WITH FUNCTION f() RETURNS bigint RETURN 1 SELECT f()
      SYNTAX_ERROR|SELECT 1; SELECT 2
      SYNTAX_ERROR|SELECT 1; DROP TABLE x
      SYNTAX_ERROR|COPY gold.dim_customer TO '/tmp/x'
      SYNTAX_ERROR|ATTACH '/tmp/x.db'
      SYNTAX_ERROR|INSTALL httpfs
      SYNTAX_ERROR|LOAD httpfs
      SYNTAX_ERROR|PRAGMA database_list
      SYNTAX_ERROR|FROM gold.dim_customer
      SYNTAX_ERROR|SELECT * EXCLUDE (tenant_id) FROM gold.dim_customer
      SYNTAX_ERROR|SELECT 'a'::varchar
      SYNTAX_ERROR|SELECT * FROM 'file.parquet'
      SYNTAX_ERROR|SELECT * FROM read_parquet('x')
      SYNTAX_ERROR|SELECT $$x$$
      SYNTAX_ERROR|SELECT 1 FROM gold.dim_customer QUALIFY true
      SCHEMA_NOT_FOUND|SELECT * FROM main.t1
      SCHEMA_NOT_FOUND|SELECT * FROM pg_catalog.pg_class
      SCHEMA_NOT_FOUND|SELECT * FROM system.runtime.queries
      TABLE_NOT_FOUND|SELECT * FROM system.jdbc.nothing
      TABLE_NOT_FOUND|SELECT * FROM gold.tables
      TABLE_NOT_FOUND|SELECT * FROM information_schema.duckdb_settings
      SCHEMA_NOT_FOUND|SELECT * FROM pg_catalog.pg_tables
      NOT_SUPPORTED|SELECT * FROM information_schema.tables FOR VERSION AS OF '1'
      CATALOG_NOT_FOUND|SELECT * FROM memory.main.t1
      CATALOG_NOT_FOUND|SELECT * FROM temp.main.t1
      TABLE_NOT_FOUND|SELECT * FROM duckdb_settings
      TABLE_NOT_FOUND|SELECT * FROM sqlite_master
      TABLE_NOT_FOUND|SELECT * FROM t1
      TABLE_NOT_FOUND|SELECT * FROM r1
      TABLE_NOT_FOUND|SELECT * FROM "/etc/passwd"
      TABLE_NOT_FOUND|SELECT * FROM "gold/dim_customer/*.parquet"
      TABLE_NOT_FOUND|SELECT * FROM "gold.dim_customer"
      TABLE_NOT_FOUND|SELECT * FROM gold."dim_customer$files"
      TABLE_NOT_FOUND|SELECT * FROM gold."dim_customer$history"
      TABLE_NOT_FOUND|SELECT * FROM gold."DIM_CUSTOMER "
      NOT_SUPPORTED|SELECT * FROM TABLE(sequence(1, 10))
      NOT_SUPPORTED|SELECT * FROM TABLE(system.query('SELECT 1'))
      NOT_SUPPORTED|SELECT * FROM TABLE(read_text('/etc/passwd'))
      TYPE_MISMATCH|SELECT * FROM gold.dim_customer FOR TIMESTAMP AS OF 1
      TYPE_MISMATCH|SELECT * FROM gold.dim_customer FOR TIMESTAMP AS OF '2026-03-01 00:00:00'
      TYPE_MISMATCH|SELECT * FROM gold.dim_customer FOR TIMESTAMP AS OF CAST(NULL AS bigint)
      INVALID_ARGUMENTS|SELECT * FROM gold.dim_customer FOR TIMESTAMP AS OF NULL
      INVALID_ARGUMENTS|SELECT * FROM gold.dim_customer FOR VERSION AS OF NULL
      NOT_SUPPORTED|SELECT * FROM gold.dim_customer FOR VERSION AS OF DATE '2026-03-01'
      EXPRESSION_NOT_CONSTANT|SELECT * FROM gold.dim_customer FOR TIMESTAMP AS OF (SELECT max(created_at) FROM gold.dim_customer)
      EXPRESSION_NOT_CONSTANT|SELECT * FROM gold.dim_customer FOR TIMESTAMP AS OF (SELECT now() - INTERVAL '1' DAY)
      EXPRESSION_NOT_CONSTANT|SELECT * FROM gold.dim_customer FOR VERSION AS OF (SELECT '20260301000000000')
      EXPRESSION_NOT_CONSTANT|SELECT * FROM gold.dim_customer FOR TIMESTAMP AS OF created_at
      SYNTAX_ERROR|SELECT * FROM gold.dim_customer c FOR TIMESTAMP AS OF c.created_at
      EXPRESSION_NOT_CONSTANT|SELECT * FROM gold.revenue_metrics r, LATERAL (SELECT * FROM gold.dim_customer FOR TIMESTAMP AS OF CAST(r.dt AS timestamp)) x
      EXPRESSION_NOT_CONSTANT|SELECT * FROM gold.dim_customer FOR TIMESTAMP AS OF now() - dt
      NOT_SUPPORTED|SELECT * FROM gold.dim_customer FOR TIMESTAMP AS OF now() - random() * INTERVAL '1' DAY
      NOT_SUPPORTED|SELECT * FROM gold.dim_customer FOR TIMESTAMP AS OF from_unixtime(cardinality(sequence(1, 100000000)))
      NOT_SUPPORTED|SELECT * FROM gold.dim_customer FOR TIMESTAMP AS OF CASE WHEN true THEN now() END
      NOT_SUPPORTED|SELECT * FROM gold.dim_customer FOR TIMESTAMP AS OF CAST(rpad('2026', 100000000, '0') AS timestamp)
      NOT_SUPPORTED|SELECT * FROM gold.dim_customer FOR VERSION AS OF '2026' || '0301000000000'
      NOT_SUPPORTED|SELECT * FROM gold.dim_customer FOR TIMESTAMP AS OF max(TIMESTAMP '2026-03-01 00:00:00')
      NOT_SUPPORTED|SELECT * FROM gold.dim_customer FOR TIMESTAMP AS OF now() OVER ()
      NOT_SUPPORTED|WITH c AS (SELECT * FROM gold.dim_customer) SELECT * FROM c FOR VERSION AS OF '20260301000000000'
      TABLE_NOT_READABLE|SELECT * FROM silver."order" FOR VERSION AS OF '20260301000000000'
      TABLE_NOT_READABLE|SELECT * FROM silver."order" FOR TIMESTAMP AS OF (SELECT 1)
      TABLE_NOT_READABLE|SELECT * FROM gold.quarantine FOR VERSION AS OF '1'
      TABLE_NOT_FOUND|SELECT * FROM gold.nothing FOR VERSION AS OF '20260301000000000'
      SYNTAX_ERROR|SELECT * FROM gold.dim_customer FOR SYSTEM_TIME AS OF now()
      SYNTAX_ERROR|SELECT * FROM gold.dim_customer FOR VERSION BETWEEN '1' AND '2'
      NOT_SUPPORTED|SELECT * FROM gold.dim_customer TABLESAMPLE BERNOULLI (50)
      NOT_SUPPORTED|SELECT * FROM gold.dim_customer MATCH_RECOGNIZE (MEASURES A.status AS s PATTERN (A) DEFINE A AS true)
      NOT_SUPPORTED|WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT * FROM r
      NOT_SUPPORTED|SELECT * FROM gold.dim_customer NATURAL JOIN gold.revenue_metrics
      NOT_SUPPORTED|SELECT * FROM gold.dim_customer WHERE customer_id = ?
      NOT_SUPPORTED|SELECT JSON_QUERY('{}', 'lax $')
      NOT_SUPPORTED|SELECT count(*) FROM JSON_TABLE('[]', 'lax $' COLUMNS (a bigint))
      FUNCTION_NOT_FOUND|SELECT read_text('/etc/passwd')
      FUNCTION_NOT_FOUND|SELECT getenv('HOME')
      FUNCTION_NOT_FOUND|SELECT current_setting('temp_directory')
      FUNCTION_NOT_FOUND|SELECT pg_sleep(10)
      FUNCTION_NOT_FOUND|SELECT lk_fail('x')
      FUNCTION_NOT_FOUND|SELECT lk_upper('x')
      FUNCTION_NOT_FOUND|SELECT query('SELECT 1')
      FUNCTION_NOT_FOUND|SELECT query_table('t1')
      FUNCTION_NOT_FOUND|SELECT nextval('x')
      FUNCTION_NOT_FOUND|SELECT error('x')
      FUNCTION_NOT_FOUND|SELECT list_transform(ARRAY[1], 1)
      FUNCTION_NOT_FOUND|SELECT json_serialize_sql('SELECT 1')
      FUNCTION_NOT_FOUND|SELECT system.now()
      FUNCTION_NOT_FOUND|SELECT main.upper('a')
      FUNCTION_NOT_FOUND|SELECT "read_parquet"('x')
      TABLE_NOT_READABLE|SELECT * FROM silver.orders
      TABLE_NOT_READABLE|SELECT * FROM silver.orders
      TABLE_NOT_READABLE|SELECT * FROM "SILVER"."ORDER"
      TABLE_NOT_READABLE|SELECT * FROM LakeHouse.SILVER.Orders
      TABLE_NOT_READABLE|TABLE silver."order"
      TABLE_NOT_READABLE|SELECT 1 FROM silver.orders WHERE false
      TABLE_NOT_READABLE|SELECT 1 WHERE EXISTS (SELECT 1 FROM silver.orders)
      TABLE_NOT_READABLE|SELECT (SELECT max(id) FROM silver.orders)
      TABLE_NOT_READABLE|SELECT 1 IN (SELECT id FROM silver.orders)
      TABLE_NOT_READABLE|SELECT 1 > ALL (SELECT id FROM silver.orders)
      TABLE_NOT_READABLE|WITH x AS (SELECT * FROM silver.orders) SELECT 1
      TABLE_NOT_READABLE|WITH orders AS (SELECT * FROM silver.orders) SELECT * FROM orders
      TABLE_NOT_READABLE|SELECT * FROM gold.revenue_metrics UNION ALL SELECT tenant_id, NULL, id, total FROM silver.orders
      TABLE_NOT_READABLE|SELECT * FROM gold.dim_customer c JOIN silver.orders o ON c.customer_id = o.id
      TABLE_NOT_READABLE|SELECT * FROM gold.dim_customer c, LATERAL (SELECT * FROM silver.orders o WHERE o.id = c.customer_id) x
      TABLE_NOT_READABLE|SELECT 1 FROM gold.dim_customer ORDER BY (SELECT max(id) FROM silver.orders)
      TABLE_NOT_READABLE|SELECT 1 FROM gold.dim_customer GROUP BY status HAVING count(*) > (SELECT max(id) FROM silver.orders)
      TABLE_NOT_READABLE|SELECT CASE WHEN true THEN 1 ELSE (SELECT max(id) FROM silver.orders) END
      TABLE_NOT_READABLE|SELECT * FROM (SELECT * FROM (SELECT * FROM silver.orders))
      TABLE_NOT_READABLE|WITH a AS (WITH b AS (TABLE silver.orders) SELECT * FROM b) SELECT * FROM a
      TABLE_NOT_READABLE|SELECT * FROM gold.quarantine
      COLUMN_NOT_READABLE|SELECT email FROM gold.dim_customer
      COLUMN_NOT_READABLE|SELECT "EMAIL" FROM gold.dim_customer
      COLUMN_NOT_READABLE|SELECT c.email FROM gold.dim_customer c
      COLUMN_NOT_READABLE|SELECT dim_customer.email FROM gold.dim_customer
      COLUMN_NOT_READABLE|SELECT gold.dim_customer.email FROM gold.dim_customer
      COLUMN_NOT_READABLE|SELECT lakehouse.gold.dim_customer.email FROM gold.dim_customer
      COLUMN_NOT_READABLE|SELECT 1 FROM gold.dim_customer WHERE email LIKE 'a%'
      COLUMN_NOT_READABLE|SELECT count(*) FROM gold.dim_customer GROUP BY email
      COLUMN_NOT_READABLE|SELECT count(*) FROM gold.dim_customer HAVING max(email) > 'a'
      COLUMN_NOT_READABLE|SELECT 1 FROM gold.dim_customer ORDER BY email
      COLUMN_NOT_READABLE|SELECT row_number() OVER (ORDER BY email) FROM gold.dim_customer
      COLUMN_NOT_READABLE|SELECT row_number() OVER (PARTITION BY email) FROM gold.dim_customer
      COLUMN_NOT_READABLE|SELECT 1 FROM gold.dim_customer a JOIN gold.dim_customer b USING (email)
      COLUMN_NOT_READABLE|SELECT 1 FROM gold.dim_customer a JOIN gold.dim_customer b ON a.email = b.status
      COLUMN_NOT_READABLE|SELECT (SELECT max(s) FROM (VALUES email) t(s)) FROM gold.dim_customer
      COLUMN_NOT_READABLE|SELECT 1 FROM gold.dim_customer c WHERE EXISTS (SELECT 1 WHERE c.email = 'x')
      COLUMN_NOT_READABLE|SELECT x FROM gold.dim_customer, UNNEST(ARRAY[email]) u(x)
      COLUMN_NOT_READABLE|SELECT x FROM gold.dim_customer c, LATERAL (SELECT c.email x) l
      COLUMN_NOT_READABLE|SELECT transform(ARRAY[1], x -> email) FROM gold.dim_customer
      COLUMN_NOT_READABLE|SELECT count(*) FILTER (WHERE email IS NOT NULL) FROM gold.dim_customer
      COLUMN_NOT_READABLE|SELECT array_agg(status ORDER BY email) FROM gold.dim_customer
      COLUMN_NOT_FOUND|SELECT c2 FROM gold.dim_customer
      COLUMN_NOT_FOUND|SELECT r1.c1 FROM gold.dim_customer
      COLUMN_NOT_FOUND|SELECT t1.c3 FROM gold.dim_customer
      COLUMN_NOT_FOUND|SELECT rowid FROM gold.dim_customer
      COLUMN_NOT_FOUND|SELECT filename FROM gold.dim_customer
      COLUMN_NOT_FOUND|SELECT file_row_number FROM gold.dim_customer
      COLUMN_NOT_FOUND|SELECT "$path" FROM gold.dim_customer
      COLUMN_NOT_FOUND|SELECT _hoodie_record_key FROM gold.dim_customer
      COLUMN_NOT_FOUND|SELECT "c1"" FROM t1 --" FROM gold.dim_customer
      COLUMN_NOT_FOUND|SELECT s.email FROM (SELECT * FROM gold.dim_customer) s
      COLUMN_NOT_FOUND|WITH c AS (SELECT * FROM gold.dim_customer) SELECT email FROM c
      FUNCTION_NOT_FOUND|SELECT COLUMNS('.*') FROM gold.dim_customer
      """;

  static Stream<String> statements() {
    return Arrays.stream(STATEMENTS.split("\n")).filter(s -> !s.isBlank());
  }

  private static SecuredQuery secure(String sql) {
    return new SqlBoundary(
            q -> {
              throw new AssertionError("evaluated before it was refused: " + q.body());
            })
        .secure(
            sql,
            new TestCatalog(TestCatalog.TENANT),
            new Session(Instant.parse("2026-03-03T00:00:00Z"), "analyst@tenant-1", "gold"));
  }

  @ParameterizedTest
  @MethodSource("statements")
  void shouldRefuse(String line) {
    String code = line.substring(0, line.indexOf('|'));
    String sql = line.substring(line.indexOf('|') + 1);
    SqlFailure f = catchThrowableOfType(SqlFailure.class, () -> secure(sql));
    assertThat(f).as(sql).isNotNull();
    assertThat(f.code()).as(f.getMessage()).isEqualTo(code);
    assertThat(f.details()).containsKeys("line", "column");
  }

  @Test
  void shouldRefuseWhatIsNestedWithoutEnd() {
    for (String deep :
        new String[] {
          "SELECT " + "(".repeat(5000) + "1" + ")".repeat(5000),
          "SELECT " + "1 + ".repeat(20000) + "1",
          "SELECT " + "NOT ".repeat(5000) + "true",
          "SELECT * FROM " + "(SELECT * FROM ".repeat(1000) + "(VALUES 1)" + ")".repeat(1000)
        }) {
      SqlFailure f = catchThrowableOfType(SqlFailure.class, () -> secure(deep));
      assertThat(f).isNotNull();
      assertThat(f.code()).isIn("QUERY_TOO_COMPLEX", "SYNTAX_ERROR");
    }
  }

  @Test
  void shouldRefuseMoreJoinsThanCanBePlannedInTime() {
    for (String glue : new String[] {", ", " CROSS JOIN ", " JOIN ON true "}) {
      StringBuilder from = new StringBuilder("revenue_metrics r0");
      for (int i = 1; i <= 50; i++) {
        from.append(
            glue.contains("ON")
                ? " JOIN revenue_metrics r" + i + " ON r" + i + ".dt = r" + (i - 1) + ".dt"
                : glue + "revenue_metrics r" + i);
      }
      SqlFailure f =
          catchThrowableOfType(SqlFailure.class, () -> secure("SELECT count(*) FROM " + from));
      assertThat(f.code()).isEqualTo("QUERY_TOO_COMPLEX");
    }
  }

  @Test
  void shouldNotLetANameOfOursBeTakenForATable() {
    SecuredQuery q = secure("WITH t1 AS (SELECT 1 AS c1) SELECT t1.c1 FROM t1, revenue_metrics");
    assertThat(q.bindings()).hasSize(1);
    assertThat(q.withItems()).allMatch(i -> i.matches("q\\d+ AS .*"));
  }

  @Test
  void shouldResolveACommonTableExpressionOnlyWhereItIsInScope() {
    assertThat(
            secure("WITH revenue_metrics AS (SELECT 1 AS x) SELECT x FROM revenue_metrics")
                .bindings())
        .isEmpty();
    assertThat(
            secure(
                    "WITH revenue_metrics AS (SELECT dt FROM revenue_metrics) SELECT * FROM"
                        + " revenue_metrics")
                .bindings())
        .hasSize(1);
    assertThat(
            secure(
                    "SELECT (WITH revenue_metrics AS (SELECT 1 AS x) SELECT x FROM revenue_metrics),"
                        + " dt FROM revenue_metrics")
                .bindings())
        .hasSize(1);
    assertThat(
            secure("WITH revenue_metrics AS (SELECT 1 AS x) SELECT dt FROM gold.revenue_metrics")
                .bindings())
        .hasSize(1);
  }

  @Test
  void shouldReEmitLiteralsAndNeverUserText() {
    SecuredQuery q =
        secure("SELECT 'a''; DROP TABLE x --', \"dt\" AS \"q\"\"x\" FROM revenue_metrics");
    assertThat(q.body()).contains("'a''; DROP TABLE x --'").doesNotContain("q\"x");
    assertThat(q.columns().get(1).name()).isEqualTo("q\"x");
    assertThat(q.bindings().get(0).used()).containsExactly(1);
  }

  @Test
  void shouldExpandStarToReadableColumns() {
    assertThat(secure("SELECT * FROM dim_customer").columns())
        .extracting(SecuredQuery.OutputColumn::name)
        .containsExactly("tenant_id", "customer_id", "status");
    assertThat(secure("SELECT d.* FROM dim_customer d").columns()).hasSize(3);
    assertThat(
            new SqlBoundary(
                    q -> {
                      throw new AssertionError("evaluated before it was refused: " + q.body());
                    })
                .secure(
                    "SELECT * FROM dim_customer",
                    new TestCatalog(TestCatalog.ENGINEER),
                    new Session(Instant.parse("2026-03-03T00:00:00Z"), "engineer", "gold"))
                .columns())
        .extracting(SecuredQuery.OutputColumn::name)
        .contains("email");
  }
}
