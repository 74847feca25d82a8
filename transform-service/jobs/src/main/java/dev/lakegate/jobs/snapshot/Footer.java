package dev.lakegate.jobs.snapshot;

import dev.lakegate.jobs.protocol.Column;
import dev.lakegate.jobs.protocol.Times;
import dev.lakegate.jobs.table.ColumnType;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.PrimitiveType;

/**
 * What the footer of a Parquet file says: its rows, and the smallest and largest value of each
 * column whose statistics are exact.
 */
final class Footer {
  /** Longer texts would make snapshots large and prune little. */
  private static final int LONGEST_TEXT = 64;

  private final long rows;
  private final Map<String, String> min = new TreeMap<>();
  private final Map<String, String> max = new TreeMap<>();

  private Footer(long rows) {
    this.rows = rows;
  }

  static Footer read(java.nio.file.Path file, List<Column> columns, Configuration conf)
      throws IOException {
    try (ParquetFileReader reader =
        ParquetFileReader.open(
            HadoopInputFile.fromPath(new Path("file", null, file.toString()), conf))) {
      Footer footer = new Footer(reader.getRecordCount());
      List<BlockMetaData> blocks = reader.getFooter().getBlocks();
      for (Column column : columns) {
        footer.column(column, blocks);
      }
      return footer;
    }
  }

  @SuppressWarnings("unchecked")
  private void column(Column column, List<BlockMetaData> blocks) {
    ColumnType type = ColumnType.of(column.type());
    Comparable<Object> smallest = null;
    Comparable<Object> largest = null;
    for (BlockMetaData block : blocks) {
      ColumnChunkMetaData chunk = chunk(block, column.name());
      if (chunk == null) {
        // The file was written before the table had this column: all NULL.
        continue;
      }
      Statistics<?> statistics = chunk.getStatistics();
      if (statistics == null || !statistics.hasNonNullValue()) {
        if (statistics != null
            && statistics.isNumNullsSet()
            && statistics.getNumNulls() == chunk.getValueCount()) {
          continue;
        }
        return;
      }
      Object low = value(type, chunk.getPrimitiveType(), statistics.genericGetMin());
      Object high = value(type, chunk.getPrimitiveType(), statistics.genericGetMax());
      if (low == null || high == null) {
        return;
      }
      if (smallest == null || order(type).compare(low, smallest) < 0) {
        smallest = (Comparable<Object>) low;
      }
      if (largest == null || order(type).compare(high, largest) > 0) {
        largest = (Comparable<Object>) high;
      }
    }
    if (smallest != null && largest != null) {
      min.put(column.name(), text(type, smallest));
      max.put(column.name(), text(type, largest));
    }
  }

  private static ColumnChunkMetaData chunk(BlockMetaData block, String name) {
    for (ColumnChunkMetaData chunk : block.getColumns()) {
      if (chunk.getPath().size() == 1 && chunk.getPath().toArray()[0].equals(name)) {
        return chunk;
      }
    }
    return null;
  }

  /** The statistic as a comparable value; null when it is not exact for this type. */
  private static Object value(ColumnType type, PrimitiveType stored, Object statistic) {
    LogicalTypeAnnotation logical = stored.getLogicalTypeAnnotation();
    switch (type.family()) {
      case BOOLEAN:
        return statistic instanceof Boolean ? statistic : null;
      case INTEGER:
        return statistic instanceof Integer || statistic instanceof Long
            ? (Object) ((Number) statistic).longValue()
            : null;
      case DATE:
        return statistic instanceof Integer
                && logical instanceof LogicalTypeAnnotation.DateLogicalTypeAnnotation
            ? (Object) ((Integer) statistic).longValue()
            : null;
      case TIMESTAMP:
        if (statistic instanceof Long
            && logical instanceof LogicalTypeAnnotation.TimestampLogicalTypeAnnotation) {
          LogicalTypeAnnotation.TimeUnit unit =
              ((LogicalTypeAnnotation.TimestampLogicalTypeAnnotation) logical).getUnit();
          return unit == LogicalTypeAnnotation.TimeUnit.MICROS ? statistic : null;
        }
        return null;
      case DECIMAL:
        if (!(logical instanceof LogicalTypeAnnotation.DecimalLogicalTypeAnnotation)) {
          return null;
        }
        int scale = ((LogicalTypeAnnotation.DecimalLogicalTypeAnnotation) logical).getScale();
        if (statistic instanceof Binary) {
          return new BigDecimal(new BigInteger(((Binary) statistic).getBytes()), scale);
        }
        return BigDecimal.valueOf(((Number) statistic).longValue(), scale);
      case TEXT:
        if (!(statistic instanceof Binary)) {
          return null;
        }
        String text = ((Binary) statistic).toStringUsingUTF8();
        return text.length() <= LONGEST_TEXT ? text : null;
      default:
        return null;
    }
  }

  private static Comparator<Object> order(ColumnType type) {
    if (type.family() == ColumnType.Family.TEXT) {
      return (left, right) ->
          Binary.fromString((String) left).compareTo(Binary.fromString((String) right));
    }
    return (left, right) -> {
      @SuppressWarnings("unchecked")
      Comparable<Object> comparable = (Comparable<Object>) left;
      return comparable.compareTo(right);
    };
  }

  private static String text(ColumnType type, Object value) {
    switch (type.family()) {
      case DATE:
        return LocalDate.ofEpochDay((Long) value).toString();
      case TIMESTAMP:
        return Times.micros(Instant.EPOCH.plus((Long) value, ChronoUnit.MICROS));
      case DECIMAL:
        return ((BigDecimal) value).toPlainString();
      default:
        return value.toString();
    }
  }

  long rows() {
    return rows;
  }

  Map<String, String> min() {
    return min;
  }

  Map<String, String> max() {
    return max;
  }
}
