package dev.lakegate.e2e.history;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.e2e.Gateway;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * What tables held when they were known to equal the source, and whether the gateway still says so
 * when it is asked for that state later, by its instant and by the time. Not thread-safe.
 */
final class FormerStates {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSSSSS").withZone(ZoneOffset.UTC);
  private static final int ASKED = 8;

  /** Asks the gateway for rows of a former state, in the form in which they were recorded. */
  @FunctionalInterface
  interface Question {
    /**
     * @param asOf clause behind the table's name
     */
    List<List<String>> rows(Gateway gateway, String asOf) throws Exception;
  }

  private record State(
      String dataset,
      String instant,
      Instant at,
      List<String> columns,
      List<String> key,
      List<List<String>> rows,
      Question question) {}

  private final List<State> states = new ArrayList<>();

  /**
   * Remembers a table's present state. Nothing may change until this returns.
   *
   * @param rows that it equals
   */
  void record(
      String dataset,
      List<String> columns,
      List<String> key,
      List<List<String>> rows,
      Gateway gateway,
      Question question)
      throws Exception {
    JsonNode newest =
        gateway
            .get("/api/v1/catalog/" + dataset.replace('.', '/') + "/snapshots?limit=1")
            .body()
            .at("/items/0");
    if (newest.isMissingNode() && rows.isEmpty()) {
      // Nothing was published yet, which is as good as no rows.
      return;
    }
    if (!newest.path("current").asBoolean()) {
      throw new AssertionError("no current state of " + dataset + " is kept: " + newest);
    }
    states.add(
        new State(
            dataset, newest.path("instant").asText(), Instant.now(), columns, key, rows, question));
  }

  /** Asks for some of the states again, each in both ways. */
  List<String> differences(Gateway gateway, Random random) throws Exception {
    List<String> differences = new ArrayList<>();
    for (int i = 0; i < Math.min(ASKED, states.size()); i++) {
      State state = states.get(random.nextInt(states.size()));
      for (String asOf :
          List.of(
              "FOR VERSION AS OF '" + state.instant() + "'",
              "FOR TIMESTAMP AS OF TIMESTAMP '" + TIME.format(state.at()) + " UTC'")) {
        differences.addAll(
            Rows.differences(
                state.dataset() + " " + asOf,
                state.columns(),
                state.key(),
                state.rows(),
                state.question().rows(gateway, asOf)));
      }
    }
    return differences;
  }

  /** How many are remembered. */
  int size() {
    return states.size();
  }
}
