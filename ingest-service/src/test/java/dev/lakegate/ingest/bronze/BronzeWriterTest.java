package dev.lakegate.ingest.bronze;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.ingest.pgoutput.PgOutputEncoder;
import dev.lakegate.model.bronze.BronzeFile;
import dev.lakegate.model.bronze.SchemaVersion;
import dev.lakegate.model.bronze.SchemaVersion.SourceColumn;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.stream.Stream;
import org.duckdb.DuckDBDriver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BronzeWriterTest {
  private static final LocalDate DAY = LocalDate.of(2026, 3, 2);
  private static final long MICROS = 1_772_446_530_123_456L;
  private static final String SEQUENCE = "00011" + "0".repeat(37) + "512" + "00000000";

  @TempDir Path directory;
  private ManifestChain chain;
  private BronzeWriter writer;

  @BeforeEach
  void open() throws Exception {
    chain = ManifestChain.open(directory.resolve("it's a lake"));
    writer = new BronzeWriter(chain, directory.resolve("work"), "64MB");
  }

  @AfterEach
  void close() throws Exception {
    writer.close();
    chain.close();
  }

  private static TableSchema schema(String... typesByName) {
    List<SourceColumn> columns = new ArrayList<>();
    for (int i = 0; i < typesByName.length; i += 2) {
      columns.add(
          new SourceColumn(
              typesByName[i],
              typesByName[i + 1],
              TableSchema.bronzeType(typesByName[i + 1]),
              true));
    }
    return new TableSchema(
        new SchemaVersion("core_x", 1, List.of(typesByName[0]), columns), "tenant_id");
  }

  private Stage stage(TableSchema schema) throws Exception {
    return Stage.ofStream(writer.newStageFile("core_x"), schema, 1);
  }

  private static void add(Stage stage, String tenant, String... values) throws Exception {
    stage.addChange(
        'I',
        SEQUENCE,
        MICROS,
        DAY,
        tenant,
        null,
        null,
        PgOutputEncoder.tuple(Arrays.asList(values)),
        null);
  }

  private List<List<String>> read(ManifestDraft draft, String columns) throws Exception {
    List<List<String>> rows = new ArrayList<>();
    try (Connection duckdb = new DuckDBDriver().connect("jdbc:duckdb:", new Properties());
        Statement statement = duckdb.createStatement()) {
      statement.execute("SET TimeZone = 'UTC'");
      for (BronzeFile file : draft.files()) {
        Path path = chain.root().resolve(file.path());
        assertThat(Files.size(path)).isEqualTo(file.bytes());
        try (ResultSet result =
            statement.executeQuery(
                "SELECT "
                    + columns
                    + " FROM read_parquet('"
                    + path.toString().replace("'", "''")
                    + "', hive_partitioning = false)")) {
          while (result.next()) {
            List<String> row = new ArrayList<>();
            for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
              row.add(result.getString(i));
            }
            rows.add(row);
          }
        }
      }
    }
    return rows;
  }

  @Test
  void everyTextArrivesAsItWas() throws Exception {
    Random random = new Random(20260302);
    // Many small files, because DuckDB looks at the beginning of each.
    for (int file = 0; file < 150; file++) {
      assertArrives(texts(random, 1 + random.nextInt(12), 40));
    }
    assertArrives(texts(random, 20_000, 60));
  }

  @Test
  void everyTextArrivesAsItWasAcrossManyReadBuffers() throws Exception {
    writer.close();
    writer = new BronzeWriter(chain, directory.resolve("work"), "64MB", 4096);
    Random random = new Random(20260303);
    for (int file = 0; file < 10; file++) {
      assertArrives(texts(random, 2_000, 200));
    }
  }

  private static List<String> texts(Random random, int count, int longest) {
    int[] alphabet = "ab,\"\n\r\\\t '\u0001;|\u00e9\u6f22\uD83C\uDF89N0".codePoints().toArray();
    List<String> texts = new ArrayList<>(List.of("\r", "", " ", "\"", "\"\"", ",", "\n", "\r\n"));
    while (texts.size() < count) {
      StringBuilder text = new StringBuilder();
      int length = random.nextInt(longest);
      for (int c = 0; c < length; c++) {
        text.appendCodePoint(alphabet[random.nextInt(alphabet.length)]);
      }
      texts.add(text.toString());
    }
    return texts.subList(0, count);
  }

  private void assertArrives(List<String> texts) throws Exception {
    TableSchema schema = schema("id", "bigint", "a", "text", "b", "text", "tenant_id", "text");
    ManifestDraft draft = chain.draft();
    try (Stage stage = stage(schema)) {
      for (int i = 0; i < texts.size(); i++) {
        add(stage, "t", Integer.toString(i), texts.get(i), i % 3 == 0 ? null : texts.get(i), "t");
      }
      writer.write(stage, draft);
    }
    List<List<String>> rows = read(draft, "id, a, b, tenant_id");
    assertThat(rows).hasSameSizeAs(texts);
    for (List<String> row : rows) {
      int i = Integer.parseInt(row.get(0));
      assertThat(row.get(1)).isEqualTo(texts.get(i));
      assertThat(row.get(2)).isEqualTo(i % 3 == 0 ? null : texts.get(i));
    }
    chain.discard(draft);
  }

  @Test
  void storesEachTypeAsItsOwn() throws Exception {
    TableSchema schema =
        schema(
            "a", "boolean",
            "b", "smallint",
            "c", "integer",
            "d", "bigint",
            "e", "real",
            "f", "double precision",
            "g", "numeric(38,10)",
            "h", "numeric",
            "i", "date",
            "j", "timestamp without time zone",
            "k", "timestamp(3) with time zone",
            "l", "bytea",
            "m", "time without time zone",
            "n", "integer[]",
            "o", "numeric(39,2)",
            "tenant_id", "integer");
    ManifestDraft draft = chain.draft();
    try (Stage stage = stage(schema)) {
      add(
          stage,
          "7",
          "t",
          "-32768",
          "2147483647",
          "-9223372036854775808",
          "NaN",
          "-Infinity",
          "1234567890123456789012345678.0123456789",
          "1e400",
          "9999-12-31",
          "0001-01-01 00:00:00.000001",
          "2026-03-02 10:15:30.123+00",
          "\\x00ff",
          "24:00:00",
          "{1,NULL,2}",
          "1.25",
          "7");
      add(stage, "7", new String[16]);
      assertThat(writer.write(stage, draft).lossyValues()).isEmpty();
    }
    List<List<String>> rows =
        read(
            draft,
            "a, b, c, d, e, f, g, h, i, j, k, hex(l), m, n, o, tenant_id, typeof(a), typeof(b),"
                + " typeof(e), typeof(g), typeof(h), typeof(j), typeof(k), typeof(l), typeof(m),"
                + " typeof(tenant_id), typeof(_unchanged), typeof(_commit_ts), typeof(load_date)");
    assertThat(rows.get(0))
        .containsExactly(
            "true",
            "-32768",
            "2147483647",
            "-9223372036854775808",
            "NaN",
            "-Infinity",
            "1234567890123456789012345678.0123456789",
            "1e400",
            "9999-12-31",
            "0001-01-01 00:00:00.000001",
            rows.get(0).get(10),
            "00FF",
            "24:00:00",
            "{1,NULL,2}",
            "1.25",
            "7",
            "BOOLEAN",
            "SMALLINT",
            "FLOAT",
            "DECIMAL(38,10)",
            "VARCHAR",
            "TIMESTAMP",
            "TIMESTAMP WITH TIME ZONE",
            "BLOB",
            "VARCHAR",
            "VARCHAR",
            "VARCHAR[]",
            "TIMESTAMP WITH TIME ZONE",
            "DATE");
    assertThat(rows.get(0).get(10)).startsWith("2026-03-02").contains("10:15:30.123");
    assertThat(rows.get(1).subList(0, 16)).containsOnlyNulls();
  }

  @Test
  void aValueThatItsTypeCannotHoldBecomesNullAndIsCounted() throws Exception {
    TableSchema schema =
        schema(
            "id",
            "bigint",
            "n",
            "numeric(12,2)",
            "d",
            "date",
            "t",
            "timestamp with time zone",
            "u",
            "timestamp without time zone",
            "tenant_id",
            "text");
    ManifestDraft draft = chain.draft();
    try (Stage stage = stage(schema)) {
      add(stage, "t", "1", "1.50", "2026-03-02", "2026-03-02 00:00:00+00", null, "t");
      add(stage, "t", "2", "NaN", "infinity", "-infinity", "infinity", "t");
      add(stage, "t", "3", "NaN", "0044-03-15 BC", "0044-03-15 00:00:00+00 BC", null, "t");
      assertThat(writer.write(stage, draft).lossyValues())
          .isEqualTo(Map.of("n", 2L, "d", 2L, "t", 2L, "u", 1L));
    }
    List<List<String>> rows = read(draft, "id, n, d, t, u");
    assertThat(rows).hasSize(3);
    assertThat(rows.get(0).subList(0, 3)).containsExactly("1", "1.50", "2026-03-02");
    assertThat(rows.get(1)).containsExactly("2", null, null, null, null);
    assertThat(rows.get(2)).containsExactly("3", null, null, null, null);
  }

  @Test
  void oneFileHoldsOneTenantOfOneDay() throws Exception {
    TableSchema schema = schema("id", "bigint", "tenant_id", "text");
    ManifestDraft draft = chain.draft();
    List<String> tenants = new ArrayList<>(List.of("a/b", "a b", "100%", "=", "é", "..", "a'b"));
    for (int i = 0; i < 150; i++) {
      tenants.add("tenant-" + i);
    }
    try (Stage stage = stage(schema)) {
      for (int i = 0; i < 3 * tenants.size(); i++) {
        String tenant = tenants.get(i % tenants.size());
        add(stage, tenant, Integer.toString(i), tenant);
      }
      add(stage, null, "-1", null);
      add(stage, "", "-2", "");
      assertThat(stage.files()).isEqualTo(tenants.size() + 2);
      writer.write(stage, draft);
    }
    assertThat(draft.files()).hasSize(tenants.size() + 2);
    for (BronzeFile file : draft.files()) {
      assertThat(file.rows()).isEqualTo(file.tenant() == null || file.tenant().isEmpty() ? 1 : 3);
      assertThat(file.firstSequence()).isEqualTo(SEQUENCE);
      assertThat(file.maxCommitTs()).isEqualTo(Instant.parse("2026-03-02T10:15:30.123456Z"));
      assertThat(file.loadDate()).isEqualTo(DAY);
    }
    assertThat(draft.files())
        .extracting(BronzeFile::path)
        .doesNotHaveDuplicates()
        .anyMatch(
            p ->
                p.startsWith(
                    "bronze/core_x/load_date=2026-03-02/tenant_id=a%2Fb/00000000000000000001-"))
        .anyMatch(p -> p.contains("/tenant_id=__HIVE_DEFAULT_PARTITION__/"));
  }

  @Test
  void rowsOfACopyCarryItsSnapshot() throws Exception {
    TableSchema schema = schema("id", "bigint", "note", "text", "tenant_id", "text");
    String sequence = "00010" + "0".repeat(37) + "512" + "00000000";
    ManifestDraft draft = chain.draft();
    try (Stage stage =
        Stage.ofCopy(
            writer.newStageFile("core_x"), schema, 4, new int[] {2, 0, 1}, sequence, MICROS, DAY)) {
      stage.addCopied("t1,1,\"a\"\"\nb\"\n".getBytes(StandardCharsets.UTF_8));
      stage.addCopied("\"t,\"\"2\",2,\"\"\n".getBytes(StandardCharsets.UTF_8));
      stage.addCopied(",3,\n".getBytes(StandardCharsets.UTF_8));
      writer.write(stage, draft);
    }
    assertThat(draft.files())
        .extracting(BronzeFile::tenant)
        .containsExactlyInAnyOrder("t1", "t,\"2", null);
    assertThat(draft.files())
        .allMatch(f -> f.generation() == 4 && f.kind() == BronzeFile.Kind.COPY);
    assertThat(
            read(draft, "id, note, tenant_id, _op, _change_seq, load_date, _unchanged, _old_key"))
        .containsExactlyInAnyOrder(
            Arrays.asList("1", "a\"\nb", "t1", "I", sequence, "2026-03-02", null, null),
            Arrays.asList("2", "", "t,\"2", "I", sequence, "2026-03-02", null, null),
            Arrays.asList("3", null, null, "I", sequence, "2026-03-02", null, null));
  }

  @Test
  void aValueOfManyMegabytesFits() throws Exception {
    TableSchema schema = schema("id", "bigint", "a", "text", "tenant_id", "text");
    String large = "0123456789\"\n".repeat(600_000);
    ManifestDraft draft = chain.draft();
    try (Stage stage = stage(schema)) {
      add(stage, "t", "1", large, "t");
      add(stage, "t", "2", "small", "t");
      writer.write(stage, draft);
    }
    assertThat(read(draft, "length(a), md5(a) = md5(repeat(E'0123456789\"\\n', 600000))"))
        .containsExactlyInAnyOrder(
            List.of(Integer.toString(large.length()), "true"), List.of("5", "false"));
  }

  @Test
  void whatNoManifestNamesIsRemovedAtTheNextStart() throws Exception {
    TableSchema schema = schema("id", "bigint", "tenant_id", "text");
    ManifestDraft named = chain.draft();
    try (Stage stage = stage(schema)) {
      add(stage, "t", "1", "t");
      writer.write(stage, named);
    }
    chain.append(named, "0001", "1/app", 1, "0/200", Instant.now());
    ManifestDraft orphaned = chain.draft();
    try (Stage stage = stage(schema)) {
      add(stage, "t", "2", "t");
      writer.write(stage, orphaned);
    }
    Files.createDirectories(chain.staging());
    Files.writeString(chain.staging().resolve("half"), "x");
    writer.close();
    chain.close();

    chain = ManifestChain.open(chain.root());
    writer = new BronzeWriter(chain, directory.resolve("work"), "64MB");
    assertThat(chain.root().resolve(named.files().get(0).path())).exists();
    assertThat(chain.root().resolve(orphaned.files().get(0).path())).doesNotExist();
    assertThat(chain.staging()).doesNotExist();
    assertThat(chain.lastNumber()).isEqualTo(1);
    assertThat(chain.draft().number()).isEqualTo(2);
    try (Stream<Path> stages = Files.list(directory.resolve("work/stages"))) {
      assertThat(stages).isEmpty();
    }
  }

  @Test
  void aSecondWriterIsRefused() {
    org.assertj.core.api.Assertions.assertThatThrownBy(() -> ManifestChain.open(chain.root()))
        .isInstanceOf(StorageInUseException.class)
        .hasMessageContaining("another process captures");
  }
}
