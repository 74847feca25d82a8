package dev.lakegate.gateway.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.lakegate.gateway.sql.SqlFailure;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What DuckDB says quotes values and paths: none of it is in what becomes of it. */
class DuckErrorsTest {
  private static final String SECRET = "xsecretx";

  @TempDir Path directory;

  private static void requireSilent(String what, RuntimeException translated) {
    // The cause is for the log; what a client gets is made of the others.
    String told = translated.getMessage();
    if (translated instanceof SqlFailure f) {
      told = f.code() + " " + f.getMessage() + " " + f.details();
    } else {
      assertThat(translated)
          .as(what)
          .isInstanceOfAny(VanishedFileException.class, MissingColumnException.class);
      return;
    }
    assertThat(told)
        .as(what)
        .doesNotContainIgnoringCase(SECRET)
        .doesNotContain("Error:", "Error ", "LINE ", ".parquet", "/", "DuckDB");
  }

  @Test
  void shouldRepeatNothingOfWhatDuckDbReallySays() throws Exception {
    Path folder = Files.createDirectory(directory.resolve(SECRET));
    Path broken = Files.writeString(folder.resolve("a.parquet"), SECRET);
    Set<String> codes = new TreeSet<>();
    try (Connection c = DriverManager.getConnection("jdbc:duckdb:");
        Statement s = c.createStatement()) {
      s.execute("CREATE TABLE t AS SELECT '" + SECRET + "' AS a, 1 AS b UNION ALL SELECT 'y', 2");
      for (String sql :
          List.of(
              "SELECT CAST(a AS INTEGER) FROM t",
              "SELECT CAST(a AS DATE) FROM t",
              "SELECT CAST(a AS TIMESTAMP) FROM t",
              "SELECT CAST(a AS DECIMAL(9,2)) FROM t",
              "SELECT CAST(a AS UUID) FROM t",
              "SELECT CAST('[' || a || ']' AS INTEGER[]) FROM t",
              "SELECT strptime(a, '%Y') FROM t",
              "SELECT error(a) FROM t",
              "SELECT regexp_matches(a, '(' || a) FROM t",
              "SELECT CAST(b * 1000000 AS TINYINT) FROM t",
              "SELECT CAST(b AS INTEGER) * 2147483647 FROM t",
              "SELECT (SELECT a FROM t)",
              "SELECT " + SECRET + " FROM t",
              "SELECT * FROM " + SECRET,
              "SELECT " + SECRET + "(a) FROM t",
              "SELECT '" + SECRET + "' FROM FROM",
              "SELECT * FROM read_parquet('" + folder.resolve("b.parquet") + "')",
              "SELECT * FROM read_parquet('" + broken + "')")) {
        SQLException e =
            catchThrowableOfType(
                SQLException.class,
                () -> {
                  // A statement that failed is closed.
                  try (Statement one = c.createStatement();
                      ResultSet r = one.executeQuery(sql)) {
                    while (r.next()) {
                      r.getObject(1);
                    }
                  }
                });
        assertThat((Throwable) e).as(sql).isNotNull();
        RuntimeException translated = DuckErrors.translate(e);
        requireSilent(sql, translated);
        codes.add(translated instanceof SqlFailure f ? f.code() : "none");
      }
    }
    assertThat(codes)
        .contains(
            "INVALID_CAST_ARGUMENT",
            "NUMERIC_VALUE_OUT_OF_RANGE",
            "SUBQUERY_MULTIPLE_ROWS",
            "GENERIC_INTERNAL_ERROR",
            "NOT_SUPPORTED",
            "none");
  }

  /** Of kinds that a test cannot easily bring about. */
  @Test
  void shouldRepeatNothingOfAnyKindOfError() {
    for (String kind :
        List.of(
            "FATAL Error: ",
            "INTERNAL Error: ",
            "Out of Memory Error: ",
            "INTERRUPT Error: ",
            "IO Error: ",
            "IO Error: No such file ",
            "Binder Error: ",
            "Binder Error: Referenced column \"x\" not found ",
            "Invalid Input Error: cannot be found in enum ",
            "Constraint Error: ",
            "HTTP Error: ",
            "Permission Error: ",
            "")) {
      requireSilent(
          kind,
          DuckErrors.translate(new SQLException(kind + SECRET + " /data/" + SECRET + ".parquet")));
    }
    // Nor of a text that looks like one of our own marks.
    requireSilent(
        "a mark",
        DuckErrors.translate(
            new SQLException("Invalid Input Error: " + TrinoError.MARK + SECRET + " and more")));
  }
}
