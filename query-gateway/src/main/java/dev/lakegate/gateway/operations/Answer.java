package dev.lakegate.gateway.operations;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * What came of asking a service something.
 *
 * @param body of the answer; null when there was none
 * @param problem why there was none, or why it is bad, as a sentence; null when all is well
 * @param millis until it answered or failed to
 */
record Answer(JsonNode body, String problem, long millis) {
  boolean good() {
    return problem == null;
  }
}
