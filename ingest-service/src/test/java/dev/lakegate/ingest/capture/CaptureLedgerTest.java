package dev.lakegate.ingest.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakegate.model.bronze.BronzeFile;
import dev.lakegate.model.bronze.BronzeFile.Kind;
import dev.lakegate.model.bronze.ChangeSequence;
import dev.lakegate.model.bronze.CopyBegun;
import dev.lakegate.model.bronze.CopyCompleted;
import dev.lakegate.model.bronze.Lsn;
import dev.lakegate.model.bronze.Manifest;
import dev.lakegate.model.bronze.SchemaApproval;
import dev.lakegate.model.bronze.SchemaVersion;
import dev.lakegate.model.bronze.SchemaVersion.Effect;
import dev.lakegate.model.json.Json;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.Test;

class CaptureLedgerTest {
  private static final String T = "core_order";
  private static final String SEQUENCE = ChangeSequence.ofCopy(1, new Lsn(512)).format();
  private static final SchemaVersion SCHEMA = new SchemaVersion(T, 1, List.of("id"), List.of());

  private static BronzeFile file(Kind kind, int generation, long rows, Instant at) {
    return new BronzeFile("p", T, "t", LocalDate.EPOCH, rows, 1, kind, 1, generation, "a", "b", at);
  }

  private static Manifest manifest(
      long number, String epoch, List<BronzeFile> files, List<CopyCompleted> copies) {
    return manifest(
        number,
        epoch,
        null,
        files,
        List.of(),
        copies,
        number == 1 ? List.of(SCHEMA) : List.of(),
        List.of());
  }

  private static Manifest manifest(
      long number,
      String epoch,
      Integer timeline,
      List<BronzeFile> files,
      List<CopyBegun> begun,
      List<CopyCompleted> copies,
      List<SchemaVersion> schemas,
      List<SchemaApproval> approvals) {
    return new Manifest(
        Manifest.VERSION,
        number,
        epoch,
        "1/app",
        timeline,
        Instant.EPOCH,
        null,
        null,
        "0/1",
        files,
        begun,
        copies,
        schemas,
        approvals);
  }

  @Test
  void followsATableFromCopyToStreamToTheNextEpoch() {
    CaptureLedger ledger = new CaptureLedger();
    assertThat(ledger.table(T)).isEqualTo(CaptureLedger.Table.NONE);

    ledger.add(manifest(1, "0001", List.of(file(Kind.COPY, 1, 10, Instant.EPOCH)), List.of()));
    assertThat(ledger.table(T).copied()).isFalse();
    assertThat(ledger.table(T).generation()).isEqualTo(1);
    assertThat(ledger.table(T).schema()).isEqualTo(SCHEMA);

    // The copy died; the next one starts counting anew.
    ledger.add(
        manifest(
            2,
            "0001",
            List.of(file(Kind.COPY, 2, 5, Instant.EPOCH), file(Kind.COPY, 2, 6, Instant.EPOCH)),
            List.of(new CopyCompleted(T, 2, 11, null))));
    assertThat(ledger.table(T).copied()).isTrue();
    assertThat(ledger.table(T).rowsCopied()).isEqualTo(11);

    Instant at = Instant.parse("2026-03-02T10:15:30Z");
    ledger.add(manifest(3, "0001", List.of(file(Kind.STREAM, 2, 4, at)), List.of()));
    ledger.add(
        manifest(4, "0001", List.of(file(Kind.STREAM, 2, 1, at.minusSeconds(9))), List.of()));
    assertThat(ledger.table(T).changes()).isEqualTo(5);
    assertThat(ledger.table(T).lastChangeAt()).isEqualTo(at);
    assertThat(ledger.table(T).copied()).isTrue();

    ledger.add(manifest(5, "0002", List.of(), List.of()));
    assertThat(ledger.table(T).copied()).isFalse();
    assertThat(ledger.table(T).generation()).isEqualTo(2);
  }

  private static final String OTHER = "core_tenant";

  private static Manifest begins(long number, String epoch, CopyBegun... begun) {
    return manifest(number, epoch, 1, List.of(), List.of(begun), List.of(), List.of(), List.of());
  }

  @Test
  void aCopyInTheNextEpochLeavesOtherTablesAlone() {
    CaptureLedger ledger = new CaptureLedger();
    ledger.add(begins(1, "0001", new CopyBegun(T, 1, "first"), new CopyBegun(OTHER, 1, "first")));
    assertThat(ledger.table(T).begun()).isTrue();
    ledger.add(
        manifest(
            2,
            "0001",
            1,
            List.of(file(Kind.COPY, 1, 10, Instant.EPOCH)),
            List.of(),
            List.of(
                new CopyCompleted(T, 1, 10, SEQUENCE), new CopyCompleted(OTHER, 1, 0, SEQUENCE)),
            List.of(SCHEMA),
            List.of()));
    assertThat(ledger.table(T).copied()).isTrue();
    assertThat(ledger.table(T).copiedFrom()).isEqualTo(512);
    assertThat(ledger.table(T).copiedAt()).isEqualTo(Instant.EPOCH);
    assertThat(ledger.table(T).begun()).isFalse();

    ledger.add(begins(3, "0002", new CopyBegun(T, 2, "resync")));
    assertThat(ledger.table(T).copied()).isFalse();
    assertThat(ledger.table(T).begun()).isTrue();
    assertThat(ledger.table(T).generation()).isEqualTo(2);
    assertThat(ledger.table(OTHER).copied()).isTrue();

    // Half a copy, then it is begun once more.
    ledger.add(
        manifest(
            4,
            "0002",
            1,
            List.of(file(Kind.COPY, 2, 3, Instant.EPOCH)),
            List.of(),
            List.of(),
            List.of(),
            List.of()));
    assertThat(ledger.table(T).begun()).isFalse();
    assertThat(ledger.table(T).copied()).isFalse();
    ledger.add(begins(5, "0002", new CopyBegun(T, 3, "again")));
    assertThat(ledger.table(T).begun()).isTrue();
    assertThat(ledger.table(T).rowsCopied()).isZero();
  }

  @Test
  void readersWaitAtADestructiveVersionUntilItIsApprovedOrCopied() {
    CaptureLedger ledger = new CaptureLedger();
    ledger.add(manifest(1, "0001", 1, List.of(), List.of(), List.of(), List.of(SCHEMA), List.of()));
    assertThat(ledger.table(T).pendingApproval()).isEmpty();
    ledger.add(changes(2, version(2, Effect.DESTRUCTIVE)));
    ledger.add(changes(3, version(3, Effect.ADDITIVE)));
    assertThat(ledger.table(T).pendingApproval().orElseThrow().schemaVersion()).isEqualTo(2);
    ledger.add(
        manifest(
            4,
            "0001",
            1,
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(new SchemaApproval(T, 3, "engineer", Instant.EPOCH))));
    assertThat(ledger.table(T).pendingApproval()).isEmpty();
    ledger.add(changes(5, version(4, Effect.DESTRUCTIVE)));
    assertThat(ledger.table(T).pendingApproval()).isPresent();
    ledger.add(begins(6, "0002", new CopyBegun(T, 1, "resync")));
    assertThat(ledger.table(T).pendingApproval()).isEmpty();
    // A copy that brings a destructive version along does not settle it.
    ledger.add(changes(7, version(5, Effect.DESTRUCTIVE)));
    assertThat(ledger.table(T).pendingApproval()).isPresent();
    assertThat(ledger.table(T).schema(4)).isPresent();
    assertThat(ledger.table(T).schema(6)).isEmpty();
  }

  private static SchemaVersion version(int number, Effect effect) {
    return new SchemaVersion(T, number, List.of("id"), List.of(), effect, "Something.", "1/2");
  }

  private static Manifest changes(long number, SchemaVersion version) {
    return manifest(
        number, "0001", 1, List.of(), List.of(), List.of(), List.of(version), List.of());
  }

  @Test
  void isTheSameAfterBeingStored() {
    CaptureLedger ledger = new CaptureLedger();
    ledger.add(
        manifest(
            1,
            "0001",
            List.of(file(Kind.COPY, 1, 10, Instant.EPOCH)),
            List.of(new CopyCompleted(T, 1, 10, null))));
    CaptureLedger.Stored stored =
        Json.read(Json.write(ledger.stored()), CaptureLedger.Stored.class);
    assertThat(new CaptureLedger(stored).table(T)).isEqualTo(ledger.table(T));
    assertThat(new CaptureLedger(stored).number()).isEqualTo(1);
  }

  @Test
  void aManifestThatDoesNotFollowIsRefused() {
    assertThatThrownBy(() -> new CaptureLedger().add(manifest(2, "0001", List.of(), List.of())))
        .hasMessageContaining("does not follow");
  }
}
