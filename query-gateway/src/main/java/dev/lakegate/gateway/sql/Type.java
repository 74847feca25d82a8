package dev.lakegate.gateway.sql;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A Trino type and how DuckDB carries it. Immutable.
 *
 * <p>Intervals and times of day are carried as numbers (months, milliseconds, microseconds), so
 * that comparing and adding them cannot differ from Trino; json, uuid and char are text, char
 * without its padding; rows are structs with fields named by position, because Trino's field names
 * may be missing or repeated.
 *
 * @param kind of type
 * @param precision of decimal, timestamp or varchar; -1 where there is none
 * @param scale of a decimal
 * @param arguments element types of array, map and row
 * @param names field names of a row, null entries for unnamed fields
 * @param zone of a timestamp with time zone: the zone its values are shown in, a name such as
 *     {@code Asia/Tokyo} or an offset such as {@code +05:30}
 */
public record Type(
    Kind kind, int precision, int scale, List<Type> arguments, List<String> names, String zone) {
  /** Text of a type that doubles with each step would take all of the heap. */
  private static final int MOST_PARTS = 1000;

  public Type {
    if (parts(arguments) > MOST_PARTS) {
      throw new SqlFailure("QUERY_TOO_COMPLEX", "A type has more than " + MOST_PARTS + " parts");
    }
  }

  private static int parts(List<Type> types) {
    int parts = 1;
    for (Type t : types) {
      parts += parts(t.arguments());
      if (parts > MOST_PARTS) {
        return parts;
      }
    }
    return parts;
  }

  /** Kinds of types. */
  public enum Kind {
    UNKNOWN,
    BOOLEAN,
    TINYINT,
    SMALLINT,
    INTEGER,
    BIGINT,
    REAL,
    DOUBLE,
    DECIMAL,
    VARCHAR,
    CHAR,
    VARBINARY,
    JSON,
    UUID,
    DATE,
    TIME,
    TIMESTAMP,
    TIMESTAMP_TZ,
    INTERVAL_YEAR_MONTH,
    INTERVAL_DAY_SECOND,
    ARRAY,
    MAP,
    ROW
  }

  static final Type UNKNOWN = of(Kind.UNKNOWN);
  static final Type BOOLEAN = of(Kind.BOOLEAN);
  static final Type TINYINT = of(Kind.TINYINT);
  static final Type SMALLINT = of(Kind.SMALLINT);
  static final Type INTEGER = of(Kind.INTEGER);

  /** 64-bit integer. */
  public static final Type BIGINT = of(Kind.BIGINT);

  static final Type REAL = of(Kind.REAL);
  static final Type DOUBLE = of(Kind.DOUBLE);

  /** Text without a bound. */
  public static final Type VARCHAR = of(Kind.VARCHAR);

  static final Type VARBINARY = of(Kind.VARBINARY);
  static final Type JSON = of(Kind.JSON);
  static final Type UUID = of(Kind.UUID);

  /** Zone of a timestamp whose values are shown in zones of their own. */
  static final String MIXED = "?";

  static final Type DATE = of(Kind.DATE);
  static final Type INTERVAL_YEAR_MONTH = of(Kind.INTERVAL_YEAR_MONTH);
  static final Type INTERVAL_DAY_SECOND = of(Kind.INTERVAL_DAY_SECOND);

  private static Type of(Kind kind) {
    return new Type(kind, -1, 0, List.of(), List.of(), null);
  }

  static Type decimal(int precision, int scale) {
    return new Type(Kind.DECIMAL, precision, scale, List.of(), List.of(), null);
  }

  static Type varchar(int length) {
    return new Type(Kind.VARCHAR, length, 0, List.of(), List.of(), null);
  }

  static Type character(int length) {
    return new Type(Kind.CHAR, length, 0, List.of(), List.of(), null);
  }

  static Type time(int precision) {
    return new Type(Kind.TIME, precision, 0, List.of(), List.of(), null);
  }

  static Type timestamp(int precision) {
    return new Type(Kind.TIMESTAMP, precision, 0, List.of(), List.of(), null);
  }

  static Type timestampTz(int precision, String zone) {
    return new Type(Kind.TIMESTAMP_TZ, precision, 0, List.of(), List.of(), zone);
  }

  static Type array(Type element) {
    return new Type(Kind.ARRAY, -1, 0, List.of(element), List.of(), null);
  }

  static Type map(Type key, Type value) {
    return new Type(Kind.MAP, -1, 0, List.of(key, value), List.of(), null);
  }

  static Type row(List<Type> fields, List<String> names) {
    // Unnamed fields are null, which List.copyOf refuses.
    return new Type(
        Kind.ROW,
        -1,
        0,
        List.copyOf(fields),
        new ArrayList<>(names).subList(0, names.size()),
        null);
  }

  Type element() {
    return arguments.get(0);
  }

  /** Whether it is of one of the kinds. */
  public boolean is(Kind... kinds) {
    for (Kind k : kinds) {
      if (kind == k) {
        return true;
      }
    }
    return false;
  }

  boolean isInteger() {
    return is(Kind.TINYINT, Kind.SMALLINT, Kind.INTEGER, Kind.BIGINT);
  }

  boolean isFloating() {
    return is(Kind.REAL, Kind.DOUBLE);
  }

  boolean isNumeric() {
    return isInteger() || isFloating() || kind == Kind.DECIMAL;
  }

  /** Whether values hold a floating point number somewhere, whose NaN compares unlike DuckDB's. */
  boolean holdsFloating() {
    return isFloating() || arguments.stream().anyMatch(Type::holdsFloating);
  }

  /** Whether values can stand in an order. */
  boolean isOrderable() {
    return !is(Kind.JSON, Kind.MAP) && arguments.stream().allMatch(Type::isOrderable);
  }

  /** Whether there is a kind among the types of the values in values. */
  boolean holds(Kind k) {
    return kind == k || arguments.stream().anyMatch(t -> t.holds(k));
  }

  boolean isNested() {
    return is(Kind.ARRAY, Kind.MAP, Kind.ROW);
  }

  /** The decimal that holds every value of an integer type; a decimal is itself. */
  Type asDecimal() {
    return switch (kind) {
      case TINYINT -> decimal(3, 0);
      case SMALLINT -> decimal(5, 0);
      case INTEGER -> decimal(10, 0);
      case BIGINT -> decimal(19, 0);
      case DECIMAL -> this;
      default -> throw new IllegalStateException("not exact: " + display());
    };
  }

  /** Trino's notation. */
  public String display() {
    return switch (kind) {
      case UNKNOWN -> "unknown";
      case BOOLEAN -> "boolean";
      case TINYINT -> "tinyint";
      case SMALLINT -> "smallint";
      case INTEGER -> "integer";
      case BIGINT -> "bigint";
      case REAL -> "real";
      case DOUBLE -> "double";
      case DECIMAL -> "decimal(" + precision + "," + scale + ")";
      case VARCHAR -> precision < 0 ? "varchar" : "varchar(" + precision + ")";
      case CHAR -> "char(" + precision + ")";
      case VARBINARY -> "varbinary";
      case JSON -> "json";
      case UUID -> "uuid";
      case TIME -> "time(" + precision + ")";
      case DATE -> "date";
      case TIMESTAMP -> "timestamp(" + precision + ")";
      case TIMESTAMP_TZ -> "timestamp(" + precision + ") with time zone";
      case INTERVAL_YEAR_MONTH -> "interval year to month";
      case INTERVAL_DAY_SECOND -> "interval day to second";
      case ARRAY -> "array(" + element().display() + ")";
      case MAP -> "map(" + arguments.get(0).display() + ", " + arguments.get(1).display() + ")";
      case ROW -> {
        List<String> fields = new ArrayList<>();
        for (int i = 0; i < arguments.size(); i++) {
          String name = names.get(i);
          fields.add((name == null ? "" : name + " ") + arguments.get(i).display());
        }
        yield "row(" + String.join(", ", fields) + ")";
      }
    };
  }

  /** DuckDB's notation. */
  public String duck() {
    return switch (kind) {
      case UNKNOWN -> "INTEGER";
      case BOOLEAN -> "BOOLEAN";
      case TINYINT -> "TINYINT";
      case SMALLINT -> "SMALLINT";
      case INTEGER -> "INTEGER";
      case BIGINT -> "BIGINT";
      case REAL -> "FLOAT";
      case DOUBLE -> "DOUBLE";
      case DECIMAL -> "DECIMAL(" + precision + "," + scale + ")";
      case VARCHAR, CHAR, JSON, UUID -> "VARCHAR";
      case TIME -> "BIGINT";
      case VARBINARY -> "BLOB";
      case DATE -> "DATE";
      case TIMESTAMP -> "TIMESTAMP";
      case TIMESTAMP_TZ -> "TIMESTAMP WITH TIME ZONE";
      case INTERVAL_YEAR_MONTH -> "INTEGER";
      case INTERVAL_DAY_SECOND -> "BIGINT";
      case ARRAY -> element().duck() + "[]";
      case MAP -> "MAP(" + arguments.get(0).duck() + "," + arguments.get(1).duck() + ")";
      case ROW -> {
        List<String> fields = new ArrayList<>();
        for (int i = 0; i < arguments.size(); i++) {
          fields.add("f" + (i + 1) + " " + arguments.get(i).duck());
        }
        yield fields.stream().collect(Collectors.joining(", ", "STRUCT(", ")"));
      }
    };
  }

  @Override
  public String toString() {
    return display();
  }
}
