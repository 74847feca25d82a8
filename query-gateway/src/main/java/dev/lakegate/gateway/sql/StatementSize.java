package dev.lakegate.gateway.sql;

import io.trino.grammar.sql.SqlBaseLexer;
import org.antlr.v4.runtime.CharStreams;
import org.antlr.v4.runtime.Token;

/**
 * Bounds a statement before it is parsed. The parser's time and memory grow out of all proportion
 * with nesting: a few thousand parentheses would end the process for want of heap.
 */
final class StatementSize {
  private static final int MAX_TOKENS = 20_000;
  private static final int MAX_NESTING = 150;
  private static final int MAX_LAMBDAS = 50;

  private StatementSize() {}

  static void require(String sql) {
    SqlBaseLexer lexer = new SqlBaseLexer(CharStreams.fromString(sql));
    // What is no token at all the parser says better.
    lexer.removeErrorListeners();
    int tokens = 0;
    int depth = 0;
    int lambdas = 0;
    for (Token t = lexer.nextToken(); t.getType() != Token.EOF; t = lexer.nextToken()) {
      if (t.getChannel() != Token.DEFAULT_CHANNEL) {
        continue;
      }
      if (++tokens > MAX_TOKENS) {
        throw tooComplex(t, "The statement has more than " + MAX_TOKENS + " words");
      }
      boolean symbol = t.getStopIndex() - t.getStartIndex() < 2;
      String text = symbol ? t.getText() : "";
      if (t.getType() == SqlBaseLexer.CASE || text.equals("(") || text.equals("[")) {
        if (++depth > MAX_NESTING) {
          throw tooComplex(t, "The statement is nested too deeply");
        }
      } else if (t.getType() == SqlBaseLexer.END || text.equals(")") || text.equals("]")) {
        // Text that closes more than it opens is no statement; it must not make room for more.
        depth = Math.max(0, depth - 1);
      } else if (text.equals("->") && ++lambdas > MAX_LAMBDAS) {
        throw tooComplex(t, "The statement has more than " + MAX_LAMBDAS + " lambdas");
      }
    }
  }

  private static SqlFailure tooComplex(Token t, String message) {
    int column = t.getCharPositionInLine() + 1;
    return new SqlFailure(
        "QUERY_TOO_COMPLEX",
        "line " + t.getLine() + ":" + column + ": " + message,
        t.getLine(),
        column);
  }
}
