package dev.lakegate.jobs.silver;

import dev.lakegate.jobs.protocol.Column;
import dev.lakegate.jobs.protocol.Specification;
import dev.lakegate.jobs.table.ColumnType;
import dev.lakegate.jobs.table.HudiTable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** The rows of one commit: what a fold found, each at the partitions that it concerns. */
final class Placement {
  private final SparkSession spark;
  private final Specification specification;
  private final Map<String, ColumnType> types = new LinkedHashMap<>();

  Placement(SparkSession spark, Specification specification) {
    this.spark = spark;
    this.specification = specification;
    for (Column column : specification.storedColumns()) {
      types.put(column.name(), ColumnType.of(column.type()));
    }
  }

  /** Full rows that a fold found, with {@link Fold#STORED}. */
  Dataset<Row> changed(Fold fold) {
    StructType schema = new StructType();
    for (Column column : specification.columns()) {
      schema = schema.add(column.name(), ColumnType.of(column.type()).spark());
    }
    StructType partitions = new StructType();
    for (String column : specification.partitionBy()) {
      partitions = partitions.add(column, types.get(column).spark());
    }
    if (specification.partitionBy().isEmpty()) {
      partitions = partitions.add(Fold.NO_PARTITION, DataTypes.IntegerType);
    }
    return read(
        fold.upserts(), times(schema).add(Fold.STORED, DataTypes.createArrayType(partitions)));
  }

  /**
   * What to commit.
   *
   * @param changed derived, and judged when the table has expectations that block; null for none
   */
  Dataset<Row> commit(Fold fold, Dataset<Row> changed) {
    Dataset<Row> result = changed == null ? null : placed(changed).select(stored());
    if (fold.deleteCount() > 0) {
      Dataset<Row> deletes = deletes(fold).select(stored());
      result = result == null ? deletes : result.unionByName(deletes);
    }
    return result == null ? empty() : result;
  }

  private org.apache.spark.sql.Column[] stored() {
    List<org.apache.spark.sql.Column> columns = new ArrayList<>();
    for (String column : types.keySet()) {
      columns.add(functions.col("`" + column + "`"));
    }
    columns.add(functions.col("_change_seq"));
    columns.add(functions.col("_commit_ts"));
    columns.add(functions.col(HudiTable.DELETED));
    return columns.toArray(new org.apache.spark.sql.Column[0]);
  }

  /**
   * Each row once, and once more as a delete in every other partition in which it is stored; a row
   * that goes into quarantine only as deletes. All go in one commit, so no reader sees a row twice
   * or not at all.
   */
  private Dataset<Row> placed(Dataset<Row> rows) {
    boolean judged = !specification.blocking().isEmpty();
    if (specification.partitionBy().isEmpty()) {
      return judged
          ? rows.filter(
                  functions.not(Expectations.isBad()).or(functions.size(formerly(rows)).gt(0)))
              .withColumn(HudiTable.DELETED, Expectations.isBad())
          : rows.withColumn(HudiTable.DELETED, functions.lit(false));
    }
    List<org.apache.spark.sql.Column> here = new ArrayList<>();
    for (String column : specification.partitionBy()) {
      here.add(functions.col("`" + column + "`"));
    }
    Dataset<Row> placed =
        rows.withColumn(
            "__here", functions.struct(here.toArray(new org.apache.spark.sql.Column[0])));
    org.apache.spark.sql.Column elsewhere =
        functions.filter(
            formerly(rows), place -> functions.not(place.eqNullSafe(functions.col("__here"))));
    org.apache.spark.sql.Column places =
        functions.concat(functions.array(functions.col("__here")), elsewhere);
    org.apache.spark.sql.Column deleted =
        functions.not(functions.col("__place").eqNullSafe(functions.col("__here")));
    if (judged) {
      places = functions.when(Expectations.isBad(), formerly(rows)).otherwise(places);
      deleted = deleted.or(Expectations.isBad());
    }
    Dataset<Row> result =
        placed
            .withColumn("__place", functions.explode(places))
            .withColumn(HudiTable.DELETED, deleted);
    for (String column : specification.partitionBy()) {
      result = result.withColumn(column, functions.col("__place").getField(column));
    }
    return result;
  }

  /** Partitions in which older rows of the key are stored. */
  static org.apache.spark.sql.Column formerly(Dataset<Row> rows) {
    return functions.coalesce(
        functions.col(Fold.STORED),
        functions.array().cast(rows.schema().apply(Fold.STORED).dataType()));
  }

  private Dataset<Row> deletes(Fold fold) {
    StructType schema = new StructType();
    for (String column : specification.key()) {
      schema = schema.add(column, types.get(column).spark());
    }
    for (String column : specification.partitionBy()) {
      if (!specification.key().contains(column)) {
        schema = schema.add(column, types.get(column).spark());
      }
    }
    schema = times(schema);
    Dataset<Row> result = read(fold.deletes(), schema);
    List<String> present = new ArrayList<>();
    for (StructField field : schema.fields()) {
      present.add(field.name());
    }
    for (Map.Entry<String, ColumnType> column : types.entrySet()) {
      if (!present.contains(column.getKey())) {
        result =
            result.withColumn(
                column.getKey(), functions.lit(null).cast(nullFree(column.getValue())));
      }
    }
    return result.withColumn(HudiTable.DELETED, functions.lit(true));
  }

  /** Whatever is deleted takes nothing away from the type of what stays. */
  private static DataType nullFree(ColumnType type) {
    return type.spark() instanceof ArrayType
        ? DataTypes.createArrayType(((ArrayType) type.spark()).elementType(), false)
        : type.spark();
  }

  private Dataset<Row> empty() {
    StructType schema = new StructType();
    for (Map.Entry<String, ColumnType> column : types.entrySet()) {
      schema = schema.add(column.getKey(), column.getValue().spark());
    }
    return spark.createDataFrame(
        Collections.<Row>emptyList(), times(schema).add(HudiTable.DELETED, DataTypes.BooleanType));
  }

  private static StructType times(StructType schema) {
    return schema
        .add("_change_seq", DataTypes.StringType)
        .add("_commit_ts", DataTypes.TimestampType);
  }

  private Dataset<Row> read(Path file, StructType schema) {
    return spark.read().option("__globPaths__", "false").schema(schema).parquet(file.toString());
  }
}
