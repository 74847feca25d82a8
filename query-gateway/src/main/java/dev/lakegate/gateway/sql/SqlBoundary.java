package dev.lakegate.gateway.sql;

import io.trino.sql.parser.ParsingException;
import io.trino.sql.parser.SqlParser;
import io.trino.sql.tree.Statement;
import java.util.List;
import java.util.function.Function;

/**
 * The boundary between what users write and what an engine runs: parses Trino SQL, lets through
 * only what it knows, applies access decisions and gives back text of its own making. Thread-safe.
 */
public final class SqlBoundary {
  /** The version of Trino whose answers are given. */
  public static final String TRINO = "476";

  private final SqlParser parser = new SqlParser();
  private final ParsedStatements parsed = new ParsedStatements();
  private final Constants constants;

  /**
   * @param constants evaluates what must be known before a statement can be checked
   */
  public SqlBoundary(Constants constants) {
    this.constants = constants;
  }

  /**
   * Checks and translates one statement.
   *
   * @param sql of the user
   * @param catalog tables as the principal sees them
   * @throws SqlFailure when anything about it is not allowed, unknown or not Trino SQL
   */
  public SecuredQuery secure(String sql, CatalogView catalog, Session session) {
    return check(sql, catalog, session, () -> {}).query();
  }

  /**
   * Checks and translates one statement, which may be one about its session.
   *
   * @param sql of the user
   * @param catalog tables as the principal sees them
   * @param parsed run between parsing and everything else
   * @throws SqlFailure when anything about it is not allowed, unknown or not Trino SQL
   */
  public Checked check(String sql, CatalogView catalog, Session session, Runnable parsed) {
    try {
      Statement asked = parse(sql);
      parsed.run();
      return new SessionStatements(
              catalog,
              session,
              this::parse,
              (statement, s) -> new Analyzer(catalog, s, constants).analyze(statement))
          .check(sql, asked);
    } catch (StackOverflowError e) {
      throw new SqlFailure("QUERY_TOO_COMPLEX", "The query is nested too deeply");
    }
  }

  /**
   * Checks one query and prints it for Trino or Athena, where it reads base tables by other names.
   *
   * @param sql of the user
   * @param catalog tables as the principal sees them
   * @param names catalog, schema and name of a table over there
   * @throws SqlFailure when anything about it is not allowed, unknown or not Trino SQL
   */
  public TrinoQuery trino(
      String sql,
      CatalogView catalog,
      Session session,
      Function<CatalogView.TableView, List<String>> names) {
    try {
      Statement statement = parse(sql);
      session.parameters().requireFor(statement);
      return new Analyzer(catalog, session, constants).trino(statement, names);
    } catch (StackOverflowError e) {
      throw new SqlFailure("QUERY_TOO_COMPLEX", "The query is nested too deeply");
    }
  }

  /**
   * Types of a statement's question marks, {@code unknown} where nothing tells.
   *
   * @throws SqlFailure when the statement is refused
   */
  public List<Type> parameters(String sql, CatalogView catalog, Session session) {
    try {
      Statement statement = parse(sql);
      Parameters unbound = Parameters.unbound(Parameters.count(statement));
      new Analyzer(catalog, session.with(unbound), constants).analyze(statement);
      return unbound.types();
    } catch (StackOverflowError e) {
      throw new SqlFailure("QUERY_TOO_COMPLEX", "The query is nested too deeply");
    }
  }

  /** One statement may end in a semicolon, as people write it. */
  private static String withoutSemicolon(String sql) {
    String text = sql.stripTrailing();
    return text.endsWith(";") ? text.substring(0, text.length() - 1) : text;
  }

  /** The engine reads text to the first U+0000: what was checked would not be what runs. */
  private static void requireNoNul(String sql) {
    int at = sql.indexOf(0);
    if (at >= 0) {
      int line = (int) sql.substring(0, at).chars().filter(c -> c == '\n').count() + 1;
      int column = at - sql.lastIndexOf('\n', at);
      throw new SqlFailure(
              "NOT_SUPPORTED",
              "line " + line + ":" + column + ": Not supported on the embedded engine: U+0000",
              line,
              column)
          .with("construct", "U+0000");
    }
  }

  private Statement parse(String sql) {
    try {
      String text = withoutSemicolon(sql);
      requireNoNul(text);
      Statement known = parsed.get(text);
      if (known != null) {
        return known;
      }
      StatementSize.require(text);
      Statement statement = statement(text);
      parsed.put(text, statement);
      return statement;
    } catch (ParsingException e) {
      throw new SqlFailure(
          "SYNTAX_ERROR",
          "line " + e.getLineNumber() + ":" + e.getColumnNumber() + ": " + e.getErrorMessage(),
          e.getLineNumber(),
          e.getColumnNumber());
    }
  }

  /** The parser fails with a NullPointerException on a few texts that end too early. */
  private Statement statement(String text) {
    try {
      return parser.createStatement(text);
    } catch (NullPointerException e) {
      throw new SqlFailure("SYNTAX_ERROR", "line 1:1: The statement is not complete", 1, 1);
    }
  }
}
