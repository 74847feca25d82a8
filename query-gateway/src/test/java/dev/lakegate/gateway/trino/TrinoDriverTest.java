package dev.lakegate.gateway.trino;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.lakegate.gateway.query.GatewayResource;
import dev.lakegate.kit.testing.IssuerResource;
import dev.lakegate.kit.testing.TestIssuer;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import java.io.InputStream;
import java.math.BigDecimal;
import java.net.URI;
import java.net.URL;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.Date;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Trino's own JDBC drivers over TLS, as BI tools use them. */
@QuarkusTest
@QuarkusTestResource(IssuerResource.class)
@QuarkusTestResource(value = GatewayResource.class, restrictToAnnotatedClass = true)
@QuarkusTestResource(value = TlsResource.class, restrictToAnnotatedClass = true)
class TrinoDriverTest {
  private static final String MILLION =
      "SELECT a * 1000 + b AS id, 'row ' || CAST(b AS varchar) AS name, DATE '2026-01-01' AS day,"
          + " CAST(a AS decimal(18,2)) AS amount"
          + " FROM UNNEST(sequence(0, 999)) AS x(a) CROSS JOIN UNNEST(sequence(0, 999)) AS y(b)";

  TestIssuer issuer;
  TlsResource tls;

  @TestHTTPResource(value = "/", tls = true)
  URL gateway;

  @BeforeEach
  void ready() throws InterruptedException {
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (RestAssured.get("/q/health/ready").statusCode() != 200) {
      assertThat(System.nanoTime()).isLessThan(end);
      Thread.sleep(20);
    }
  }

  private Connection connect(String version) throws SQLException {
    return connect(version, issuer.tenantAnalyst("tenant-1"), Map.of());
  }

  private Connection connect(String version, String token, Map<String, String> more)
      throws SQLException {
    return Drivers.connect(version, gateway, tls.certificate, token, more);
  }

  private static List<List<Object>> rows(ResultSet r) throws SQLException {
    List<List<Object>> all = new ArrayList<>();
    int n = r.getMetaData().getColumnCount();
    while (r.next()) {
      List<Object> row = new ArrayList<>();
      for (int i = 1; i <= n; i++) {
        row.add(r.getObject(i));
      }
      all.add(row);
    }
    return all;
  }

  private static List<List<Object>> query(Connection c, String sql) throws SQLException {
    try (Statement s = c.createStatement();
        ResultSet r = s.executeQuery(sql)) {
      return rows(r);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"476", "483"})
  void shouldAnswerEachTenantWithItsOwnRows(String version) throws SQLException {
    String sql = "SELECT count(*), count(DISTINCT tenant_id) FROM revenue_metrics";
    try (Connection one = connect(version);
        Connection two = connect(version, issuer.tenantAnalyst("tenant-2"), Map.of())) {
      assertThat(query(one, sql)).containsExactly(List.of(10L, 1L));
      assertThat(query(two, sql)).containsExactly(List.of(20L, 1L));
      SQLException refused =
          catchThrowableOfType(
              SQLException.class, () -> query(one, "SELECT email FROM dim_customer"));
      assertThat(refused.getErrorCode()).isEqualTo(4);
      assertThat(refused.getMessage()).contains("Access Denied");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"476", "483"})
  void shouldGiveValuesOfEveryTypeAsTheDriverReadsThem(String version) throws SQLException {
    String sql =
        "SELECT true, TINYINT '1', SMALLINT '2', 3, BIGINT '9223372036854775807', REAL '1.5', 2.5e0,"
            + " DECIMAL '12.50', 'ä\"\\', X'0aff', DATE '2026-01-31',"
            + " TIMESTAMP '2026-01-31 01:02:03.123456',"
            + " TIMESTAMP '2026-01-31 01:02:03.123 Europe/Berlin', ARRAY[1, NULL, 3],"
            + " ROW(1, 'x'), INTERVAL '14' MONTH, INTERVAL '1' DAY, NULL";
    try (Connection c = connect(version);
        Statement s = c.createStatement();
        ResultSet r = s.executeQuery(sql)) {
      assertThat(r.next()).isTrue();
      assertThat(r.getBoolean(1)).isTrue();
      assertThat(r.getByte(2)).isEqualTo((byte) 1);
      assertThat(r.getShort(3)).isEqualTo((short) 2);
      assertThat(r.getObject(4)).isEqualTo(3);
      assertThat(r.getLong(5)).isEqualTo(Long.MAX_VALUE);
      assertThat(r.getObject(6)).isEqualTo(1.5f);
      assertThat(r.getObject(7)).isEqualTo(2.5);
      assertThat(r.getBigDecimal(8)).isEqualTo(new BigDecimal("12.50"));
      assertThat(r.getString(9)).isEqualTo("ä\"\\");
      assertThat(r.getBytes(10)).isEqualTo(new byte[] {10, -1});
      assertThat(r.getDate(11)).isEqualTo(Date.valueOf("2026-01-31"));
      assertThat(r.getString(12)).isEqualTo("2026-01-31 01:02:03.123456");
      assertThat(r.getTimestamp(12)).isEqualTo(Timestamp.valueOf("2026-01-31 01:02:03.123456"));
      assertThat(r.getString(13)).isEqualTo("2026-01-31 01:02:03.123 Europe/Berlin");
      assertThat(r.getTimestamp(13).toInstant().toString()).isEqualTo("2026-01-31T00:02:03.123Z");
      assertThat((Object[]) r.getArray(14).getArray()).containsExactly(1, null, 3);
      assertThat(r.getObject(15).toString()).contains("1").contains("x");
      assertThat(r.getString(16)).isEqualTo("1-2");
      assertThat(r.getString(17)).isEqualTo("1 00:00:00.000");
      assertThat(r.getObject(18)).isNull();
      ResultSetMetaData m = r.getMetaData();
      assertThat(m.getColumnType(8)).isEqualTo(Types.DECIMAL);
      assertThat(m.getPrecision(8)).isEqualTo(4);
      assertThat(m.getScale(8)).isEqualTo(2);
      assertThat(m.getColumnTypeName(12)).isEqualTo("timestamp(6)");
      assertThat(m.getColumnType(13)).isEqualTo(Types.TIMESTAMP_WITH_TIMEZONE);
      assertThat(m.getColumnTypeName(15)).startsWith("row(");
      assertThat(r.next()).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"476", "483"})
  void shouldTellToolsWhatThereIs(String version) throws SQLException {
    try (Connection c = connect(version)) {
      DatabaseMetaData m = c.getMetaData();
      assertThat(m.getDatabaseProductName()).isEqualTo("Trino");
      assertThat(m.getDatabaseProductVersion()).isEqualTo("476");
      assertThat(rows(m.getCatalogs())).contains(List.of("lakehouse"), List.of("system"));
      assertThat(first(m.getSchemas())).contains("gold", "information_schema");
      assertThat(first(m.getSchemas("lakehouse", "go%"))).containsExactly("gold");
      List<List<Object>> tables = rows(m.getTables("lakehouse", "gold", "%", null));
      assertThat(tables).extracting(t -> t.get(2)).contains("revenue_metrics", "dim_customer");
      assertThat(rows(m.getTables(null, null, "revenue\\_metrics", new String[] {"TABLE"})))
          .extracting(t -> t.get(2))
          .containsExactly("revenue_metrics");
      assertThat(rows(m.getTables("lakehouse", "silver", "%", null))).isEmpty();
      List<List<Object>> columns = rows(m.getColumns("lakehouse", "gold", "dim_customer", "%"));
      assertThat(columns)
          .extracting(t -> t.get(3))
          .contains("tenant_id", "customer_id", "status")
          .doesNotContain("email", "phone");
      assertThat(rows(m.getColumns("lakehouse", "gold", "revenue_metrics", "total_revenue")))
          .singleElement()
          .satisfies(
              t -> {
                assertThat(((Number) t.get(4)).intValue()).isEqualTo(Types.DECIMAL);
                assertThat(t.get(5)).isEqualTo("decimal(18,2)");
              });
      assertThat(first(m.getTypeInfo())).contains("bigint", "varchar", "date");
      assertThat(first(m.getTableTypes())).contains("TABLE", "VIEW");
      assertThat(rows(m.getPrimaryKeys("lakehouse", "gold", "revenue_metrics"))).isEmpty();
      for (Fetch f :
          List.<Fetch>of(
              x -> x.getImportedKeys("lakehouse", "gold", "revenue_metrics"),
              x -> x.getExportedKeys("lakehouse", "gold", "revenue_metrics"),
              x -> x.getCrossReference(null, null, "a", null, null, "b"),
              x -> x.getIndexInfo("lakehouse", "gold", "revenue_metrics", false, true),
              x -> x.getFunctions("lakehouse", "gold", "%"),
              x -> x.getFunctionColumns("lakehouse", "gold", "%", "%"),
              x -> x.getProcedures("lakehouse", "gold", "%"),
              x -> x.getProcedureColumns("lakehouse", "gold", "%", "%"),
              x -> x.getUDTs("lakehouse", "gold", "%", null),
              x -> x.getSuperTables("lakehouse", "gold", "%"),
              x -> x.getAttributes("lakehouse", "gold", "%", "%"),
              x -> x.getPseudoColumns("lakehouse", "gold", "%", "%"),
              x -> x.getBestRowIdentifier("lakehouse", "gold", "dim_customer", 1, true),
              x -> x.getVersionColumns("lakehouse", "gold", "dim_customer"),
              x -> x.getColumnPrivileges("lakehouse", "gold", "dim_customer", "%"),
              x -> x.getTablePrivileges("lakehouse", "gold", "%"),
              DatabaseMetaData::getClientInfoProperties)) {
        try {
          rows(f.from(m));
        } catch (SQLException e) {
          // What the driver itself has not got is not asked of the gateway.
          assertThat(e.getMessage()).doesNotContain("Query failed");
        }
      }
    }
  }

  private interface Fetch {
    ResultSet from(DatabaseMetaData m) throws SQLException;
  }

  private static List<String> first(ResultSet r) throws SQLException {
    return rows(r).stream().map(x -> (String) x.get(0)).toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"476 true", "476 false", "483 true", "483 false"})
  void shouldPrepareStatementsInBothWays(String mode) throws SQLException {
    String[] m = mode.split(" ");
    try (Connection c =
        connect(m[0], issuer.tenantAnalyst("tenant-1"), Map.of("explicitPrepare", m[1]))) {
      try (PreparedStatement p =
          c.prepareStatement(
              "SELECT dt, total_revenue FROM revenue_metrics WHERE dt >= ? AND order_count < ?"
                  + " AND tenant_id = ? ORDER BY dt LIMIT 3")) {
        p.setDate(1, Date.valueOf("2026-01-03"));
        p.setLong(2, 6);
        p.setString(3, "tenant-1");
        assertThat(rows(p.executeQuery()))
            .extracting(r -> r.get(0).toString())
            .containsExactly("2026-01-03", "2026-01-04", "2026-01-05");
        p.setString(3, "x' OR tenant_id <> 'x");
        assertThat(rows(p.executeQuery())).isEmpty();
      }
      try (PreparedStatement p =
          c.prepareStatement("SELECT ?, ?, ?, ?, ?, CAST(? AS varchar), ?")) {
        p.setInt(1, -7);
        p.setDouble(2, 1.25);
        p.setBigDecimal(3, new BigDecimal("123.45"));
        p.setBoolean(4, true);
        p.setTimestamp(5, Timestamp.valueOf("2026-02-03 04:05:06.789"));
        p.setNull(6, Types.VARCHAR);
        p.setString(7, "it's");
        List<Object> row = rows(p.executeQuery()).get(0);
        assertThat(row.get(0)).isEqualTo(-7);
        assertThat(row.get(1)).isEqualTo(1.25);
        assertThat(row.get(2)).isEqualTo(new BigDecimal("123.45"));
        assertThat(row.get(3)).isEqualTo(true);
        assertThat(row.get(4)).isEqualTo(Timestamp.valueOf("2026-02-03 04:05:06.789"));
        assertThat(row.get(5)).isNull();
        assertThat(row.get(6)).isEqualTo("it's");
      }
      if (m[1].equals("true")) {
        try (PreparedStatement p =
            c.prepareStatement("SELECT dt FROM revenue_metrics WHERE order_count = ?")) {
          assertThat(p.getMetaData().getColumnName(1)).isEqualTo("dt");
          assertThat(p.getMetaData().getColumnType(1)).isEqualTo(Types.DATE);
          assertThat(p.getParameterMetaData().getParameterType(1)).isEqualTo(Types.BIGINT);
        }
      }
      assertThatThrownBy(
              () -> {
                try (PreparedStatement p = c.prepareStatement("DELETE FROM revenue_metrics")) {
                  p.execute();
                }
              })
          .hasMessageContaining("Access Denied");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"476", "483"})
  void shouldKeepASession(String version) throws SQLException {
    try (Connection c =
            connect(
                version, issuer.engineer(), Map.of("timezone", "Asia/Kolkata", "source", "test"));
        Statement s = c.createStatement()) {
      assertThat(s.execute("USE lakehouse.bronze")).isFalse();
      assertThat(c.getSchema()).isEqualTo("bronze");
      assertThat(query(c, "SELECT current_schema, current_catalog"))
          .containsExactly(List.of("bronze", "lakehouse"));
      c.setSchema("gold");
      assertThat(query(c, "SELECT count(*) FROM revenue_metrics").get(0).get(0)).isEqualTo(60L);
      assertThat(query(c, "SELECT current_timezone(), CAST(current_timestamp AS varchar)").get(0))
          .first()
          .isEqualTo("Asia/Kolkata");
      assertThat((String) query(c, "SELECT CAST(current_timestamp AS varchar)").get(0).get(0))
          .endsWith(" Asia/Kolkata");
      s.execute("SET TIME ZONE 'America/New_York'");
      assertThat(query(c, "SELECT current_timezone()"))
          .containsExactly(List.of("America/New_York"));
      s.execute("SET SESSION query_max_run_time = '10m'");
      s.execute("RESET SESSION query_max_run_time");
      s.execute("SET ROLE NONE");
      assertThatThrownBy(() -> s.execute("SET ROLE admin")).hasMessageContaining("admin");
      assertThatThrownBy(() -> s.execute("SET SESSION AUTHORIZATION admin"))
          .isInstanceOf(SQLException.class);
      c.setReadOnly(true);
      c.setAutoCommit(false);
      assertThat(query(c, "SELECT 1")).containsExactly(List.of(1));
      c.commit();
      assertThat(query(c, "SELECT 2")).containsExactly(List.of(2));
      c.rollback();
      c.setAutoCommit(true);
      assertThat(query(c, "SELECT 3")).containsExactly(List.of(3));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"476", "483"})
  void shouldNameErrorsAsTrinoDoes(String version) throws SQLException {
    try (Connection c = connect(version)) {
      for (var expected :
          Map.of(
                  "SELECT 1 +", 1,
                  "SELECT 1 / 0", 8,
                  "SELECT CAST('x' AS bigint)", 9,
                  "SELECT * FROM nowhere", 46,
                  "SELECT no_such FROM revenue_metrics", 47,
                  "SELECT 1 + 'x'", 58,
                  "SELECT no_such_function(1)", 6,
                  "DROP TABLE revenue_metrics", 4)
              .entrySet()) {
        SQLException e =
            catchThrowableOfType(SQLException.class, () -> query(c, expected.getKey()));
        assertThat(e.getErrorCode()).as(expected.getKey()).isEqualTo(expected.getValue());
      }
      SQLException e = catchThrowableOfType(SQLException.class, () -> query(c, "SELECT\n  1 +"));
      assertThat(e.getMessage()).contains("line 2:");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"476", "483"})
  void shouldStreamAMillionRows(String version) throws SQLException {
    try (Connection c = connect(version);
        Statement s = c.createStatement();
        ResultSet r = s.executeQuery(MILLION)) {
      long n = 0;
      long sum = 0;
      while (r.next()) {
        n++;
        sum += r.getLong(1);
      }
      assertThat(n).isEqualTo(1_000_000);
      assertThat(sum).isEqualTo(499_999_500_000L);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"476", "483"})
  void shouldEndWhatIsClosedEarlyOrCancelled(String version) throws Exception {
    try (Connection c = connect(version)) {
      for (int i = 0; i < 20; i++) {
        try (Statement s = c.createStatement();
            ResultSet r = s.executeQuery(MILLION)) {
          assertThat(r.next()).isTrue();
        }
      }
      String mark = "slow" + System.nanoTime();
      try (Statement slow = c.createStatement()) {
        Thread running =
            new Thread(
                () -> {
                  try {
                    rows(
                        slow.executeQuery(
                            "SELECT count(*) AS "
                                + mark
                                + " FROM UNNEST(sequence(0, 9999)) AS x(a)"
                                + " CROSS JOIN UNNEST(sequence(0, 9999)) AS y(b)"
                                + " CROSS JOIN UNNEST(sequence(0, 9999)) AS z(c) WHERE a + b < c"));
                  } catch (SQLException e) {
                    // Cancelled: the driver may say so, or end the result.
                  }
                });
        running.start();
        await(() -> "running".equals(state(mark)));
        await(
            () -> {
              try {
                // The driver can cancel only what its first answer has named.
                slow.cancel();
              } catch (SQLException e) {
                throw new IllegalStateException(e);
              }
              return "cancelled".equals(state(mark));
            });
        running.join(10_000);
        assertThat(running.isAlive()).isFalse();
      }
      assertThat(query(c, "SELECT 1")).containsExactly(List.of(1));
    }
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).isLessThan(end);
      Thread.sleep(50);
    }
  }

  private String state(String mark) {
    return RestAssured.given()
        .header("Authorization", "Bearer " + issuer.tenantAnalyst("tenant-1"))
        .get("/api/v1/queries")
        .path("items.find { it.sql.contains('" + mark + "') }?.state");
  }

  @Test
  void shouldRefuseToActForSomebodyElse() {
    assertThatThrownBy(
            () -> {
              try (Connection c =
                  connect("476", issuer.tenantAnalyst("tenant-1"), Map.of("user", "admin"))) {
                query(c, "SELECT 1");
              }
            })
        .hasMessageContaining("cannot act as 'admin'");
  }

  /** Cutting a client off closes its connection, which must be nobody else's. */
  @Test
  void shouldNotLetStreamsShareAConnection() throws Exception {
    KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
    trusted.load(null, null);
    try (InputStream certificate = Files.newInputStream(tls.certificate)) {
      trusted.setCertificateEntry(
          "gateway", CertificateFactory.getInstance("X.509").generateCertificate(certificate));
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    HttpResponse<Void> answer =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_2)
            .sslContext(context)
            .build()
            .send(
                HttpRequest.newBuilder(
                        URI.create("https://localhost:" + gateway.getPort() + "/v1/info"))
                    .build(),
                HttpResponse.BodyHandlers.discarding());
    assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_1_1);
  }
}
