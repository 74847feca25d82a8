package dev.lakegate.jobs.incremental;

import dev.lakegate.jobs.protocol.Column;
import dev.lakegate.jobs.protocol.Json;
import dev.lakegate.jobs.snapshot.Snapshot;
import dev.lakegate.jobs.table.ColumnType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SQLContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.execution.datasources.LogicalRelation;
import org.apache.spark.sql.sources.BaseRelation;
import org.apache.spark.sql.sources.RelationProvider;
import org.apache.spark.sql.types.StructType;
import scala.collection.immutable.Map;

/**
 * A Spark data source over a published snapshot: exactly its files, exactly its columns. Being a
 * source, a snapshot can be a table of Spark's catalog, so a query finds it by its name wherever
 * the name stands.
 */
public final class SnapshotSource implements RelationProvider {
  static final String PATH = "path";
  static final String STORAGE_ROOT = "storageRoot";

  @Override
  public BaseRelation createRelation(SQLContext context, Map<String, String> parameters) {
    Path file = Paths.get(java.net.URI.create(parameters.apply(PATH)).getPath());
    try {
      Snapshot snapshot = Snapshot.of(Json.read(file));
      Dataset<Row> rows =
          read(context.sparkSession(), snapshot, Paths.get(parameters.apply(STORAGE_ROOT)));
      return ((LogicalRelation) rows.queryExecution().analyzed()).relation();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The rows of a snapshot. */
  static Dataset<Row> read(SparkSession spark, Snapshot snapshot, Path storageRoot) {
    StructType schema = new StructType();
    for (Column column : snapshot.columns()) {
      schema = schema.add(column.name(), ColumnType.of(column.type()).spark());
    }
    List<String> files = snapshot.files(storageRoot);
    return spark
        .read()
        .option("__globPaths__", "false")
        .schema(schema)
        .parquet(files.toArray(new String[0]));
  }
}
