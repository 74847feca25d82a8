package dev.lakegate.gateway.sql;

import io.trino.sql.jsonpath.PathParser;
import io.trino.sql.jsonpath.PathParser.Location;
import io.trino.sql.jsonpath.tree.Accessor;
import io.trino.sql.jsonpath.tree.ArrayAccessor;
import io.trino.sql.jsonpath.tree.ComparisonPredicate;
import io.trino.sql.jsonpath.tree.ConjunctionPredicate;
import io.trino.sql.jsonpath.tree.ContextVariable;
import io.trino.sql.jsonpath.tree.DisjunctionPredicate;
import io.trino.sql.jsonpath.tree.ExistsPredicate;
import io.trino.sql.jsonpath.tree.Filter;
import io.trino.sql.jsonpath.tree.JsonNullLiteral;
import io.trino.sql.jsonpath.tree.JsonPathTreeVisitor;
import io.trino.sql.jsonpath.tree.LastIndexVariable;
import io.trino.sql.jsonpath.tree.MemberAccessor;
import io.trino.sql.jsonpath.tree.NegationPredicate;
import io.trino.sql.jsonpath.tree.PathNode;
import io.trino.sql.jsonpath.tree.PredicateCurrentItemVariable;
import io.trino.sql.jsonpath.tree.SizeMethod;
import io.trino.sql.jsonpath.tree.SqlValueLiteral;
import io.trino.sql.jsonpath.tree.StartsWithPredicate;
import io.trino.sql.jsonpath.tree.TypeMethod;
import io.trino.sql.tree.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The plain JSON paths: {@code $.name}, {@code $["name"]}, {@code $[0]} and their chains. */
public final class JsonPath {
  private static final Pattern STEP =
      Pattern.compile("\\.([A-Za-z_][A-Za-z0-9_]*)|\\[(\\d{1,9})\\]|\\[\"([^\"\\\\]*)\"\\]");

  private JsonPath() {}

  private static final List<Class<? extends PathNode>> STANDARD =
      List.of(
          ContextVariable.class,
          MemberAccessor.class,
          ArrayAccessor.class,
          Filter.class,
          LastIndexVariable.class,
          PredicateCurrentItemVariable.class,
          SqlValueLiteral.class,
          JsonNullLiteral.class,
          SizeMethod.class,
          TypeMethod.class,
          ComparisonPredicate.class,
          ConjunctionPredicate.class,
          DisjunctionPredicate.class,
          NegationPredicate.class,
          ExistsPredicate.class,
          StartsWithPredicate.class);

  /**
   * Reads a path of the SQL standard.
   *
   * @throws io.trino.sql.parser.ParsingException when it is none
   */
  public static io.trino.sql.jsonpath.tree.JsonPath parse(String path) {
    return (io.trino.sql.jsonpath.tree.JsonPath)
        PathParser.withRelativeErrorLocation(new Location(1, 1)).parseJsonPath(path);
  }

  /** Refuses a path with a part that is not evaluated here. */
  static void requireStandard(Node node, io.trino.sql.jsonpath.tree.JsonPath path) {
    new JsonPathTreeVisitor<Void, Void>() {
      @Override
      protected Void visitPathNode(PathNode n, Void context) {
        if (!STANDARD.contains(n.getClass())) {
          throw Refusal.unsupported(node, n.getClass().getSimpleName() + " in a JSON path");
        }
        if (n instanceof Accessor a) {
          process(a.getBase());
        }
        if (n instanceof ArrayAccessor a) {
          a.getSubscripts()
              .forEach(
                  s -> {
                    process(s.getFrom());
                    s.getTo().ifPresent(this::process);
                  });
        } else if (n instanceof Filter f) {
          process(f.getPredicate());
        } else if (n instanceof ComparisonPredicate p) {
          process(p.getLeft());
          process(p.getRight());
        } else if (n instanceof ConjunctionPredicate p) {
          process(p.getLeft());
          process(p.getRight());
        } else if (n instanceof DisjunctionPredicate p) {
          process(p.getLeft());
          process(p.getRight());
        } else if (n instanceof NegationPredicate p) {
          process(p.getPredicate());
        } else if (n instanceof ExistsPredicate p) {
          process(p.getPath());
        } else if (n instanceof StartsWithPredicate p) {
          process(p.getWhole());
          process(p.getInitial());
        }
        return null;
      }
    }.process(path.getRoot());
  }

  static void requireSimple(Node node, String path) {
    if (steps(path) == null) {
      if (path.indexOf('*') < 0 && path.indexOf("..") < 0 && path.indexOf('?') < 0) {
        throw Refusal.at(node, "INVALID_FUNCTION_ARGUMENT", "Invalid JSON path: '" + path + "'");
      }
      throw Refusal.unsupported(node, "this JSON path");
    }
  }

  /** Names (String) and positions (Integer) of a plain path; null when it is not plain. */
  public static List<Object> steps(String path) {
    if (!path.startsWith("$")) {
      return null;
    }
    List<Object> steps = new ArrayList<>();
    Matcher m = STEP.matcher(path);
    int at = 1;
    while (at < path.length()) {
      if (!m.find(at) || m.start() != at) {
        return null;
      }
      if (m.group(1) != null) {
        steps.add(m.group(1));
      } else if (m.group(2) != null) {
        steps.add(Integer.parseInt(m.group(2)));
      } else {
        steps.add(m.group(3));
      }
      at = m.end();
    }
    return steps;
  }
}
