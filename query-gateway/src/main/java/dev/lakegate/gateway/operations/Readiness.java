package dev.lakegate.gateway.operations;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** Reads the answer of {@code /q/health/ready}. */
final class Readiness {
  private Readiness() {}

  /**
   * Why a service is not ready, as a sentence that names the checks that failed and what they say;
   * null when it is ready.
   */
  static String problem(int status, JsonNode body) {
    String reported = body.path("status").asText("");
    if (status == 200 && reported.equals("UP")) {
      return null;
    }
    List<String> failed = new ArrayList<>();
    for (JsonNode check : body.path("checks")) {
      if (!check.path("status").asText().equals("UP")) {
        failed.add(check.path("name").asText("a check without a name") + said(check.path("data")));
      }
    }
    if (!failed.isEmpty()) {
      return "It is not ready: " + String.join("; ", failed) + ".";
    }
    return reported.isEmpty()
        ? "It answered with status " + status + ", which does not say that it is ready."
        : "It is not ready, and does not say why.";
  }

  private static String said(JsonNode data) {
    List<String> values = new ArrayList<>();
    data.fields()
        .forEachRemaining(
            entry -> {
              if (entry.getValue().isValueNode() && !entry.getValue().asText().isBlank()) {
                values.add(entry.getValue().asText());
              }
            });
    return values.isEmpty() ? "" : " (" + String.join(", ", values) + ")";
  }
}
