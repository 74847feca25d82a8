package dev.lakegate.jobs.incremental;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.jobs.lineage.ColumnLineage;
import dev.lakegate.jobs.lineage.ReferencedColumns;
import dev.lakegate.jobs.protocol.Column;
import dev.lakegate.jobs.protocol.Incremental;
import dev.lakegate.jobs.protocol.Specification;
import dev.lakegate.jobs.snapshot.Snapshot;
import dev.lakegate.jobs.table.ColumnType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.types.StructType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What Spark's analysis of a metric's query says of columns: which ones of its inputs it can read,
 * whether it names them or not, so that a change of others alone is none for it; and what the
 * columns of its result are made of. Immutable.
 */
public final class QueryColumns {
  private static final Logger LOG = LoggerFactory.getLogger(QueryColumns.class);

  private static final String AS_OF = "${as_of_date}";

  /** Analyses that are kept, so that a warm session need not repeat them in each run. */
  private static final int KEPT = 200;

  private static final Map<String, QueryColumns> KNOWN =
      new LinkedHashMap<String, QueryColumns>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, QueryColumns> eldest) {
          return size() > KEPT;
        }
      };

  private final Map<String, Set<String>> read;
  private final JsonNode lineage;

  private QueryColumns(Map<String, Set<String>> read, JsonNode lineage) {
    this.read = read;
    this.lineage = lineage;
  }

  /**
   * Those of a metric.
   *
   * @param inputs as they are; only their columns matter
   * @param directory for what the tables are read by
   * @throws dev.lakegate.jobs.JobException {@code SQL_INVALID}
   */
  public static QueryColumns of(
      SparkSession spark,
      Path storageRoot,
      Specification specification,
      Map<String, Snapshot> inputs,
      Path directory)
      throws IOException {
    StringBuilder key = new StringBuilder(specification.dataset()).append('\n');
    key.append(specification.sql()).append('\n');
    key.append(specification.incremental() == null ? "" : specification.incremental().text());
    for (Map.Entry<String, Snapshot> input : inputs.entrySet()) {
      key.append('\n').append(input.getKey());
      for (Column column : input.getValue().columns()) {
        key.append(' ').append(column.name()).append(' ').append(column.type());
      }
    }
    synchronized (KNOWN) {
      QueryColumns known = KNOWN.get(key.toString());
      if (known != null) {
        return known;
      }
    }
    Map<String, Snapshot> few = new LinkedHashMap<>();
    inputs.forEach((name, snapshot) -> few.put(name, AffectedKeys.pruned(snapshot, f -> false)));
    QueryColumns found = new Analysis(spark, storageRoot, specification, few, directory).of();
    synchronized (KNOWN) {
      KNOWN.put(key.toString(), found);
    }
    return found;
  }

  /** Used once. */
  private static final class Analysis {
    private final SparkSession spark;
    private final Path storageRoot;
    private final Specification specification;
    private final Map<String, Snapshot> inputs;
    private final Path directory;
    private final Map<String, Set<String>> read = new TreeMap<>();
    private int numberOfQueries;

    Analysis(
        SparkSession spark,
        Path storageRoot,
        Specification specification,
        Map<String, Snapshot> inputs,
        Path directory) {
      this.spark = spark;
      this.storageRoot = storageRoot;
      this.specification = specification;
      this.inputs = inputs;
      this.directory = directory;
    }

    QueryColumns of() throws IOException {
      // Any day: columns are the same whatever it is.
      String sql = specification.sql().replace(AS_OF, "DATE '2000-01-01'");
      LogicalPlan plan = plan(sql, inputs, null);
      take(plan, null);
      if (specification.incremental() != null) {
        for (String input : specification.inputs()) {
          keys(input, specification.incremental().inputs().get(input));
        }
      }
      return new QueryColumns(read, lineage(plan));
    }

    private void keys(String input, Incremental.Input tells) throws IOException {
      if (!tells.columns().isEmpty()) {
        List<String> select = new ArrayList<>();
        tells.columns().values().forEach(expression -> select.add("(" + expression + ")"));
        String sql = "SELECT " + String.join(", ", select) + " FROM changed";
        take(plan(sql, Collections.<String, Snapshot>emptyMap(), input), input);
      }
      if (tells.keys() != null) {
        take(plan(tells.keys(), inputs, input), input);
      }
    }

    private LogicalPlan plan(String sql, Map<String, Snapshot> snapshots, String changed)
        throws IOException {
      InputTables tables =
          new InputTables(
              spark,
              storageRoot,
              directory.resolve("query-" + numberOfQueries++),
              specification.dataset());
      snapshots.forEach(tables::add);
      if (changed != null) {
        StructType types = new StructType();
        for (Column column : inputs.get(changed).columns()) {
          types = types.add(column.name(), ColumnType.of(column.type()).spark());
        }
        tables.changed(types);
      }
      return tables.query(sql).queryExecution().analyzed();
    }

    private void take(LogicalPlan plan, String changed) {
      ReferencedColumns.of(plan, changed)
          .forEach(
              (table, columns) ->
                  read.computeIfAbsent(table, name -> new TreeSet<>()).addAll(columns));
    }

    /** For people: no run fails because of it. */
    private JsonNode lineage(LogicalPlan plan) {
      try {
        return ColumnLineage.of(plan).json();
      } catch (RuntimeException e) {
        LOG.warn("the lineage of {} is not known", specification.dataset(), e);
        return null;
      }
    }
  }

  /**
   * Those of an input that the metric can read; all, when it reads none by its values.
   *
   * @param columns of the input
   */
  List<Column> among(String input, List<Column> columns) {
    Set<String> names = read.getOrDefault(input, Collections.<String>emptySet());
    List<Column> among = new ArrayList<>();
    for (Column column : columns) {
      if (names.contains(column.name())) {
        among.add(column);
      }
    }
    return among.isEmpty() ? columns : among;
  }

  /** What the columns of the result are made of; null when that is not known. */
  public JsonNode lineage() {
    return lineage;
  }
}
