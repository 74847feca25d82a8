package dev.lakegate.ingest.testing;

import dev.lakegate.ingest.capture.CapturedTable;
import dev.lakegate.ingest.source.SourceSettings;
import dev.lakegate.model.description.LakehouseLoader;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.function.BooleanSupplier;
import org.postgresql.Driver;

/** A real PostgreSQL with the backend's eight tables. */
public final class TestSource {
  private static EmbeddedPostgres shared;
  private static int databases;

  private final EmbeddedPostgres postgres;
  private final String database;

  private TestSource(EmbeddedPostgres postgres, String database) {
    this.postgres = postgres;
    this.database = database;
  }

  /** A new database with the backend's schema, in a cluster that all tests share. */
  public static synchronized TestSource start() throws IOException, SQLException {
    if (shared == null) {
      shared = cluster();
    }
    TestSource source = new TestSource(shared, "postgres").newDatabase("app" + ++databases);
    source.execute(
        Files.readString(base().resolve("laptop/src/main/resources/backend/core_schema.sql")));
    return source;
  }

  /** A cluster of its own, with logical replication; the caller closes it. */
  public static EmbeddedPostgres cluster() throws IOException {
    return EmbeddedPostgres.builder()
        .setServerConfig("wal_level", "logical")
        .setServerConfig("max_wal_senders", "20")
        .setServerConfig("max_replication_slots", "20")
        .setServerConfig("fsync", "off")
        // The default here is off: a commit could come after the position read behind it.
        .setServerConfig("synchronous_commit", "on")
        .setServerConfig("shared_buffers", "32MB")
        .setPGStartupWait(Duration.ofSeconds(120))
        .start();
  }

  /** The backend's schema in a cluster of one's own. */
  public static TestSource in(EmbeddedPostgres postgres) throws IOException, SQLException {
    TestSource source = new TestSource(postgres, "postgres").newDatabase("app");
    source.execute(
        Files.readString(base().resolve("laptop/src/main/resources/backend/core_schema.sql")));
    return source;
  }

  /** Another, empty database of the same cluster. */
  public TestSource newDatabase(String name) throws SQLException {
    execute("CREATE DATABASE " + name);
    return new TestSource(postgres, name);
  }

  /** The repository's root. */
  public static Path base() {
    return Path.of(System.getProperty("lakegate.basedir", ".."));
  }

  /** The tables of the shipped lakehouse description. */
  public static List<CapturedTable> tables() {
    return LakehouseLoader.load(base().resolve("lakehouse")).tables().stream()
        .map(
            t ->
                new CapturedTable(
                    t.sourceSchema(), t.sourceTable(), t.dataset(), t.tenantColumn(), t.key()))
        .toList();
  }

  public String url() {
    return postgres.getJdbcUrl("postgres", database).replaceAll("\\?.*", "");
  }

  public SourceSettings settings() {
    return settings("postgres", "postgres");
  }

  public SourceSettings settings(String user, String password) {
    // Slots are the cluster's, so each database has one by its own name.
    return new SourceSettings(url(), user, password, "lakegate_" + database, "lakegate");
  }

  public Connection connect() throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", "postgres");
    properties.setProperty("password", "postgres");
    return new Driver().connect(url(), properties);
  }

  public void execute(String sql) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  public String query(String sql) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      return row.next() ? row.getString(1) : null;
    }
  }

  public EmbeddedPostgres postgres() {
    return postgres;
  }

  /** Adds tenants {@code tenant-1..n} with customers, products, orders and events. */
  public void seed(int tenants, int rowsPerTenant) throws SQLException {
    execute(
        """
        INSERT INTO core_tenant
          SELECT 'tenant-' || i, 'Tenant ' || i, 'small', now() FROM generate_series(1, %1$d) i;
        INSERT INTO core_customer(created_at, updated_at, email, phone, first_name, last_name,
                                  metadata, status, tenant_id)
          SELECT now(), now(), 'c' || r || '@example.org', CASE WHEN r %% 3 = 0 THEN NULL
                 WHEN r %% 3 = 1 THEN '' ELSE '+1 555' END, 'Ann, "A"', E'O\\nB\\r\\n', '{"a": 1}',
                 'active', 'tenant-' || t
          FROM generate_series(1, %1$d) t, generate_series(1, %2$d) r;
        INSERT INTO core_product(created_at, updated_at, sku, name, category, price, cost,
                                 inventory_quantity, is_active, attributes, tenant_id)
          SELECT now(), now(), 'SKU-' || r, 'Product ' || r, 'c', r, r / 2.0, -r, r %% 2 = 0,
                 '{}', 'tenant-' || t
          FROM generate_series(1, %1$d) t, generate_series(1, %2$d) r;
        INSERT INTO core_order(created_at, updated_at, order_number, status, order_date, subtotal,
                               tax, shipping, total, currency, notes, customer_id, tenant_id)
          SELECT now(), now(), 'O-' || id, 'pending', now(), 1, 2, 3, 6, 'USD', '', id, tenant_id
          FROM core_customer;
        INSERT INTO core_event
          SELECT gen_random_uuid(), 's', 'page_view', '{}', '10.1.2.3', 'agent', now(), NULL,
                 tenant_id FROM core_customer;
        """
            .formatted(tenants, rowsPerTenant));
  }

  /** Waits for a condition. */
  public static void await(String what, Duration limit, BooleanSupplier condition)
      throws InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError("after " + limit + " still not: " + what);
      }
      Thread.sleep(20);
    }
  }
}
