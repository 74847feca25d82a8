package dev.lakegate.transform.plan;

import dev.lakegate.model.job.Checkpoint;
import dev.lakegate.model.job.RunRequest.Mode;
import dev.lakegate.transform.plan.History.Commit;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** What a metric needs, given what was found out about its inputs. */
final class GoldNeeds {
  private final Situation situation;
  private final Rules rules;
  private final Map<String, Finding> findings;
  private final Consumer<Instant> wake;
  private final Dataset dataset;
  private final Published published;

  /**
   * @param findings of all datasets before this one
   * @param wake is told when the answer may differ although nothing else happened
   */
  GoldNeeds(
      Situation situation,
      Rules rules,
      Map<String, Finding> findings,
      Consumer<Instant> wake,
      Dataset dataset) {
    this.situation = situation;
    this.rules = rules;
    this.findings = findings;
    this.wake = wake;
    this.dataset = dataset;
    this.published = situation.published().get(dataset.name());
  }

  Need find() {
    String missing = missingInput();
    if (missing != null) {
      Finding input = findings.get(missing);
      boolean failing = input != null && input.failing();
      return Need.held(
          "Waits for %s, which does not exist yet: %s"
              .formatted(
                  missing, input == null ? "no description names it." : input.status().reason()),
          null,
          failing);
    }
    Need need = work();
    if (need.kind() != Need.Kind.WORK) {
      return need;
    }
    for (String name : dataset.inputs()) {
      Finding input = findings.get(name);
      if (input.failing()) {
        return Need.held(
            "Held by %s: %s".formatted(name, input.status().reason()), need.behindSince(), true);
      }
      if (published == null && copyInProgress(input)) {
        return Need.held(
            "Waits for %s to apply the whole copy of its source.".formatted(name),
            need.behindSince(),
            false);
      }
    }
    String running = runningInput(dataset);
    if (running != null) {
      return need.blockedBy(running, "Waits for the run of %s to end.".formatted(running));
    }
    return gathered(need);
  }

  private Need work() {
    if (published == null) {
      return Need.work(Mode.INCREMENTAL, "It was never computed.", unreadSince(Map.of()));
    }
    if (redefined() || !published.inputs().keySet().equals(Set.copyOf(dataset.inputs()))) {
      return Need.work(
          Mode.FULL,
          "Its description changed since it was last computed.",
          unreadSince(published.inputs()));
    }
    List<String> unread = dataset.inputs().stream().filter(this::unread).toList();
    if (!unread.isEmpty()) {
      return Need.work(
          Mode.INCREMENTAL,
          "%s %s changed since it was last computed."
              .formatted(String.join(", ", unread), unread.size() == 1 ? "has" : "have"),
          unreadSince(published.inputs()));
    }
    if (dataset.daily() && !today().equals(published.asOf())) {
      return Need.work(
          Mode.INCREMENTAL,
          "It was computed as of %s, and in UTC it is %s now.".formatted(published.asOf(), today()),
          today().atStartOfDay(ZoneOffset.UTC).toInstant());
    }
    return Need.nothing(
        published.rows() == 0
            ? "%s give no rows.".formatted(String.join(", ", dataset.inputs()))
            : "It reflects everything in %s.".formatted(String.join(", ", dataset.inputs())));
  }

  /**
   * Waits for those inputs whose pending changes are as old as the ones just committed, so that a
   * wave of changes over several tables makes one run; never for changes that came later or that
   * nothing is about to apply, and never long.
   */
  private Need gathered(Need need) {
    Map<String, String> consumed = published == null ? Map.of() : published.inputs();
    Instant waveStart = null;
    Instant firstCommit = null;
    for (String input : dataset.inputs()) {
      for (Commit commit : unreadCommits(input, consumed.get(input))) {
        waveStart = Planner.earliest(waveStart, commit.startedAt());
        firstCommit = Planner.earliest(firstCommit, commit.finishedAt());
      }
    }
    if (waveStart == null) {
      return need;
    }
    Instant deadline = firstCommit.plus(rules.gather());
    if (!deadline.isAfter(situation.now())) {
      return need;
    }
    for (String name : dataset.inputs()) {
      Instant behindSince = findings.get(name).status().behindSince();
      if (behindSince != null && behindSince.isBefore(waveStart) && coming(name)) {
        wake.accept(deadline);
        return Need.held(
            "%s Waits until %s for %s, which has changes of the same time to apply."
                .formatted(need.reason(), Planner.time(deadline), name),
            need.behindSince(),
            false);
      }
    }
    return need;
  }

  /** Whether a run of a dataset, or of one upstream, is in progress or only waits for its turn. */
  private boolean coming(String name) {
    Finding finding = findings.get(name);
    return finding != null
        && (finding.candidate() != null
            || situation.running().containsKey(name)
            || finding.dataset().inputs().stream().anyMatch(this::coming));
  }

  private boolean unread(String input) {
    return !situation.published().get(input).instant().equals(published.inputs().get(input));
  }

  private List<Commit> unreadCommits(String input, String consumed) {
    return situation.historyOf(input).commits().stream()
        .filter(commit -> consumed == null || commit.instant().compareTo(consumed) > 0)
        .toList();
  }

  /** Capture time of the oldest change in the inputs that was not read; their commit if unknown. */
  private Instant unreadSince(Map<String, String> consumed) {
    Instant since = null;
    for (String input : dataset.inputs()) {
      Published current = situation.published().get(input);
      if (current.instant().equals(consumed.get(input))) {
        continue;
      }
      Instant known = null;
      for (Commit commit : unreadCommits(input, consumed.get(input))) {
        known = Planner.earliest(known, commit.oldestChangeAt());
      }
      since = Planner.earliest(since, known == null ? current.publishedAt() : known);
    }
    return since;
  }

  private boolean redefined() {
    String stored = situation.historyOf(dataset.name()).definition();
    return stored != null && !stored.equals(dataset.definition());
  }

  private boolean copyInProgress(Finding input) {
    Dataset table = input.dataset();
    if (table.layer() != Dataset.Layer.SILVER) {
      return false;
    }
    Checkpoint.OfManifests consumed = situation.published().get(table.name()).bronze();
    return consumed != null
        && !situation.bronze().ledger(table.bronzeTable()).wholeAt(consumed.manifest());
  }

  /** An input that was never published or that nothing describes; null when there is none. */
  String missingInput() {
    return dataset.inputs().stream()
        .filter(input -> !situation.published().containsKey(input) || !findings.containsKey(input))
        .findFirst()
        .orElse(null);
  }

  /** A running dataset anywhere upstream; null when there is none. */
  private String runningInput(Dataset dataset) {
    for (String input : dataset.inputs()) {
      if (situation.running().containsKey(input)) {
        return input;
      }
      Finding finding = findings.get(input);
      String further = finding == null ? null : runningInput(finding.dataset());
      if (further != null) {
        return further;
      }
    }
    return null;
  }

  private LocalDate today() {
    return LocalDate.ofInstant(situation.now(), ZoneOffset.UTC);
  }
}
