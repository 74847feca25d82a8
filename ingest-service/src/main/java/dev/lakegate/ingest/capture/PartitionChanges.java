package dev.lakegate.ingest.capture;

import dev.lakegate.ingest.source.Partitions;
import dev.lakegate.ingest.source.Partitions.Partition;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/**
 * What happened to a table's partitions by themselves. The log tells of rows that come and go
 * through the table, not of those that a partition brings along or takes away. Where the catalog
 * and the rows do not show that nothing was lost, something was. Stateless.
 */
final class PartitionChanges {
  private PartitionChanges() {}

  /** Why the table must be copied anew, a sentence; empty when the log carries everything. */
  static Optional<String> unlogged(
      TableLooks.Partitions before, SortedMap<Long, Partition> now, Partitions source)
      throws SQLException {
    for (Map.Entry<Long, Partition> entry : before.byOid().entrySet()) {
      Partition was = entry.getValue();
      Partition is = now.get(entry.getKey());
      if (is == null) {
        return Optional.of("Its partition " + was.name() + " was detached or dropped.");
      }
      if (!is.attached().equals(was.attached())) {
        return Optional.of("Its partition " + is.name() + " was detached for a while.");
      }
      // VACUUM FULL leaves the rows as they are, and when they were written.
      if (is.node() != was.node() && !source.hasRowsFromBefore(is, before.horizon())) {
        return Optional.of("Its partition " + is.name() + " was truncated or rewritten by itself.");
      }
    }
    for (Map.Entry<Long, Partition> entry : now.entrySet()) {
      if (!before.byOid().containsKey(entry.getKey()) && source.hasRows(entry.getValue())) {
        return Optional.of(
            "Partition "
                + entry.getValue().name()
                + " had rows when it was first seen, maybe from before it was attached. One that is"
                + " made ahead, and empty, is no reason for a copy.");
      }
    }
    return Optional.empty();
  }
}
