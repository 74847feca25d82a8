package dev.lakegate.gateway.trino;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakegate.gateway.query.QueryRequest.ClientSession;
import dev.lakegate.gateway.sql.SqlFailure;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SessionHeadersTest {
  private static ClientSession session(List<String> statements) {
    List<String> prepared =
        IntStream.range(0, statements.size())
            .mapToObj(
                i ->
                    "p"
                        + i
                        + "="
                        + URLEncoder.encode(
                            SessionHeaders.packed(statements.get(i)), StandardCharsets.UTF_8))
            .toList();
    return new SessionHeaders(
            name -> name.equals("X-Trino-Prepared-Statement") ? prepared : List.of())
        .session();
  }

  private static List<String> times(int n, String sql) {
    return IntStream.range(0, n).mapToObj(i -> sql).toList();
  }

  @Test
  void shouldTakePreparedStatementsAsTheyWereGivenOut() {
    String longest = "SELECT '" + "x".repeat(900_000) + "'";
    assertThat(session(List.of("SELECT ?", longest, longest)).prepared())
        .containsEntry("p0", "SELECT ?")
        .containsEntry("p1", longest)
        .containsEntry("p2", longest);
    assertThat(session(times(100, "SELECT 1")).prepared()).hasSize(100);
  }

  /** Some kilobytes of headers must not become hundreds of megabytes. */
  @Test
  void shouldBoundPreparedStatementsTogether() {
    String longest = "x".repeat(900_000);
    for (List<String> statements :
        List.of(times(3, longest), times(1, longest + longest), times(101, "SELECT 1"))) {
      assertThatThrownBy(() -> session(statements))
          .isInstanceOf(SqlFailure.class)
          .hasMessageContaining("repared statements");
    }
  }
}
