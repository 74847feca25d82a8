package dev.lakegate.governance.lakeformation;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Takes a plan's steps in their order, which is what makes it safe: first everything that takes
 * away; a filter before the grant on it; a revocation before what it stood on goes. When one step
 * of the first part fails, nothing is given to anybody. It can end at any point: the next plan goes
 * on from what is there.
 */
final class Applier {
  /** Most grants of one call. */
  static final int MOST_IN_A_CALL = 20;

  /** Called before each call of AWS. */
  @FunctionalInterface
  interface Turn {
    /** Waits for the pace; throws when this process may no longer go on. */
    void await();
  }

  /** Told of each result as soon as it is known. */
  @FunctionalInterface
  interface Listener {
    void told(Result result);
  }

  /** What came of a step. */
  enum Outcome {
    DONE,
    FAILED,
    /** Something that it needs, or an earlier step, failed. */
    SKIPPED,
    /** Nothing may be given now, see the findings. */
    BLOCKED
  }

  /**
   * @param error null unless it failed or was skipped
   */
  record Result(Step step, Outcome outcome, String error) {}

  private final LakePort port;
  private final Ledger ledger;
  private final Turn turn;
  private final Listener listener;
  private final List<Result> results = new ArrayList<>();
  private final Set<String> failed = new HashSet<>();
  private boolean tighteningFailed;

  private Applier(LakePort port, Ledger ledger, Turn turn, Listener listener) {
    this.port = port;
    this.ledger = ledger;
    this.turn = turn;
    this.listener = listener;
  }

  static List<Result> apply(
      ChangePlan plan, LakePort port, Ledger ledger, Turn turn, Listener listener) {
    Applier applier = new Applier(port, ledger, turn, listener);
    applier.run(plan);
    return List.copyOf(applier.results);
  }

  private void run(ChangePlan plan) {
    List<Step> batch = new ArrayList<>();
    for (Step step : plan.steps()) {
      // A step may need what the batch before it does, so that goes first.
      if (!batch.isEmpty()
          && (batch.get(0).action() != step.action()
              || !step.action().batches()
              || batch.size() == MOST_IN_A_CALL)) {
        take(batch);
        batch.clear();
      }
      if (!step.action().tightens() && plan.blocked()) {
        result(step, Outcome.BLOCKED, "What is given would not be enforced: see the findings.");
      } else {
        batch.add(step);
      }
    }
    take(batch);
  }

  private void take(List<Step> wanted) {
    List<Step> batch = new ArrayList<>();
    for (Step step : wanted) {
      if (!step.action().tightens() && tighteningFailed) {
        result(step, Outcome.SKIPPED, "Something could not be taken away before.");
      } else if (step.needs().stream().anyMatch(failed::contains)) {
        result(step, Outcome.SKIPPED, "What it needs failed.");
      } else {
        batch.add(step);
      }
    }
    if (batch.isEmpty()) {
      return;
    }
    Step.Action action = batch.get(0).action();
    List<Item> items = batch.stream().map(Step::item).toList();
    if (!action.removes()) {
      ledger.intend(items);
    }
    Map<String, String> errors = action == Step.Action.FORGET ? Map.of() : call(action, items);
    List<Item> done = items.stream().filter(i -> !errors.containsKey(i.key())).toList();
    if (action.removes()) {
      ledger.gone(done);
    } else {
      ledger.made(done);
    }
    for (Step step : batch) {
      String error = errors.get(step.item().key());
      result(step, error == null ? Outcome.DONE : Outcome.FAILED, error);
    }
  }

  private Map<String, String> call(Step.Action action, List<Item> items) {
    turn.await();
    try {
      return port.perform(action, items);
    } catch (RuntimeException e) {
      Map<String, String> errors = new HashMap<>();
      items.forEach(item -> errors.put(item.key(), String.valueOf(e.getMessage())));
      return errors;
    }
  }

  private void result(Step step, Outcome outcome, String error) {
    if (outcome != Outcome.DONE) {
      failed.add(step.item().key());
      tighteningFailed |= step.action().tightens();
    }
    Result result = new Result(step, outcome, error);
    results.add(result);
    listener.told(result);
  }
}
