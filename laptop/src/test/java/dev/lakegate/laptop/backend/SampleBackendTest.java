package dev.lakegate.laptop.backend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.laptop.supervisor.Await;
import dev.lakegate.laptop.supervisor.RunningPostgres;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SampleBackendTest {
  private static final SampleSize SIZE =
      new SampleSize(5, 6_000, 90, 7, Instant.parse("2026-03-01T00:00:00Z"));

  @TempDir static Path directory;
  private static RunningPostgres postgres;
  private static SampleBackend backend;

  @BeforeAll
  static void start() throws SQLException {
    postgres = RunningPostgres.start(directory);
    backend = postgres.backend();
  }

  @AfterAll
  static void stop() {
    postgres.close();
  }

  @BeforeEach
  void empty() throws SQLException {
    backend.createTables();
    try (Connection connection = backend.connect();
        Statement statement = connection.createStatement()) {
      statement.execute("TRUNCATE " + String.join(", ", SampleBackend.TABLES));
    }
  }

  @Test
  void theSameSizeGivesTheSameRows() throws SQLException {
    Map<String, Long> first = backend.seed(SIZE);
    Map<String, String> checksums = checksums();
    assertThat(first.values().stream().mapToLong(Long::longValue).sum()).isBetween(4_000L, 8_000L);
    assertThat(first).isEqualTo(new TreeMap<>(backend.countRows()));
    assertThat(first.values()).allMatch(rows -> rows > 0);
    empty();
    assertThat(backend.isSeeded()).isFalse();
    backend.seed(SIZE);
    assertThat(checksums()).isEqualTo(checksums);
    empty();
    backend.seed(new SampleSize(5, 6_000, 90, 8, SIZE.until()));
    assertThat(checksums()).isNotEqualTo(checksums);
  }

  @Test
  void rowsKeepTheApplicationsRules() throws SQLException {
    backend.seed(SIZE);
    assertRules();
    assertThat(number("SELECT count(*) FROM core_tenant WHERE plan = 'enterprise'")).isEqualTo(2);
    assertThat(number("SELECT count(*) FROM core_tenant WHERE plan = 'midmarket'")).isEqualTo(3);
    // What makes replication hard is there.
    assertThat(number("SELECT count(*) FROM core_order WHERE octet_length(notes) > 8192"))
        .isPositive();
    assertThat(number("SELECT count(*) FROM core_event WHERE family(ip_address) = 4")).isPositive();
    assertThat(number("SELECT count(*) FROM core_event WHERE family(ip_address) = 6")).isPositive();
    assertThat(number("SELECT count(*) FROM core_event WHERE ip_address IS NULL")).isPositive();
    assertThat(number("SELECT count(*) FROM core_customer WHERE phone = ''")).isPositive();
    assertThat(number("SELECT count(*) FROM core_customer WHERE phone IS NULL")).isPositive();
    assertThat(number("SELECT count(*) FROM core_customer WHERE email <> lower(trim(email))"))
        .isPositive();
    assertThat(number("SELECT count(*) FROM core_order WHERE order_date < created_at"))
        .isPositive();
    assertThat(
            number(
                "SELECT count(DISTINCT status) FROM core_order WHERE status IN ('completed',"
                    + " 'cancelled', 'refunded', 'shipped')"))
        .isEqualTo(4);
  }

  @Test
  void keysDrawnByTheApplicationAreFree() throws SQLException {
    backend.seed(SIZE);
    try (Shop shop = backend.shop(1)) {
      assertThat(shop.placeOrder("tenant-1", "completed")).isPositive();
    }
  }

  @Test
  void trafficChangesRowsAndKeepsTheRules() throws Exception {
    backend.seed(SIZE);
    Map<String, String> before = checksums();
    try (LiveTraffic traffic = backend.startTraffic(5_000, 3)) {
      Await.until("1500 changes", () -> traffic.changes() >= 1_500);
      assertThat(traffic.problem()).isEmpty();
    }
    assertRules();
    Map<String, String> after = checksums();
    for (String table : SampleBackend.TABLES) {
      if (!table.equals("core_tenant")) {
        assertThat(after.get(table)).as(table).isNotEqualTo(before.get(table));
      }
    }
  }

  @Test
  void everyKindOfActionWorks() throws Exception {
    backend.seed(SIZE);
    try (Shop shop = backend.shop(11)) {
      for (int i = 0; i < 600; i++) {
        shop.act();
      }
      long order = shop.placeOrder("tenant-2", "paid");
      assertThat(shop.setOrderStatus(order, "completed")).isEqualTo(1);
      assertThat(shop.deleteOrder(order)).isGreaterThan(1);
      assertThat(shop.setOrderStatus(order, "completed")).isZero();
    }
    assertRules();
  }

  @Test
  void trafficHasARate() throws Exception {
    backend.seed(SIZE);
    long from = System.nanoTime();
    try (LiveTraffic traffic = backend.startTraffic(50, 3)) {
      Await.until("60 changes", () -> traffic.changes() >= 60);
      double rate = traffic.changes() / ((System.nanoTime() - from) / 1e9);
      // Cascades come in bursts, so the rate holds on average only.
      assertThat(rate).isLessThan(120);
    }
  }

  private static void assertRules() throws SQLException {
    assertThat(number("SELECT count(*) FROM core_order WHERE subtotal + tax + shipping <> total"))
        .isZero();
    assertThat(
            number(
                "SELECT count(*) FROM core_orderitem"
                    + " WHERE quantity * unit_price - discount <> line_total"))
        .isZero();
    assertThat(
            number(
                "SELECT count(*) FROM core_order o WHERE subtotal <>"
                    + " (SELECT sum(line_total) FROM core_orderitem i WHERE i.order_id = o.id)"))
        .isZero();
    assertThat(
            number(
                "SELECT count(*) FROM core_orderitem i JOIN core_order o ON o.id = i.order_id"
                    + " WHERE i.tenant_id <> o.tenant_id"))
        .isZero();
    assertThat(
            number(
                "SELECT count(*) FROM core_order WHERE status NOT IN"
                    + " ('pending', 'paid', 'shipped', 'completed', 'cancelled', 'refunded')"))
        .isZero();
    assertThat(
            number(
                "SELECT count(*) FROM core_subscription"
                    + " WHERE (status = 'cancelled') <> (cancelled_at IS NOT NULL)"))
        .isZero();
    assertThat(
            number(
                "SELECT count(*) FROM core_invoice"
                    + " WHERE status = 'paid' AND (amount_paid <> amount_due OR paid_at IS NULL)"))
        .isZero();
    assertThat(
            number(
                "SELECT count(*) FROM core_customer c LEFT JOIN core_tenant t"
                    + " ON t.slug = c.tenant_id WHERE t.slug IS NULL"))
        .isZero();
  }

  private static Map<String, String> checksums() throws SQLException {
    Map<String, String> checksums = new TreeMap<>();
    try (Connection connection = backend.connect();
        Statement statement = connection.createStatement()) {
      for (String table : SampleBackend.TABLES) {
        try (ResultSet rows =
            statement.executeQuery(
                "SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM " + table + " t")) {
          rows.next();
          checksums.put(table, rows.getString(1));
        }
      }
    }
    return checksums;
  }

  private static long number(String sql) throws SQLException {
    try (Connection connection = backend.connect();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getLong(1);
    }
  }
}
