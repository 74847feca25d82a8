package dev.lakegate.transform.plan;

import dev.lakegate.model.job.RunRequest.Mode;
import dev.lakegate.model.job.RunRequest.Past;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Everything a plan depends on.
 *
 * @param now the time, UTC
 * @param datasets inputs before those that read them
 * @param bronze the chain of manifests
 * @param published current snapshots by dataset; absent when a dataset was never published
 * @param unreadable why the current snapshot cannot be read, by dataset; absent when it can
 * @param history by dataset; absent when nothing is known
 * @param running runs in progress by dataset
 * @param requests runs asked for by people and not yet started, oldest first
 * @param obstacle a sentence on why nothing can be started now; null when runs can start
 * @param holds by dataset: what was brought back to a former state and stays there
 */
public record Situation(
    Instant now,
    List<Dataset> datasets,
    Bronze bronze,
    Map<String, Published> published,
    Map<String, String> unreadable,
    Map<String, History> history,
    Map<String, Running> running,
    List<Request> requests,
    String obstacle,
    Map<String, Hold> holds) {
  /** In which nothing is held. */
  public Situation(
      Instant now,
      List<Dataset> datasets,
      Bronze bronze,
      Map<String, Published> published,
      Map<String, String> unreadable,
      Map<String, History> history,
      Map<String, Running> running,
      List<Request> requests,
      String obstacle) {
    this(
        now,
        datasets,
        bronze,
        published,
        unreadable,
        history,
        running,
        requests,
        obstacle,
        Map.of());
  }

  public Situation {
    Objects.requireNonNull(now, "now is null");
    datasets = List.copyOf(datasets);
    published = Map.copyOf(published);
    unreadable = Map.copyOf(unreadable);
    history = Map.copyOf(history);
    running = Map.copyOf(running);
    requests = List.copyOf(requests);
    holds = Map.copyOf(holds);
  }

  /**
   * A run in progress.
   *
   * @param runId its id
   * @param startedAt when it started
   * @param stage what it does now; null when it has not said
   */
  public record Running(String runId, Instant startedAt, String stage) {}

  /**
   * A run that somebody asked for.
   *
   * @param runId its id
   * @param dataset to run
   * @param mode how much to read
   * @param by who asked
   * @param past which kept state it is about; null unless its mode says so
   */
  public record Request(String runId, String dataset, Mode mode, String by, Past past) {
    /** To apply what its inputs have. */
    public Request(String runId, String dataset, Mode mode, String by) {
      this(runId, dataset, mode, by, null);
    }
  }

  /**
   * A table that stays at a former state until somebody releases it.
   *
   * @param run that restores it
   * @param instant of the state
   * @param by who asked for it
   * @param since when
   * @param done whether that run has restored it
   */
  public record Hold(String run, String instant, String by, Instant since, boolean done) {}

  History historyOf(String dataset) {
    return history.getOrDefault(dataset, History.NONE);
  }
}
