package dev.lakegate.ingest.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakegate.model.bronze.BronzeFile;
import dev.lakegate.model.bronze.BronzeFile.Kind;
import dev.lakegate.model.bronze.CopyCompleted;
import dev.lakegate.model.bronze.Manifest;
import dev.lakegate.model.bronze.SchemaVersion;
import dev.lakegate.model.json.Json;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.Test;

class CaptureLedgerTest {
  private static final String T = "core_order";
  private static final SchemaVersion SCHEMA = new SchemaVersion(T, 1, List.of("id"), List.of());

  private static BronzeFile file(Kind kind, int generation, long rows, Instant at) {
    return new BronzeFile("p", T, "t", LocalDate.EPOCH, rows, 1, kind, 1, generation, "a", "b", at);
  }

  private static Manifest manifest(
      long number, String epoch, List<BronzeFile> files, List<CopyCompleted> copies) {
    return new Manifest(
        Manifest.VERSION,
        number,
        epoch,
        "1/app",
        1,
        Instant.EPOCH,
        null,
        null,
        "0/1",
        files,
        List.of(),
        copies,
        number == 1 ? List.of(SCHEMA) : List.of(),
        List.of());
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
