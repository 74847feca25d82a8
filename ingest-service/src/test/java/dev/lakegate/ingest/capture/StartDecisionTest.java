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
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class StartDecisionTest {
  private static final SlotState SLOT = slot(0x100, "reserved");
  private static final CaptureMark MARK = CaptureMark.at("0003", "0/100", 1, new TreeMap<>());

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
      SlotState slot, Manifest last, CaptureMark mark, boolean publicationBroken) {
    return decide("1/app", 0x1000, slot, last, mark, publicationBroken);
  }

  private static StartDecision decide(
      String sourceId,
      long current,
      SlotState slot,
      Manifest last,
      CaptureMark mark,
      boolean publicationBroken) {
    return StartDecision.of(
        new StartDecision.Facts(
            "lakegate",
            sourceId,
            "app",
            1,
            current,
            Optional.ofNullable(slot),
            publicationBroken,
            Optional.ofNullable(last),
            Optional.ofNullable(mark)));
  }

  private static StartDecision decideOnTimeline(int timeline, Manifest last, CaptureMark mark) {
    return StartDecision.of(
        new StartDecision.Facts(
            "lakegate",
            "1/app",
            "app",
            timeline,
            0x1000,
            Optional.of(SLOT),
            false,
            Optional.of(last),
            Optional.ofNullable(mark)));
  }

  private static Manifest withTimeline(Manifest m, Integer timeline) {
    return new Manifest(
        m.version(),
        m.number(),
        m.epoch(),
        m.sourceId(),
        timeline,
        m.createdAt(),
        m.firstSequence(),
        m.lastSequence(),
        m.position(),
        m.files(),
        m.copiesBegun(),
        m.copiesCompleted(),
        m.schemaChanges(),
        m.schemaApprovals());
  }

  @Test
  void theFirstStartOpensTheFirstEpoch() {
    assertThat(decide(null, null, null, false))
        .isInstanceOfSatisfying(Open.class, o -> assertThat(o.epoch()).isEqualTo("0001"));
  }

  @Test
  void goesOnWhereTheChainEnds() {
    assertThat(decide(SLOT, manifest("0/200"), null, false)).isEqualTo(new Resume("0003", 0x200));
  }

  @Test
  void goesOnBehindAStretchWithoutChangesThatWasAcknowledged() {
    CaptureMark mark = CaptureMark.at("0003", "0/300", 1, new TreeMap<>());
    assertThat(decide(slot(0x300, "reserved"), manifest("0/200"), mark, false))
        .isEqualTo(new Resume("0003", 0x300));
  }

  @Test
  void aMarkOfAnotherEpochSaysNothing() {
    CaptureMark mark = CaptureMark.at("0002", "0/900", 1, new TreeMap<>());
    assertThat(decide(SLOT, manifest("0/200"), mark, false)).isEqualTo(new Resume("0003", 0x200));
  }

  @Test
  void aLostSlotOpensTheNextEpoch() {
    assertOpens(decide(null, manifest("0/200"), MARK, false), "gone");
    assertOpens(decide(slot(0x100, "lost"), manifest("0/200"), MARK, false), "retains");
  }

  @Test
  void aSlotThatSomebodyElseMovedOpensTheNextEpoch() {
    assertOpens(decide(slot(0x301, "reserved"), manifest("0/200"), MARK, false), "beyond");
  }

  @Test
  void aSourceThatWentBackOpensTheNextEpoch() {
    assertOpens(decide("1/app", 0x1ff, SLOT, manifest("0/200"), MARK, false), "restored");
  }

  @Test
  void aBrokenPublicationOpensTheNextEpoch() {
    assertOpens(decide(SLOT, manifest("0/200"), MARK, true), "publication");
  }

  @Test
  void anotherTimelineOpensTheNextEpoch() {
    Manifest captured = manifest("0/200");
    assertThat(decideOnTimeline(1, captured, MARK)).isEqualTo(new Resume("0003", 0x200));
    assertOpens(decideOnTimeline(2, captured, MARK), "timeline 2");
    assertOpens(decideOnTimeline(2, captured, null), "timeline 2");
    // What the mark says is newer; and neither says anything where it was not remembered yet.
    CaptureMark later = CaptureMark.at("0003", "0/300", 2, new TreeMap<>());
    assertThat(decideOnTimeline(2, captured, later)).isEqualTo(new Resume("0003", 0x300));
    Manifest version1 = withTimeline(captured, null);
    CaptureMark mark1 = CaptureMark.at("0003", "0/300", null, new TreeMap<>());
    assertThat(decideOnTimeline(9, version1, mark1)).isEqualTo(new Resume("0003", 0x300));
  }

  @Test
  void anInterruptedOpeningStartsOver() {
    CaptureMark opening = CaptureMark.opening("0004", 1);
    assertOpens(decide(SLOT, manifest("0/200"), opening, false), "interrupted");
    assertThat(decide(SLOT, null, CaptureMark.opening("0001", 1), false))
        .isInstanceOfSatisfying(Open.class, o -> assertThat(o.epoch()).isEqualTo("0001"));
  }

  @Test
  void positionsCompareUnsigned() {
    Manifest high = manifest("FFFFFFFF/0");
    assertThat(decide("1/app", -1, SLOT, high, null, false))
        .isEqualTo(new Resume("0003", 0xFFFFFFFF_00000000L));
  }

  @Test
  void refusesAnotherSourceASlotOfOthersAndASlotItDoesNotKnow() {
    assertRefuses(decide("2/app", 0x1000, SLOT, manifest("0/200"), MARK, false), "2/app");
    assertRefuses(
        decide(
            new SlotState("wal2json", "app", null, 1, 1L, "reserved"),
            manifest("0/200"),
            MARK,
            false),
        "wal2json");
    assertRefuses(
        decide(
            new SlotState("pgoutput", "other", null, 1, 1L, "reserved"),
            manifest("0/200"),
            MARK,
            false),
        "database other");
    assertRefuses(decide(SLOT, null, null, false), "knows nothing");
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
