package dev.lakegate.laptop.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** Runs about former states, as the command line waits for them. */
final class PastRuns {
  private static final Set<String> OPEN = Set.of("queued", "running");
  private static final int POLL_MILLIS = 500;

  private PastRuns() {}

  /**
   * The dataset that somebody means: {@code silver.order}, or {@code order} where one is so called.
   */
  static String dataset(GatewayClient gateway, String given) {
    List<String> fitting = new ArrayList<>();
    List<String> known = new ArrayList<>();
    for (JsonNode item : gateway.get("admin", "transform", "/api/v1/datasets").path("items")) {
      String name = item.path("dataset").asText();
      known.add(name);
      if (name.equals(given)) {
        return name;
      }
      if (name.endsWith("." + given)) {
        fitting.add(name);
      }
    }
    if (fitting.size() == 1) {
      return fitting.get(0);
    }
    throw new CommandFailed(
        2, "There is no one table " + given + ". There are: " + String.join(", ", known) + ".");
  }

  /**
   * Waits for the end of a run.
   *
   * @return the run
   * @throws CommandFailed when it does not succeed
   */
  static JsonNode await(GatewayClient gateway, String id) throws InterruptedException {
    JsonNode run = gateway.get("admin", "transform", "/api/v1/runs/" + id);
    while (OPEN.contains(run.path("status").asText())) {
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
      run = gateway.get("admin", "transform", "/api/v1/runs/" + id);
    }
    if (!run.path("status").asText().equals("succeeded")) {
      throw new CommandFailed(
          CommandFailed.FAILED,
          "Run %s %s. %s: %s"
              .formatted(
                  id,
                  run.path("status").asText(),
                  run.path("errorCode").asText(),
                  run.path("errorMessage").asText()));
    }
    return run;
  }
}
