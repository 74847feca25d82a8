package dev.lakegate.governance.lakeformation;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What is in AWS.
 *
 * @param items everything that is comparable, by key
 * @param settings of the data lake
 * @param locations that are registered
 */
record Actual(SortedMap<String, Item> items, Settings settings, List<Location> locations) {
  Actual {
    items = new TreeMap<>(items);
    locations = List.copyOf(locations);
  }

  /**
   * @param databaseDefaults principals who get rights on new databases
   * @param tableDefaults principals who get rights on new tables
   * @param externalFiltering whether other engines may filter by themselves
   * @param fullTableExternal whether other engines get credentials for whole tables
   */
  record Settings(
      List<String> databaseDefaults,
      List<String> tableDefaults,
      boolean externalFiltering,
      boolean fullTableExternal) {}

  /**
   * @param arn of the bucket or prefix
   * @param hybrid whether plain IAM permissions still reach it
   */
  record Location(String arn, boolean hybrid) {}
}
