package dev.lakegate.jobs.silver;

import dev.lakegate.jobs.JobException;
import dev.lakegate.jobs.protocol.Expectation;
import dev.lakegate.jobs.protocol.Specification;
import dev.lakegate.jobs.spark.SparkErrors;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;

/** Judges rows, derived columns included, by the blocking expectations of their table. */
final class Expectations {
  /** Names of the blocking expectations that a row does not meet; empty when it meets all. */
  static final String FAILED = "__failed";

  private Expectations() {}

  /** The rows with {@link #FAILED}. */
  static Dataset<Row> judge(Specification specification, Dataset<Row> rows) {
    List<Column> failed = new ArrayList<>();
    for (Expectation expectation : specification.blocking()) {
      Column met = functions.expr(expectation.expression());
      try {
        // So that what is wrong is said of the expectation that it is wrong in.
        rows.select(met.cast(DataTypes.BooleanType));
      } catch (Exception e) {
        if (SparkErrors.isSql(e)) {
          throw JobException.permanent(
              "EXPECTATION_INVALID",
              "expectation "
                  + expectation.name()
                  + " of "
                  + specification.dataset()
                  + ": "
                  + SparkErrors.brief(e),
              e);
        }
        throw e;
      }
      failed.add(
          functions.when(
              functions.not(
                  functions.coalesce(met.cast(DataTypes.BooleanType), functions.lit(true))),
              functions.lit(expectation.name())));
    }
    Column all = functions.array(failed.toArray(new Column[0]));
    return rows.withColumn(
        FAILED, functions.array_except(all, functions.array(functions.lit(null).cast("string"))));
  }

  /** Whether a judged row goes into quarantine. */
  static Column isBad() {
    return functions.size(functions.col(FAILED)).gt(0);
  }
}
