package dev.lakegate.transform.plan;

import dev.lakegate.model.job.Checkpoint;
import dev.lakegate.model.job.RunRequest.Mode;
import dev.lakegate.model.job.SilverShape;
import dev.lakegate.transform.plan.History.Outcome;
import dev.lakegate.transform.plan.SourceLedger.Begun;
import dev.lakegate.transform.plan.SourceLedger.Hold;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Optional;

/** What a Silver table needs. Pure. */
final class SilverNeeds {
  /** What the jobs answer when the table was made by another definition. */
  static final String NEEDS_REBUILD = "TABLE_NEEDS_REBUILD";

  private final Situation situation;
  private final Rules rules;
  private final Dataset dataset;
  private final Published published;
  private final SourceLedger ledger;
  private final Bronze.Backlog backlog;
  private final long consumed;

  SilverNeeds(Situation situation, Rules rules, Dataset dataset) {
    this.situation = situation;
    this.rules = rules;
    this.dataset = dataset;
    this.published = situation.published().get(dataset.name());
    this.ledger = situation.bronze().ledger(dataset.bronzeTable());
    this.backlog = situation.bronze().backlog(dataset.name());
    this.consumed =
        published == null || published.bronze() == null ? 0 : published.bronze().manifest();
  }

  /**
   * Last manifest that a run may consume.
   *
   * @param from what it has consumed before; 0 for a run that starts over
   */
  long upTo(long from) {
    long end = situation.bronze().head().manifest();
    Optional<Begun> copying = copyingAfter(from);
    if (copying.isPresent() && waits()) {
      end = Math.min(end, copying.get().manifest() - 1);
    }
    return Math.min(end, ledger.hold(from).map(hold -> hold.before() - 1).orElse(end));
  }

  private Optional<Begun> copyingAfter(long from) {
    return ledger.copying().filter(begun -> begun.manifest() > from);
  }

  /** Half a copy is not shown, unless it is so large that waiting would cost more. */
  private boolean waits() {
    return backlog.copying() == null || backlog.copying().rows() < rules.copyRows();
  }

  /**
   * Last manifest that a run which somebody asks for may consume; null while there would be nothing
   * to show but a part of a copy.
   */
  Long requestedUpTo(Mode mode) {
    boolean anew = mode == Mode.FULL || published == null;
    long upTo = upTo(anew ? 0 : consumed);
    return anew && (upTo < 1 || !(ledger.wholeAt(upTo) || !waits())) ? null : Long.valueOf(upTo);
  }

  /** Why the table does not belong to the chain; null when it does. */
  private String stranger() {
    Checkpoint.OfManifests at = published.bronze();
    Bronze.Head head = situation.bronze().head();
    String what =
        at.manifest() > head.manifest()
            ? "but the chain of manifests ends at %d".formatted(head.manifest())
            : backlog.epoch() != null && !backlog.epoch().equals(at.epoch())
                ? "but in the chain of manifests that one is of epoch %s".formatted(backlog.epoch())
                : null;
    return what == null
        ? null
        : ("It has consumed manifest %d of epoch %s, %s: Bronze is not the one it was built from. If"
                + " this Bronze is right, build the table anew: ask for a run of mode 'full'.")
            .formatted(at.manifest(), at.epoch(), what);
  }

  Need find() {
    Bronze bronze = situation.bronze();
    Instant behindSince = backlog.oldestAt();
    if (bronze.head() == null) {
      return published == null
          ? Need.nothing("Capture has not written its first manifest yet.")
          : Need.held("Waits for the index of manifests, which is empty.", null, false);
    }
    if (published == null && backlog.isEmpty() && ledger.completed().isEmpty()) {
      return Need.nothing(
          "Nothing has been captured from %s yet.".formatted(dataset.bronzeTable()));
    }
    if (published != null && published.bronze() == null) {
      return Need.held(
          "Its snapshot carries no checkpoint, so it is not known what it has consumed.",
          behindSince,
          true);
    }
    if (published != null && stranger() != null) {
      return Need.decision(stranger(), behindSince);
    }
    long upTo = upTo(consumed);
    Need work = work(upTo, behindSince);
    if (work != null) {
      return work;
    }
    // Also with nothing pending: changes of a table that is being copied are not captured apart.
    boolean apart = backlog.held() == null || copyingAfter(consumed).isPresent() && waits();
    if (ledger.copying().isPresent() && apart && (published != null || !backlog.isEmpty())) {
      return Need.held(
          "Waits for the copy of %s to complete; %s captured so far."
              .formatted(
                  dataset.bronzeTable(),
                  count(backlog.copying() == null ? 0 : backlog.copying().rows(), "row")),
          behindSince,
          false);
    }
    Optional<Hold> hold = ledger.hold(consumed);
    if (hold.isPresent() && backlog.held() != null) {
      return Need.decision(held(hold.get()), behindSince);
    }
    if (published == null) {
      return Need.held(
          "Waits for the copy of %s to complete.".formatted(dataset.bronzeTable()),
          behindSince,
          false);
    }
    if (situation.bronze().catchingUp().contains(dataset.bronzeTable())) {
      return Need.held(
          "Waits for the changes of %s since its copy's snapshot, which are being read."
              .formatted(dataset.bronzeTable()),
          behindSince,
          false);
    }
    return Need.nothing(
        published.rows() == 0
            ? "%s has no rows; everything captured is applied.".formatted(dataset.bronzeTable())
            : "Everything captured from %s is applied.".formatted(dataset.bronzeTable()));
  }

  private Need work(long upTo, Instant behindSince) {
    if (published == null) {
      // Half a table is not shown as if it were a whole one.
      boolean whole = ledger.wholeAt(upTo) || !waits();
      if (!whole || upTo == 0) {
        return null;
      }
      return Need.work(
          Mode.INCREMENTAL,
          backlog.open() == null && backlog.copying() == null
              ? "%s is captured and has no rows; the table does not exist yet."
                  .formatted(dataset.bronzeTable())
              : "%s of %s are captured and the table does not exist yet."
                  .formatted(
                      count(
                          (backlog.open() == null ? 0 : backlog.open().rows())
                              + (backlog.copying() == null ? 0 : backlog.copying().rows()),
                          "row"),
                      dataset.bronzeTable()),
          behindSince,
          upTo);
    }
    Optional<SilverShape.Change> change = change(upTo);
    String rebuild = rebuild(change);
    if (rebuild != null) {
      long whole = upTo(0);
      return ledger.wholeAt(whole)
          ? Need.work(
              Mode.FULL,
              rebuild + " It is built anew from Bronze.",
              behindSince == null ? situation.now() : behindSince,
              whole)
          : Need.held(
              "%s It is built anew when the copy of %s is complete."
                  .formatted(rebuild, dataset.bronzeTable()),
              behindSince == null ? situation.now() : behindSince,
              false);
    }
    if (change.isPresent()) {
      return Need.work(
          Mode.INCREMENTAL,
          change.get().reason() + " Rows from now on have it.",
          behindSince == null ? situation.now() : behindSince,
          upTo);
    }
    boolean enters = !waits() && copyingAfter(consumed).isPresent();
    if (backlog.open() != null || (enters && backlog.copying() != null)) {
      Bronze.Pending pending = backlog.open() != null ? backlog.open() : backlog.copying();
      return Need.work(
          Mode.INCREMENTAL,
          "%s with %s, captured after manifest %d, are to be applied."
              .formatted(count(pending.files(), "file"), count(pending.rows(), "row"), consumed),
          behindSince,
          upTo);
    }
    if (ledger.completedWithin(consumed, upTo).isPresent()) {
      return Need.work(
          Mode.INCREMENTAL,
          "%s was copied anew; rows that the copy has not seen are to be removed."
              .formatted(dataset.bronzeTable()),
          behindSince == null ? situation.now() : behindSince,
          upTo);
    }
    return null;
  }

  /** How what is stored differs from what would be written. */
  private Optional<SilverShape.Change> change(long upTo) {
    if (dataset.specification() == null) {
      return Optional.empty();
    }
    return SilverShape.change(
        published.columns(),
        situation.historyOf(dataset.name()).specification(),
        SilverShape.of(dataset.specification(), ledger.versionsThrough(upTo)).specification(),
        ledger.versionsThrough(consumed));
  }

  /** Why the table has to be made anew; null when it has not. */
  private String rebuild(Optional<SilverShape.Change> change) {
    if (change.isPresent() && change.get().kind() == SilverShape.Change.Kind.REBUILD) {
      return "Its definition changed: " + lowered(change.get().reason());
    }
    History.Last last = situation.historyOf(dataset.name()).last();
    return last != null
            && last.outcome() == Outcome.FAILED
            && NEEDS_REBUILD.equals(last.errorCode())
        ? "The stored table was made by another definition."
        : null;
  }

  private static String lowered(String sentence) {
    return sentence.substring(0, 1).toLowerCase(Locale.ROOT) + sentence.substring(1);
  }

  private String held(Hold hold) {
    String table = dataset.bronzeTable();
    String what =
        hold.version().explanation() == null
            ? "it takes something away."
            : hold.version().explanation();
    return ("Schema version %d of %s waits for a decision: %s %s since %s are not applied. Accept it"
            + " with './lakegate approve %s', or have the table copied anew with './lakegate resync"
            + " %s'.")
        .formatted(
            hold.version().schemaVersion(),
            table,
            what.endsWith(".") ? what : what + ".",
            count(backlog.held().rows(), "change"),
            backlog.held().oldestAt().truncatedTo(ChronoUnit.SECONDS),
            table,
            table);
  }

  private static String count(long n, String noun) {
    return String.format(Locale.ROOT, "%,d %s%s", n, noun, n == 1 ? "" : "s");
  }
}
