package dev.lakegate.gateway.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.lakegate.model.policy.AccessDecision;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Statements that must not pass, each with the code that refuses it. */
public class HostileStatementsTest {
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
      SYNTAX_ERROR|SHOW COLUMNS FROM --  gold.dim_customer LIKE '%'
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
      NOT_SUPPORTED|SELECT * FROM gold.dim_customer TABLESAMPLE BERNOULLI (rand())
      NOT_SUPPORTED|SELECT * FROM gold.dim_customer MATCH_RECOGNIZE (MEASURES A.status AS s PATTERN (A) DEFINE A AS true)
      NOT_SUPPORTED|WITH RECURSIVE r(n) AS (SELECT 1 UNION SELECT n + 1 FROM r) SELECT * FROM r
      NOT_SUPPORTED|SELECT * FROM gold.dim_customer NATURAL JOIN gold.revenue_metrics
      INVALID_PARAMETER_USAGE|SELECT * FROM gold.dim_customer WHERE customer_id = ?
      NOT_SUPPORTED|SELECT JSON_QUERY('{}', 'lax $x' PASSING 1 AS \"x\")
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

  private static final String MORE =
      """
      STATEMENT_NOT_ALLOWED|insert into gold.revenue_metrics values ('x', null, null, null)
      STATEMENT_NOT_ALLOWED|/* SELECT 1 */ DELETE FROM gold.revenue_metrics WHERE 1 = 1
      STATEMENT_NOT_ALLOWED|CREATE OR REPLACE TABLE gold.dim_customer AS SELECT * FROM silver.orders
      STATEMENT_NOT_ALLOWED|CREATE OR REPLACE VIEW gold.v SECURITY DEFINER AS SELECT * FROM silver.orders
      STATEMENT_NOT_ALLOWED|CREATE TABLE x (LIKE silver.orders INCLUDING PROPERTIES)
      STATEMENT_NOT_ALLOWED|REFRESH MATERIALIZED VIEW gold.v
      STATEMENT_NOT_ALLOWED|ALTER VIEW gold.v SET AUTHORIZATION admin
      STATEMENT_NOT_ALLOWED|ALTER SCHEMA gold SET AUTHORIZATION USER x
      STATEMENT_NOT_ALLOWED|ALTER TABLE gold.dim_customer SET PROPERTIES a = 1
      STATEMENT_NOT_ALLOWED|ALTER TABLE gold.dim_customer DROP COLUMN email
      STATEMENT_NOT_ALLOWED|DROP MATERIALIZED VIEW v
      STATEMENT_NOT_ALLOWED|DROP CATALOG lakehouse
      STATEMENT_NOT_ALLOWED|DROP ROLE r
      STATEMENT_NOT_ALLOWED|DROP FUNCTION f()
      STATEMENT_NOT_ALLOWED|COMMENT ON COLUMN gold.dim_customer.email IS 'x'
      STATEMENT_NOT_ALLOWED|GRANT admin TO USER x
      STATEMENT_NOT_ALLOWED|REVOKE ADMIN OPTION FOR r FROM USER x
      STATEMENT_NOT_ALLOWED|SET SESSION AUTHORIZATION 'admin'
      STATEMENT_NOT_ALLOWED|SET ROLE ALL
      STATEMENT_NOT_ALLOWED|SET TIME ZONE LOCAL
      STATEMENT_NOT_ALLOWED|RESET SESSION x.y
      STATEMENT_NOT_ALLOWED|EXECUTE p USING (SELECT max(email) FROM gold.dim_customer)
      STATEMENT_NOT_ALLOWED|EXECUTE IMMEDIATE 'SELECT * FROM silver.orders WHERE id = ?' USING 1
      STATEMENT_NOT_ALLOWED|EXECUTE IMMEDIATE 'EXECUTE IMMEDIATE ''DROP TABLE x'''
      STATEMENT_NOT_ALLOWED|PREPARE p FROM SELECT * FROM silver.orders
      STATEMENT_NOT_ALLOWED|PREPARE p FROM PREPARE q FROM DROP TABLE x
      STATEMENT_NOT_ALLOWED|DESCRIBE OUTPUT p
      STATEMENT_NOT_ALLOWED|EXPLAIN ANALYZE VERBOSE SELECT 1
      STATEMENT_NOT_ALLOWED|EXPLAIN (TYPE DISTRIBUTED) CREATE TABLE x AS SELECT 1 a
      STATEMENT_NOT_ALLOWED|EXPLAIN INSERT INTO gold.revenue_metrics SELECT * FROM gold.revenue_metrics
      STATEMENT_NOT_ALLOWED|EXPLAIN CALL system.x()
      STATEMENT_NOT_ALLOWED|EXPLAIN SET ROLE admin
      STATEMENT_NOT_ALLOWED|CALL system.sync_partition_metadata('gold', 'x', 'FULL')
      STATEMENT_NOT_ALLOWED|CALL lakehouse.system.register_table('gold', 'x', '/etc')
      STATEMENT_NOT_ALLOWED|START TRANSACTION ISOLATION LEVEL READ UNCOMMITTED
      STATEMENT_NOT_ALLOWED|WITH FUNCTION f(x bigint) RETURNS bigint BEGIN RETURN x; END SELECT f(1)
      STATEMENT_NOT_ALLOWED|WITH FUNCTION abs(x bigint) RETURNS bigint RETURN 1 SELECT abs(1) FROM silver.orders
      STATEMENT_NOT_ALLOWED|SHOW CREATE MATERIALIZED VIEW gold.dim_customer
      SYNTAX_ERROR|SELECT 1;;
      SYNTAX_ERROR|SELECT 1; -- ; SELECT 2
      SYNTAX_ERROR|; SELECT 1
      SYNTAX_ERROR|SELECT 1 /* ; */ ; SELECT 2
      SYNTAX_ERROR|SELECT 1 /* unfinished
      SYNTAX_ERROR|SELECT 'unfinished
      SYNTAX_ERROR|SELECT "unfinished
      SYNTAX_ERROR|SELECT * FROM `gold`.`dim_customer`
      SYNTAX_ERROR|SELECT * FROM [gold].[dim_customer]
      SYNTAX_ERROR|SELECT * FROM gold.dim_customer, (DELETE FROM gold.dim_customer)
      SYNTAX_ERROR|WITH x AS (DELETE FROM gold.dim_customer) SELECT * FROM x
      TABLE_NOT_FOUND|SELECT * FROM (SHOW TABLES)
      SYNTAX_ERROR|SELECT * FROM (DESCRIBE gold.dim_customer)
      SYNTAX_ERROR|SELECT * FROM (EXPLAIN SELECT 1)
      SYNTAX_ERROR|SELECT (INSERT INTO gold.dim_customer VALUES (1))
      SYNTAX_ERROR|SELECT * INTO x FROM gold.dim_customer
      SYNTAX_ERROR|SELECT * FROM gold.dim_customer INTO OUTFILE '/tmp/x'
      SYNTAX_ERROR|SELECT * FROM gold.dim_customer FOR UPDATE
      SYNTAX_ERROR|SELECT * REPLACE (1 AS dt) FROM gold.revenue_metrics
      SYNTAX_ERROR|SUMMARIZE gold.dim_customer
      SYNTAX_ERROR|PIVOT gold.dim_customer ON status USING count(*)
      SYNTAX_ERROR|SELECT COLUMNS(*) FROM gold.dim_customer WHERE
      SYNTAX_ERROR|SELECT #1 FROM gold.dim_customer
      SYNTAX_ERROR|SELECT $1 FROM gold.dim_customer
      SYNTAX_ERROR|SELECT @x
      SYNTAX_ERROR|SELECT E'\\x41' FROM gold.dim_customer WHERE
      SYNTAX_ERROR|SELECT 1 FROM gold.dim_customer LIMIT (SELECT 1)
      SYNTAX_ERROR|EXPORT DATABASE '/tmp/x'
      SYNTAX_ERROR|CHECKPOINT
      SYNTAX_ERROR|VACUUM
      SYNTAX_ERROR|SET memory_limit = '100GB'
      SYNTAX_ERROR|CREATE MACRO f() AS 1
      SYNTAX_ERROR|CREATE SECRET s (TYPE s3)
      SYNTAX_ERROR|DETACH memory
      SYNTAX_ERROR|SELECT * FROM 'a' || '.parquet'
      SYNTAX_ERROR|SELECT ＊ FROM gold.dim_customer
      SYNTAX_ERROR|SELECT ’a’ FROM gold.dim_customer
      SYNTAX_ERROR|SELECT * FROM gold.dım_customer
      TABLE_NOT_FOUND|SELECT * FROM gold."dım_customer"
      TABLE_NOT_FOUND|SELECT * FROM "gold/../silver/order"
      TABLE_NOT_FOUND|SELECT * FROM gold."../../etc/passwd"
      TABLE_NOT_FOUND|SELECT * FROM gold."dim_customer; DROP TABLE x"
      TABLE_NOT_FOUND|SELECT * FROM gold."dim_customer"" AS r1 --"
      TABLE_NOT_FOUND|SELECT * FROM gold."*"
      TABLE_NOT_FOUND|SELECT * FROM gold."dim_customer$partitions"
      TABLE_NOT_FOUND|SELECT * FROM gold."dim_customer@20260301000000000"
      TABLE_NOT_FOUND|SELECT * FROM "duckdb_tables()"
      TABLE_NOT_FOUND|SELECT * FROM q1
      TABLE_NOT_FOUND|TABLE "t1"
      TABLE_NOT_FOUND|SELECT * FROM (SELECT 1 AS x) q1, q1
      TABLE_NOT_FOUND|WITH a AS (SELECT * FROM b), b AS (SELECT 1 x) SELECT * FROM a
      TABLE_NOT_FOUND|SELECT (WITH a AS (SELECT 1 x) SELECT x FROM a) FROM a
      TABLE_NOT_FOUND|SHOW COLUMNS FROM gold."dim_customer' UNION SELECT 1 --"
      SCHEMA_NOT_FOUND|SELECT * FROM "gold.dim_customer".x
      SCHEMA_NOT_FOUND|SELECT * FROM _catalog.dim_customer
      SCHEMA_NOT_FOUND|SELECT * FROM temp.t1
      SCHEMA_NOT_FOUND|SELECT * FROM duckdb.settings
      SCHEMA_NOT_FOUND|SELECT * FROM system.metadata.catalogs
      SCHEMA_NOT_FOUND|SELECT * FROM lakehouse.system.x
      CATALOG_NOT_FOUND|SELECT * FROM "lakehouse.gold".gold.dim_customer
      CATALOG_NOT_FOUND|SELECT * FROM hive.gold.dim_customer
      SYNTAX_ERROR|SELECT * FROM a.lakehouse.gold.dim_customer
      NOT_SUPPORTED|SELECT * FROM TABLE(exclude_columns(TABLE(gold.dim_customer), DESCRIPTOR(status)))
      NOT_SUPPORTED|SELECT * FROM TABLE(read_csv('/etc/passwd')) t
      NOT_SUPPORTED|SELECT * FROM TABLE(lakehouse.system.table_changes('gold', 'dim_customer'))
      NOT_SUPPORTED|SELECT * FROM gold.dim_customer TABLESAMPLE SYSTEM (rand())
      INVALID_PARAMETER_USAGE|SELECT * FROM gold.dim_customer WHERE customer_id IN (?, ?)
      FUNCTION_NOT_FOUND|SELECT read_csv_auto('/etc/passwd')
      FUNCTION_NOT_FOUND|SELECT read_blob('/etc/passwd')
      FUNCTION_NOT_FOUND|SELECT glob('/*')
      FUNCTION_NOT_FOUND|SELECT duckdb_settings()
      FUNCTION_NOT_FOUND|SELECT pragma_version()
      FUNCTION_NOT_FOUND|SELECT json_execute_serialized_sql('{}')
      FUNCTION_NOT_FOUND|SELECT getvariable('x')
      FUNCTION_NOT_FOUND|SELECT current_query()
      FUNCTION_NOT_FOUND|SELECT txid_current()
      FUNCTION_NOT_FOUND|SELECT list_aggregate(ARRAY[1], 'sum')
      FUNCTION_NOT_FOUND|SELECT list_filter(ARRAY[1], 1)
      FUNCTION_NOT_FOUND|SELECT struct_pack(1)
      FUNCTION_NOT_FOUND|SELECT lk_budget(1, 1)
      FUNCTION_NOT_FOUND|SELECT "lk_fail"('DIVISION_BY_ZERO')
      FUNCTION_NOT_FOUND|SELECT pg_catalog.version()
      FUNCTION_NOT_FOUND|SELECT pg_read_file('/etc/passwd')
      FUNCTION_NOT_FOUND|SELECT xp_cmdshell('id')
      FUNCTION_NOT_FOUND|SELECT load_file('/etc/passwd')
      FUNCTION_NOT_FOUND|SELECT sleep(10)
      FUNCTION_NOT_FOUND|SELECT "1); DROP TABLE x; --"()
      TABLE_NOT_READABLE|SELECT * FROM (VALUES 1) v(x), LATERAL (TABLE silver.orders) l
      NOT_SUPPORTED|SELECT transform(ARRAY[1], x -> (SELECT max(id) FROM silver.orders))
      TABLE_NOT_READABLE|SELECT * FROM UNNEST((SELECT array_agg(id) FROM silver.orders)) u(x)
      TABLE_NOT_READABLE|VALUES ((SELECT max(id) FROM silver.orders))
      TABLE_NOT_READABLE|SELECT 1 EXCEPT SELECT id FROM silver.orders
      TABLE_NOT_READABLE|SELECT 1 INTERSECT (TABLE silver.orders)
      TABLE_NOT_READABLE|SELECT coalesce(1, (SELECT max(id) FROM silver.orders))
      TABLE_NOT_READABLE|SELECT try((SELECT max(id) FROM silver.orders))
      TABLE_NOT_READABLE|SELECT count(*) FILTER (WHERE EXISTS (SELECT 1 FROM silver.orders)) FROM gold.dim_customer
      TABLE_NOT_READABLE|SELECT sum(1) OVER (ORDER BY (SELECT max(id) FROM silver.orders)) FROM gold.dim_customer
      TABLE_NOT_READABLE|SELECT 1 FROM gold.dim_customer WHERE customer_id BETWEEN 1 AND (SELECT max(id) FROM silver.orders)
      TABLE_NOT_READABLE|SELECT CAST((SELECT max(id) FROM silver.orders) AS varchar)
      TABLE_NOT_READABLE|SELECT ARRAY[(SELECT max(id) FROM silver.orders)]
      TABLE_NOT_READABLE|SELECT ROW((SELECT max(id) FROM silver.orders))
      TABLE_NOT_READABLE|SELECT * FROM gold.dim_customer c LEFT JOIN silver.orders o USING (tenant_id)
      TABLE_NOT_READABLE|WITH "silver.orders" AS (SELECT 1 x) SELECT * FROM silver.orders
      TABLE_NOT_READABLE|WITH orders AS (SELECT 1 x) SELECT * FROM silver.orders
      TABLE_NOT_READABLE|SELECT * FROM lakehouse.gold."QUARANTINE"
      TABLE_NOT_READABLE|SELECT /* gold. */ * FROM silver /* . */ . /* gold */ orders
      TABLE_NOT_READABLE|EXPLAIN (TYPE VALIDATE) SELECT * FROM silver.orders
      TABLE_NOT_READABLE|SHOW COLUMNS FROM silver.orders LIKE '%'
      COLUMN_NOT_READABLE|SELECT EMAIL FROM gold.dim_customer
      COLUMN_NOT_READABLE|SELECT "Email" FROM gold.dim_customer
      COLUMN_NOT_READABLE|SELECT count(email) FROM gold.dim_customer
      COLUMN_NOT_READABLE|SELECT count(DISTINCT email) FROM gold.dim_customer
      COLUMN_NOT_READABLE|SELECT max_by(status, email) FROM gold.dim_customer
      COLUMN_NOT_READABLE|SELECT sum(1) OVER (PARTITION BY status ORDER BY email) FROM gold.dim_customer
      COLUMN_NOT_READABLE|SELECT 1 FROM gold.dim_customer a JOIN gold.dim_customer b ON a.customer_id = b.customer_id AND b.email = 'x'
      COLUMN_NOT_READABLE|SELECT 1 FROM gold.dim_customer GROUP BY ROLLUP (email)
      COLUMN_NOT_READABLE|SELECT 1 FROM gold.dim_customer a WHERE status IN (SELECT a.email FROM gold.revenue_metrics)
      COLUMN_NOT_READABLE|SELECT CASE WHEN email IS NULL THEN 1 END FROM gold.dim_customer
      COLUMN_NOT_READABLE|SELECT try(length(email)) FROM gold.dim_customer
      COLUMN_NOT_READABLE|SELECT sum(1) OVER w FROM gold.dim_customer WINDOW w AS (ORDER BY email)
      COLUMN_NOT_READABLE|SELECT "x".email FROM gold.dim_customer "x"
      COLUMN_NOT_FOUND|SELECT x.email FROM (TABLE gold.dim_customer) x
      COLUMN_NOT_FOUND|SELECT "c1" FROM gold.dim_customer
      COLUMN_NOT_FOUND|SELECT c0 FROM gold.dim_customer
      COLUMN_NOT_FOUND|SELECT file_index FROM gold.dim_customer
      COLUMN_NOT_FOUND|SELECT _commit_ts FROM gold.dim_customer
      COLUMN_NOT_FOUND|SELECT "$file_modified_time" FROM gold.dim_customer
      COLUMN_NOT_FOUND|SELECT "$partition" FROM gold.dim_customer
      COLUMN_NOT_FOUND|SELECT ctid FROM gold.dim_customer
      """;

  /** All of them, as {@code code|statement}. */
  public static Stream<String> statements() {
    return Arrays.stream((STATEMENTS + MORE).split("\n")).filter(s -> !s.isBlank());
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
    // What is refused as such is named.
    if (code.equals("STATEMENT_NOT_ALLOWED") || code.equals("NOT_SUPPORTED")) {
      assertThat(f.details()).containsKey("construct");
    }
    assertThat((int) f.details().get("line")).isBetween(1, (int) sql.lines().count());
    assertThat((int) f.details().get("column")).isBetween(1, sql.length() + 1);
  }

  @Test
  void shouldRefuseACharacterThatTheEngineWouldTakeForTheEnd() {
    SqlFailure f =
        catchThrowableOfType(SqlFailure.class, () -> secure("SELECT 1,\n 'a\u0000' FROM x"));
    assertThat(f.code()).isEqualTo("NOT_SUPPORTED");
    assertThat(f.details()).containsEntry("line", 2).containsEntry("column", 4);
    // Also where no literal holds it.
    for (String sql :
        List.of(
            "SELECT 1 -- \u0000",
            "SELECT 1 /* \u0000 */",
            "SELECT 1 AS \"a\u0000b\"",
            "\u0000SELECT 1",
            "SELECT 1\u0000")) {
      SqlFailure e = catchThrowableOfType(SqlFailure.class, () -> secure(sql));
      assertThat(e).as(sql).isNotNull();
      assertThat(e.code()).isEqualTo("NOT_SUPPORTED");
      assertThat(e.details()).containsEntry("construct", "U+0000");
      assertThat(e.details()).containsEntry("column", sql.indexOf(0) + 1);
    }
  }

  @Test
  void shouldRefuseALiteralThatOnlyBecomesSuchACharacter() {
    for (String literal :
        List.of("U&'\\0000'", "U&'x\\0000 FROM t1 --'", "U&'!0000' UESCAPE '!'")) {
      SqlFailure f = catchThrowableOfType(SqlFailure.class, () -> secure("SELECT " + literal));
      assertThat(f).as(literal).isNotNull();
      assertThat(f.code()).isEqualTo("NOT_SUPPORTED");
      assertThat(f.details())
          .containsEntry("construct", "the character U+0000 in a string")
          .containsEntry("column", 8);
    }
  }

  /** No kind of mask is defined: what is to be masked is not shown at all. */
  @Test
  void shouldRefuseATableWithMaskedColumns() {
    CatalogView masked =
        new TestCatalog(TestCatalog.TENANT) {
          @Override
          public Optional<TableView> table(String schema, String name) {
            return super.table(schema, name)
                .map(
                    t ->
                        new TableView(
                            t.schema(), t.name(), t.columns(), masked(t.decision()), null));
          }
        };
    SqlFailure f =
        catchThrowableOfType(
            SqlFailure.class,
            () ->
                new SqlBoundary(q -> null)
                    .secure(
                        "SELECT dt FROM gold.revenue_metrics",
                        masked,
                        new Session(Instant.EPOCH, "analyst@tenant-1", "gold")));
    assertThat(f.code()).isEqualTo("NOT_SUPPORTED");
  }

  private static AccessDecision masked(AccessDecision d) {
    return new AccessDecision(
        d.version(),
        d.policyVersion(),
        d.principal(),
        d.table(),
        d.allowed(),
        d.reason(),
        d.message(),
        d.readableColumns(),
        d.hiddenColumns(),
        List.of(new AccessDecision.Mask("dt", "hash")),
        d.rows(),
        d.personasThatMay(),
        d.chain());
  }

  @Test
  void shouldBeMany() {
    assertThat(statements().distinct().count()).isGreaterThan(350);
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
