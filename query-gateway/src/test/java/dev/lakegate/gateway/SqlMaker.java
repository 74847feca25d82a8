package dev.lakegate.gateway;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Random statements over the tables of {@code query.TenantLakes}: most are accepted, many fail on
 * some values, some are refused. The same seed makes the same statements.
 */
public final class SqlMaker {
  /** A column with a type: n bigint, d decimal, s varchar, t date, b boolean, f double, a array. */
  private record Column(String ref, char type) {}

  private record Source(String sql, List<Column> columns) {}

  private record Select(String sql, List<Character> types) {}

  private static final String PATTERNS = "'a.*b', '^[0-9]+$', '(a|b)*c', '(\\d+)', '.', 'b(a?)d'";

  private final Random random;
  private int next;
  private final List<String> ctes = new ArrayList<>();
  private final List<List<Character>> cteTypes = new ArrayList<>();

  /** Statements drawn from a source of randomness. */
  public SqlMaker(Random random) {
    this.random = random;
  }

  /** The next statement. */
  public String statement() {
    next = 0;
    ctes.clear();
    cteTypes.clear();
    return switch (random.nextInt(24)) {
      case 0 -> pick("EXPLAIN ", "EXPLAIN (TYPE LOGICAL) ", "EXPLAIN (TYPE VALIDATE) ") + query(1);
      case 1 -> aboutNames();
      case 2 -> refused();
      default -> query(3);
    };
  }

  private String aboutNames() {
    return pick(
        "SHOW TABLES",
        "SHOW TABLES FROM gold LIKE '%metrics'",
        "SHOW TABLES FROM silver",
        "SHOW SCHEMAS",
        "SHOW CATALOGS",
        "SHOW COLUMNS FROM gold.dim_customer",
        "DESCRIBE " + name("mrr_metrics"),
        "SHOW CREATE TABLE gold.revenue_metrics",
        "SHOW STATS FOR gold.revenue_metrics",
        "SHOW STATS FOR (SELECT * FROM gold.mrr_metrics WHERE tenant_id = 'tenant-2')",
        "SHOW FUNCTIONS LIKE 'a%'",
        "SELECT * FROM information_schema.tables",
        "SELECT table_name, count(*) FROM information_schema.columns GROUP BY 1",
        "SELECT table_name FROM lakehouse.information_schema.views",
        "SELECT * FROM system.jdbc.tables WHERE table_name LIKE 'dim%'",
        "SELECT column_name, data_type FROM system.jdbc.columns WHERE table_name = 'mrr_metrics'",
        "SELECT t.table_name, r.dt FROM information_schema.tables t CROSS JOIN revenue_metrics r",
        "VALUES (1, 'a'), (2, NULL)",
        "TABLE " + name("revenue_metrics"),
        "SELECT current_user, current_catalog, current_schema");
  }

  private String refused() {
    return pick(
        "SELECT email FROM dim_customer",
        "SELECT count(*) FROM silver.orders",
        "SELECT count(*) FROM bronze.core_order",
        "SELECT * FROM gold.no_such_table",
        "SELECT no_such_column FROM revenue_metrics",
        "SELECT c.phone FROM dim_customer c WHERE c.customer_id = 1",
        "SELECT \"$path\" FROM revenue_metrics",
        "SELECT 1 FROM gold.\"revenue_metrics$files\"",
        "DELETE FROM gold.revenue_metrics",
        "SELECT dt FROM revenue_metrics ORDER BY (SELECT max(id) FROM silver.\"order\")",
        "WITH silver AS (SELECT 1 x) SELECT * FROM silver.customer",
        "EXPLAIN SELECT email FROM dim_customer",
        "DESCRIBE silver.orders");
  }

  private String pick(String... options) {
    return options[random.nextInt(options.length)];
  }

  @SafeVarargs
  private String any(Supplier<String>... options) {
    return options[random.nextInt(options.length)].get();
  }

  private boolean chance(int inHundred) {
    return random.nextInt(100) < inHundred;
  }

  // ------------------------------------------------------------------ queries

  private String query(int depth) {
    String q = select(depth, List.of()).sql();
    return q;
  }

  private Select select(int depth, List<Column> outer) {
    if (depth <= 0) {
      return plain(0, outer);
    }
    return switch (random.nextInt(10)) {
      case 0, 1 -> grouped(depth, outer);
      case 2 -> windowed(depth, outer);
      case 3 -> setOperation(depth, outer);
      case 4 -> with(depth);
      case 5 -> star(depth);
      default -> plain(depth, outer);
    };
  }

  private Select plain(int depth, List<Column> outer) {
    Source from = from(depth);
    List<Column> scope = join(from.columns(), outer);
    List<Character> types = new ArrayList<>();
    List<String> items = new ArrayList<>();
    int n = 1 + random.nextInt(3);
    for (int i = 1; i <= n; i++) {
      char type = "nnndsstbf".charAt(random.nextInt(9));
      types.add(type);
      items.add(expression(type, scope, 2) + " AS x" + i);
    }
    String order = chance(25) ? " ORDER BY " + pick("1", "x1 DESC", "1 NULLS FIRST") : "";
    return new Select(
        "SELECT "
            + (chance(12) ? "DISTINCT " : "")
            + String.join(", ", items)
            + " FROM "
            + from.sql()
            + (chance(60) ? " WHERE " + condition(scope, depth) : "")
            + order
            + (order.isEmpty() ? "" : pick("", " LIMIT 5", " OFFSET 2", " OFFSET 1 LIMIT 3")),
        types);
  }

  private Select grouped(int depth, List<Column> outer) {
    Source from = from(depth);
    List<Column> scope = join(from.columns(), outer);
    char type = "nst".charAt(random.nextInt(3));
    List<Column> columns = of(from.columns(), type);
    boolean sets = !columns.isEmpty() && chance(30);
    String key = sets ? one(columns) : expression(type, scope, 1);
    char by = "nds".charAt(random.nextInt(3));
    String aggregate =
        any(
            () -> "count(*)",
            () -> "sum(" + expression('n', scope, 1) + ")",
            () -> "count(DISTINCT " + expression('s', scope, 1) + ")",
            () -> "count(*) FILTER (WHERE " + comparison(scope) + ")",
            () -> "count_if(" + comparison(scope) + ")",
            () -> "cardinality(array_agg(" + expression(by, scope, 1) + "))",
            () -> "CAST(avg(" + expression('d', scope, 0) + ") AS bigint)");
    String least = pick("min", "max") + "(" + expression(by, scope, 1) + ")";
    return new Select(
        "SELECT "
            + key
            + " AS x1, "
            + aggregate
            + " AS x2, "
            + least
            + " AS x3 FROM "
            + from.sql()
            + (chance(40) ? " WHERE " + condition(scope, depth) : "")
            + " GROUP BY "
            + (sets
                ? pick(
                    "ROLLUP (" + key + ")",
                    "CUBE (" + key + ")",
                    "GROUPING SETS ((), (" + key + "))")
                : "1")
            + (chance(20) ? " HAVING count(*) > " + random.nextInt(4) : "")
            + (chance(20) ? " ORDER BY 2, 1" : ""),
        List.of(type, 'n', by));
  }

  private Select windowed(int depth, List<Column> outer) {
    Source from = from(depth);
    List<Column> scope = join(from.columns(), outer);
    String function =
        any(
            () -> "row_number()",
            () -> "rank()",
            () -> "ntile(3)",
            () -> "sum(" + expression('n', scope, 1) + ")",
            () -> "count(*)",
            () -> "lag(" + expression('n', scope, 0) + ")",
            () -> "first_value(" + expression('n', scope, 1) + ")");
    return new Select(
        "SELECT "
            + expression('s', scope, 1)
            + " AS x1, "
            + function
            + " OVER ("
            + (chance(60) ? "PARTITION BY " + expression('n', scope, 1) + " " : "")
            + "ORDER BY "
            + expression('t', scope, 0)
            + ", "
            + expression('n', scope, 1)
            + ") AS x2 FROM "
            + from.sql()
            + (chance(30) ? " WHERE " + condition(scope, depth) : ""),
        List.of('s', 'n'));
  }

  private Select setOperation(int depth, List<Column> outer) {
    List<Character> types = List.of('n', 's');
    String glue = pick(" UNION ", " UNION ALL ", " EXCEPT ", " INTERSECT ", " UNION DISTINCT ");
    String sql =
        IntStream.range(0, 2)
            .mapToObj(
                i -> {
                  Source from = from(depth - 2);
                  List<Column> scope = join(from.columns(), outer);
                  return "SELECT "
                      + expression('n', scope, 1)
                      + " AS x1, "
                      + expression('s', scope, 1)
                      + " AS x2 FROM "
                      + from.sql()
                      + (chance(50) ? " WHERE " + condition(scope, 1) : "");
                })
            .collect(Collectors.joining(glue));
    return new Select(sql, types);
  }

  private Select with(int depth) {
    int before = ctes.size();
    // Names of tables, of ours, and others: each hides what it is named like.
    String name = pick("revenue_metrics", "dim_customer", "t1", "q1", "\"Q\"", "mrr_metrics", "w");
    Select inner = select(depth - 1, List.of());
    String columns =
        IntStream.rangeClosed(1, inner.types().size())
            .mapToObj(i -> "x" + i)
            .collect(Collectors.joining(", ", "(", ")"));
    ctes.add(name);
    cteTypes.add(inner.types());
    Select body = select(depth - 1, List.of());
    while (ctes.size() > before) {
      ctes.remove(ctes.size() - 1);
      cteTypes.remove(cteTypes.size() - 1);
    }
    return body.sql().startsWith("WITH ")
        ? body
        : new Select(
            "WITH "
                + name
                + (chance(50) ? " " + columns : "")
                + " AS ("
                + inner.sql()
                + ") "
                + body.sql(),
            body.types());
  }

  private Select star(int depth) {
    Source from = from(depth);
    String alias = "z" + next++;
    List<Character> types = from.columns().stream().map(Column::type).toList();
    String inner =
        "SELECT "
            + IntStream.range(0, types.size())
                .mapToObj(i -> from.columns().get(i).ref() + " AS x" + (i + 1))
                .collect(Collectors.joining(", "))
            + " FROM "
            + from.sql();
    return new Select(
        "SELECT " + pick("*", alias + ".*") + " FROM (" + inner + ") " + alias, types);
  }

  // ------------------------------------------------------------------ relations

  private Source from(int depth) {
    if (depth <= 0 || chance(45)) {
      return relation(depth);
    }
    Source left = relation(depth - 1);
    return switch (random.nextInt(8)) {
      case 0 -> {
        String u = "u" + next++;
        boolean ordinality = chance(30);
        List<Column> columns = new ArrayList<>(left.columns());
        columns.add(new Column(u + ".e", 'n'));
        if (ordinality) {
          columns.add(new Column(u + ".o", 'n'));
        }
        yield new Source(
            left.sql()
                + " CROSS JOIN UNNEST("
                + expression('a', left.columns(), 1)
                + ")"
                + (ordinality ? " WITH ORDINALITY AS " + u + "(e, o)" : " AS " + u + "(e)"),
            columns);
      }
      case 1 -> {
        String l = "l" + next++;
        Select inner = select(0, left.columns());
        yield new Source(
            left.sql() + pick(" CROSS JOIN ", ", ") + "LATERAL (" + inner.sql() + ") " + l,
            join(left.columns(), columns(l, inner.types())));
      }
      case 2 -> {
        // USING: the merged column belongs to neither side.
        String a = "a" + next++;
        String b = "b" + next++;
        yield new Source(
            name("revenue_metrics")
                + " "
                + a
                + " "
                + pick("JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN")
                + " "
                + name("mrr_metrics")
                + " "
                + b
                + " USING ("
                + pick("tenant_id, dt", "dt, tenant_id", "\"tenant_id\", DT")
                + ")",
            List.of(
                new Column("tenant_id", 's'),
                new Column("dt", 't'),
                new Column(a + ".order_count", 'n'),
                new Column(a + ".total_revenue", 'd'),
                new Column(b + ".active_subscriptions", 'n'),
                new Column(b + ".arr", 's')));
      }
      default -> {
        Source right = relation(depth - 1);
        List<Column> columns = join(left.columns(), right.columns());
        yield new Source(
            switch (random.nextInt(5)) {
              case 0 -> left.sql() + ", " + right.sql();
              case 1 -> left.sql() + " CROSS JOIN " + right.sql();
              default ->
                  left.sql()
                      + pick(" JOIN ", " LEFT JOIN ", " RIGHT JOIN ", " FULL JOIN ")
                      + right.sql()
                      + " ON "
                      + expression('n', left.columns(), 1)
                      + " = "
                      + expression('n', right.columns(), 1)
                      + (chance(30) ? " AND " + comparison(columns) : "");
            },
            columns);
      }
    };
  }

  private Source relation(int depth) {
    if (!ctes.isEmpty() && chance(50)) {
      int i = random.nextInt(ctes.size());
      // A later one of the same name hides an earlier one.
      i = ctes.lastIndexOf(ctes.get(i));
      String alias = "w" + next++;
      return new Source(ctes.get(i) + " " + alias, columns(alias, cteTypes.get(i)));
    }
    if (depth > 0 && chance(25)) {
      String alias = "s" + next++;
      Select inner = select(depth - 1, List.of());
      return new Source("(" + inner.sql() + ") AS " + alias, columns(alias, inner.types()));
    }
    if (chance(6)) {
      String alias = "v" + next++;
      return new Source(
          "(VALUES (1, 'tenant-1', DATE '2026-01-02'), (0, NULL, NULL)) " + alias + "(n, s, t)",
          List.of(
              new Column(alias + ".n", 'n'),
              new Column(alias + ".s", 's'),
              new Column(alias + ".t", 't')));
    }
    return base();
  }

  private Source base() {
    String alias = chance(70) ? "a" + next++ : pick("r1", "t1", "c1", "\"R\"", "silver", "q1");
    String[] table =
        switch (random.nextInt(4)) {
          case 0 ->
              new String[] {
                "revenue_metrics",
                "tenant_id s",
                "dt t",
                "order_count n",
                "unique_customers n",
                "total_revenue d",
                "avg_order_value d"
              };
          case 1 ->
              new String[] {
                "dim_customer", "tenant_id s", "customer_id n", "status s", "created_at z"
              };
          case 2 ->
              new String[] {
                "mrr_metrics", "tenant_id s", "dt t", "mrr d", "active_subscriptions n", "arr s"
              };
          default ->
              new String[] {
                "funnel_metrics", "tenant_id s", "dt t", "hour n", "page_views a", "purchases f"
              };
        };
    List<Column> columns = new ArrayList<>();
    for (int i = 1; i < table.length; i++) {
      String[] c = table[i].split(" ");
      columns.add(new Column(alias + "." + cased(c[0]), c[1].charAt(0)));
    }
    if (ctes.contains(table[0]) || chance(5)) {
      return new Source("gold." + table[0] + asOf() + " " + alias, columns);
    }
    if (chance(6)) {
      return new Source("(TABLE gold." + table[0] + ") AS " + alias, columns);
    }
    return new Source(name(table[0]) + asOf() + pick(" ", " AS ") + alias, columns);
  }

  private static List<Column> columns(String alias, List<Character> types) {
    List<Column> columns = new ArrayList<>();
    for (int i = 0; i < types.size(); i++) {
      columns.add(new Column(alias + ".x" + (i + 1), types.get(i)));
    }
    return columns;
  }

  private String name(String table) {
    String t = cased(table);
    return pick("gold.", "lakehouse.gold.", "GOLD.", "\"gold\".", "LakeHouse.\"gold\".")
        + (chance(20) ? "\"" + table + "\"" : t);
  }

  private String cased(String name) {
    return switch (random.nextInt(10)) {
      case 0 -> name.toUpperCase(java.util.Locale.ROOT);
      case 1 -> "\"" + name + "\"";
      case 2 -> "\"" + name.toUpperCase(java.util.Locale.ROOT) + "\"";
      default -> name;
    };
  }

  /** Mostly the present, which other statements are about; sometimes too early for any state. */
  private String asOf() {
    return switch (random.nextInt(24)) {
      case 0 -> " FOR TIMESTAMP AS OF TIMESTAMP '2026-03-02 10:00:30 UTC'";
      case 1 -> " FOR TIMESTAMP AS OF now() - INTERVAL '118' MINUTE - INTERVAL '30' SECOND";
      case 2 -> " FOR TIMESTAMP AS OF TIMESTAMP '2026-03-02 09:00:00'";
      default -> "";
    };
  }

  // ------------------------------------------------------------------ expressions

  private static List<Column> join(List<Column> a, List<Column> b) {
    List<Column> all = new ArrayList<>(a);
    all.addAll(b);
    return all;
  }

  private static List<Column> of(List<Column> scope, char type) {
    return scope.stream().filter(c -> c.type() == type).toList();
  }

  private String one(List<Column> columns) {
    return columns.get(random.nextInt(columns.size())).ref();
  }

  private String expression(char type, List<Column> scope, int depth) {
    List<Column> columns = of(scope, type);
    if (!columns.isEmpty() && (depth <= 0 || chance(50))) {
      return one(columns);
    }
    if (depth <= 0 || chance(12)) {
      return literal(type);
    }
    return switch (type) {
      case 'n' -> number(scope, depth - 1);
      case 'd' -> decimal(scope, depth - 1);
      case 's' -> text(scope, depth - 1);
      case 't' -> date(scope, depth - 1);
      case 'f' -> real(scope, depth - 1);
      case 'a' -> array(scope, depth - 1);
      case 'b' -> "(" + comparison(scope) + ")";
      default -> literal(type);
    };
  }

  private String literal(char type) {
    return switch (type) {
      case 'n' -> pick("1", "0", "2", "7", "100", "-1", "BIGINT '3'");
      case 'd' -> pick("1.50", "DECIMAL '2.00'", "0.00", "CAST(3 AS decimal(18,2))");
      case 's' -> pick("'a'", "'tenant-1'", "'tenant-3'", "'12'", "''", "'bad'", "'{\"a\": 1}'");
      case 't' -> pick("DATE '2026-01-05'", "DATE '2026-01-12'", "DATE '2024-02-29'");
      case 'f' -> pick("1e0", "2.5e0", "0e0");
      case 'a' -> pick("ARRAY[1, 2]", "sequence(1, 3)", "ARRAY[0, NULL]");
      case 'b' -> pick("true", "false");
      default -> "TIMESTAMP '2026-01-05 00:00:00 UTC'";
    };
  }

  private String number(List<Column> s, int d) {
    return any(
        () -> "(" + n(s, d) + pick(" + ", " - ", " * ", " / ", " % ") + n(s, d) + ")",
        () -> "(" + pick("100", "1000") + " / " + n(s, d) + ")",
        () -> "CAST(" + expression('s', s, d) + " AS bigint)",
        () -> "try_cast(" + expression('s', s, d) + " AS bigint)",
        () -> "CAST(" + expression('d', s, d) + " AS bigint)",
        () -> "CAST(CAST(" + n(s, d) + " * 9 AS tinyint) AS bigint)",
        () -> "length(" + expression('s', s, d) + ")",
        () -> "strpos(" + expression('s', s, d) + ", 'a')",
        () -> "cardinality(" + expression('a', s, d) + ")",
        () -> expression('a', s, d) + "[1]",
        () -> "element_at(" + expression('a', s, d) + ", 2)",
        () -> pick("year", "month", "day") + "(" + expression('t', s, d) + ")",
        () -> "date_diff('day', " + expression('t', s, d) + ", " + expression('t', s, d) + ")",
        () -> "coalesce(" + n(s, d) + ", " + n(s, d) + ")",
        () -> "nullif(" + n(s, d) + ", " + n(s, d) + ")",
        () -> "abs(" + n(s, d) + ")",
        () -> "try(" + n(s, d) + " / " + n(s, d) + ")",
        () -> "if(" + comparison(s) + ", " + n(s, d) + ", " + n(s, d) + ")",
        () -> "CASE WHEN " + comparison(s) + " THEN " + n(s, d) + " ELSE " + n(s, d) + " END",
        () -> "CASE " + n(s, d) + " WHEN 0 THEN 1 ELSE " + n(s, d) + " END",
        () -> "greatest(" + n(s, d) + ", " + n(s, d) + ")",
        () -> "json_array_length(" + expression('s', s, d) + ")",
        () -> "(SELECT " + pick("max", "min", "count") + "(" + sub('n', s) + ")",
        () -> "levenshtein_distance(" + expression('s', s, d) + ", 'abc')");
  }

  private String n(List<Column> s, int d) {
    return expression('n', s, d);
  }

  private String decimal(List<Column> s, int d) {
    return any(
        () ->
            "("
                + expression('d', s, d)
                + pick(" + ", " - ", " * ", " / ")
                + expression('d', s, d)
                + ")",
        () -> "round(" + expression('d', s, d) + ", 1)",
        () -> "CAST(" + n(s, d) + " AS decimal(18,2))",
        () -> "CAST(" + expression('s', s, d) + " AS decimal(18,2))",
        () -> "abs(" + expression('d', s, d) + ")");
  }

  private String text(List<Column> s, int d) {
    return any(
        () -> "(" + expression('s', s, d) + " || " + expression('s', s, d) + ")",
        () -> pick("upper", "lower", "trim", "reverse") + "(" + expression('s', s, d) + ")",
        () -> "substr(" + expression('s', s, d) + ", 2, 3)",
        () -> "CAST(" + n(s, d) + " AS varchar)",
        () -> "CAST(" + expression('t', s, d) + " AS varchar)",
        () -> "json_extract_scalar(" + expression('s', s, d) + ", '$.a')",
        () -> "regexp_extract(" + expression('s', s, d) + ", " + pick(PATTERNS.split(", ")) + ")",
        () -> "regexp_replace(" + expression('s', s, d) + ", '[ab]', 'x')",
        () -> "split_part(" + expression('s', s, d) + ", 'a', 1)",
        () -> "split_part(" + expression('s', s, d) + ", '-', " + n(s, 0) + ")",
        () -> "concat(" + expression('s', s, d) + ", " + expression('s', s, d) + ")",
        () -> "coalesce(" + expression('s', s, d) + ", " + expression('s', s, d) + ")",
        () -> "lpad(" + expression('s', s, d) + ", 6, 'x')",
        () -> "replace(" + expression('s', s, d) + ", 'a', 'bb')",
        () -> "chr(" + n(s, d) + ")",
        () -> "CASE WHEN " + comparison(s) + " THEN " + expression('s', s, d) + " END",
        () -> "date_format(CAST(" + expression('t', s, d) + " AS timestamp), '%Y-%m')",
        () -> "(SELECT " + pick("max", "min") + "(" + sub('s', s) + ")");
  }

  private String date(List<Column> s, int d) {
    return any(
        () -> "(" + expression('t', s, d) + pick(" + ", " - ") + "INTERVAL '1' DAY)",
        () -> "date_trunc('month', " + expression('t', s, d) + ")",
        () -> "CAST(" + expression('s', s, d) + " AS date)",
        () -> "date_add('day', " + n(s, d) + ", " + expression('t', s, d) + ")",
        () -> "CAST(" + expression('z', s, d) + " AS date)",
        () -> "coalesce(" + expression('t', s, d) + ", DATE '2026-01-01')");
  }

  private String real(List<Column> s, int d) {
    return any(
        () -> "CAST(" + n(s, d) + " AS double)",
        () -> "(" + expression('f', s, d) + pick(" + ", " * ", " / ") + expression('f', s, d) + ")",
        () -> "sqrt(" + expression('f', s, d) + ")",
        () -> "CAST(" + expression('s', s, d) + " AS double)",
        () -> "ln(" + expression('f', s, d) + ")");
  }

  private String array(List<Column> s, int d) {
    return any(
        () -> "ARRAY[" + n(s, d) + ", " + n(s, d) + "]",
        () -> "transform(" + expression('a', s, d) + ", e -> e + 1)",
        () -> "transform(" + expression('a', s, d) + ", e -> 10 / e)",
        () -> "filter(" + expression('a', s, d) + ", e -> e > " + n(s, 0) + ")",
        () -> "sequence(1, 4)");
  }

  /** The rest of a scalar subquery after {@code (SELECT max(}, often correlated. */
  private String sub(char type, List<Column> outer) {
    Source from = base();
    List<Column> scope = join(from.columns(), chance(40) ? outer : List.of());
    return expression(type, from.columns(), 1)
        + ") FROM "
        + from.sql()
        + (chance(60) ? " WHERE " + comparison(scope) : "");
  }

  private String condition(List<Column> scope, int depth) {
    if (depth > 0 && chance(20)) {
      Source from = base();
      List<Column> inner = join(from.columns(), scope);
      return switch (random.nextInt(4)) {
        case 0 ->
            pick("", "NOT ")
                + "EXISTS (SELECT 1 FROM "
                + from.sql()
                + " WHERE "
                + comparison(inner)
                + ")";
        case 1 ->
            n(scope, 0)
                + pick(" IN ", " NOT IN ")
                + "(SELECT "
                + n(from.columns(), 1)
                + " FROM "
                + from.sql()
                + ")";
        case 2 ->
            n(scope, 0)
                + pick(" > ALL ", " < ANY ", " = SOME ")
                + "(SELECT "
                + n(from.columns(), 1)
                + " FROM "
                + from.sql()
                + ")";
        default ->
            n(scope, 0) + " >= (SELECT avg(" + n(from.columns(), 0) + ") FROM " + from.sql() + ")";
      };
    }
    return chance(30)
        ? "("
            + comparison(scope)
            + pick(" AND ", " OR ")
            + pick("", "NOT ")
            + "("
            + comparison(scope)
            + "))"
        : comparison(scope);
  }

  private String comparison(List<Column> s) {
    return any(
        () -> n(s, 1) + pick(" < ", " > ", " <> ", " = ", " >= ") + random.nextInt(20),
        () -> expression('t', s, 1) + " BETWEEN DATE '2026-01-03' AND DATE '2026-01-12'",
        () -> "tenant_id = 'tenant-1'".replace("tenant_id", expression('s', s, 0)),
        () -> expression('s', s, 1) + pick(" = ", " <> ", " > ") + expression('s', s, 0),
        () -> expression('s', s, 1) + pick(" LIKE ", " NOT LIKE ") + pick("'1%'", "'%a_'", "'t%'"),
        () -> expression('s', s, 1) + pick(" IS NULL", " IS NOT NULL"),
        () -> n(s, 1) + " IN (1, 2, " + n(s, 0) + ")",
        () -> n(s, 1) + " IS DISTINCT FROM " + n(s, 1),
        () -> expression('d', s, 1) + " > " + expression('d', s, 1),
        () -> expression('f', s, 1) + " < " + expression('f', s, 1),
        () -> "regexp_like(" + expression('s', s, 1) + ", " + pick(PATTERNS.split(", ")) + ")",
        () -> "contains(" + expression('a', s, 1) + ", " + n(s, 0) + ")");
  }
}
