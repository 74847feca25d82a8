package dev.lakegate.gateway.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakegate.gateway.sql.SecuredQuery;
import dev.lakegate.gateway.sql.SecuredQuery.OutputColumn;
import dev.lakegate.gateway.sql.SqlFailure;
import dev.lakegate.gateway.sql.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The second wall: what DuckDB itself keeps to, whatever text would reach it. */
class DuckDbEngineTest {
  /** Sorts some hundred megabytes. */
  private static final SecuredQuery SORT =
      new SecuredQuery(
          List.of(),
          "SELECT count(*) AS c1 FROM (SELECT row_number() OVER (ORDER BY md5(CAST(x AS VARCHAR)))"
              + " AS n FROM (SELECT unnest(generate_series(1, 1500000)) AS x) AS r1) AS r2 WHERE n"
              + " > 0",
          List.of(),
          List.of(new OutputColumn("n", Type.BIGINT)));

  @TempDir Path directory;

  private DuckDbEngine engine(int memory, int spill) {
    return new DuckDbEngine(
        new EngineSettings(
            directory.resolve("lake"), directory.resolve("spill"), memory, spill, 1));
  }

  private static String value(Connection c, String sql) throws SQLException {
    try (Statement s = c.createStatement();
        ResultSet r = s.executeQuery(sql)) {
      r.next();
      return r.getString(1);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SET memory_limit = '100GB'",
        "SET GLOBAL threads = 64",
        "SET enable_external_access = true",
        "SET lock_configuration = false",
        "RESET memory_limit",
        "SELECT * FROM read_text('/etc/hostname')",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_parquet('LAKE/../outside.parquet')",
        "SELECT * FROM glob('/etc/*')",
        "ATTACH '/tmp/lakegate-other.db' AS other",
        "COPY (SELECT 1) TO '/tmp/lakegate-out.csv'",
        "EXPORT DATABASE '/tmp/lakegate-export'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SELECT * FROM 'https://example.com/x.parquet'"
      })
  void shouldBeLockedDown(String sql) throws Exception {
    Files.createDirectories(directory.resolve("lake"));
    try (DuckDbEngine engine = engine(128, 128);
        Connection c = engine.connection();
        Statement s = c.createStatement()) {
      String text = sql.replace("LAKE", directory.resolve("lake").toString());
      assertThatThrownBy(() -> s.execute(text))
          .as(sql)
          .isInstanceOf(SQLException.class)
          .hasMessageMatching("(?is).*(locked|disabled|permission|not allowed|cannot).*");
    }
  }

  @Test
  void shouldHaveTheLimitsThatItWasGiven() throws Exception {
    try (DuckDbEngine engine = engine(128, 64);
        Connection c = engine.connection()) {
      assertThat(value(c, "SELECT current_setting('threads')")).isEqualTo("1");
      assertThat(value(c, "SELECT current_setting('memory_limit')")).startsWith("122.0 MiB");
      assertThat(value(c, "SELECT current_setting('max_temp_directory_size')"))
          .startsWith("61.0 MiB");
      assertThat(value(c, "SELECT current_setting('TimeZone')")).isEqualTo("UTC");
    }
  }

  @Test
  void shouldSpillWhatDoesNotFitAndFailWhereItMayNot() {
    try (DuckDbEngine engine = engine(64, 2048)) {
      assertThat(engine.value(SORT)).isEqualTo(1_500_000L);
    }
    try (DuckDbEngine engine = engine(64, 1)) {
      assertThatThrownBy(() -> engine.value(SORT))
          .isInstanceOfSatisfying(
              SqlFailure.class, f -> assertThat(f.code()).isEqualTo("EXCEEDED_LOCAL_MEMORY_LIMIT"));
    }
  }
}
