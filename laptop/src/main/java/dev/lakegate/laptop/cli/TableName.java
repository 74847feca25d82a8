package dev.lakegate.laptop.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** What people call a table: {@code core_order}, {@code silver.order} or {@code order}. */
final class TableName {
  private TableName() {}

  /**
   * Name at the source, by the list of tables that ingest-service gives.
   *
   * @throws CommandFailed when there is no such table
   */
  static String atSource(JsonNode tables, String given) {
    List<String> known = new ArrayList<>();
    for (JsonNode table : tables) {
      String name = table.path("table").asText();
      String dataset = table.path("dataset").asText();
      if (given.equals(name) || given.equals(dataset) || ("silver." + given).equals(dataset)) {
        return name;
      }
      known.add(name);
    }
    throw new CommandFailed(
        2, "There is no table " + given + ". There are: " + String.join(", ", known) + ".");
  }
}
