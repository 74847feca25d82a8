package dev.lakegate.gateway.engine;

import dev.lakegate.gateway.sql.SecuredQuery;
import dev.lakegate.gateway.sql.SecuredQuery.OutputColumn;
import dev.lakegate.gateway.sql.SqlFailure;
import dev.lakegate.gateway.sql.Type;
import java.math.BigDecimal;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Struct;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.duckdb.DuckDBConnection;
import org.duckdb.DuckDBPreparedStatement;

/**
 * A running query whose rows are fetched as they are asked for. Used by one thread, except {@link
 * #cancel}, which any thread may call.
 */
public final class Execution implements AutoCloseable {
  private final DuckDbEngine engine;
  private final DuckDBConnection connection;
  private final SecuredQuery query;
  private final List<OutputColumn> columns;
  private final AtomicBoolean cancelled = new AtomicBoolean();
  private final OutputBudget.Share share = OutputBudget.SHARED.open(cancelled::get);
  private volatile PreparedStatement statement;
  private volatile boolean own;
  private volatile double furthest;
  private ResultSet rows;
  private Type[] types;
  private boolean[] micros;

  Execution(DuckDbEngine engine, DuckDBConnection connection, SecuredQuery query) {
    this.engine = engine;
    this.connection = connection;
    this.query = query;
    this.columns = query.columns();
  }

  /**
   * Plans it over the files that stand behind its tables.
   *
   * @param relations one per binding, by the binding's name
   * @throws dev.lakegate.gateway.sql.SqlFailure when it fails
   * @throws VanishedFileException when a file is no longer there
   */
  public void prepare(List<SecuredRelation> relations) {
    try {
      prepare(relations, false);
    } catch (MissingColumnException e) {
      // A column that no file has yet is NULL everywhere.
      preparePadded(relations);
    }
  }

  private void preparePadded(List<SecuredRelation> relations) {
    try {
      prepare(relations, true);
    } catch (MissingColumnException e) {
      // Then it is no relation that lacks it, but text of ours.
      throw new SqlFailure("NOT_SUPPORTED", "The embedded engine cannot run this query.");
    }
  }

  private void prepare(List<SecuredRelation> relations, boolean padded) {
    try {
      requireGoingOn();
      for (String separation : engine.separations(relations, padded)) {
        try (PreparedStatement s = connection.prepareStatement(separation)) {
          statement = s;
          requireGoingOn();
          s.executeUpdate();
        } finally {
          statement = null;
        }
      }
      statement =
          connection.prepareStatement(
              engine.text(connection, query, relations, padded, share.number()));
      own = true;
      requireGoingOn();
    } catch (SQLException e) {
      throw engine.translate(e);
    }
  }

  private void requireGoingOn() throws SQLException {
    if (cancelled.get()) {
      throw new SQLException("INTERRUPT Error: Interrupted!");
    }
  }

  /** The connection that it runs on. */
  DuckDBConnection connection() {
    return connection;
  }

  /** Columns of the result. */
  public List<OutputColumn> columns() {
    return columns;
  }

  /**
   * The next row: Boolean, Integer, Long, Float, Double, BigDecimal, String, LocalDate, LocalTime,
   * LocalDateTime, Instant, byte[], List (arrays and rows) and Map, or null for NULL. Intervals are
   * Long: months or milliseconds.
   *
   * @return null after the last row
   * @throws dev.lakegate.gateway.sql.SqlFailure when the query fails
   */
  public Object[] next() {
    try {
      requireGoingOn();
      if (rows == null) {
        rows = statement.executeQuery();
        requireGoingOn();
      }
      if (!rows.next()) {
        return null;
      }
      if (types == null) {
        types = columns.stream().map(OutputColumn::type).toArray(Type[]::new);
        micros = micros(rows.getMetaData());
      }
      Object[] row = new Object[types.length];
      for (int i = 0; i < row.length; i++) {
        row[i] = micros[i] ? time(i + 1, types[i]) : value(i + 1, types[i]);
      }
      return row;
    } catch (SQLException e) {
      throw engine.translate(e);
    }
  }

  /** Which columns the engine has as microseconds since 1970. */
  private static boolean[] micros(ResultSetMetaData about) throws SQLException {
    boolean[] micros = new boolean[about.getColumnCount()];
    for (int i = 0; i < micros.length; i++) {
      String name = about.getColumnTypeName(i + 1);
      micros[i] = name.equals("TIMESTAMP") || name.equals("TIMESTAMP WITH TIME ZONE");
    }
    return micros;
  }

  /** Without the driver's objects for times, which take longer to make than all else of a row. */
  private Object time(int i, Type type) throws SQLException {
    long at = rows.getLong(i);
    if (rows.wasNull()) {
      return null;
    }
    long seconds = Math.floorDiv(at, 1_000_000L);
    int nanos = (int) Math.floorMod(at, 1_000_000L) * 1000;
    return switch (type.kind()) {
      case TIMESTAMP -> LocalDateTime.ofEpochSecond(seconds, nanos, ZoneOffset.UTC);
      case TIMESTAMP_TZ -> Instant.ofEpochSecond(seconds, nanos);
      default -> value(i, type);
    };
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
      case VARCHAR, JSON, UUID:
        return rows.getString(i);
      case CHAR:
        return padded(rows.getString(i), type);
      case TIME:
        long micros = rows.getLong(i);
        return rows.wasNull() ? null : LocalTime.ofNanoOfDay(micros * 1000);
      case VARBINARY:
        return rows.getBytes(i);
      case UNKNOWN:
        return null;
      default:
        return convert(rows.getObject(i), type);
    }
  }

  private static String padded(String s, Type type) {
    return s == null
        ? null
        : s + " ".repeat(Math.max(0, type.precision() - s.codePointCount(0, s.length())));
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
      case VARCHAR, JSON, UUID:
        return o.toString();
      case CHAR:
        return padded(o.toString(), type);
      case TIME:
        return LocalTime.ofNanoOfDay(((Number) o).longValue() * 1000);
      default:
        return o;
    }
  }

  /**
   * Stops the query; the thread that fetches gets {@code USER_CANCELED}. DuckDB cannot be stopped
   * while it plans: then the query ends right after that. A call that comes between two of DuckDB's
   * own steps may pass it by, so whoever wants to be sure calls again.
   */
  public void cancel() {
    cancelled.set(true);
    PreparedStatement running = statement;
    if (running == null) {
      return;
    }
    try {
      running.cancel();
    } catch (SQLException e) {
      // Already closed: it has ended.
    }
  }

  /**
   * How much of the query is done, from 0 to 1, as far as the engine knows; it never falls. How far
   * the reading of files that hold others' rows too has come is not told. Any thread may ask.
   */
  public double progress() {
    if (own && statement instanceof DuckDBPreparedStatement running) {
      try {
        double percent = running.getQueryProgress().getPercentage();
        if (percent <= 100) {
          furthest = Math.max(furthest, percent / 100);
        }
      } catch (SQLException e) {
        // It has ended: what was known last is what is known.
      }
    }
    return furthest;
  }

  @Override
  public void close() {
    try {
      DuckDbEngine.close(statement, connection);
    } finally {
      share.close();
    }
  }
}
