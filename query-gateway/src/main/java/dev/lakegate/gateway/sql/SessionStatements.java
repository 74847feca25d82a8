package dev.lakegate.gateway.sql;

import io.trino.grammar.sql.SqlBaseLexer;
import io.trino.sql.tree.Commit;
import io.trino.sql.tree.Deallocate;
import io.trino.sql.tree.DescribeInput;
import io.trino.sql.tree.DescribeOutput;
import io.trino.sql.tree.Execute;
import io.trino.sql.tree.ExecuteImmediate;
import io.trino.sql.tree.Expression;
import io.trino.sql.tree.Identifier;
import io.trino.sql.tree.IntervalLiteral;
import io.trino.sql.tree.Literal;
import io.trino.sql.tree.Node;
import io.trino.sql.tree.Prepare;
import io.trino.sql.tree.ResetSession;
import io.trino.sql.tree.Rollback;
import io.trino.sql.tree.SetRole;
import io.trino.sql.tree.SetSession;
import io.trino.sql.tree.SetTimeZone;
import io.trino.sql.tree.StartTransaction;
import io.trino.sql.tree.Statement;
import io.trino.sql.tree.StringLiteral;
import io.trino.sql.tree.Use;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.antlr.v4.runtime.CharStreams;
import org.antlr.v4.runtime.Token;

/**
 * Statements about the session and about prepared statements. What they run or describe goes the
 * same way as any other statement, so nothing can be hidden in them; what they change, the client
 * is told.
 */
final class SessionStatements {
  private static final int MAX_PREPARED = 200;
  private static final Set<String> NEVER =
      Set.of(
          "STATEMENT_NOT_ALLOWED",
          "TABLE_NOT_READABLE",
          "COLUMN_NOT_READABLE",
          "ROWS_NOT_SEPARABLE",
          "QUERY_TOO_COMPLEX");

  private final CatalogView catalog;
  private final Session session;
  private final Function<String, Statement> parser;
  private final BiFunction<Statement, Session, SecuredQuery> analysis;

  /**
   * @param parser bounded
   * @param analysis of one statement that is a query
   */
  SessionStatements(
      CatalogView catalog,
      Session session,
      Function<String, Statement> parser,
      BiFunction<Statement, Session, SecuredQuery> analysis) {
    this.catalog = catalog;
    this.session = session;
    this.parser = parser;
    this.analysis = analysis;
  }

  /** What is asked by a statement, of any kind. */
  Checked check(String sql, Statement s) {
    if (session.prepared() != null) {
      Checked special = special(sql, s);
      if (special != null) {
        return special;
      }
    }
    session.parameters().requireFor(s);
    return new Checked(analysis.apply(s, session), null, sql);
  }

  private Checked special(String sql, Statement s) {
    if (s instanceof Execute e) {
      return bound(s, preparedText(s, e.getName()), e.getParameters());
    }
    if (s instanceof ExecuteImmediate e) {
      return bound(s, e.getStatement().getValue(), e.getParameters());
    }
    if (s instanceof DescribeInput d) {
      return new Checked(inputs(prepared(s, d.getName())), null, sql);
    }
    if (s instanceof DescribeOutput d) {
      return new Checked(outputs(prepared(s, d.getName())), null, sql);
    }
    SessionChange change = change(sql, s);
    return change == null ? null : new Checked(analyzed("SELECT true AS \"result\""), change, sql);
  }

  private SessionChange change(String sql, Statement s) {
    if (s instanceof Use u) {
      return use(u);
    }
    if (s instanceof Prepare p) {
      return prepare(sql, p);
    }
    if (s instanceof Deallocate d) {
      prepared(s, d.getName());
      return new SessionChange.Deallocated(name(d.getName()));
    }
    if (s instanceof SetSession x) {
      String name = x.getName().toString().toLowerCase(Locale.ROOT);
      String value = literal(x.getValue());
      placed(s, () -> SessionProperties.require(name, value));
      return new SessionChange.Set("SET SESSION", name, value);
    }
    if (s instanceof ResetSession r) {
      String name = r.getName().toString().toLowerCase(Locale.ROOT);
      placed(s, () -> SessionProperties.requireKnown(name));
      return new SessionChange.Reset(name);
    }
    if (s instanceof SetTimeZone z) {
      return new SessionChange.Set("SET TIME ZONE", SessionProperties.TIME_ZONE, zone(z));
    }
    if (s instanceof SetRole r) {
      return role(r);
    }
    if (s instanceof StartTransaction) {
      if (session.transaction() != null) {
        throw Refusal.at(s, "NOT_SUPPORTED", "Nested transactions not supported");
      }
      return new SessionChange.Started();
    }
    if (s instanceof Commit || s instanceof Rollback) {
      if (session.transaction() == null) {
        throw Refusal.at(s, "NOT_IN_TRANSACTION", "No transaction in progress");
      }
      return new SessionChange.Ended(s instanceof Commit ? "COMMIT" : "ROLLBACK");
    }
    return null;
  }

  // ------------------------------------------------------------------ prepared statements

  private Statement prepared(Node at, Identifier name) {
    return parser.apply(preparedText(at, name));
  }

  private String preparedText(Node at, Identifier name) {
    String sql = session.prepared().get(name(name));
    if (sql == null) {
      throw Refusal.at(at, "NOT_FOUND", "Prepared statement not found: " + name(name));
    }
    return sql;
  }

  private Checked bound(Node at, String text, List<Expression> values) {
    Statement statement = parser.apply(text);
    Parameters parameters = Parameters.of(at, values);
    parameters.requireFor(statement);
    return new Checked(analysis.apply(statement, session.with(parameters)), null, text);
  }

  /** What is prepared is looked at now, and checked at every use. */
  private SessionChange prepare(String sql, Prepare p) {
    Statement statement = p.getStatement();
    if (session.prepared().size() >= MAX_PREPARED) {
      throw Refusal.at(
          p, "GENERIC_USER_ERROR", "There are " + MAX_PREPARED + " prepared statements already");
    }
    try {
      analysis.apply(statement, session.with(Parameters.unbound(Parameters.count(statement))));
    } catch (SqlFailure f) {
      // Without its values much cannot be told yet; what is never allowed is refused at once.
      if (NEVER.contains(f.code())) {
        throw f;
      }
    }
    return new SessionChange.Prepared(name(p.getName()), text(sql));
  }

  /** The text behind {@code PREPARE name FROM}, as it was written. */
  private static String text(String sql) {
    SqlBaseLexer lexer = new SqlBaseLexer(CharStreams.fromString(sql));
    lexer.removeErrorListeners();
    int before = 3;
    Token t = lexer.nextToken();
    while (t.getChannel() != Token.DEFAULT_CHANNEL || before-- > 0) {
      t = lexer.nextToken();
    }
    return sql.substring(sql.offsetByCodePoints(0, t.getStartIndex())).strip();
  }

  private SecuredQuery inputs(Statement statement) {
    Parameters unbound = Parameters.unbound(Parameters.count(statement));
    analysis.apply(statement, session.with(unbound));
    List<String> rows = new ArrayList<>();
    for (Type type : unbound.types()) {
      rows.add("(BIGINT '" + rows.size() + "', CAST(" + quoted(type.display()) + " AS varchar))");
    }
    return analyzed(
        table(rows, "(CAST(NULL AS bigint), CAST(NULL AS varchar))", "\"Position\", \"Type\""));
  }

  private SecuredQuery outputs(Statement statement) {
    SecuredQuery described =
        analysis.apply(statement, session.with(Parameters.unbound(Parameters.count(statement))));
    List<String> rows = new ArrayList<>();
    for (SecuredQuery.OutputColumn c : described.columns()) {
      String name = c.name() == null ? "_col" + rows.size() : c.name();
      SecuredQuery.Origin from = c.origin();
      rows.add(
          "(CAST("
              + quoted(name)
              + " AS varchar), CAST("
              + quoted(from == null ? "" : from.catalog())
              + " AS varchar), CAST("
              + quoted(from == null ? "" : from.schema())
              + " AS varchar), CAST("
              + quoted(from == null ? "" : from.table())
              + " AS varchar), CAST("
              + quoted(c.type().display())
              + " AS varchar), BIGINT '"
              + size(c.type())
              + "', "
              + c.aliased()
              + ")");
    }
    return analyzed(
        table(
            rows,
            "",
            "\"Column Name\", \"Catalog\", \"Schema\", \"Table\", \"Type\", \"Type Size\","
                + " \"Aliased\""));
  }

  private static String table(List<String> rows, String none, String columns) {
    return "SELECT * FROM (VALUES "
        + (rows.isEmpty() ? none : String.join(", ", rows))
        + ") AS t("
        + columns
        + ")"
        + (rows.isEmpty() ? " WHERE false" : "");
  }

  private static int size(Type type) {
    return switch (type.kind()) {
      case BOOLEAN, TINYINT -> 1;
      case SMALLINT -> 2;
      case INTEGER, REAL, DATE -> 4;
      case BIGINT, DOUBLE, INTERVAL_DAY_SECOND -> 8;
      case INTERVAL_YEAR_MONTH -> 4;
      case TIMESTAMP, TIMESTAMP_TZ ->
          type.precision() <= 3 ? 8 : type.kind() == Type.Kind.TIMESTAMP ? 8 : 12;
      case DECIMAL -> type.precision() <= 18 ? 8 : 16;
      default -> 0;
    };
  }

  // ------------------------------------------------------------------ the session

  private SessionChange use(Use u) {
    TableNames names = new TableNames(catalog, session);
    String in =
        u.getCatalog()
            .map(c -> c.getValue().toLowerCase(Locale.ROOT))
            .orElse(names.sessionCatalog());
    String schema = u.getSchema().getValue().toLowerCase(Locale.ROOT);
    if (!names.virtual.catalogs().contains(in)) {
      throw Refusal.at(u, "CATALOG_NOT_FOUND", "Catalog '" + in + "' not found");
    }
    if (!names.virtual.hasSchema(in, schema)) {
      throw Refusal.at(u, "SCHEMA_NOT_FOUND", "Schema does not exist: " + in + "." + schema);
    }
    return new SessionChange.Use(in, schema);
  }

  private String zone(SetTimeZone z) {
    if (z.getTimeZone().isEmpty()) {
      return session.zone();
    }
    Expression e = z.getTimeZone().get();
    String asked = null;
    if (e instanceof StringLiteral s) {
      asked = s.getValue();
    } else if (e instanceof IntervalLiteral i && !i.isYearToMonth()) {
      Object millis = TimeLiterals.interval(i).constant();
      if (millis instanceof Long m && m % 60_000 == 0) {
        long minutes = Math.abs(m) / 60_000;
        asked = String.format("%s%02d:%02d", m < 0 ? "-" : "+", minutes / 60, minutes % 60);
      }
    }
    if (asked == null) {
      throw Refusal.unsupported(e, "a time zone that is no literal");
    }
    String zone = asked;
    Optional<String> known = Zones.find(zone);
    return known.orElseThrow(
        () -> Refusal.at(e, "INVALID_LITERAL", "Time zone not supported: " + zone));
  }

  private static SessionChange role(SetRole r) {
    if (r.getType() == SetRole.Type.ROLE) {
      String role = r.getRole().map(SessionStatements::name).orElse("");
      throw Refusal.at(r, "ROLE_NOT_FOUND", "Role '" + role + "' does not exist");
    }
    return new SessionChange.Role(
        r.getCatalog().map(SessionStatements::name).orElse("system"), r.getType().name());
  }

  private static String literal(Expression e) {
    if (e instanceof StringLiteral s) {
      return s.getValue();
    }
    if (e instanceof Literal) {
      return e.toString();
    }
    throw Refusal.unsupported(e, "a session property whose value is no literal");
  }

  /** Gives a failure the place of the statement. */
  private static void placed(Node at, Runnable check) {
    try {
      check.run();
    } catch (SqlFailure f) {
      throw Refusal.at(at, f.code(), f.getMessage());
    }
  }

  private SecuredQuery analyzed(String sql) {
    return analysis.apply(parser.apply(sql), session.with(Parameters.NONE));
  }

  private static String name(Identifier i) {
    return i.isDelimited() ? i.getValue() : i.getValue().toLowerCase(Locale.ROOT);
  }

  private static String quoted(String s) {
    return "'" + s.replace("'", "''") + "'";
  }
}
