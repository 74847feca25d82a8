package dev.lakegate.jobs.gold;

import static dev.lakegate.jobs.storage.Duck.literal;
import static dev.lakegate.jobs.storage.Duck.name;

import dev.lakegate.jobs.JobException;
import dev.lakegate.jobs.protocol.Expectation;
import dev.lakegate.jobs.protocol.Specification;
import dev.lakegate.jobs.silver.Expectations;
import dev.lakegate.jobs.storage.Duck;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/**
 * What the rows of a metric are expected to meet. Which of it a row does not is stored with the
 * row, so that a run that computes some rows knows of the others. Stateless.
 */
final class MetricExpectations {
  /** Of so many rows, less than one may fail what blocks. */
  private static final long BAR = 100;

  private MetricExpectations() {}

  /** The rows with {@link Specification#UNMET}, where anything is expected of them. */
  static Dataset<Row> judge(Specification specification, Dataset<Row> rows) {
    if (specification.expectations().isEmpty()) {
      return rows;
    }
    List<Column> failed = Expectations.failed(specification, specification.expectations(), rows);
    Column all = functions.concat_ws(",", failed.toArray(new Column[0]));
    return rows.withColumn(
        Specification.UNMET, functions.when(all.notEqual(""), all).cast("string"));
  }

  /**
   * That less than 1 % of the rows that the table would have fail what blocks.
   *
   * @param duck with the computed rows as {@code computed}
   * @param stored files of the rows of before
   * @param again condition on a stored row {@code f} that it was computed again; null for all
   * @throws JobException {@code EXPECTATIONS_FAILED}
   */
  static void requireMost(Specification specification, Duck duck, List<String> stored, String again)
      throws SQLException {
    List<String> blocking = new ArrayList<>();
    for (Expectation expectation : specification.expectations()) {
      if (expectation.blocking()) {
        blocking.add(literal(expectation.name()));
      }
    }
    if (blocking.isEmpty()) {
      return;
    }
    String tenant =
        specification.tenantColumn() == null
            ? "NULL::VARCHAR"
            : "CAST(" + name(specification.tenantColumn()) + " AS VARCHAR)";
    String columns = name(Specification.UNMET) + " AS unmet, " + tenant + " AS tenant";
    String rows = "SELECT " + columns + " FROM computed";
    if (!stored.isEmpty()) {
      // Of a file that was written before anything was expected, the column may be missing.
      boolean known =
          duck.texts(
                  "SELECT column_name FROM (DESCRIBE SELECT * FROM " + Duck.parquet(stored) + ")")
              .contains(Specification.UNMET);
      rows +=
          " UNION ALL SELECT "
              + (known ? columns : "NULL::VARCHAR AS unmet, " + tenant + " AS tenant")
              + " FROM "
              + Duck.parquet(stored)
              + " f WHERE NOT "
              + again;
    }
    duck.run(
        "CREATE TEMP TABLE judged AS SELECT tenant, list_filter(string_split(coalesce(unmet, ''),"
            + " ','), x -> x IN ("
            + String.join(", ", blocking)
            + ")) AS unmet FROM ("
            + rows
            + ")");
    long all = duck.number("SELECT count(*) FROM judged");
    long bad = duck.number("SELECT count(*) FROM judged WHERE len(unmet) > 0");
    if (bad > 0 && bad * BAR >= all) {
      throw JobException.retryable(
          "EXPECTATIONS_FAILED",
          "of "
              + all
              + " rows of "
              + specification.dataset()
              + ", "
              + bad
              + " do not meet what is expected ("
              + Expectations.counted(duck, "SELECT tenant AS tenant_id, unmet FROM judged")
              + "): that is not less than 1 %, so nothing was published. Mend the rows of its"
              + " inputs, its query, or the expectations in its header");
    }
  }
}
