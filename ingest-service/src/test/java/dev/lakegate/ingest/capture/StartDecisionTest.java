package dev.lakegate.ingest.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.ingest.capture.StartDecision.Open;
import dev.lakegate.ingest.capture.StartDecision.Refuse;
import dev.lakegate.ingest.capture.StartDecision.Resume;
import dev.lakegate.ingest.source.SlotState;
import dev.lakegate.model.bronze.Manifest;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class StartDecisionTest {
  private static final SlotState SLOT = slot(0x100, "reserved");
  private static final CaptureMark MARK = CaptureMark.at("0003", "0/100", new TreeSet<>());

  private static SlotState slot(long confirmed, String walStatus) {
    return new SlotState("pgoutput", "app", null, confirmed, 0x80L, walStatus);
  }

  private static Manifest manifest(String position) {
    return new Manifest(
        Manifest.VERSION,
        7,
        "0003",
        "1/app",
        1,
        Instant.EPOCH,
        null,
        null,
        position,
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of());
  }

  private static StartDecision decide(
      SlotState slot, Manifest last, CaptureMark mark, List<String> uncovered, boolean mended) {
    return decide("1/app", 0x1000, slot, last, mark, uncovered, mended);
  }

  private static StartDecision decide(
      String sourceId,
      long current,
      SlotState slot,
      Manifest last,
      CaptureMark mark,
      List<String> uncovered,
      boolean mended) {
    return StartDecision.of(
        new StartDecision.Facts(
            "lakegate",
            sourceId,
            "app",
            current,
            Optional.ofNullable(slot),
            uncovered,
            mended,
            Optional.ofNullable(last),
            Optional.ofNullable(mark)));
  }

  @Test
  void theFirstStartOpensTheFirstEpoch() {
    assertThat(decide(null, null, null, List.of(), false))
        .isInstanceOfSatisfying(Open.class, o -> assertThat(o.epoch()).isEqualTo("0001"));
  }

  @Test
  void goesOnWhereTheChainEnds() {
    assertThat(decide(SLOT, manifest("0/200"), null, List.of(), false))
        .isEqualTo(new Resume("0003", 0x200));
  }

  @Test
  void goesOnBehindAStretchWithoutChangesThatWasAcknowledged() {
    CaptureMark mark = CaptureMark.at("0003", "0/300", new TreeSet<>());
    assertThat(decide(slot(0x300, "reserved"), manifest("0/200"), mark, List.of(), false))
        .isEqualTo(new Resume("0003", 0x300));
  }

  @Test
  void aMarkOfAnotherEpochSaysNothing() {
    CaptureMark mark = CaptureMark.at("0002", "0/900", new TreeSet<>());
    assertThat(decide(SLOT, manifest("0/200"), mark, List.of(), false))
        .isEqualTo(new Resume("0003", 0x200));
  }

  @Test
  void aLostSlotOpensTheNextEpoch() {
    assertOpens(decide(null, manifest("0/200"), MARK, List.of(), false), "gone");
    assertOpens(decide(slot(0x100, "lost"), manifest("0/200"), MARK, List.of(), false), "retains");
  }

  @Test
  void aSlotThatSomebodyElseMovedOpensTheNextEpoch() {
    assertOpens(
        decide(slot(0x301, "reserved"), manifest("0/200"), MARK, List.of(), false), "beyond");
  }

  @Test
  void aSourceThatWentBackOpensTheNextEpoch() {
    assertOpens(
        decide("1/app", 0x1ff, SLOT, manifest("0/200"), MARK, List.of(), false), "restored");
  }

  @Test
  void aTableThatLeftThePublicationOpensTheNextEpoch() {
    assertOpens(decide(SLOT, manifest("0/200"), MARK, List.of("core_order"), false), "core_order");
  }

  @Test
  void aMendedGapOpensTheNextEpoch() {
    assertOpens(decide(SLOT, manifest("0/200"), MARK, List.of(), true), "let pass");
  }

  @Test
  void anInterruptedOpeningStartsOver() {
    CaptureMark opening = CaptureMark.opening("0004");
    assertOpens(decide(SLOT, manifest("0/200"), opening, List.of(), false), "interrupted");
    assertThat(decide(SLOT, null, CaptureMark.opening("0001"), List.of(), false))
        .isInstanceOfSatisfying(Open.class, o -> assertThat(o.epoch()).isEqualTo("0001"));
  }

  @Test
  void positionsCompareUnsigned() {
    Manifest high = manifest("FFFFFFFF/0");
    assertThat(decide("1/app", -1, SLOT, high, null, List.of(), false))
        .isEqualTo(new Resume("0003", 0xFFFFFFFF_00000000L));
  }

  @Test
  void refusesAnotherSourceASlotOfOthersAndASlotItDoesNotKnow() {
    assertRefuses(
        decide("2/app", 0x1000, SLOT, manifest("0/200"), MARK, List.of(), false), "2/app");
    assertRefuses(
        decide(
            new SlotState("wal2json", "app", null, 1, 1L, "reserved"),
            manifest("0/200"),
            MARK,
            List.of(),
            false),
        "wal2json");
    assertRefuses(
        decide(
            new SlotState("pgoutput", "other", null, 1, 1L, "reserved"),
            manifest("0/200"),
            MARK,
            List.of(),
            false),
        "database other");
    assertRefuses(decide(SLOT, null, null, List.of(), false), "knows nothing");
  }

  private static void assertOpens(StartDecision decision, String reason) {
    assertThat(decision)
        .isInstanceOfSatisfying(
            Open.class,
            open -> {
              assertThat(open.epoch()).isEqualTo("0004");
              assertThat(open.reason()).contains(reason);
            });
  }

  private static void assertRefuses(StartDecision decision, String problem) {
    assertThat(decision)
        .isInstanceOfSatisfying(
            Refuse.class,
            refuse -> {
              assertThat(refuse.problem()).contains(problem);
              assertThat(refuse.remedy()).isNotBlank();
            });
  }
}
