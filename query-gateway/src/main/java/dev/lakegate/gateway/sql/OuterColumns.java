package dev.lakegate.gateway.sql;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Columns of an enclosing query in the bodies of lambdas. DuckDB binds a lambda's body among the
 * columns of the query that it stands in and no others, so that a body gets those of the queries
 * around it as fields of a lambda's parameter:
 *
 * <pre>{@code
 * list_filter(L, lambda p: p > r1.c1)
 * list_extract(list_transform([struct_pack(l1 := L, o1 := r1.c1)],
 *     lambda oc: list_filter(struct_extract(oc, 'l1'), lambda p: p > struct_extract(oc, 'o1'))), 1)
 * }</pre>
 *
 * It works on whole emitted text, since lambdas are also written where the user wrote none, and by
 * then it is known what each query has in FROM. Emitted aliases are unique in a statement.
 */
final class OuterColumns {
  private static final Set<String> TAKE_LAMBDAS =
      Set.of("list_transform", "list_filter", "list_reduce");
  private static final Set<String> BEGIN_QUERIES = Set.of("SELECT", "VALUES", "WITH");
  private static final Pattern GENERATED = Pattern.compile("[a-z]{1,2}[0-9]+");

  /** A column that a body refers to. */
  private record Reference(String alias, int from, int to) {}

  /** What is within a pair of brackets, or all of the text. */
  private static final class Group {
    /** Where the text of the call begins; for others where the bracket is. */
    final int from;

    final int open;

    /** The query that it stands in; itself when it is one. */
    Group query;

    /** The outermost call in a lambda's body of which it stands; null when in none. */
    final Group around;

    final boolean takesLambda;
    int close;

    /** Between a lambda's first word and its colon. */
    boolean inParameters;

    boolean inBody;

    /** Of a query: what its FROM names, and more. */
    final Set<String> aliases = new HashSet<>();

    /** Of a call that takes a lambda: where its arguments begin, and which are lambdas. */
    final List<Integer> arguments = new ArrayList<>();

    final Set<Integer> lambdas = new HashSet<>();
    final List<Reference> references = new ArrayList<>();

    Group(int from, int open, Group query, Group around, boolean takesLambda) {
      this.from = from;
      this.open = open;
      this.query = query == null ? this : query;
      this.around = around;
      this.takesLambda = takesLambda;
      arguments.add(open + 1);
    }

    Group outermost() {
      return around != null ? around : inBody ? this : null;
    }
  }

  private final String sql;

  /** Calls with lambdas that are in no other lambda's body, as they begin in the text. */
  private final List<Group> calls = new ArrayList<>();

  private OuterColumns(String sql) {
    this.sql = sql;
  }

  /** The same query, in which no lambda's body refers to a column of a query around it. */
  static String carried(String sql) {
    if (!sql.contains("lambda ")) {
      return sql;
    }
    OuterColumns all = new OuterColumns(sql);
    all.read();
    all.calls.removeIf(
        c -> c.references.stream().allMatch(r -> c.query.aliases.contains(r.alias())));
    all.calls.sort(Comparator.comparingInt(c -> c.from));
    return all.calls.isEmpty() ? sql : all.write(0, sql.length());
  }

  // ------------------------------------------------------------------ reading

  private void read() {
    Deque<Group> open = new ArrayDeque<>();
    open.push(new Group(0, -1, null, null, false));
    String before = "";
    int beforeFrom = 0;
    int at = 0;
    while (at < sql.length()) {
      char ch = sql.charAt(at);
      Group in = open.peek();
      if (ch == '\'' || ch == '"') {
        // A doubled quote ends one text and begins another, which comes to the same.
        at = sql.indexOf(ch, at + 1) + 1;
        before = "";
      } else if (isWord(ch)) {
        int to = wordEnd(at);
        String word = sql.substring(at, to);
        if (in.open >= 0
            && BEGIN_QUERIES.contains(word)
            && sql.substring(in.open + 1, at).isBlank()) {
          in.query = in;
        }
        if (word.equals("lambda") && in.takesLambda) {
          in.inParameters = true;
          in.inBody = true;
          in.lambdas.add(in.arguments.size() - 1);
        } else if (before.equals("AS")) {
          in.query.aliases.add(word);
        } else if (to + 1 < sql.length() && sql.charAt(to) == '.' && isWord(sql.charAt(to + 1))) {
          int end = wordEnd(to + 1);
          Group call = in.outermost();
          if (call != null
              && GENERATED.matcher(word).matches()
              && GENERATED.matcher(sql.substring(to + 1, end)).matches()) {
            call.references.add(new Reference(word, at, end));
          }
          to = end;
        }
        before = word;
        beforeFrom = at;
        at = to;
      } else {
        if (ch == '(' || ch == '[') {
          boolean takes = ch == '(' && TAKE_LAMBDAS.contains(before);
          open.push(new Group(takes ? beforeFrom : at, at, in.query, in.outermost(), takes));
        } else if (ch == ')' || ch == ']') {
          open.pop();
          in.close = at;
          if (in.takesLambda && in.around == null) {
            calls.add(in);
          }
        } else if (ch == ':') {
          in.inParameters = false;
        } else if (ch == ',' && in.takesLambda && !in.inParameters) {
          in.inBody = false;
          in.arguments.add(at + 1);
        }
        if (ch != ' ') {
          before = "";
        }
        at++;
      }
    }
  }

  private static boolean isWord(char ch) {
    return ch == '_' || (ch < 128 && Character.isLetterOrDigit(ch));
  }

  private int wordEnd(int from) {
    int to = from;
    while (to < sql.length() && isWord(sql.charAt(to))) {
      to++;
    }
    return to;
  }

  // ------------------------------------------------------------------ writing

  private String write(int from, int to) {
    StringBuilder out = new StringBuilder();
    int at = from;
    for (int i = first(from); i < calls.size() && calls.get(i).from < to; i++) {
      Group c = calls.get(i);
      if (c.from >= at) {
        out.append(sql, at, c.from).append(carrying(c));
        at = c.close + 1;
      }
    }
    return out.append(sql, at, to).toString();
  }

  /** The first call that begins there or later. */
  private int first(int from) {
    int low = 0;
    int high = calls.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (calls.get(middle).from < from) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private String carrying(Group c) {
    List<String> fields = new ArrayList<>();
    List<String> arguments = new ArrayList<>();
    Map<String, String> carried = new LinkedHashMap<>();
    for (int i = 0; i < c.arguments.size(); i++) {
      int from = c.arguments.get(i);
      int to = i + 1 < c.arguments.size() ? c.arguments.get(i + 1) - 1 : c.close;
      if (c.lambdas.contains(i)) {
        arguments.add(body(c, from, to, carried));
      } else {
        String name = "l" + (i + 1);
        fields.add(name + " := " + write(from, to).strip());
        arguments.add(field(name));
      }
    }
    carried.forEach((column, name) -> fields.add(name + " := " + column));
    return "list_extract(list_transform([struct_pack("
        + String.join(", ", fields)
        + ")], lambda oc: "
        + sql.substring(c.from, c.open + 1)
        + String.join(", ", arguments)
        + ")), 1)";
  }

  private String body(Group c, int from, int to, Map<String, String> carried) {
    StringBuilder out = new StringBuilder();
    int at = from;
    for (Reference r : c.references) {
      // Also those of the lambda's own query, which are not found from two lambdas deep here.
      if (r.from() >= at && r.to() <= to) {
        String column = sql.substring(r.from(), r.to());
        String name = carried.computeIfAbsent(column, x -> "o" + (carried.size() + 1));
        out.append(sql, at, r.from()).append(field(name));
        at = r.to();
      }
    }
    return out.append(sql, at, to).toString().strip();
  }

  private static String field(String name) {
    return "struct_extract(oc, '" + name + "')";
  }
}
