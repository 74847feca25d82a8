package dev.lakegate.gateway.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.trino.sql.jsonpath.tree.ArrayAccessor;
import io.trino.sql.jsonpath.tree.ComparisonPredicate;
import io.trino.sql.jsonpath.tree.ConjunctionPredicate;
import io.trino.sql.jsonpath.tree.ContextVariable;
import io.trino.sql.jsonpath.tree.DisjunctionPredicate;
import io.trino.sql.jsonpath.tree.ExistsPredicate;
import io.trino.sql.jsonpath.tree.Filter;
import io.trino.sql.jsonpath.tree.JsonNullLiteral;
import io.trino.sql.jsonpath.tree.JsonPath;
import io.trino.sql.jsonpath.tree.LastIndexVariable;
import io.trino.sql.jsonpath.tree.MemberAccessor;
import io.trino.sql.jsonpath.tree.NegationPredicate;
import io.trino.sql.jsonpath.tree.PathNode;
import io.trino.sql.jsonpath.tree.PredicateCurrentItemVariable;
import io.trino.sql.jsonpath.tree.SizeMethod;
import io.trino.sql.jsonpath.tree.SqlValueLiteral;
import io.trino.sql.jsonpath.tree.StartsWithPredicate;
import io.trino.sql.jsonpath.tree.TypeMethod;
import io.trino.sql.tree.BooleanLiteral;
import io.trino.sql.tree.DecimalLiteral;
import io.trino.sql.tree.DoubleLiteral;
import io.trino.sql.tree.Literal;
import io.trino.sql.tree.LongLiteral;
import io.trino.sql.tree.StringLiteral;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;

/** Evaluates a JSON path of the SQL standard on one value. Used for one evaluation. */
final class JsonPathEvaluator {
  /** The path does not fit the value, which is an error in strict mode only. */
  static final class Mismatch extends Exception {
    private static final long serialVersionUID = 1L;

    Mismatch() {
      super(null, null, false, false);
    }
  }

  /** Subscripts multiply, and predicates look at everything again for each item. */
  private static final int MOST_ITEMS = 200_000;

  private final ChunkBudget chunk = ChunkBudget.current();
  private final JsonNode context;
  private final boolean lax;

  private JsonPathEvaluator(JsonNode context, boolean lax) {
    this.context = context;
    this.lax = lax;
  }

  static List<JsonNode> evaluate(JsonPath path, JsonNode value) throws Mismatch {
    return new JsonPathEvaluator(value, path.isLax()).items(path.getRoot(), null, -1);
  }

  private List<JsonNode> items(PathNode n, JsonNode current, int last) throws Mismatch {
    List<JsonNode> items = found(n, current, last);
    for (int i = 0; i <= items.size(); i++) {
      chunk.step();
    }
    return items;
  }

  private static void add(List<JsonNode> found, JsonNode item) {
    if (found.size() >= MOST_ITEMS) {
      throw new TrinoError("EXCEEDED_LOCAL_MEMORY_LIMIT");
    }
    found.add(item);
  }

  private List<JsonNode> found(PathNode n, JsonNode current, int last) throws Mismatch {
    if (n instanceof ContextVariable) {
      return List.of(context);
    }
    if (n instanceof PredicateCurrentItemVariable) {
      return List.of(current);
    }
    if (n instanceof LastIndexVariable) {
      return List.of(IntNode.valueOf(last));
    }
    if (n instanceof JsonNullLiteral) {
      return List.of(NullNode.getInstance());
    }
    if (n instanceof SqlValueLiteral l) {
      return List.of(literal(l.getValue()));
    }
    if (n instanceof MemberAccessor m) {
      return members(m, current, last);
    }
    if (n instanceof ArrayAccessor a) {
      return elements(a, current, last);
    }
    if (n instanceof Filter f) {
      List<JsonNode> found = new ArrayList<>();
      for (JsonNode item : unwrapped(items(f.getBase(), current, last))) {
        if (Boolean.TRUE.equals(holds(f.getPredicate(), item, last))) {
          found.add(item);
        }
      }
      return found;
    }
    if (n instanceof SizeMethod s) {
      List<JsonNode> sizes = new ArrayList<>();
      for (JsonNode item : items(s.getBase(), current, last)) {
        if (!item.isArray() && !lax) {
          throw new Mismatch();
        }
        sizes.add(IntNode.valueOf(item.isArray() ? item.size() : 1));
      }
      return sizes;
    }
    if (n instanceof TypeMethod t) {
      List<JsonNode> types = new ArrayList<>();
      for (JsonNode item : items(t.getBase(), current, last)) {
        types.add(TextNode.valueOf(item.getNodeType().name().toLowerCase(java.util.Locale.ROOT)));
      }
      return types;
    }
    throw TrinoError.notSupported();
  }

  private static JsonNode literal(Literal l) {
    if (l instanceof StringLiteral s) {
      return TextNode.valueOf(s.getValue());
    }
    if (l instanceof LongLiteral n) {
      return LongNode.valueOf(n.getParsedValue());
    }
    if (l instanceof BooleanLiteral b) {
      return BooleanNode.valueOf(b.getValue());
    }
    if (l instanceof DecimalLiteral d) {
      return DecimalNode.valueOf(new BigDecimal(d.getValue()));
    }
    if (l instanceof DoubleLiteral d) {
      return DecimalNode.valueOf(BigDecimal.valueOf(d.getValue()));
    }
    throw TrinoError.notSupported();
  }

  private List<JsonNode> unwrapped(List<JsonNode> items) {
    if (!lax) {
      return items;
    }
    List<JsonNode> all = new ArrayList<>();
    for (JsonNode item : items) {
      if (item.isArray()) {
        item.forEach(all::add);
      } else {
        all.add(item);
      }
    }
    return all;
  }

  private List<JsonNode> members(MemberAccessor m, JsonNode current, int last) throws Mismatch {
    List<JsonNode> found = new ArrayList<>();
    for (JsonNode item : unwrapped(items(m.getBase(), current, last))) {
      if (!item.isObject()) {
        if (!lax) {
          throw new Mismatch();
        }
        continue;
      }
      if (m.getKey().isEmpty()) {
        item.forEach(found::add);
        continue;
      }
      JsonNode value = item.get(m.getKey().get());
      if (value != null) {
        found.add(value);
      } else if (!lax) {
        throw new Mismatch();
      }
    }
    return found;
  }

  private List<JsonNode> elements(ArrayAccessor a, JsonNode current, int last) throws Mismatch {
    List<JsonNode> found = new ArrayList<>();
    for (JsonNode item : items(a.getBase(), current, last)) {
      if (!item.isArray() && !lax) {
        throw new Mismatch();
      }
      List<JsonNode> array = new ArrayList<>();
      if (item.isArray()) {
        item.forEach(array::add);
      } else {
        array.add(item);
      }
      if (a.getSubscripts().isEmpty()) {
        array.forEach(e -> add(found, e));
        continue;
      }
      for (ArrayAccessor.Subscript s : a.getSubscripts()) {
        int from = index(s.getFrom(), current, array.size() - 1);
        int to = s.getTo().isPresent() ? index(s.getTo().get(), current, array.size() - 1) : from;
        if (!lax && (from < 0 || to >= array.size() || from > to)) {
          throw new Mismatch();
        }
        for (int i = Math.max(0, from); i <= Math.min(to, array.size() - 1); i++) {
          add(found, array.get(i));
        }
      }
    }
    return found;
  }

  private int index(PathNode n, JsonNode current, int last) throws Mismatch {
    List<JsonNode> items = items(n, current, last);
    if (items.size() != 1 || !items.get(0).canConvertToInt()) {
      throw new Mismatch();
    }
    return items.get(0).intValue();
  }

  /** Null when it is unknown. */
  private Boolean holds(PathNode p, JsonNode current, int last) {
    if (p instanceof ConjunctionPredicate c) {
      Boolean l = holds(c.getLeft(), current, last);
      Boolean r = holds(c.getRight(), current, last);
      return Boolean.FALSE.equals(l) || Boolean.FALSE.equals(r)
          ? Boolean.FALSE
          : l == null || r == null ? null : Boolean.TRUE;
    }
    if (p instanceof DisjunctionPredicate d) {
      Boolean l = holds(d.getLeft(), current, last);
      Boolean r = holds(d.getRight(), current, last);
      return Boolean.TRUE.equals(l) || Boolean.TRUE.equals(r)
          ? Boolean.TRUE
          : l == null || r == null ? null : Boolean.FALSE;
    }
    if (p instanceof NegationPredicate n) {
      Boolean b = holds(n.getPredicate(), current, last);
      return b == null ? null : !b;
    }
    try {
      if (p instanceof ExistsPredicate e) {
        return !items(e.getPath(), current, last).isEmpty();
      }
      if (p instanceof StartsWithPredicate s) {
        List<JsonNode> initial = unwrapped(items(s.getInitial(), current, last));
        if (initial.size() != 1 || !initial.get(0).isTextual()) {
          return null;
        }
        return any(
            unwrapped(items(s.getWhole(), current, last)),
            x -> x.isTextual() ? x.textValue().startsWith(initial.get(0).textValue()) : null);
      }
      if (p instanceof ComparisonPredicate c) {
        List<JsonNode> right = unwrapped(items(c.getRight(), current, last));
        return any(
            unwrapped(items(c.getLeft(), current, last)),
            x -> any(right, y -> compare(c.getOperator(), x, y)));
      }
    } catch (Mismatch m) {
      return null;
    }
    throw TrinoError.notSupported();
  }

  private Boolean any(List<JsonNode> items, java.util.function.Function<JsonNode, Boolean> test) {
    boolean found = false;
    boolean unknown = false;
    for (JsonNode item : items) {
      Boolean b = test.apply(item);
      unknown |= b == null;
      found |= Boolean.TRUE.equals(b);
      if (lax && found && !unknown) {
        return true;
      }
    }
    return unknown ? null : found;
  }

  private static Boolean compare(ComparisonPredicate.Operator operator, JsonNode x, JsonNode y) {
    int order;
    if (x.isNull() && y.isNull()) {
      order = 0;
    } else if (x.isNull() || y.isNull()) {
      return operator == ComparisonPredicate.Operator.NOT_EQUAL;
    } else if (x.isNumber() && y.isNumber()) {
      order = x.decimalValue().compareTo(y.decimalValue());
    } else if (x.isTextual() && y.isTextual()) {
      order = x.textValue().compareTo(y.textValue());
    } else if (x.isBoolean() && y.isBoolean()) {
      order = Boolean.compare(x.booleanValue(), y.booleanValue());
    } else {
      return null;
    }
    return switch (operator) {
      case EQUAL -> order == 0;
      case NOT_EQUAL -> order != 0;
      case LESS_THAN -> order < 0;
      case GREATER_THAN -> order > 0;
      case LESS_THAN_OR_EQUAL -> order <= 0;
      case GREATER_THAN_OR_EQUAL -> order >= 0;
    };
  }
}
