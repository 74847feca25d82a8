package dev.lakegate.ingest.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.ingest.preflight.Finding.Severity;
import dev.lakegate.ingest.source.SourceSettings;
import dev.lakegate.ingest.testing.TestSource;
import dev.lakegate.model.description.LakehouseLoader;
import dev.lakegate.model.description.SourceTable;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every defect, provoked at a real PostgreSQL; and its remedy, carried out, mends it. */
class PreflightProbeTest {
  private static final List<SourceTable> TABLES =
      LakehouseLoader.load(TestSource.base().resolve("lakehouse")).tables();

  private TestSource source;

  @BeforeEach
  void start() throws Exception {
    source = TestSource.start();
  }

  private PreflightReport run() {
    return PreflightProbe.run(source.settings(), TABLES);
  }

  private static List<Finding> bad(PreflightReport report) {
    return report.findings().stream()
        .filter(f -> f.severity() != Severity.OK)
        // The shared cluster has the default of PostgreSQL.
        .filter(f -> !f.code().equals("WAL_RETENTION"))
        .toList();
  }

  private static Predicate<Finding> is(String code, String table, Severity severity) {
    return f ->
        f.code().equals(code)
            && f.severity() == severity
            && (table == null ? f.table() == null : ("public." + table).equals(f.table()));
  }

  private Finding only(String code, String table, Severity severity) {
    return bad(run()).stream()
        .filter(is(code, table, severity))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + code + " among " + bad(run())));
  }

  @Test
  void aSourceAsItShouldBeHasNothingToMend() throws Exception {
    source.seed(2, 50);
    source.execute("ANALYZE");
    PreflightReport report = run();
    assertThat(bad(report)).isEmpty();
    assertThat(report.verdict()).isEqualTo(Severity.WARNING);
    assertThat(report.rows()).isBetween(400L, 500L);
    assertThat(report.bytes()).isPositive();
    assertThat(report.copySeconds()).isEqualTo(1);
    assertThat(report.findings())
        .anySatisfy(f -> assertThat(f.message()).contains("event_data (jsonb)", "id (uuid)"))
        .anySatisfy(f -> assertThat(f.message()).contains("total (NaN)"))
        .anySatisfy(f -> assertThat(f.message()).contains("wal_level is logical"));
  }

  /** Each defect of one table: what provokes it, and what is found. The remedy is carried out. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "ALTER TABLE core_order DROP CONSTRAINT core_order_pkey CASCADE | PRIMARY_KEY",
        "ALTER TABLE core_order DROP CONSTRAINT core_order_pkey CASCADE, ADD PRIMARY KEY (id)"
            + " DEFERRABLE | PRIMARY_KEY",
        "ALTER TABLE core_order REPLICA IDENTITY NOTHING | REPLICA_IDENTITY",
        "CREATE UNIQUE INDEX other ON core_order (tenant_id, order_number); ALTER TABLE core_order REPLICA"
            + " IDENTITY USING INDEX other | REPLICA_IDENTITY",
        "ALTER TABLE core_orderitem SET UNLOGGED; ALTER TABLE core_invoice DROP CONSTRAINT IF"
            + " EXISTS core_invoice_order_id_fk; ALTER TABLE core_order SET UNLOGGED | TABLE",
        "ALTER TABLE core_order ADD COLUMN _op text | COLUMNS",
      })
  void shouldFindADefectAndNameTheStatementThatMendsIt(String provoke, String code)
      throws Exception {
    dropForeignKeys();
    source.execute(provoke);
    Finding finding = only(code, "core_order", Severity.BLOCKING);
    source.execute(finding.remedy());
    assertThat(bad(run())).noneMatch(is(code, "core_order", Severity.BLOCKING));
  }

  private void dropForeignKeys() throws Exception {
    source.execute(
        """
        DO $$ DECLARE r record; BEGIN
          FOR r IN SELECT conrelid::regclass AS t, conname FROM pg_constraint WHERE contype = 'f'
          LOOP EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', r.t, r.conname); END LOOP;
        END $$
        """);
  }

  @Test
  void shouldCompareTheDescriptionWithTheSource() throws Exception {
    dropForeignKeys();
    source.execute(
        """
        ALTER TABLE core_order DROP CONSTRAINT core_order_pkey, ADD PRIMARY KEY (tenant_id, id);
        ALTER TABLE core_order ALTER COLUMN total TYPE numeric(14,4);
        ALTER TABLE core_order ALTER COLUMN notes DROP NOT NULL;
        ALTER TABLE core_order DROP COLUMN currency;
        ALTER TABLE core_order ADD COLUMN colour text, ADD COLUMN sum numeric
          GENERATED ALWAYS AS (subtotal + tax) STORED;
        ALTER TABLE core_order RENAME COLUMN tax TO vat;
        ALTER TABLE core_invoice RENAME TO core_bill;
        """);
    List<Finding> bad = bad(run());
    assertThat(bad)
        .anyMatch(
            f ->
                is("PRIMARY_KEY", "core_order", Severity.BLOCKING).test(f)
                    && f.remedy().contains("order.yaml: key: [tenant_id, id]"))
        .anyMatch(
            f ->
                is("COLUMN_TYPE", "core_order", Severity.BLOCKING).test(f)
                    && f.remedy().contains("decimal(14,4)"))
        .anyMatch(
            f ->
                is("COLUMN_TYPE", "core_order", Severity.WARNING).test(f)
                    && f.message().contains("notes may be NULL"))
        .anyMatch(
            f ->
                is("COLUMNS", "core_order", Severity.BLOCKING).test(f)
                    && f.message().contains("no column currency"))
        .anyMatch(
            f ->
                is("COLUMNS", "core_order", Severity.WARNING).test(f)
                    && f.message().contains("vat (numeric(12,2)), colour (text)")
                    && !f.message().contains("sum"))
        .anyMatch(is("TABLE", "core_invoice", Severity.WARNING));
  }

  @Test
  void shouldLookAtPartitionsAndViews() throws Exception {
    dropForeignKeys();
    source.execute(
        """
        CREATE TABLE moved (LIKE core_event INCLUDING ALL);
        DROP TABLE core_event;
        CREATE TABLE core_event (LIKE moved, PRIMARY KEY (id)) PARTITION BY HASH (id);
        CREATE TABLE event_0 PARTITION OF core_event FOR VALUES WITH (MODULUS 2, REMAINDER 0);
        CREATE TABLE event_1 PARTITION OF core_event FOR VALUES WITH (MODULUS 2, REMAINDER 1);
        INSERT INTO core_event SELECT gen_random_uuid(), 's', 'page_view', '{}', NULL, 'a', now(),
          NULL, 't' FROM generate_series(1, 1000);
        ANALYZE;
        ALTER TABLE core_order RENAME TO real_order;
        CREATE VIEW core_order AS SELECT * FROM real_order;
        """);
    PreflightReport report = run();
    assertThat(bad(report)).noneMatch(f -> "public.core_event".equals(f.table()));
    assertThat(report.findings())
        .anyMatch(
            f ->
                is("SIZE", "core_event", Severity.OK).test(f)
                    && f.message().contains("About 1000 rows")
                    && f.message().contains("partitioned"))
        .anyMatch(
            f ->
                is("TABLE", "core_order", Severity.BLOCKING).test(f)
                    && f.message().contains("a view"));
    source.execute("ALTER TABLE event_1 SET UNLOGGED");
    Finding unlogged = only("TABLE", "core_event", Severity.BLOCKING);
    source.execute(unlogged.remedy());
    assertThat(bad(run())).noneMatch(f -> "public.core_event".equals(f.table()));
  }

  @Test
  void shouldTellARoleWhatItLacksAndHowToGrantIt() throws Exception {
    String role = "preflight_" + source.settings().slot();
    source.execute("CREATE ROLE " + role + " LOGIN PASSWORD 'secret word'");
    source.execute("ALTER TABLE core_customer ENABLE ROW LEVEL SECURITY");
    SourceSettings settings = source.settings(role, "secret word");
    List<Finding> bad = bad(PreflightProbe.run(settings, TABLES));
    assertThat(bad)
        .anyMatch(is("ROLE", null, Severity.BLOCKING))
        .anyMatch(is("PUBLICATION", null, Severity.BLOCKING))
        .anyMatch(is("OPEN_TRANSACTION", null, Severity.WARNING))
        .anyMatch(
            f ->
                is("RIGHTS", "core_customer", Severity.BLOCKING).test(f)
                    && f.message().contains("may not read"))
        .anyMatch(
            f ->
                is("RIGHTS", "core_customer", Severity.BLOCKING).test(f)
                    && f.message().contains("Row security"))
        .anyMatch(
            f ->
                is("RIGHTS", "core_order", Severity.BLOCKING).test(f)
                    && f.message().contains("Only its owner postgres"));
    for (Finding finding : bad) {
      source.execute(finding.remedy().replaceFirst("; or, as its owner.*", ";"));
    }
    assertThat(bad(PreflightProbe.run(settings, TABLES))).isEmpty();
  }

  @Test
  void shouldSayThatNobodyAnswersWithoutThePassword() {
    SourceSettings nobody = source.settings("nobody_at_all", "hidden-password");
    PreflightReport report = PreflightProbe.run(nobody, TABLES);
    assertThat(report.verdict()).isEqualTo(Severity.BLOCKING);
    assertThat(report.findings()).singleElement().matches(f -> f.code().equals("CONNECTION"));
    assertThat(report.toString()).doesNotContain("hidden-password");
  }

  @Test
  void shouldNameTransactionsThatTheFirstSnapshotWouldWaitFor() throws Exception {
    try (Connection open = source.connect();
        Statement statement = open.createStatement()) {
      open.setAutoCommit(false);
      statement.execute("INSERT INTO core_tenant VALUES ('t', 'T', 'small', now())");
      PreflightFacts facts = PreflightProbe.facts(source.settings(), TABLES);
      assertThat(facts.openTransactions())
          .anyMatch(t -> t.idle() && t.user().equals("postgres") && t.pid() != null);
      open.rollback();
    }
  }

  @Test
  void shouldFindAClusterThatIsNotPrepared() throws Exception {
    try (EmbeddedPostgres postgres =
        EmbeddedPostgres.builder()
            .setServerConfig("wal_level", "replica")
            .setServerConfig("max_wal_senders", "0")
            .setServerConfig("max_replication_slots", "0")
            .setServerConfig("max_slot_wal_keep_size", "64MB")
            .setPGStartupWait(Duration.ofSeconds(120))
            .start()) {
      TestSource bare = TestSource.in(postgres);
      List<Finding> bad = PreflightProbe.run(bare.settings(), TABLES).findings();
      assertThat(bad)
          .anyMatch(is("WAL_LEVEL", null, Severity.BLOCKING))
          .anyMatch(is("SLOTS", null, Severity.BLOCKING))
          .anyMatch(is("SENDERS", null, Severity.BLOCKING))
          .anyMatch(is("WAL_RETENTION", null, Severity.WARNING));
    }
  }

  @Test
  void shouldNoticeAPoolerThatPassesNoReplication() throws Exception {
    try (FakePooler pooler = new FakePooler(source.postgres().getPort())) {
      SourceSettings direct = source.settings();
      SourceSettings pooled =
          new SourceSettings(
              direct.jdbcUrl().replace(":" + source.postgres().getPort(), ":" + pooler.port()),
              direct.username(),
              direct.password(),
              direct.slot(),
              direct.publication());
      assertThat(bad(PreflightProbe.run(pooled, TABLES)))
          .anyMatch(
              f ->
                  is("CONNECTION", null, Severity.BLOCKING).test(f)
                      && f.message().contains("pooler")
                      && f.remedy().contains("5432"));
    }
  }
}
