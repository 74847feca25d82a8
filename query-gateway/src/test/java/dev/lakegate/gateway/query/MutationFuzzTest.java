package dev.lakegate.gateway.query;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.gateway.SqlMaker;
import dev.lakegate.gateway.engine.SecuredRelation;
import dev.lakegate.gateway.sql.HostileStatementsTest;
import dev.lakegate.gateway.sql.SqlFailure;
import io.trino.sql.parser.ParsingException;
import io.trino.sql.parser.SqlParser;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Statements mutated without sense, from accepted and hostile ones. Each is refused with a code
 * that clients know, soon, or answered as over a lake of the tenant's own; nothing else.
 */
class MutationFuzzTest {
  private static final Duration CUT_OFF = Duration.ofSeconds(2);
  private static final Duration MOST = Duration.ofMinutes(3);
  private static final int MAX_LENGTH = 100_000;
  private static final SqlParser PARSER = new SqlParser();

  private static final Pattern TOKEN =
      Pattern.compile(
          "'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\\*.*?\\*/|\\p{L}[\\p{L}\\p{N}_]*"
              + "|[0-9]+(?:\\.[0-9]*)?(?:[eE][0-9]+)?|\\s+|->|<>|>=|<=|\\|\\||.",
          Pattern.DOTALL);

  private static final String[] WORDS = {
    "SELECT",
    "FROM",
    "WHERE",
    "(",
    ")",
    ",",
    ".",
    "*",
    "JOIN",
    "CROSS JOIN",
    "LATERAL",
    "UNNEST(",
    "WITH x AS (",
    "WITH RECURSIVE",
    "TABLE",
    "VALUES (1)",
    "UNION ALL",
    "EXCEPT",
    "GROUP BY",
    "ORDER BY",
    "LIMIT 1",
    "OFFSET 1",
    "OVER ()",
    "FILTER (WHERE true)",
    "AS",
    "USING (tenant_id)",
    "NATURAL JOIN",
    "EXISTS (",
    "IN (",
    "NOT",
    "NULL",
    "CASE WHEN",
    "THEN",
    "ELSE",
    "END",
    "CAST(",
    "TRY_CAST(",
    "x -> x",
    "[1]",
    "?",
    ";",
    "::",
    "$1",
    "@",
    "#1",
    "`",
    "{",
    "}",
    "FOR VERSION AS OF",
    "FOR TIMESTAMP AS OF now()",
    "TABLESAMPLE BERNOULLI (50)",
    "MATCH_RECOGNIZE (",
    "EXPLAIN",
    "EXPLAIN ANALYZE",
    "DESCRIBE",
    "SHOW TABLES",
    "DELETE FROM",
    "INSERT INTO",
    "SET SESSION",
    "PREPARE p FROM",
    "EXECUTE IMMEDIATE",
    "CALL",
    "USE",
    "COPY",
    "ATTACH",
    "PRAGMA",
    "QUALIFY",
    "PIVOT",
    "EXCLUDE (dt)",
    "COLUMNS('.*')",
    "read_parquet('*')",
    "silver.\"order\"",
    "silver.orders",
    "bronze.core_order",
    "gold.dim_customer",
    "revenue_metrics",
    "mrr_metrics",
    "information_schema.tables",
    "system.jdbc.columns",
    "t1",
    "r1",
    "q1",
    "c1",
    "email",
    "tenant_id",
    "'tenant-2'",
    "'tenant-3'",
    "filename",
    "rowid",
    "\"$path\"",
    "lk_fail('x')",
    "getenv('HOME')",
    "9223372036854775807",
    "-9223372036854775808",
    "99999999999999999999999999999999999999",
    "1e308",
    "0",
    "1.0",
    "0x10",
    "''",
    "'%'",
    "DATE '2026-01-01'",
    "INTERVAL '1' DAY",
    "ARRAY[]",
    "MAP()",
    "ROW(1)",
    "current_user",
    "count(*)",
    "sum(order_count)",
    "array_agg(dt)",
    "sequence(1, 1000000)",
    "rpad('x', 1000000, 'y')",
    "repeat('x', 1000000)",
    "1/0",
    "CAST('x' AS bigint)",
    "regexp_like('aaaaaaaaaaaaaaaaaaaaaaaa', '(a+)+b')",
    "/*",
    "*/",
    "--",
    "/*+ hint */",
    "U&'\\0041'",
    "X'00'",
    "AT TIME ZONE 'Asia/Tokyo'",
    "IS DISTINCT FROM",
    "= ALL (",
    "GROUPING SETS ((), (dt))",
    "ROLLUP (dt)",
    "CUBE (dt)",
    "WITHIN GROUP (ORDER BY dt)",
    "JSON_QUERY('{}', 'lax $')",
    "TRIM(BOTH FROM 'x')",
    "FETCH FIRST 1 ROW WITH TIES",
    "INTERSECT ALL",
  };

  private static final String[] STRANGE = {
    "\u0000",
    "\u0001",
    "\u00a0",
    "\u200b",
    "\u202e",
    "\u2028",
    "\ufeff",
    "\uff07",
    "\uff02",
    "\u2019",
    "\u0130",
    "\u0131",
    "\u017f",
    "\u212a",
    "\u00df",
    "\ud83d\ude00",
    "\ud800",
    "\udc00",
    "\uffff",
    "\u0301",
    "\u001b[31m",
    "\r",
    "\t",
    "\\",
    "\\'",
    "''",
    "\"\"",
    "%s",
    "${x}",
    "\n--\n",
    "/**/",
  };

  @TempDir static Path directory;

  private static TenantLakes lakes;

  @BeforeAll
  static void fill() {
    lakes = new TenantLakes(directory);
  }

  @AfterAll
  static void close() {
    lakes.close();
  }

  @Test
  void shouldRefuseOrAnswerAsOverOwnData() throws InterruptedException {
    // The same statements everywhere: a faster machine does not go on to others.
    fuzz(20260322, Duration.ofSeconds(60), 6_000);
  }

  @Test
  @Tag("long")
  void shouldRefuseOrAnswerAsOverOwnDataForLong() throws InterruptedException {
    fuzz(System.nanoTime(), Duration.ofMinutes(10), Integer.MAX_VALUE);
  }

  private static void fuzz(long seed, Duration time, int most) throws InterruptedException {
    AtomicReference<Throwable> failure = new AtomicReference<>();
    // As the gateway runs statements: on a thread whose stack is large enough for the native parts.
    Thread t = new Thread(null, () -> run(seed, time, most, failure), "fuzz", 16L * 1024 * 1024);
    t.start();
    t.join();
    if (failure.get() != null) {
      throw new AssertionError("seed " + seed + ": " + failure.get().getMessage(), failure.get());
    }
  }

  private static void run(long seed, Duration time, int most, AtomicReference<Throwable> failure) {
    Random random = new Random(seed);
    SqlMaker maker = new SqlMaker(random);
    List<String> corpus = new ArrayList<>();
    HostileStatementsTest.statements()
        .map(s -> s.substring(s.indexOf('|') + 1))
        .forEach(corpus::add);
    int hostile = corpus.size();
    while (corpus.size() < 3 * hostile) {
      corpus.add(maker.statement());
    }
    TreeMap<String, Integer> outcomes = new TreeMap<>();
    TreeSet<String> notTaken = new TreeSet<>();
    long end = System.nanoTime() + time.toNanos();
    int made = 0;
    String sql = "";
    try {
      while (made < most && System.nanoTime() < end) {
        sql = mutated(corpus, random);
        for (int i = 0; i < 12 && random.nextInt(8) > 0 && !parses(sql); i++) {
          sql = mutated(corpus, random);
        }
        String outcome = one(sql);
        outcomes.merge(outcome, 1, Integer::sum);
        if (outcome.equals("NOT_TAKEN") && notTaken.size() < 20) {
          notTaken.add(sql.substring(0, Math.min(300, sql.length())).replace('\n', ' '));
        }
        if (outcome.equals("answer") && corpus.size() < 20_000 && sql.length() < 3_000) {
          // What still runs after a mutation leads farther than what is refused by its first word.
          corpus.add(sql);
        }
        made++;
      }
      System.out.println("seed " + seed + ", " + made + " mutated statements: " + outcomes);
      notTaken.forEach(s -> System.out.println("not taken by the engine: " + s));
      assertThat(made).isGreaterThan(500);
      assertThat(outcomes.getOrDefault("answer", 0)).isGreaterThan(made / 40);
      assertThat(outcomes.keySet()).contains("SYNTAX_ERROR", "STATEMENT_NOT_ALLOWED");
    } catch (Throwable e) {
      failure.set(new AssertionError(e.getClass().getName() + " by\n" + sql + "\n" + e, e));
    }
  }

  /** Most mutations break the grammar, which one look finds out; few of those are worth a run. */
  private static boolean parses(String sql) {
    if (sql.length() > 2_000) {
      return true;
    }
    try {
      PARSER.createStatement(sql);
      return true;
    } catch (ParsingException | NullPointerException | StackOverflowError e) {
      return false;
    }
  }

  /** Runs one and says how it ended; anything but a refusal or the right answer throws. */
  private static String one(String sql) {
    long start = System.nanoTime();
    try {
      Planned planned = lakes.plan(TenantLakes.ALL, TenantLakes.tenant("tenant-1"), sql);
      for (SecuredRelation r : planned.relations()) {
        assertThat(r.files())
            .as(sql)
            .allMatch(f -> f.contains("/tenant_id=tenant-1/") || f.startsWith("gold/mrr_metrics/"));
      }
    } catch (SqlFailure f) {
      requireSoon(sql, start);
      return known(sql, f.code() + " " + f.getMessage());
    }
    String actual = answer(TenantLakes.ALL, sql);
    requireSoon(sql, start);
    for (int i = 0; i < 6; i++) {
      String alone = answer("tenant-1", sql);
      if (actual.equals(alone) || cutOff(actual) || cutOff(alone)) {
        if (actual.startsWith("NOT_SUPPORTED The embedded engine cannot run")) {
          return "NOT_TAKEN";
        }
        return actual.startsWith("[") ? "answer" : known(sql, actual);
      }
      // Where it can fail in two ways, DuckDB's adaptive filters decide by the clock.
      actual = answer(TenantLakes.ALL, sql);
    }
    assertThat(actual).as(sql).isEqualTo(answer("tenant-1", sql));
    return "answer";
  }

  private static String answer(String lake, String sql) {
    return lakes.answer(lake, TenantLakes.tenant("tenant-1"), sql, CUT_OFF);
  }

  /** How far a statement comes in its time depends on the machine. */
  private static boolean cutOff(String answer) {
    return answer.startsWith("USER_CANCELED") || answer.startsWith("EXCEEDED_LOCAL_MEMORY_LIMIT");
  }

  private static void requireSoon(String sql, long start) {
    assertThat(Duration.ofNanos(System.nanoTime() - start)).as(sql).isLessThan(MOST);
  }

  private static String known(String sql, String failure) {
    String code = failure.substring(0, failure.indexOf(' '));
    assertThat(code).as(sql + "\n" + failure).matches("[A-Z][A-Z0-9_]{4,50}");
    assertThat(code).as(sql + "\n" + failure).isNotIn("GENERIC_INTERNAL_ERROR", "INTERNAL");
    // Of what DuckDB, Java or the disk say nothing comes through.
    for (String inside : List.of(directory.toString(), "Exception", "duckdb", "secret-")) {
      // Refusals quote the statement, and lower the case of names.
      if (!sql.toLowerCase(Locale.ROOT).contains(inside.toLowerCase(Locale.ROOT))) {
        assertThat(failure).as(sql).doesNotContain(inside);
      }
    }
    return code;
  }

  // ------------------------------------------------------------------ mutations

  private static String mutated(List<String> corpus, Random random) {
    String sql = corpus.get(random.nextInt(corpus.size()));
    int times = 1 + random.nextInt(4);
    for (int i = 0; i < times; i++) {
      sql = mutate(sql, corpus, random);
      if (sql.length() > MAX_LENGTH) {
        return sql.substring(0, MAX_LENGTH);
      }
    }
    return sql;
  }

  private static List<String> tokens(String sql) {
    List<String> tokens = new ArrayList<>();
    Matcher m = TOKEN.matcher(sql);
    while (m.find()) {
      tokens.add(m.group());
    }
    return tokens.isEmpty() ? new ArrayList<>(List.of(" ")) : tokens;
  }

  private static String mutate(String sql, List<String> corpus, Random random) {
    List<String> tokens = tokens(sql);
    int at = random.nextInt(tokens.size());
    String other = corpus.get(random.nextInt(corpus.size()));
    switch (random.nextInt(17)) {
      case 0:
        tokens.remove(at);
        break;
      case 1:
        tokens.add(at, tokens.get(random.nextInt(tokens.size())));
        break;
      case 2:
        tokens.set(at, " " + WORDS[random.nextInt(WORDS.length)] + " ");
        break;
      case 3:
        tokens.add(at, " " + WORDS[random.nextInt(WORDS.length)] + " ");
        break;
      case 4:
        {
          List<String> theirs = tokens(other);
          tokens.set(at, theirs.get(random.nextInt(theirs.size())));
          break;
        }
      case 5:
        {
          // A part of another statement in the place of a part of this one.
          List<String> theirs = tokens(other);
          int from = random.nextInt(theirs.size());
          int to = Math.min(theirs.size(), from + 1 + random.nextInt(12));
          int end = Math.min(tokens.size(), at + 1 + random.nextInt(6));
          tokens.subList(at, end).clear();
          tokens.addAll(at, theirs.subList(from, to));
          break;
        }
      case 6:
        {
          int end = Math.min(tokens.size(), at + 1 + random.nextInt(8));
          tokens.add(end, ")");
          tokens.add(at, "(");
          break;
        }
      case 7:
        {
          int end = Math.min(tokens.size(), at + 1 + random.nextInt(6));
          List<String> part = new ArrayList<>(tokens.subList(at, end));
          int times = 1 << random.nextInt(8);
          for (int i = 0; i < times; i++) {
            tokens.addAll(at, part);
          }
          break;
        }
      case 8:
        return switch (random.nextInt(7)) {
          case 0 -> "SELECT * FROM (" + sql + ") n";
          case 1 -> "WITH n AS (" + sql + ") SELECT * FROM n, n m";
          case 2 -> sql + " UNION ALL " + other;
          case 3 -> sql + "; " + other;
          case 4 -> "SELECT (" + sql + ") FROM (" + other + ") o";
          case 5 -> "EXPLAIN " + sql;
          default ->
              "SELECT 1 FROM gold.revenue_metrics a, LATERAL ("
                  + sql
                  + ") b WHERE EXISTS ("
                  + other
                  + ")";
        };
      case 9:
        tokens.set(at, requoted(tokens.get(at), random));
        break;
      case 10:
        tokens.add(at, STRANGE[random.nextInt(STRANGE.length)]);
        break;
      case 11:
        {
          int place = random.nextInt(sql.length() + 1);
          return sql.substring(0, place)
              + STRANGE[random.nextInt(STRANGE.length)]
              + sql.substring(place);
        }
      case 12:
        tokens.add(
            at,
            new String[] {"/* ' */", "--\n", "/* -- */", "/*", "*/", "-- ' \n", "/* \" */"}
                [random.nextInt(7)]);
        break;
      case 13:
        {
          String t = tokens.get(at);
          tokens.set(
              at, random.nextBoolean() ? t.toUpperCase(Locale.ROOT) : t.toLowerCase(Locale.ROOT));
          break;
        }
      case 14:
        {
          int depth = 1 << random.nextInt(9);
          String open =
              new String[] {"(", "abs(", "-", "NOT ", "CASE WHEN true THEN "}[random.nextInt(5)];
          String close = open.endsWith("(") ? ")" : open.startsWith("CASE") ? " END" : "";
          tokens.set(at, open.repeat(depth) + tokens.get(at) + close.repeat(depth));
          break;
        }
      case 15:
        {
          int n = 1 << random.nextInt(12);
          tokens.set(
              at,
              random.nextBoolean()
                  ? "(" + String.join(", ", java.util.Collections.nCopies(n, tokens.get(at))) + ")"
                  : "'" + "x".repeat(n) + "'");
          break;
        }
      default:
        {
          int b = random.nextInt(tokens.size());
          String t = tokens.get(at);
          tokens.set(at, tokens.get(b));
          tokens.set(b, t);
        }
    }
    return String.join("", tokens);
  }

  private static String requoted(String token, Random random) {
    String bare = token.replaceAll("^['\"]|['\"]$", "");
    return Arrays.asList(
            "\"" + bare + "\"",
            "'" + bare + "'",
            bare,
            "\"" + bare.toUpperCase(Locale.ROOT) + "\"",
            "`" + bare + "`",
            "[" + bare + "]",
            "\"gold\".\"" + bare + "\"",
            "\"" + bare + "\"\"\"",
            "'" + bare)
        .get(random.nextInt(9));
  }
}
