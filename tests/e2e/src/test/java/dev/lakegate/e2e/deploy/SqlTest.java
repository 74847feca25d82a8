package dev.lakegate.e2e.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What of the stack speaks SQL, on a real PostgreSQL. */
class SqlTest {
  private static final Path ROOT = Dashboards.root();

  @Test
  void everyTableHasRowsThatFitTogether() throws Exception {
    try (EmbeddedPostgres postgres = EmbeddedPostgres.builder().start();
        Connection connection = postgres.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(
          Files.readString(ROOT.resolve("laptop/src/main/resources/backend/core_schema.sql")));
      statement.execute(Files.readString(ROOT.resolve("deploy/compose/postgres/sample/rows.sql")));
      for (String table :
          new String[] {
            "tenant",
            "customer",
            "product",
            "order",
            "orderitem",
            "event",
            "subscription",
            "invoice"
          }) {
        assertThat(number(statement, "SELECT count(*) FROM core_" + table)).as(table).isPositive();
      }
      // What try.sh expects to see.
      assertThat(
              number(statement, "SELECT count(*) FROM core_customer WHERE tenant_id = 'tenant-1'"))
          .isEqualTo(20);
      assertThat(
              number(
                  statement,
                  "SELECT count(*) FROM core_orderitem i JOIN core_order o ON o.id = i.order_id"
                      + " JOIN core_product p ON p.id = i.product_id"
                      + " WHERE i.tenant_id <> o.tenant_id OR p.tenant_id <> o.tenant_id"))
          .isZero();
      assertThat(
              number(
                  statement,
                  "SELECT count(*) FROM core_order WHERE subtotal + tax + shipping <> total"))
          .isZero();
    }
  }

  @Test
  void whatTheDashboardsAskFitsTheAudit() throws Exception {
    try (EmbeddedPostgres postgres = EmbeddedPostgres.builder().start();
        Connection connection = postgres.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE SCHEMA governance; SET search_path = governance");
      statement.execute(
          Files.readString(
              ROOT.resolve(
                  "governance-service/src/main/resources/db/migration/V1__policy_and_audit.sql")));
      statement.execute(
          """
          INSERT INTO audit_event (id, at, reported_by, type, subject, action, outcome, document)
          SELECT gen_random_uuid(), now(), 'query-gateway', 'query', subject, 'execute', outcome,
            json_build_object('reason', reason, 'object', 'silver.customer', 'principal', principal,
              'details', json_build_object('rows', '7', 'elapsedMillis', '12'))
          FROM (VALUES ('ann', 'succeeded', NULL, '{"tenants": ["tenant-1"]}'::json),
            ('ann', 'refused', 'TABLE_NOT_READABLE', '{"tenants": ["tenant-1"]}'),
            ('team', 'succeeded', NULL, '{"tenants": ["tenant-2", "tenant-1"]}'),
            ('admin', 'succeeded', NULL, '{"tenants": []}'),
            (NULL, 'refused', 'TOKEN_INVALID', NULL)) e (subject, outcome, reason, principal)
          """);
      statement.execute("SET search_path = public");
      statement.execute("CREATE ROLE grafana");
      String grant = Files.readString(ROOT.resolve("deploy/monitoring/grafana/grant/grafana.sql"));
      statement.execute(grant);
      statement.execute(grant);
      statement.execute("SET ROLE grafana");
      // Statements and parameters hold tenants' values; a dashboard needs none of them.
      denied(statement, "SELECT document FROM governance.audit_event");
      denied(statement, "SELECT document FROM governance.policy_version");
      Map<String, String> asked = Dashboards.sql();
      assertThat(asked).hasSizeGreaterThanOrEqualTo(4);
      for (Map.Entry<String, String> panel : asked.entrySet()) {
        try (ResultSet rows = statement.executeQuery(panel.getValue())) {
          assertThat(rows.next()).as(panel.getKey()).isTrue();
        }
      }
      try (ResultSet rows =
          statement.executeQuery(
              asked.entrySet().stream()
                  .filter(e -> e.getKey().contains("By tenant"))
                  .findFirst()
                  .orElseThrow()
                  .getValue())) {
        Map<String, Long> queries = new TreeMap<>();
        while (rows.next()) {
          queries.put(rows.getString("tenants"), rows.getLong("queries"));
        }
        assertThat(queries)
            .containsExactly(
                Map.entry("(all)", 2L),
                Map.entry("tenant-1", 2L),
                Map.entry("tenant-1, tenant-2", 1L));
      }
    }
  }

  private static void denied(Statement statement, String sql) {
    assertThatThrownBy(() -> statement.executeQuery(sql))
        .as(sql)
        .hasMessageContaining("permission denied");
  }

  private static long number(Statement statement, String sql) throws Exception {
    try (ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getLong(1);
    }
  }
}
