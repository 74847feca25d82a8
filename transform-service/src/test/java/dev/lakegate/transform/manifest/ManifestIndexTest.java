package dev.lakegate.transform.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.model.bronze.BronzeFile;
import dev.lakegate.model.bronze.CopyBegun;
import dev.lakegate.model.bronze.CopyCompleted;
import dev.lakegate.model.bronze.Manifest;
import dev.lakegate.model.bronze.RollUp;
import dev.lakegate.model.bronze.SchemaApproval;
import dev.lakegate.model.bronze.SchemaVersion;
import dev.lakegate.transform.plan.PendingFile;
import dev.lakegate.transform.plan.SourceLedger;
import dev.lakegate.transform.testing.ControlDatabase;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ManifestIndexTest {
  private static final Instant AT = Instant.parse("2026-03-02T10:00:00Z");
  private static ControlDatabase control;
  private ManifestIndex index;

  @BeforeAll
  static void startDatabase() throws Exception {
    control = new ControlDatabase();
  }

  @AfterAll
  static void stopDatabase() throws Exception {
    control.close();
  }

  @BeforeEach
  void clear() throws SQLException {
    control.clear();
    index = new ManifestIndex(control.database());
  }

  private static BronzeFile file(String path, int schemaVersion) {
    return new BronzeFile(
        path,
        path.substring(0, 1),
        "t",
        LocalDate.of(2026, 3, 2),
        10,
        100,
        BronzeFile.Kind.STREAM,
        schemaVersion,
        1,
        "s",
        "s",
        AT);
  }

  private static Manifest manifest(long number, Integer timeline, String epoch, String... paths) {
    return new Manifest(
        Manifest.VERSION,
        number,
        epoch,
        "1/app",
        timeline,
        AT,
        null,
        null,
        "0/1",
        Stream.of(paths).map(path -> file(path, 1)).toList(),
        List.of(),
        List.of(),
        List.of(),
        List.of());
  }

  private List<String> files(String table, long after) throws SQLException {
    return index.files(table, after, 100, 100).files().stream().map(PendingFile::path).toList();
  }

  @Test
  void mergedFilesShouldBeReadAgainOnlyByWhoHasNotConsumedAllOfThem() throws Exception {
    index.append(
        List.of(
            manifest(1, 1, "0001", "a1", "b1", "c1"),
            manifest(2, 1, "0001", "a2"),
            manifest(3, 1, "0001", "b3"),
            manifest(4, 1, "0001"),
            manifest(5, 1, "0001", "a5")));
    RollUp rollUp =
        new RollUp(
            RollUp.VERSION,
            1,
            4,
            "0001",
            AT,
            List.of(
                manifest(1, 1, "0001", "c1"),
                manifest(2, 1, "0001"),
                manifest(3, 1, "0001"),
                manifest(4, 1, "0001", "a-merged", "b-merged")),
            List.of("a1", "a2", "b1", "b3"));
    index.takeUp(rollUp);
    assertThat(files("a", 0)).containsExactly("a-merged", "a5");
    assertThat(files("a", 1)).as("consumed half of it").containsExactly("a-merged", "a5");
    assertThat(files("a", 2)).as("consumed all of it").containsExactly("a5");
    assertThat(files("b", 2)).containsExactly("b-merged");
    assertThat(files("b", 3)).isEmpty();
    assertThat(files("c", 0)).containsExactly("c1");
    assertThat(files("c", 1)).isEmpty();
    assertThat(index.takenUp()).containsExactly(new RollUp.Range(1, 4));
    // Who looks at the chain for the first time sees the same fingerprints.
    assertThat(index.fingerprint(4)).contains(Fingerprint.of(rollUp.manifest(4)));
  }

  @Test
  void shouldKeepWhatManifestsSayOfCopiesAndSchemas() throws Exception {
    SchemaVersion version =
        new SchemaVersion(
            "a",
            2,
            List.of("id"),
            List.of(new SchemaVersion.SourceColumn("id", "bigint", "bigint", false)),
            SchemaVersion.Effect.DESTRUCTIVE,
            "Column x is gone.",
            "1/2");
    index.append(
        List.of(
            manifest(1, null, "0001", "a1"),
            manifest(2, null, "0002", "a2"),
            new Manifest(
                Manifest.VERSION,
                3,
                "0003",
                "1/app",
                1,
                AT,
                null,
                null,
                "0/1",
                List.of(file("a3", 2)),
                List.of(new CopyBegun("a", 2, "Test.")),
                List.of(new CopyCompleted("a", 2, 10, "00030")),
                List.of(version),
                List.of(new SchemaApproval("a", 2, "admin", AT)))));
    SourceLedger ledger = index.ledgers().get("a");
    assertThat(ledger.begun())
        .containsExactly(
            new SourceLedger.Begun(1, null),
            new SourceLedger.Begun(2, null),
            new SourceLedger.Begun(3, 2));
    assertThat(ledger.completed())
        .containsExactly(new SourceLedger.Completed(3, 2, "00030", "0003", AT));
    assertThat(ledger.versions()).containsExactly(new SourceLedger.Version(3, version, 3L));
    assertThat(ledger.approvals()).containsExactly(new SourceLedger.Approval(3, 2));
    assertThat(index.epoch(2)).contains("0002");
    assertThat(index.lastManifests()).containsEntry("a", 3L);
    assertThat(index.commitTimes("a", 1, 3, 10)).containsExactly(AT, AT);
    assertThat(index.hasEarlierEpoch("0001")).isFalse();
    index.clear();
    assertThat(index.ledgers()).isEmpty();
    assertThat(index.lastManifests()).isEmpty();
  }
}
