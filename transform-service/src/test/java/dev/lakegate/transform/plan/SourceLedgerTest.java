package dev.lakegate.transform.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.model.bronze.SchemaVersion;
import dev.lakegate.model.bronze.SchemaVersion.Effect;
import dev.lakegate.transform.plan.SourceLedger.Approval;
import dev.lakegate.transform.plan.SourceLedger.Begun;
import dev.lakegate.transform.plan.SourceLedger.Completed;
import dev.lakegate.transform.plan.SourceLedger.Version;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class SourceLedgerTest {
  private static Completed completed(long manifest, int generation) {
    return new Completed(manifest, generation, "s" + generation, "0001", Instant.EPOCH);
  }

  private static SourceLedger copies(List<Begun> begun, List<Completed> completed) {
    return new SourceLedger(begun, completed, List.of(), List.of());
  }

  private static Version version(long manifest, int number, Effect effect, Long firstFile) {
    return new Version(
        manifest,
        new SchemaVersion("t", number, List.of("id"), List.of(), effect, "x", null),
        firstFile);
  }

  @Test
  void aTableShouldBeWholeOnlyWhenItsNewestCopyIsComplete() {
    assertThat(SourceLedger.EMPTY.wholeAt(9)).isFalse();
    SourceLedger ledger =
        copies(
            List.of(new Begun(3, 1), new Begun(8, 2), new Begun(12, 3)),
            List.of(completed(5, 1), completed(14, 3)));
    assertThat(ledger.wholeAt(4)).isFalse();
    assertThat(ledger.wholeAt(5)).isTrue();
    assertThat(ledger.wholeAt(7)).isTrue();
    assertThat(ledger.wholeAt(8)).as("a copy goes on").isFalse();
    assertThat(ledger.wholeAt(13)).isFalse();
    assertThat(ledger.wholeAt(14)).isTrue();
    assertThat(ledger.copying()).isEmpty();
    assertThat(copies(ledger.begun(), List.of(completed(5, 1))).copying())
        .contains(new Begun(12, 3));
    assertThat(copies(ledger.begun(), List.of(completed(13, 2))).copying())
        .as("an earlier copy is not the newest")
        .contains(new Begun(12, 3));
  }

  @Test
  void aCopyMayBeginAndEndWithOneManifest() {
    SourceLedger ledger = copies(List.of(new Begun(4, 1)), List.of(completed(4, 1)));
    assertThat(ledger.wholeAt(4)).isTrue();
    assertThat(ledger.beginningOf(completed(4, 1))).isEqualTo(4);
  }

  @Test
  void epochsOfVersionOneShouldCopyEveryTable() {
    SourceLedger ledger =
        copies(
            List.of(new Begun(1, null), new Begun(6, null)),
            List.of(completed(2, 1), completed(9, 2)));
    assertThat(ledger.wholeAt(5)).isTrue();
    assertThat(ledger.wholeAt(6)).isFalse();
    assertThat(ledger.wholeAt(9)).isTrue();
    assertThat(ledger.beginningOf(completed(9, 2))).isEqualTo(6);
    assertThat(ledger.beginningOf(completed(2, 1))).isEqualTo(1);
  }

  @Test
  void theNewestCopyWithinARunShouldCount() {
    SourceLedger ledger =
        copies(
            List.of(new Begun(1, 1), new Begun(4, 2), new Begun(7, 3)),
            List.of(completed(2, 1), completed(5, 2), completed(9, 3)));
    assertThat(ledger.completedWithin(0, 6)).contains(completed(5, 2));
    assertThat(ledger.completedWithin(5, 8)).isEmpty();
    assertThat(ledger.beginningOf(completed(5, 2))).isEqualTo(4);
  }

  @Test
  void aDestructiveVersionShouldHoldUntilItOrALaterOneIsAccepted() {
    List<Version> versions =
        List.of(
            version(1, 1, Effect.FIRST, 1L),
            version(4, 2, Effect.DESTRUCTIVE, null),
            version(6, 3, Effect.ADDITIVE, 6L),
            version(9, 4, Effect.DESTRUCTIVE, 10L));
    SourceLedger held =
        new SourceLedger(List.of(new Begun(1, 1)), List.of(completed(1, 1)), versions, List.of());
    assertThat(held.hold(3).orElseThrow().before()).as("a later version stands on it").isEqualTo(6);
    assertThat(held.hold(6).orElseThrow().before()).as("passed already").isEqualTo(10);
    SourceLedger approved =
        new SourceLedger(held.begun(), held.completed(), versions, List.of(new Approval(7, 2)));
    assertThat(approved.hold(3).orElseThrow().version().schemaVersion()).isEqualTo(4);
    SourceLedger all =
        new SourceLedger(held.begun(), held.completed(), versions, List.of(new Approval(11, 4)));
    assertThat(all.hold(3)).isEmpty();
    SourceLedger copied =
        new SourceLedger(
            List.of(new Begun(1, 1), new Begun(9, 2)), held.completed(), versions, List.of());
    assertThat(copied.hold(3).orElseThrow().version().schemaVersion())
        .as("a copy that began with a version does not accept it")
        .isEqualTo(4);
    SourceLedger resynced =
        new SourceLedger(
            List.of(new Begun(1, 1), new Begun(10, 2)), held.completed(), versions, List.of());
    assertThat(resynced.hold(3)).isEmpty();
    assertThat(held.versionsThrough(5)).hasSize(2);
  }
}
