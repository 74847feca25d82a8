package dev.lakegate.ingest.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.ingest.preflight.Finding.Severity;
import dev.lakegate.ingest.preflight.PreflightFacts.OpenTransaction;
import dev.lakegate.ingest.preflight.PreflightFacts.Path;
import dev.lakegate.ingest.preflight.PreflightFacts.Publication;
import dev.lakegate.ingest.preflight.PreflightFacts.Replication;
import dev.lakegate.ingest.preflight.PreflightFacts.Role;
import dev.lakegate.ingest.preflight.PreflightFacts.Server;
import dev.lakegate.ingest.preflight.PreflightFacts.Slot;
import dev.lakegate.model.types.TrinoType;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PreflightRulesTest {
  private static final Server SERVER = new Server("app", 150_010, "15.10", false, "UTF8", false);
  private static final Role ROLE = new Role("app_role", false, true, true, true);
  private static final Path DIRECT = new Path(true, true, null);
  private static final Replication ROOM =
      new Replication("logical", 10, 0, 10, 0, 20L << 30, "lakegate", "lakegate");

  private static PreflightFacts facts(
      Server server,
      Role role,
      Path path,
      Replication replication,
      List<OpenTransaction> open,
      Slot slot) {
    return new PreflightFacts(
        server, role, path, replication, open, true, new Publication(true, true), slot, List.of());
  }

  private static Finding finding(PreflightFacts facts, String code) {
    return PreflightRules.report(facts).findings().stream()
        .filter(f -> f.code().equals(code))
        .findFirst()
        .orElseThrow();
  }

  private static PreflightFacts with(Server server) {
    return facts(server, ROLE, DIRECT, ROOM, List.of(), null);
  }

  private static PreflightFacts with(Path path) {
    return facts(SERVER, ROLE, path, ROOM, List.of(), null);
  }

  private static PreflightFacts with(Replication replication, Slot slot) {
    return facts(SERVER, ROLE, DIRECT, replication, List.of(), slot);
  }

  @Test
  void shouldFindNothingWhereNothingIsWrong() {
    PreflightReport report = PreflightRules.report(with(SERVER));
    assertThat(report.verdict()).isEqualTo(Severity.OK);
    assertThat(report.findings()).allMatch(f -> f.remedy() == null);
    assertThat(report.headline()).isEqualTo("Everything is as it should be.");
  }

  @Test
  void shouldJudgeTheServer() {
    assertThat(
            finding(with(new Server("app", 120_000, "12", false, "UTF8", false)), "SERVER_VERSION")
                .severity())
        .isEqualTo(Severity.BLOCKING);
    assertThat(
            finding(with(new Server("app", 150_000, "15", true, "UTF8", false)), "PRIMARY")
                .severity())
        .isEqualTo(Severity.BLOCKING);
    assertThat(
            finding(with(new Server("app", 150_000, "15", false, "SQL_ASCII", false)), "ENCODING")
                .severity())
        .isEqualTo(Severity.BLOCKING);
    assertThat(
            finding(with(new Server("app", 150_000, "15", false, "LATIN1", false)), "ENCODING")
                .severity())
        .isEqualTo(Severity.OK);
  }

  @Test
  void shouldTellRdsFromOthersInItsRemedies() {
    Server rds = new Server("app", 150_000, "15", false, "UTF8", true);
    Role weak = new Role("app_role", false, false, true, true);
    Replication replica = new Replication("replica", 10, 0, 10, 0, null, "lakegate", "lakegate");
    PreflightFacts onRds = facts(rds, weak, DIRECT, replica, List.of(), null);
    assertThat(finding(onRds, "WAL_LEVEL").remedy()).contains("rds.logical_replication");
    assertThat(finding(onRds, "ROLE").remedy()).isEqualTo("GRANT rds_replication TO \"app_role\";");
    PreflightFacts own = facts(SERVER, weak, DIRECT, replica, List.of(), null);
    assertThat(finding(own, "WAL_LEVEL").remedy()).startsWith("ALTER SYSTEM SET wal_level");
    assertThat(finding(own, "ROLE").remedy()).isEqualTo("ALTER ROLE \"app_role\" REPLICATION;");
  }

  @ParameterizedTest
  @CsvSource({
    "true, true, , OK",
    "false, true, , WARNING",
    "false, false, , BLOCKING",
    "true, false, , BLOCKING",
    "true, true, refused, BLOCKING",
    "false, true, refused, BLOCKING",
  })
  void shouldNoticeWhatStandsBetween(
      boolean samePid, boolean kept, String problem, Severity severity) {
    assertThat(finding(with(new Path(samePid, kept, problem)), "CONNECTION").severity())
        .isEqualTo(severity);
  }

  @ParameterizedTest
  @CsvSource({
    "10, 10, , BLOCKING",
    "10, 9, , WARNING",
    "10, 8, , OK",
    "10, 10, pgoutput, WARNING",
    "10, 9, pgoutput, OK",
    "10, 1, wal2json, BLOCKING",
  })
  void shouldCountSlots(int max, int used, String plugin, Severity severity) {
    Slot slot = plugin == null ? null : new Slot(plugin, "app", null, "reserved");
    assertThat(
            finding(
                    with(new Replication("logical", max, used, 10, 0, 20L << 30, "s", "p"), slot),
                    "SLOTS")
                .severity())
        .isEqualTo(severity);
  }

  @ParameterizedTest
  @CsvSource({
    "10, 10, , BLOCKING",
    "10, 9, , WARNING",
    "10, 8, , OK",
    "10, 10, 17, WARNING",
    "10, 9, 17, OK",
  })
  void shouldCountSenders(int max, int used, Integer pid, Severity severity) {
    Slot slot = pid == null ? null : new Slot("pgoutput", "app", pid, "reserved");
    assertThat(
            finding(
                    with(new Replication("logical", 10, 0, max, used, 20L << 30, "s", "p"), slot),
                    "SENDERS")
                .severity())
        .isEqualTo(severity);
  }

  @Test
  void shouldWarnOfSlotsOfOthersAndOfLostOnes() {
    assertThat(
            finding(with(ROOM, new Slot("pgoutput", "other", null, "reserved")), "SLOTS")
                .severity())
        .isEqualTo(Severity.BLOCKING);
    assertThat(finding(with(ROOM, new Slot("pgoutput", "app", null, "lost")), "SLOTS").message())
        .contains("lost its log");
  }

  @Test
  void shouldJudgeRetention() {
    assertThat(
            finding(
                    with(new Replication("logical", 10, 0, 10, 0, null, "s", "p"), null),
                    "WAL_RETENTION")
                .message())
        .contains("disk is full");
    assertThat(
            finding(
                    with(new Replication("logical", 10, 0, 10, 0, 1L << 20, "s", "p"), null),
                    "WAL_RETENTION")
                .severity())
        .isEqualTo(Severity.WARNING);
  }

  @Test
  void shouldNameTheOldestTransactionsAndHowToEndThem() {
    PreflightFacts facts =
        facts(
            SERVER,
            ROLE,
            DIRECT,
            ROOM,
            List.of(
                new OpenTransaction(7, null, "bob", "psql", 9000, true),
                new OpenTransaction(null, "it's", "eve", "", 100, true),
                new OpenTransaction(8, null, "ann", "", 3, false)),
            null);
    List<Finding> open =
        PreflightRules.report(facts).findings().stream()
            .filter(f -> f.code().equals("OPEN_TRANSACTION"))
            .toList();
    assertThat(open).hasSize(2);
    assertThat(open.get(0).message()).contains("bob (psql)", "2 h", "idle");
    assertThat(open.get(0).remedy()).isEqualTo("SELECT pg_terminate_backend(7);");
    assertThat(open.get(1).remedy()).contains("ROLLBACK PREPARED 'it''s'");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "bigint | bigint | true",
        "integer | bigint | true",
        "bigint | integer | false",
        "integer | decimal(12,2) | true",
        "bigint | decimal(12,2) | false",
        "integer | double | true",
        "bigint | double | false",
        "decimal(12,2) | decimal(14,2) | true",
        "decimal(12,2) | decimal(12,4) | false",
        "decimal(12,2) | decimal(14,4) | true",
        "real | double | true",
        "double | real | false",
        "date | timestamp(6) | true",
        "timestamp(6) with time zone | varchar | true",
        "varchar | bigint | false",
        "varchar | varchar(10) | false",
      })
  void shouldTellWhetherADescribedTypeHoldsEveryValue(String from, String to, boolean fits) {
    assertThat(TableRules.fits(TrinoType.parse(from), TrinoType.parse(to))).isEqualTo(fits);
  }

  @Test
  void shouldEstimateByRowsAndByBytes() {
    assertThat(PreflightRules.copySeconds(0, 0)).isEqualTo(1);
    assertThat(PreflightRules.copySeconds(1_400_000, 0)).isEqualTo(10);
    assertThat(PreflightRules.copySeconds(1, 200L << 20)).isEqualTo(10);
  }
}
