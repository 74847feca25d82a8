package dev.lakegate.jobs.silver;

import dev.lakegate.jobs.JobException;
import dev.lakegate.jobs.protocol.Derivation;
import dev.lakegate.jobs.protocol.Specification;
import dev.lakegate.jobs.spark.SparkErrors;
import dev.lakegate.jobs.table.ColumnType;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/** Computes a table's derivations, one after the other. */
final class DerivedColumns {
  private DerivedColumns() {}

  /** The rows with the derived columns, beside the source's or in their place. */
  static Dataset<Row> add(Specification specification, Dataset<Row> rows) {
    Dataset<Row> result = rows;
    for (Derivation derivation : specification.derivations()) {
      try {
        result =
            result.withColumn(
                derivation.column(),
                nullable(
                    functions
                        .expr(derivation.expression())
                        .cast(ColumnType.of(derivation.type()).spark())));
      } catch (Exception e) {
        if (SparkErrors.isSql(e)) {
          throw JobException.permanent(
              "DERIVATION_INVALID",
              "derivation "
                  + derivation.column()
                  + " of "
                  + specification.dataset()
                  + ": "
                  + SparkErrors.brief(e),
              e);
        }
        throw e;
      }
    }
    return result;
  }

  /**
   * A column that may hold NULL, whatever Spark knows about its expression: rows that are deleted
   * have NULL in it, and a table whose column was required cannot take them.
   */
  private static Column nullable(Column value) {
    return functions.when(functions.lit(true), value);
  }
}
