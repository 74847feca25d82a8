package dev.lakegate.ingest.capture;

import dev.lakegate.ingest.source.SlotState;
import dev.lakegate.model.bronze.ChangeSequence;
import dev.lakegate.model.bronze.Lsn;
import dev.lakegate.model.bronze.Manifest;
import java.util.Optional;

/**
 * How capture begins: on where the chain ends, in a new epoch, or not at all. Pure. The rule behind
 * every case: a gap is never silent. Whatever could hide one leads to a new epoch, which copies
 * everything again.
 */
sealed interface StartDecision {

  /**
   * Go on.
   *
   * @param epoch 4 hex digits
   * @param position unsigned LSN; everything that committed before it is in the chain
   */
  record Resume(String epoch, long position) implements StartDecision {}

  /**
   * Open an epoch: drop the slot if there is one, make it anew, copy every table.
   *
   * @param epoch 4 hex digits
   * @param reason a sentence
   */
  record Open(String epoch, String reason) implements StartDecision {}

  /**
   * Touch nothing.
   *
   * @param problem a clause
   * @param remedy what to do
   */
  record Refuse(String problem, String remedy) implements StartDecision {}

  /**
   * What is known.
   *
   * @param slotName for messages
   * @param sourceId of the source that answers
   * @param database that it decodes
   * @param timeline of its log
   * @param currentLsn unsigned end of its log
   * @param slot empty when it does not exist
   * @param publicationBroken whether tables were copied and the publication is gone or leaves out
   *     kinds of changes
   * @param last newest manifest
   * @param mark what else the storage root remembers
   */
  record Facts(
      String slotName,
      String sourceId,
      String database,
      int timeline,
      long currentLsn,
      Optional<SlotState> slot,
      boolean publicationBroken,
      Optional<Manifest> last,
      Optional<CaptureMark> mark) {}

  static StartDecision of(Facts facts) {
    if (facts.last().isPresent() && !facts.last().get().sourceId().equals(facts.sourceId())) {
      return new Refuse(
          "the storage root holds the capture of "
              + facts.last().get().sourceId()
              + " (system identifier/database), but the source is "
              + facts.sourceId(),
          "point lakegate.capture.source.jdbc-url at the former source, or give this source a"
              + " storage root of its own");
    }
    if (facts.slot().isPresent()) {
      SlotState slot = facts.slot().get();
      if (!"pgoutput".equals(slot.plugin()) || !facts.database().equals(slot.database())) {
        return new Refuse(
            "replication slot "
                + facts.slotName()
                + " exists for "
                + (slot.plugin() == null ? "physical replication" : slot.plugin())
                + " of database "
                + slot.database()
                + ", so it is somebody else's",
            "set lakegate.capture.slot to a name that is free");
      }
    }
    if (facts.mark().isPresent() && facts.mark().get().opening()) {
      return new Open(
          facts.mark().get().epoch(), "opening this epoch was interrupted, so it starts over");
    }
    if (facts.last().isEmpty()) {
      return facts.slot().isEmpty()
          ? new Open(ChangeSequence.formatEpoch(1), "first start: every table is copied")
          : new Refuse(
              "replication slot "
                  + facts.slotName()
                  + " exists at the source, but this storage root knows nothing of it",
              "if no other Lakegate uses it: SELECT pg_drop_replication_slot('"
                  + facts.slotName()
                  + "'); otherwise set lakegate.capture.slot to another name");
    }
    Manifest last = facts.last().get();
    long position = Lsn.parse(last.position()).value();
    if (facts.mark().isPresent() && facts.mark().get().epoch().equals(last.epoch())) {
      long marked = Lsn.parse(facts.mark().get().position()).value();
      position = Long.compareUnsigned(marked, position) > 0 ? marked : position;
    }
    Integer timeline = last.timeline();
    if (facts.mark().isPresent()
        && facts.mark().get().epoch().equals(last.epoch())
        && facts.mark().get().timeline() != null) {
      timeline = facts.mark().get().timeline();
    }
    String reason = null;
    if (facts.slot().isEmpty()) {
      reason = "the replication slot is gone, and with it the log since " + Lsn.format(position);
    } else if ("lost".equals(facts.slot().get().walStatus())) {
      reason = "the source no longer retains the log that the slot needs";
    } else if (timeline != null && timeline != facts.timeline()) {
      reason =
          "the source's log is of timeline "
              + facts.timeline()
              + " and was of "
              + timeline
              + ": it was restored, or a standby took over";
    } else if (Long.compareUnsigned(position, facts.currentLsn()) > 0) {
      reason =
          "the source's log ends at "
              + Lsn.format(facts.currentLsn())
              + ", before what was captured: it was restored from a backup";
    } else if (Long.compareUnsigned(facts.slot().get().confirmedLsn(), position) > 0) {
      reason =
          "the slot was acknowledged up to "
              + Lsn.format(facts.slot().get().confirmedLsn())
              + ", beyond "
              + Lsn.format(position)
              + " as this storage root knows it";
    } else if (facts.publicationBroken()) {
      reason = "the publication is gone or left out kinds of changes, so changes may be missing";
    }
    if (reason == null) {
      return new Resume(last.epoch(), position);
    }
    int next = ChangeSequence.parseEpoch(last.epoch()) + 1;
    return next > 0xFFFF
        ? new Refuse("all 65535 epochs are used", "start with an empty storage root")
        : new Open(ChangeSequence.formatEpoch(next), reason);
  }
}
