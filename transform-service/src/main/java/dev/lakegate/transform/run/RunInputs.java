package dev.lakegate.transform.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.model.job.Checkpoint;
import dev.lakegate.model.job.RunRequest.Mode;
import dev.lakegate.transform.plan.Dataset;
import dev.lakegate.transform.plan.Published;
import java.util.ArrayList;
import java.util.List;

/** Which range of its inputs a run reads. Pure. */
final class RunInputs {
  private RunInputs() {}

  /**
   * What a run is about to read. A full run reads everything, so its ranges have no beginning; one
   * about a former state reads none of the inputs.
   *
   * @param current what the table has; null when it was never made
   * @param request as it is sent to the jobs
   */
  static List<Run.Input> planned(
      Dataset dataset, Mode mode, Published current, ObjectNode request) {
    List<Run.Input> inputs = new ArrayList<>();
    if (mode.isOfThePast()) {
      return inputs;
    }
    boolean goesOn = mode == Mode.INCREMENTAL && current != null;
    if (dataset.bronzeTable() != null) {
      inputs.add(
          new Run.Input(
              "bronze." + dataset.bronzeTable(),
              goesOn && current.bronze() != null ? position(current.bronze()) : null,
              request.path("through").isObject()
                  ? request.at("/through/epoch").asText() + ":" + request.at("/through/manifest")
                  : null));
      return inputs;
    }
    for (String input : dataset.inputs()) {
      inputs.add(
          new Run.Input(
              input,
              goesOn ? current.inputs().get(input) : null,
              request.path("through").path(input).asText(null)));
    }
    return inputs;
  }

  /** The same, as far as the run really came. */
  static List<Run.Input> read(List<Run.Input> planned, Checkpoint reached) {
    List<Run.Input> inputs = new ArrayList<>();
    for (Run.Input input : planned) {
      String to =
          reached instanceof Checkpoint.OfManifests manifests
              ? position(manifests)
              : reached instanceof Checkpoint.OfInputs of
                  ? of.instants().getOrDefault(input.dataset(), input.to())
                  : input.to();
      inputs.add(new Run.Input(input.dataset(), input.from(), to));
    }
    return inputs;
  }

  private static String position(Checkpoint.OfManifests manifests) {
    return manifests.epoch() + ":" + manifests.manifest();
  }
}
