package dev.lakegate.jobs.silver;

import dev.lakegate.jobs.JobException;
import dev.lakegate.jobs.protocol.Expectation;
import dev.lakegate.jobs.protocol.Specification;
import dev.lakegate.jobs.spark.SparkErrors;
import dev.lakegate.jobs.storage.Duck;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;

/** Judges rows by what is expected of them. Stateless. */
public final class Expectations {
  /** Names of the blocking expectations that a row does not meet; empty when it meets all. */
  static final String FAILED = "__failed";

  private Expectations() {}

  /** The rows, derived columns included, with {@link #FAILED}. */
  static Dataset<Row> judge(Specification specification, Dataset<Row> rows) {
    Column all =
        functions.array(
            failed(specification, specification.blocking(), rows).toArray(new Column[0]));
    return rows.withColumn(
        FAILED, functions.array_except(all, functions.array(functions.lit(null).cast("string"))));
  }

  /**
   * Of each expectation its name where a row does not meet it, otherwise NULL.
   *
   * @throws JobException {@code EXPECTATION_INVALID} when one is no SQL over the rows
   */
  public static List<Column> failed(
      Specification specification, List<Expectation> expectations, Dataset<Row> rows) {
    List<Column> failed = new ArrayList<>();
    for (Expectation expectation : expectations) {
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
    return failed;
  }

  /**
   * How many rows do not meet what, and of whom, as a person reads it.
   *
   * @param rows query with {@code tenant_id} and the list {@code unmet}
   */
  public static String counted(Duck duck, String rows) throws SQLException {
    return String.join(
        "; ",
        duck.texts(
            "SELECT name || ': ' || sum(n) || ' rows, of ' || string_agg(coalesce(tenant_id,"
                + " 'no tenant') || ' ' || n, ', ' ORDER BY n DESC, tenant_id)[1:200] FROM"
                + " (SELECT name, tenant_id, count(*) AS n FROM (SELECT tenant_id,"
                + " unnest(unmet) AS name FROM ("
                + rows
                + ")) GROUP BY ALL) GROUP BY name ORDER BY sum(n) DESC, name"));
  }

  /** Whether a judged row goes into quarantine. */
  static Column isBad() {
    return functions.size(functions.col(FAILED)).gt(0);
  }
}
