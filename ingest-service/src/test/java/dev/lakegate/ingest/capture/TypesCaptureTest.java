package dev.lakegate.ingest.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.ingest.bronze.CsvRow;
import dev.lakegate.ingest.source.Connections;
import dev.lakegate.ingest.testing.TestCapture;
import dev.lakegate.ingest.testing.TestSource;
import dev.lakegate.model.bronze.BronzeFile;
import dev.lakegate.model.bronze.ManifestReader;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.duckdb.DuckDBDriver;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/**
 * Every type of docs/TYPES.md with hard values, copied and streamed by a real PostgreSQL into
 * Bronze, and compared with what PostgreSQL itself prints.
 */
class TypesCaptureTest {
  private static final Duration LIMIT = Duration.ofSeconds(90);
  private static final int ROWS = 8;

  /** Type, how Bronze's value is printed as PostgreSQL prints it, and SQL of hard values. */
  private record Typed(String type, String print, List<String> values) {}

  @TempDir Path directory;

  private static Map<String, Typed> types() {
    Map<String, Typed> t = new LinkedHashMap<>();
    String text = "%s";
    String cast = "CAST(%s AS VARCHAR)";
    t.put("c_boolean", new Typed("boolean", "left(CAST(%s AS VARCHAR), 1)", of("true", "false")));
    t.put("c_smallint", new Typed("smallint", cast, of("-32768", "32767", "0")));
    t.put("c_integer", new Typed("integer", cast, of("-2147483648", "2147483647")));
    t.put("c_bigint", new Typed("bigint", cast, of("-9223372036854775808", "9223372036854775807")));
    t.put(
        "c_real",
        new Typed("real", cast, of("'NaN'", "'Infinity'", "'-Infinity'", "1e-45", "-0.0", "0.1")));
    t.put(
        "c_double",
        new Typed(
            "double precision",
            cast,
            of("'NaN'", "'Infinity'", "'-Infinity'", "5e-324", "1.7976931348623157e308", "0.1")));
    t.put(
        "c_decimal",
        new Typed("numeric(12,2)", cast, of("-9999999999.99", "0.01", "0", "'NaN'", "12345")));
    t.put(
        "c_decimal38",
        new Typed("numeric(38,10)", cast, of("-9999999999999999999999999999.9999999999", "1e-10")));
    t.put(
        "c_numeric",
        new Typed(
            "numeric",
            text,
            of("'NaN'", "'Infinity'", "1e300", "-0.000000000000000000001", "1.10")));
    t.put("c_numeric50", new Typed("numeric(50,3)", text, of("1e40", "'NaN'")));
    t.put(
        "c_date",
        new Typed(
            "date",
            cast,
            of(
                "'infinity'",
                "'-infinity'",
                "'4713-01-01 BC'",
                "'5874897-12-31'",
                "'0001-01-01'",
                "'1582-10-10'")));
    t.put(
        "c_timestamptz",
        new Typed(
            "timestamp with time zone",
            "regexp_replace(CAST(%s AS VARCHAR), '[+]00$', '') || '+00'",
            of(
                "'infinity'",
                "'-infinity'",
                "'4713-11-24 00:00:00+00 BC'",
                "'294247-01-01 00:00:00+00'",
                "'0001-01-01 00:00:00+00'",
                "'2026-03-29 02:30:00.000001+02'",
                "'1900-01-01 00:00:00.5+00:19:32'")));
    t.put(
        "c_timestamp",
        new Typed(
            "timestamp without time zone",
            cast,
            of(
                "'infinity'",
                "'0044-03-15 12:00:00 BC'",
                "'1999-12-31 23:59:59.999999'",
                "'9999-12-31 23:59:59.999999'",
                "'0001-01-01'")));
    t.put(
        "c_timestamp3",
        new Typed("timestamp(3) with time zone", cast, of("'2026-01-01 00:00:00.1239+00'")));
    t.put("c_bytea", new Typed("bytea", "'\\x' || lower(hex(%s))", of("'\\x'", "'\\x00ff5c'")));
    t.put("c_time", new Typed("time", text, of("'24:00:00'", "'23:59:59.999999'", "'00:00'")));
    t.put("c_timetz", new Typed("timetz", text, of("'12:00:00+05:30'", "'24:00:00-15:59'")));
    t.put(
        "c_interval",
        new Typed(
            "interval",
            text,
            of("'1 year 2 mons -3 days 04:05:06.789'", "'-178000000 years'", "'0'", "'1 us'")));
    t.put("c_uuid", new Typed("uuid", text, of("'00000000-0000-0000-0000-000000000000'")));
    t.put(
        "c_text",
        new Typed(
            "text",
            text,
            of(
                "''",
                "' '",
                "E'a\\nb\\r\\n'",
                "E'\\t,\"'''",
                "'\\N'",
                "'NULL'",
                "U&'\\+01F600'",
                "repeat('ä', 100000)")));
    t.put("c_varchar", new Typed("varchar(40)", text, of("''", "'x,y'", "'\"'")));
    t.put("c_char", new Typed("char(5)", text, of("'a'", "''", "'abcde'")));
    t.put("c_char1", new Typed("\"char\"", text, of("'x'", "''")));
    t.put("c_name", new Typed("name", text, of("'pg'")));
    t.put("c_json", new Typed("json", text, of("'{\"b\": 1,   \"a\": [1, null]}'", "'null'")));
    t.put(
        "c_jsonb", new Typed("jsonb", text, of("'{\"b\": 1, \"a\": 1e400}'", "'\"\\u00e4\\n\"'")));
    t.put("c_inet", new Typed("inet", text, of("'10.1.2.3'", "'::1/64'", "'10.0.0.0/8'")));
    t.put("c_cidr", new Typed("cidr", text, of("'10.0.0.0/8'", "'2001:db8::/32'")));
    t.put("c_macaddr", new Typed("macaddr", text, of("'08:00:2b:01:02:03'")));
    t.put("c_macaddr8", new Typed("macaddr8", text, of("'08:00:2b:01:02:03:04:05'")));
    t.put("c_enum", new Typed("mood", text, of("'sad'", "'so, so'", "'\"quoted\"'")));
    t.put("c_enums", new Typed("mood[]", text, of("'{sad,NULL,\"so, so\"}'", "'{}'")));
    t.put("c_domain", new Typed("positive", cast, of("1", "2147483647")));
    t.put("c_domain_of_domain", new Typed("price", cast, of("1.50", "'NaN'")));
    t.put("c_ints", new Typed("integer[]", text, of("'{1,NULL,3}'", "'{}'", "'[0:1]={1,2}'")));
    t.put(
        "c_texts",
        new Typed("text[]", text, of("ARRAY['a,b', '\"', NULL, '', 'NULL']", "'{{a,b},{c,d}}'")));
    t.put("c_composite", new Typed("pair", text, of("ROW(1, 'a b')", "ROW(NULL, '\"')")));
    t.put("c_int4range", new Typed("int4range", text, of("'[1,5)'", "'empty'", "'(,)'")));
    t.put("c_int8range", new Typed("int8range", text, of("'[1,9223372036854775807)'")));
    t.put("c_numrange", new Typed("numrange", text, of("'(1.5,2.5]'", "'[NaN,NaN]'")));
    t.put("c_daterange", new Typed("daterange", text, of("'[2026-01-01,infinity)'")));
    t.put(
        "c_tstzrange",
        new Typed("tstzrange", text, of("'[2026-01-01 12:00+02,2026-01-02 12:00+02)'")));
    t.put("c_multirange", new Typed("int4multirange", text, of("'{[1,3),[5,7)}'", "'{}'")));
    t.put("c_bit", new Typed("bit(5)", text, of("B'10101'")));
    t.put("c_varbit", new Typed("bit varying", text, of("B''", "B'1'")));
    t.put("c_money", new Typed("money", text, of("'12.34'", "'-1'")));
    t.put("c_tsvector", new Typed("tsvector", text, of("'a:1 fat:2,4 ''q x'':3A'", "''")));
    t.put("c_point", new Typed("point", text, of("'(1.5,-2)'", "'(NaN,Infinity)'")));
    t.put("c_polygon", new Typed("polygon", text, of("'((0,0),(1,1),(1,0))'")));
    t.put("c_oid", new Typed("oid", text, of("4294967295", "0")));
    t.put("c_regclass", new Typed("regclass", text, of("'pg_class'")));
    t.put("c_lsn", new Typed("pg_lsn", text, of("'16/B374D848'")));
    return t;
  }

  private static List<String> of(String... values) {
    return List.of(values);
  }

  @Test
  void everyTypeArrivesAsPostgresPrintsIt() throws Exception {
    TestSource source = TestSource.start();
    source.execute(
        """
        CREATE TYPE mood AS ENUM ('sad', 'so, so', '"quoted"');
        CREATE DOMAIN positive AS integer CHECK (VALUE > 0);
        CREATE DOMAIN amount AS numeric(10,2);
        CREATE DOMAIN price AS amount;
        CREATE TYPE pair AS (a integer, b text);
        """);
    Map<String, Typed> types = types();
    for (String extension : List.of("hstore", "citext")) {
      if (!"0"
          .equals(
              source.query(
                  "SELECT count(*) FROM pg_available_extensions WHERE name = '"
                      + extension
                      + "'"))) {
        source.execute("CREATE EXTENSION " + extension);
        types.put(
            "c_" + extension, new Typed(extension, "%s", of("'a=>NULL, \"b c\"=>\"\"'", "''")));
      }
    }
    source.execute(
        "CREATE TABLE typed (id integer PRIMARY KEY, "
            + types.entrySet().stream()
                .map(e -> e.getKey() + " " + e.getValue().type())
                .collect(Collectors.joining(", "))
            + ", generated integer GENERATED ALWAYS AS (id + 1) STORED)");
    insert(source, types, 0);
    List<CapturedTable> tables =
        List.of(new CapturedTable("public", "typed", "silver.typed", null));
    CaptureEngine first = TestCapture.engine(directory, source, tables, CaptureMetrics.NONE);
    CaptureEngine engine = first;
    engine.start();
    try {
      TestSource.await(
          "the copy is complete",
          LIMIT,
          () -> first.tables().get(0).state() == TableState.STREAMING);
      Map<String, Long> copied = new TreeMap<>(engine.tables().get(0).lossyColumns());
      insert(source, types, ROWS);
      TestSource.await(
          "the inserts are captured", LIMIT, () -> first.tables().get(0).inserts() == ROWS);
      assertThat(copied)
          .isEqualTo(
              Map.of(
                  "c_decimal", 1L,
                  "c_domain_of_domain", 3L,
                  "c_date", 4L,
                  "c_timestamptz", 3L,
                  "c_timestamp", 4L));
      TestSource.await(
          "the stream's losses are counted",
          LIMIT,
          () -> first.tables().get(0).lossyValues() >= 30);
      // Copy and stream lose the same.
      copied.replaceAll((column, n) -> 2 * n);
      assertThat(engine.tables().get(0).lossyColumns()).isEqualTo(copied);
      assertThat(engine.tables().get(0).lossyValues()).isEqualTo(30);
      assertThat(engine.stop(LIMIT)).isTrue();
      engine = TestCapture.engine(directory, source, tables, CaptureMetrics.NONE);
      engine.start();
      CaptureEngine next = engine;
      TestSource.await(
          "the next start knows of them", LIMIT, () -> next.tables().get(0).lossyValues() == 30);
    } finally {
      engine.forget();
    }
    compare(printed(source, types), stored(types), types);
  }

  /** One row for each of the hard values in turn; the last row is all NULL. */
  private static void insert(TestSource source, Map<String, Typed> types, int from)
      throws Exception {
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < ROWS; i++) {
      int row = i;
      rows.append(i == 0 ? "" : ", ")
          .append("(")
          .append(from + i)
          .append(", ")
          .append(
              types.values().stream()
                  .map(
                      t ->
                          row == ROWS - 1
                              ? "NULL"
                              : "(" + t.values().get(row % t.values().size()) + ")::" + t.type())
                  .collect(Collectors.joining(", ")))
          .append(")");
    }
    source.execute(
        "INSERT INTO typed (id, " + String.join(", ", types.keySet()) + ") VALUES " + rows);
  }

  /** PostgreSQL's own text, by COPY. */
  private static Map<Integer, Map<String, String>> printed(
      TestSource source, Map<String, Typed> types) throws Exception {
    Map<Integer, Map<String, String>> rows = new TreeMap<>();
    try (Connection connection = Connections.sql(source.settings(), 60)) {
      CopyOut copy =
          connection
              .unwrap(PGConnection.class)
              .getCopyAPI()
              .copyOut(
                  "COPY typed (id, "
                      + String.join(", ", types.keySet())
                      + ") TO STDOUT (FORMAT csv)");
      for (byte[] row = copy.readFromCopy(); row != null; row = copy.readFromCopy()) {
        List<String> fields = CsvRow.fields(row);
        Map<String, String> values = new LinkedHashMap<>();
        int i = 1;
        for (String column : types.keySet()) {
          values.put(column, fields.get(i++));
        }
        rows.put(Integer.parseInt(fields.get(0)), values);
      }
    }
    return rows;
  }

  private Map<Integer, Map<String, String>> stored(Map<String, Typed> types) throws Exception {
    Path root = directory.resolve("lake");
    List<String> files = new ArrayList<>();
    new ManifestReader(root)
        .chain(1, 1000)
        .forEach(m -> m.files().stream().map(BronzeFile::path).forEach(files::add));
    Map<Integer, Map<String, String>> rows = new TreeMap<>();
    try (Connection duckdb = new DuckDBDriver().connect("jdbc:duckdb:", new Properties());
        Statement statement = duckdb.createStatement()) {
      statement.execute("SET TimeZone = 'UTC'");
      String columns =
          types.entrySet().stream()
              .map(e -> e.getValue().print().replace("%s", e.getKey()).replace("%%", "%"))
              .collect(Collectors.joining(", "));
      String list =
          files.stream().map(f -> "'" + root.resolve(f) + "'").collect(Collectors.joining(", "));
      try (ResultSet result =
          statement.executeQuery(
              "SELECT id, "
                  + columns
                  + " FROM read_parquet(["
                  + list
                  + "],"
                  + " hive_partitioning = false)")) {
        while (result.next()) {
          Map<String, String> values = new LinkedHashMap<>();
          int i = 2;
          for (String column : types.keySet()) {
            values.put(column, result.getString(i++));
          }
          rows.put(result.getInt(1), values);
        }
      }
    }
    return rows;
  }

  private static void compare(
      Map<Integer, Map<String, String>> printed,
      Map<Integer, Map<String, String>> stored,
      Map<String, Typed> types) {
    assertThat(stored.keySet()).isEqualTo(printed.keySet()).hasSize(2 * ROWS);
    List<String> wrong = new ArrayList<>();
    printed.forEach(
        (id, row) ->
            row.forEach(
                (column, text) -> {
                  String found = stored.get(id).get(column);
                  if (!same(types.get(column).type(), text, found)) {
                    wrong.add(column + " of " + id + ": " + text + " became " + found);
                  }
                }));
    assertThat(wrong).isEmpty();
  }

  private static boolean same(String type, String text, String found) {
    if (text == null || found == null) {
      return found == null && (text == null || isLost(type, text));
    }
    return switch (type) {
      case "real", "double precision" -> number(text).equals(number(found));
      case "numeric(12,2)", "numeric(38,10)", "price" ->
          new BigDecimal(text).compareTo(new BigDecimal(found)) == 0;
      default -> text.equals(found);
    };
  }

  /** What docs/TYPES.md declares lost. */
  private static boolean isLost(String type, String text) {
    return switch (type) {
      case "numeric(12,2)", "price" -> text.equals("NaN");
      case "date", "timestamp without time zone", "timestamp with time zone" ->
          text.contains("infinity") || text.endsWith("BC");
      default -> false;
    };
  }

  private static Double number(String text) {
    return switch (text.toLowerCase()) {
      case "nan" -> Double.NaN;
      case "inf", "infinity" -> Double.POSITIVE_INFINITY;
      case "-inf", "-infinity" -> Double.NEGATIVE_INFINITY;
      default -> Double.valueOf(text);
    };
  }
}
