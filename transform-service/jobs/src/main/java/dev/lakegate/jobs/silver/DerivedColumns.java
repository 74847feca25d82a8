package dev.lakegate.jobs.silver;

import dev.lakegate.jobs.JobException;
import dev.lakegate.jobs.protocol.Derivation;
import dev.lakegate.jobs.protocol.Specification;
import dev.lakegate.jobs.spark.SparkErrors;
import dev.lakegate.jobs.table.ColumnType;
import java.util.Collections;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.expressions.objects.AssertNotNull;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataTypes;
import scala.collection.JavaConverters;

/** Computes a table's derivations, one after the other. */
final class DerivedColumns {
  private DerivedColumns() {}

  /** The rows with the derived columns, beside the source's or in their place. */
  static Dataset<Row> add(Specification specification, Dataset<Row> rows) {
    Dataset<Row> result = rows;
    for (Derivation derivation : specification.derivations()) {
      try {
        result = result.withColumn(derivation.column(), nullable(value(derivation)));
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

  private static Column value(Derivation derivation) {
    ColumnType type = ColumnType.of(derivation.type());
    Column value = functions.expr(derivation.expression());
    if (type.spark() instanceof ArrayType) {
      // Lists that may hold NULL are stored in two shapes by Hudi's writers, of which one is lost.
      ArrayType list = (ArrayType) type.spark();
      return functions
          .transform(
              value,
              element ->
                  new Column(
                      new AssertNotNull(
                          element.cast(list.elementType()).expr(),
                          JavaConverters.asScalaBuffer(
                              Collections.singletonList(
                                  "a list in derived column " + derivation.column())))))
          .cast(DataTypes.createArrayType(list.elementType(), false));
    }
    return value.cast(type.spark());
  }

  /**
   * A column that may hold NULL, whatever Spark knows about its expression: rows that are deleted
   * have NULL in it, and a table whose column was required cannot take them.
   */
  private static Column nullable(Column value) {
    return functions.when(functions.lit(true), value);
  }
}
