package dev.lakegate.transform.plan;

import dev.lakegate.model.job.RunRequest.Mode;
import dev.lakegate.transform.plan.History.Commit;
import dev.lakegate.transform.plan.History.Outcome;
import dev.lakegate.transform.plan.Plan.Candidate;
import dev.lakegate.transform.plan.Plan.State;
import dev.lakegate.transform.plan.Plan.Status;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Decides, for every dataset, how it stands and whether it may run now. A pure function: the same
 * situation gives the same plan. Thread-safe.
 *
 * <p>After starting a candidate the situation has changed, so one plans anew before starting
 * another.
 */
public final class Planner {
  /** The failure that says only that the table has consumed less than its snapshot said. */
  private static final String OUTDATED = "CHECKPOINT_BEHIND";

  /**
   * Failures that need no patience, the first time: what made them is known by now. A file may be
   * missing because it was merged into another after the run was planned.
   */
  private static final Set<String> REPEATED_AT_ONCE =
      Set.of(OUTDATED, "BRONZE_FILE_MISSING", SilverNeeds.NEEDS_REBUILD);

  /** Part of its goal from which a dataset that is blocked keeps others from going first. */
  private static final double KEEPS_ITS_PLACE = 0.5;

  private final Rules rules;
  private final Instant startedAt;

  public Planner(Rules rules) {
    this(rules, Instant.MIN);
  }

  /**
   * @param startedAt when this service started: another version of it, or of the jobs, may do what
   *     an earlier one could not
   */
  public Planner(Rules rules, Instant startedAt) {
    this.rules = Objects.requireNonNull(rules, "rules is null");
    this.startedAt = Objects.requireNonNull(startedAt, "startedAt is null");
  }

  /** Whether a run failed only because its request was made from an outdated checkpoint. */
  public static boolean isOutdated(String errorCode) {
    return OUTDATED.equals(errorCode);
  }

  /** The plan for a situation. */
  public Plan plan(Situation situation) {
    return new Pass(situation).plan();
  }

  /** One evaluation; datasets are looked at in order, so that inputs are known before readers. */
  private final class Pass {
    private final Situation situation;
    private final Map<String, Finding> findings = new LinkedHashMap<>();
    private Instant wakeAt;

    Pass(Situation situation) {
      this.situation = situation;
    }

    Plan plan() {
      for (Dataset dataset : situation.datasets()) {
        findings.put(dataset.name(), judge(dataset));
        if (dataset.daily()) {
          wake(today().plusDays(1).atStartOfDay(ZoneOffset.UTC).toInstant());
        }
      }
      List<Status> statuses = new ArrayList<>();
      List<Ranked> ranked = new ArrayList<>();
      for (Finding finding : findings.values()) {
        statuses.add(finding.status());
        if (finding.candidate() != null && requestFor(finding.dataset()) == null) {
          ranked.add(new Ranked(finding, urgency(finding)));
        }
      }
      List<Candidate> ready = new ArrayList<>();
      if (situation.obstacle() == null) {
        ready.addAll(requested());
        ranked.sort(Comparator.comparingDouble(Ranked::urgency).reversed());
        ready.addAll(inTurn(ranked));
      }
      return new Plan(statuses, ready, wakeAt);
    }

    /**
     * Those whose turn it is. Who has to wait for a running dataset, and has waited for half of its
     * goal, keeps its place: nothing that it would have to wait for next starts before it. Before
     * that, a place kept would only be a slot left empty.
     */
    private List<Candidate> inTurn(List<Ranked> ranked) {
      List<Candidate> ready = new ArrayList<>();
      Set<String> reserved = new HashSet<>();
      for (Ranked one : ranked) {
        String name = one.finding().dataset().name();
        if (one.finding().blocked()) {
          if (one.urgency() >= KEEPS_ITS_PLACE) {
            reserved.addAll(related(name));
          }
        } else if (!reserved.contains(name)) {
          ready.add(one.finding().candidate());
        }
      }
      return ready;
    }

    private Set<String> related(String name) {
      Set<String> related = new HashSet<>();
      for (Dataset other : situation.datasets()) {
        if (reads(name, other.name()) || reads(other.name(), name)) {
          related.add(other.name());
        }
      }
      return related;
    }

    /** Whether a dataset reads another one, directly or through others. */
    private boolean reads(String name, String input) {
      Dataset dataset = findings.get(name) == null ? null : findings.get(name).dataset();
      return dataset != null
          && dataset.inputs().stream().anyMatch(i -> i.equals(input) || reads(i, input));
    }

    private List<Candidate> requested() {
      List<Candidate> candidates = new ArrayList<>();
      // What was asked for earlier further up comes first: a backfill goes down the way of the
      // data.
      Set<String> asked = new HashSet<>();
      for (Situation.Request request : situation.requests()) {
        Finding finding = findings.get(request.dataset());
        if (finding == null
            || candidates.stream().anyMatch(c -> c.dataset().equals(request.dataset()))
            || asked.stream().anyMatch(earlier -> reads(request.dataset(), earlier))) {
          asked.add(request.dataset());
          continue;
        }
        asked.add(request.dataset());
        Dataset dataset = finding.dataset();
        if (request.past() != null) {
          // About what is published, whatever its inputs have.
          if (!situation.running().containsKey(dataset.name())
              && (request.mode() != Mode.RESTORE
                  || related(dataset.name()).stream()
                      .noneMatch(situation.running()::containsKey))) {
            candidates.add(
                new Candidate(
                    dataset.name(),
                    request.mode(),
                    "Asked for by " + request.by() + ".",
                    null,
                    request.runId(),
                    null,
                    request.past()));
          }
          continue;
        }
        boolean possible =
            !situation.running().containsKey(dataset.name())
                && !situation.holds().containsKey(dataset.name())
                && related(dataset.name()).stream().noneMatch(situation.running()::containsKey)
                && (dataset.layer() == Dataset.Layer.SILVER
                    ? requestedUpTo(dataset, request.mode()) != null
                    : gold(dataset).missingInput() == null);
        if (possible) {
          candidates.add(
              new Candidate(
                  dataset.name(),
                  request.mode(),
                  "Asked for by " + request.by() + ".",
                  finding.ownBehindSince(),
                  request.runId(),
                  dataset.layer() == Dataset.Layer.SILVER
                      ? requestedUpTo(dataset, request.mode())
                      : null));
        }
      }
      return candidates;
    }

    private Situation.Request requestFor(Dataset dataset) {
      return situation.requests().stream()
          .filter(request -> request.dataset().equals(dataset.name()))
          .findFirst()
          .orElse(null);
    }

    private Long requestedUpTo(Dataset dataset, Mode mode) {
      return situation.bronze().head() == null
          ? null
          : new SilverNeeds(situation, rules, dataset).requestedUpTo(mode);
    }

    /**
     * Which part of its layer's goal a candidate has waited, since it could have run and not while
     * it ran itself: neither a dataset with an endless backlog nor one that changes all the time
     * comes before another that has waited longer. A metric also rests for as long as it ran last,
     * because its tables cannot run meanwhile: a heavy one would take more than half of their time.
     */
    private double urgency(Finding finding) {
      Instant since = finding.ownBehindSince() == null ? Instant.EPOCH : finding.ownBehindSince();
      History history = situation.historyOf(finding.dataset().name());
      History.Last last = history.last();
      Instant ready = last != null && last.finishedAt().isAfter(since) ? last.finishedAt() : since;
      if (finding.dataset().layer() == Dataset.Layer.SILVER) {
        return part(ready, rules.silverGoal());
      }
      if (!history.commits().isEmpty() && ready.isAfter(Instant.EPOCH)) {
        Commit commit = history.commits().get(history.commits().size() - 1);
        Instant rested =
            commit.finishedAt().plus(Duration.between(commit.startedAt(), commit.finishedAt()));
        ready = rested.isAfter(ready) ? rested : ready;
      }
      return part(ready, rules.goldGoal());
    }

    private double part(Instant ready, Duration goal) {
      return (double) Duration.between(ready, situation.now()).toMillis() / goal.toMillis();
    }

    private Finding judge(Dataset dataset) {
      Situation.Running running = situation.running().get(dataset.name());
      Need need = need(dataset);
      Instant behindSince = earliest(need.behindSince(), upstreamBehindSince(dataset));
      if (running != null) {
        String stage = running.stage() == null ? "" : ": " + running.stage();
        return new Finding(
            dataset,
            new Status(
                dataset.name(),
                dataset.layer(),
                State.RUNNING,
                "Run %s has been going since %s%s."
                    .formatted(running.runId(), time(running.startedAt()), stage),
                behindSince,
                false,
                null),
            need.behindSince(),
            null,
            false,
            false);
      }
      return switch (need.kind()) {
        case NOTHING -> idle(dataset, need, behindSince);
        case HELD -> held(dataset, need, behindSince);
        case WORK -> work(dataset, need, behindSince);
      };
    }

    private Finding idle(Dataset dataset, Need need, Instant behindSince) {
      Finding blocker = behindInput(dataset);
      if (blocker != null) {
        String why =
            blocker.failing()
                ? "Held by %s: %s".formatted(blocker.dataset().name(), blocker.status().reason())
                : blocker.status().state() == State.HELD
                    ? "It reflects what %s has, which is held: %s"
                        .formatted(blocker.dataset().name(), blocker.status().reason())
                    : "Waits for %s, which has changes to apply first."
                        .formatted(blocker.dataset().name());
        return new Finding(
            dataset,
            status(dataset, State.STALE, why, behindSince, false, null),
            null,
            null,
            false,
            blocker.failing());
      }
      Published published = situation.published().get(dataset.name());
      boolean empty = published == null || published.rows() == 0;
      return new Finding(
          dataset,
          status(
              dataset,
              empty ? State.EMPTY : State.FRESH,
              need.reason() + unrepeated(dataset),
              behindSince,
              true,
              null),
          null,
          null,
          false,
          false);
    }

    /** A failed run that nothing requires to be repeated is still worth a word. */
    private String unrepeated(Dataset dataset) {
      History.Last last = situation.historyOf(dataset.name()).last();
      return last != null && last.outcome() == Outcome.FAILED
          ? " Its last run, %s, failed (%s) and need not be repeated."
              .formatted(last.runId(), error(last))
          : "";
    }

    private Finding held(Dataset dataset, Need need, Instant behindSince) {
      boolean never = !situation.published().containsKey(dataset.name());
      return new Finding(
          dataset,
          status(
              dataset,
              situation.unreadable().containsKey(dataset.name())
                  ? State.FAILED
                  : need.decision() ? State.HELD : never ? State.EMPTY : State.STALE,
              need.reason(),
              behindSince,
              false,
              null),
          need.behindSince(),
          null,
          false,
          need.failing());
    }

    private Finding work(Dataset dataset, Need need, Instant behindSince) {
      History history = situation.historyOf(dataset.name());
      History.Last last = history.last();
      boolean troubled =
          last != null
              && (last.outcome() == Outcome.FAILED || last.outcome() == Outcome.CANCELLED)
              && Objects.equals(last.definition(), dataset.definition());
      boolean stands = troubled && stands(dataset, need, last);
      Instant nextTryAt = troubled && !stands ? nextTryAt(history) : null;
      boolean waits = stands || nextTryAt != null && nextTryAt.isAfter(situation.now());
      String reason = need.reason();
      State state = State.STALE;
      if (troubled && last.outcome() == Outcome.CANCELLED) {
        if (waits) {
          reason =
              "%s Run %s was cancelled; the next starts at %s."
                  .formatted(reason, last.runId(), time(nextTryAt));
        }
      } else if (troubled) {
        state = State.FAILED;
        reason =
            "Run %s failed (%s)%s; %s."
                .formatted(
                    last.runId(),
                    error(last),
                    kind(last).sentence(),
                    stands
                        ? notAgain(dataset, kind(last))
                        : waits
                            ? "next try, number %d, at %s"
                                .formatted(history.failures() + 1, time(nextTryAt))
                            : "it is tried again, for the %s time, as soon as it is its turn"
                                .formatted(ordinal(history.failures() + 1)));
      }
      if (waits && nextTryAt != null) {
        wake(nextTryAt);
      }
      Candidate candidate =
          waits
              ? null
              : new Candidate(
                  dataset.name(), need.mode(), reason, need.behindSince(), null, need.upTo());
      if (!waits && situation.obstacle() != null) {
        reason = reason + " " + situation.obstacle();
      } else if (!waits && need.blockedBy() == null && !situation.running().isEmpty()) {
        reason =
            "%s Its turn comes after %s."
                .formatted(
                    reason,
                    String.join(", ", situation.running().keySet().stream().sorted().toList()));
      }
      return new Finding(
          dataset,
          status(dataset, state, reason, behindSince, false, waits ? nextTryAt : null),
          need.behindSince(),
          candidate,
          need.blockedBy() != null,
          state == State.FAILED);
    }

    private Instant nextTryAt(History history) {
      History.Last last = history.last();
      if (last.outcome() == Outcome.CANCELLED) {
        return last.finishedAt().plus(rules.afterCancel());
      }
      if (history.failures() <= 1
          && last.errorCode() != null
          && REPEATED_AT_ONCE.contains(last.errorCode())) {
        return last.finishedAt();
      }
      return last.finishedAt().plus(rules.retryDelay(history.failures(), kind(last)));
    }

    /** Whether a failed run would fail again, because nothing that it depends on has changed. */
    private boolean stands(Dataset dataset, Need need, History.Last last) {
      if (last.outcome() != Outcome.FAILED
          || !kind(last).waitsForAChange()
          || last.finishedAt().isBefore(startedAt)) {
        return false;
      }
      return kind(last) == FailureClass.CODE
          || last.basis() != null && last.basis().equals(basis(dataset, need));
    }

    /** What a run would read now; null when that is not known. */
    private String basis(Dataset dataset, Need need) {
      if (need.mode() == Mode.FULL && dataset.bronzeTable() != null) {
        return null;
      }
      if (dataset.bronzeTable() != null) {
        Bronze.Backlog backlog = situation.bronze().backlog(dataset.name());
        return Basis.ofFiles(files(backlog.open()) + files(backlog.copying()));
      }
      Map<String, String> instants = new LinkedHashMap<>();
      for (String input : dataset.inputs()) {
        Published published = situation.published().get(input);
        instants.put(input, published == null ? "none" : published.instant());
      }
      return Basis.ofInputs(instants, dataset.daily() ? today() : null);
    }

    private static long files(Bronze.Pending pending) {
      return pending == null ? 0 : pending.files();
    }

    private static String notAgain(Dataset dataset, FailureClass kind) {
      return "it is not tried again before %s, or somebody asks for a run"
          .formatted(
              kind == FailureClass.CODE
                  ? "its definition changes or the service starts anew"
                  : (dataset.bronzeTable() == null
                          ? String.join(", ", dataset.inputs())
                          : dataset.bronzeTable())
                      + " or its definition changes");
    }

    private Need need(Dataset dataset) {
      Need need = ownNeed(dataset);
      Situation.Hold hold = situation.holds().get(dataset.name());
      return hold == null ? need : Need.decision(sentence(dataset, hold), need.behindSince());
    }

    private static String sentence(Dataset dataset, Situation.Hold hold) {
      return ("%s its state of instant %s, as %s asked at %s. It stays there until somebody releases"
              + " it: './lakegate release %s' applies what came later.")
          .formatted(
              hold.done() ? "It was restored to" : "Run " + hold.run() + " is to restore",
              hold.instant(),
              hold.by(),
              time(hold.since()),
              dataset.name());
    }

    private Need ownNeed(Dataset dataset) {
      String unreadable = situation.unreadable().get(dataset.name());
      if (unreadable != null) {
        // To run it from nothing could build the table a second time.
        return Need.held(
            "Its snapshot %s. Ask for a run of it: that publishes anew.".formatted(unreadable),
            null,
            true);
      }
      Need need =
          dataset.layer() == Dataset.Layer.SILVER
              ? new SilverNeeds(situation, rules, dataset).find()
              : gold(dataset).find();
      if (need.kind() != Need.Kind.WORK || need.blockedBy() != null) {
        return need;
      }
      for (String running : situation.running().keySet().stream().sorted().toList()) {
        Dataset reader =
            situation.datasets().stream()
                .filter(d -> d.name().equals(running))
                .findFirst()
                .orElse(null);
        if (reader != null && readsDown(reader, dataset.name())) {
          return need.blockedBy(
              running, "Waits for the run of %s, which reads it, to end.".formatted(running));
        }
      }
      return need;
    }

    private GoldNeeds gold(Dataset dataset) {
      return new GoldNeeds(situation, rules, findings, this::wake, dataset);
    }

    /** Like {@link #reads}, for datasets that were not looked at yet. */
    private boolean readsDown(Dataset reader, String input) {
      for (String name : reader.inputs()) {
        if (name.equals(input)) {
          return true;
        }
        for (Dataset further : situation.datasets()) {
          if (further.name().equals(name) && readsDown(further, input)) {
            return true;
          }
        }
      }
      return false;
    }

    private Finding behindInput(Dataset dataset) {
      return dataset.inputs().stream()
          .map(findings::get)
          .filter(finding -> finding != null && !finding.status().upstreamCurrent())
          .min(Comparator.comparing(finding -> !finding.failing()))
          .orElse(null);
    }

    private Instant upstreamBehindSince(Dataset dataset) {
      Instant since = null;
      for (String input : dataset.inputs()) {
        Finding finding = findings.get(input);
        since = earliest(since, finding == null ? null : finding.status().behindSince());
      }
      return since;
    }

    private Status status(
        Dataset dataset,
        State state,
        String reason,
        Instant behindSince,
        boolean upstreamCurrent,
        Instant nextTryAt) {
      Situation.Request request = requestFor(dataset);
      return new Status(
          dataset.name(),
          dataset.layer(),
          state,
          request == null
              ? reason
              : reason
                  + " Run %s, which %s asked for, is queued."
                      .formatted(request.runId(), request.by()),
          behindSince,
          upstreamCurrent,
          nextTryAt);
    }

    private LocalDate today() {
      return LocalDate.ofInstant(situation.now(), ZoneOffset.UTC);
    }

    private void wake(Instant at) {
      if (at.isAfter(situation.now())) {
        wakeAt = earliest(wakeAt, at);
      }
    }
  }

  private record Ranked(Finding finding, double urgency) {}

  static Instant earliest(Instant a, Instant b) {
    if (a == null || b == null) {
      return a == null ? b : a;
    }
    return a.isBefore(b) ? a : b;
  }

  private static FailureClass kind(History.Last last) {
    return FailureClass.of(last.errorCode(), last.retryable());
  }

  private static String error(History.Last last) {
    String message = last.errorMessage() == null ? "" : ": " + last.errorMessage();
    return (last.errorCode() == null ? "UNKNOWN" : last.errorCode()) + message;
  }

  static String time(Instant instant) {
    return instant.truncatedTo(ChronoUnit.SECONDS).toString();
  }

  private static String ordinal(int n) {
    int tens = n % 100;
    String suffix =
        tens >= 11 && tens <= 13
            ? "th"
            : switch (n % 10) {
              case 1 -> "st";
              case 2 -> "nd";
              case 3 -> "rd";
              default -> "th";
            };
    return n + suffix;
  }
}
