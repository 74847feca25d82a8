package dev.lakegate.gateway.engine;

import dev.lakegate.gateway.sql.SecuredQuery.OutputColumn;
import dev.lakegate.gateway.sql.Type;
import java.math.BigDecimal;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Struct;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.duckdb.DuckDBConnection;

/**
 * A running query whose rows are fetched as they are asked for. Used by one thread, except {@link
 * #cancel}, which any thread may call.
 */
public final class Execution implements AutoCloseable {
  private final DuckDbEngine engine;
  private final DuckDBConnection connection;
  private final PreparedStatement statement;
  private final List<OutputColumn> columns;
  private final AtomicBoolean cancelled = new AtomicBoolean();
  private ResultSet rows;

  Execution(
      DuckDbEngine engine,
      DuckDBConnection connection,
      PreparedStatement statement,
      List<OutputColumn> columns) {
    this.engine = engine;
    this.connection = connection;
    this.statement = statement;
    this.columns = columns;
  }

  /** Columns of the result. */
  public List<OutputColumn> columns() {
    return columns;
  }

  /**
   * The next row: Boolean, Integer, Long, Float, Double, BigDecimal, String, LocalDate,
   * LocalDateTime, Instant, byte[], List (arrays and rows) and Map, or null for NULL. Intervals are
   * Long: months or milliseconds.
   *
   * @return null after the last row
   * @throws dev.lakegate.gateway.sql.SqlFailure when the query fails
   */
  public Object[] next() {
    try {
      if (rows == null) {
        if (cancelled.get()) {
          throw new SQLException("INTERRUPT Error: Interrupted!");
        }
        rows = statement.executeQuery();
      }
      if (cancelled.get()) {
        throw new SQLException("INTERRUPT Error: Interrupted!");
      }
      if (!rows.next()) {
        return null;
      }
      Object[] row = new Object[columns.size()];
      for (int i = 0; i < row.length; i++) {
        row[i] = value(i + 1, columns.get(i).type());
      }
      return row;
    } catch (SQLException e) {
      throw engine.translate(e);
    }
  }

  private Object value(int i, Type type) throws SQLException {
    switch (type.kind()) {
      case BOOLEAN:
        boolean b = rows.getBoolean(i);
        return rows.wasNull() ? null : b;
      case TINYINT, SMALLINT, INTEGER:
        int n = rows.getInt(i);
        return rows.wasNull() ? null : n;
      case BIGINT, INTERVAL_DAY_SECOND:
        long l = rows.getLong(i);
        return rows.wasNull() ? null : l;
      case INTERVAL_YEAR_MONTH:
        long m = rows.getInt(i);
        return rows.wasNull() ? null : m;
      case REAL:
        float f = rows.getFloat(i);
        return rows.wasNull() ? null : f;
      case DOUBLE:
        double d = rows.getDouble(i);
        return rows.wasNull() ? null : d;
      case DECIMAL:
        return rows.getBigDecimal(i);
      case VARCHAR:
        return rows.getString(i);
      case VARBINARY:
        return rows.getBytes(i);
      case UNKNOWN:
        return null;
      default:
        return convert(rows.getObject(i), type);
    }
  }

  private static Object convert(Object o, Type type) throws SQLException {
    if (o == null) {
      return null;
    }
    switch (type.kind()) {
      case DATE:
        return o instanceof LocalDate d ? d : ((java.sql.Date) o).toLocalDate();
      case TIMESTAMP:
        return o instanceof LocalDateTime t ? t : ((java.sql.Timestamp) o).toLocalDateTime();
      case TIMESTAMP_TZ:
        return o instanceof Instant t ? t : ((OffsetDateTime) o).toInstant();
      case ARRAY:
        {
          Object[] array =
              o instanceof java.sql.Array a ? (Object[]) a.getArray() : ((List<?>) o).toArray();
          List<Object> list = new ArrayList<>(array.length);
          for (Object e : array) {
            list.add(convert(e, type.arguments().get(0)));
          }
          return list;
        }
      case ROW:
        {
          Object[] fields = ((Struct) o).getAttributes();
          List<Object> list = new ArrayList<>(fields.length);
          for (int i = 0; i < fields.length; i++) {
            list.add(convert(fields[i], type.arguments().get(i)));
          }
          return list;
        }
      case MAP:
        {
          Map<Object, Object> map = new LinkedHashMap<>();
          for (Map.Entry<?, ?> e : ((Map<?, ?>) o).entrySet()) {
            map.put(
                convert(e.getKey(), type.arguments().get(0)),
                convert(e.getValue(), type.arguments().get(1)));
          }
          return map;
        }
      case TINYINT, SMALLINT, INTEGER:
        return ((Number) o).intValue();
      case BIGINT, INTERVAL_DAY_SECOND, INTERVAL_YEAR_MONTH:
        return ((Number) o).longValue();
      case REAL:
        return ((Number) o).floatValue();
      case DOUBLE:
        return ((Number) o).doubleValue();
      case DECIMAL:
        return o instanceof BigDecimal d ? d : new BigDecimal(o.toString());
      case UNKNOWN:
        return null;
      case VARBINARY:
        if (o instanceof java.sql.Blob blob) {
          return blob.getBytes(1, (int) blob.length());
        }
        return o;
      case VARCHAR:
        return o.toString();
      default:
        return o;
    }
  }

  /** Stops the query; the thread that fetches gets {@code USER_CANCELED}. */
  public void cancel() {
    cancelled.set(true);
    try {
      statement.cancel();
    } catch (SQLException e) {
      // Already closed: it has ended.
    }
  }

  @Override
  public void close() {
    DuckDbEngine.close(statement, connection);
  }
}
