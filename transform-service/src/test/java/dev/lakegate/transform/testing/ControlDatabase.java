package dev.lakegate.transform.testing;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;

/** A real control database with the service's schema, for tests without the service around it. */
public final class ControlDatabase implements AutoCloseable {
  private final EmbeddedPostgres postgres;

  public ControlDatabase() throws IOException {
    postgres =
        EmbeddedPostgres.builder()
            .setServerConfig("shared_buffers", "16MB")
            .setServerConfig("fsync", "off")
            .start();
    Flyway.configure()
        .dataSource(database())
        .schemas("transform")
        .locations("classpath:db/migration")
        .load()
        .migrate();
  }

  /** The database. */
  public DataSource database() {
    return postgres.getPostgresDatabase();
  }

  /** Its address, with the user in it. */
  public String jdbcUrl() {
    return postgres.getJdbcUrl("postgres", "postgres");
  }

  /** Runs a statement. */
  public void execute(String sql) throws SQLException {
    try (Connection connection = database().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Empties all tables. */
  public void clear() throws SQLException {
    execute(
        "TRUNCATE transform.run, transform.specification, transform.manifest,"
            + " transform.bronze_file, transform.bronze_version, transform.copy_begun,"
            + " transform.copy_completed, transform.schema_version, transform.schema_approval,"
            + " transform.roll_up, transform.hold, transform.backfill,"
            + " transform.backfill_step");
  }

  @Override
  public void close() throws IOException {
    postgres.close();
  }
}
