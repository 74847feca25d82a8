package dev.lakegate.gateway.sql;

import dev.lakegate.gateway.sql.Type.Kind;
import io.trino.sql.tree.DereferenceExpression;
import io.trino.sql.tree.Identifier;
import io.trino.sql.tree.Node;
import java.util.List;
import java.util.Set;

/** What a name means where it stands: parameters, columns, fields of rows. */
final class References {
  private final Analyzer analyzer;
  private final Expressions expressions;

  References(Analyzer analyzer, Expressions expressions) {
    this.analyzer = analyzer;
    this.expressions = expressions;
  }

  Typed column(Field f, Ctx c) {
    analyzer.use(f);
    Typed t = new Typed(f.type, f.sql, Set.of(f), false, false, false, null);
    return c.grouped().contains(t.sql()) ? t.covered() : t;
  }

  Typed identifier(Identifier i, Ctx c) {
    List<Typed> named = c.names().get(Analyzer.lower(i));
    if (named != null) {
      if (named.size() > 1) {
        throw Refusal.at(i, "AMBIGUOUS_NAME", "Column '" + i.getValue() + "' is ambiguous");
      }
      return named.get(0);
    }
    Typed t = resolve(i, List.of(Analyzer.lower(i)), c);
    if (t == null) {
      throw Refusal.at(i, "COLUMN_NOT_FOUND", "Column '" + i.getValue() + "' cannot be resolved");
    }
    return t;
  }

  Typed dereference(DereferenceExpression d, Ctx c) {
    if (d.getField().isEmpty()) {
      throw Refusal.unsupported(d, "all fields of an expression");
    }
    List<String> name = Analyzer.parts(d);
    if (name != null) {
      boolean parameter = c.names().containsKey(name.get(0));
      Typed t = parameter ? null : resolve(d, name, c);
      if (t != null) {
        return t;
      }
      if (!parameter && !resolvesPrefix(name, c)) {
        throw Refusal.at(
            d, "COLUMN_NOT_FOUND", "Column '" + String.join(".", name) + "' cannot be resolved");
      }
    }
    Typed base = expressions.translate(d.getBase(), c);
    if (base.type().kind() != Kind.ROW) {
      throw Refusal.mismatch(d, "Expression is not of type ROW");
    }
    String field = d.getField().get().getValue();
    int found = -1;
    for (int i = 0; i < base.type().names().size(); i++) {
      if (field.equalsIgnoreCase(base.type().names().get(i))) {
        if (found >= 0) {
          throw Refusal.at(d, "AMBIGUOUS_NAME", "Ambiguous row field reference: " + field);
        }
        found = i;
      }
    }
    if (found < 0) {
      throw Refusal.at(d, "COLUMN_NOT_FOUND", "Column '" + field + "' cannot be resolved");
    }
    return base.as(
        base.type().arguments().get(found),
        "struct_extract(" + base.sql() + ", 'f" + (found + 1) + "')");
  }

  private static boolean resolvesPrefix(List<String> name, Ctx c) {
    for (Scope s = c.scope(); s != null; s = s.parent()) {
      for (int n = 1; n < name.size(); n++) {
        List<String> prefix = name.subList(0, n - 1);
        String column = name.get(n - 1);
        if (s.fields().stream().anyMatch(f -> f.matches(prefix, column))
            || s.hidden().stream().anyMatch(h -> h.matches(prefix, column))) {
          return true;
        }
      }
    }
    return false;
  }

  /** The column of that name in the innermost scope that has one; null when none has. */
  Typed resolve(Node node, List<String> name, Ctx c) {
    List<String> prefix = name.subList(0, name.size() - 1);
    String column = name.get(name.size() - 1);
    for (Scope s = c.scope(); s != null; s = s.parent()) {
      List<Field> found = s.fields().stream().filter(f -> f.matches(prefix, column)).toList();
      if (found.size() > 1) {
        throw Refusal.at(
            node, "AMBIGUOUS_NAME", "Column '" + String.join(".", name) + "' is ambiguous");
      }
      if (found.size() == 1) {
        Field f = found.get(0);
        analyzer.facts.column(node, prefix.size());
        if (s == c.scope()) {
          return column(f, c);
        }
        analyzer.use(f);
        s.escaped().add(f);
        return Typed.of(f.type, f.sql);
      }
      for (Scope.Hidden h : s.hidden()) {
        if (h.matches(prefix, column)) {
          throw Relations.notReadable(node, h);
        }
      }
      if (prefixIsColumn(s, name)) {
        return null;
      }
    }
    return null;
  }

  private static boolean prefixIsColumn(Scope s, List<String> name) {
    for (int n = name.size() - 1; n >= 1; n--) {
      List<String> prefix = name.subList(0, n - 1);
      String column = name.get(n - 1);
      if (s.fields().stream().anyMatch(f -> f.matches(prefix, column))) {
        return true;
      }
    }
    return false;
  }
}
