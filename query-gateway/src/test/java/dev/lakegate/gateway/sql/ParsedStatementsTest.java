package dev.lakegate.gateway.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.trino.sql.parser.SqlParser;
import io.trino.sql.tree.Statement;
import org.junit.jupiter.api.Test;

class ParsedStatementsTest {
  private final ParsedStatements parsed = new ParsedStatements();

  private Statement put(String text) {
    Statement tree = new SqlParser().createStatement(text);
    parsed.put(text, tree);
    return tree;
  }

  @Test
  void shouldGiveTheTreeOfExactlyThisText() {
    Statement one = put("SELECT 1");
    Statement two = put("SELECT 2");
    assertThat(parsed.get("SELECT 1")).isSameAs(one);
    assertThat(parsed.get("SELECT 2")).isSameAs(two);
    assertThat(parsed.get("select 1")).isNull();
    assertThat(parsed.get("SELECT 1 ")).isNull();
  }

  @Test
  void shouldKeepItsBound() {
    for (int i = 0; i < 300; i++) {
      put("SELECT '" + i + "x".repeat(1000) + "'");
      assertThat(parsed.characters()).isLessThanOrEqualTo(100_000);
    }
    assertThat(parsed.get("SELECT '299" + "x".repeat(1000) + "'")).isNotNull();
    assertThat(parsed.get("SELECT '0" + "x".repeat(1000) + "'")).isNull();
    put("SELECT '" + "x".repeat(5000) + "'");
    assertThat(parsed.get("SELECT '" + "x".repeat(5000) + "'")).isNull();
  }
}
