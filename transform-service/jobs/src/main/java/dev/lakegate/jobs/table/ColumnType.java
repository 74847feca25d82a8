package dev.lakegate.jobs.table;

import dev.lakegate.jobs.JobException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;

/** A type in Trino's notation as Spark and DuckDB write it. Immutable. */
public final class ColumnType {
  private static final Pattern DECIMAL =
      Pattern.compile("decimal\\(\\s*(\\d+)\\s*,\\s*(\\d+)\\s*\\)");

  /** How values are compared and written as text. */
  public enum Family {
    /** True or false. */
    BOOLEAN,
    /** Whole numbers of any width. */
    INTEGER,
    /** Numbers of fixed scale. */
    DECIMAL,
    /** Binary floating point. */
    FLOATING,
    /** Text. */
    TEXT,
    /** Bytes. */
    BINARY,
    /** Days. */
    DATE,
    /** Instants in microseconds. */
    TIMESTAMP,
    /** Lists of another type. */
    ARRAY
  }

  private final String name;
  private final Family family;
  private final DataType spark;
  private final String duckdb;

  private ColumnType(String name, Family family, DataType spark, String duckdb) {
    this.name = name;
    this.family = family;
    this.spark = spark;
    this.duckdb = duckdb;
  }

  /** The type of a notation; fails with {@code SPECIFICATION_INVALID} when it is not known. */
  public static ColumnType of(String name) {
    String normal = name.trim().toLowerCase(java.util.Locale.ROOT);
    Matcher decimal = DECIMAL.matcher(normal);
    if (decimal.matches()) {
      int precision = Integer.parseInt(decimal.group(1));
      int scale = Integer.parseInt(decimal.group(2));
      if (precision < 1 || precision > 38 || scale > precision) {
        throw unknown(name);
      }
      return new ColumnType(
          name,
          Family.DECIMAL,
          DataTypes.createDecimalType(precision, scale),
          "DECIMAL(" + precision + "," + scale + ")");
    }
    if (normal.equals("varchar") || normal.startsWith("varchar(") || normal.startsWith("char(")) {
      return new ColumnType(name, Family.TEXT, DataTypes.StringType, "VARCHAR");
    }
    if (normal.startsWith("array(") && normal.endsWith(")")) {
      ColumnType element = of(normal.substring(6, normal.length() - 1));
      return new ColumnType(
          name, Family.ARRAY, DataTypes.createArrayType(element.spark), element.duckdb + "[]");
    }
    switch (normal) {
      case "boolean":
        return new ColumnType(name, Family.BOOLEAN, DataTypes.BooleanType, "BOOLEAN");
      case "tinyint":
      case "smallint":
      case "integer":
      case "int":
        // Hudi's files know no narrower integers than 32 bits.
        return new ColumnType(name, Family.INTEGER, DataTypes.IntegerType, "INTEGER");
      case "bigint":
        return new ColumnType(name, Family.INTEGER, DataTypes.LongType, "BIGINT");
      case "real":
        return new ColumnType(name, Family.FLOATING, DataTypes.FloatType, "FLOAT");
      case "double":
        return new ColumnType(name, Family.FLOATING, DataTypes.DoubleType, "DOUBLE");
      case "varbinary":
        return new ColumnType(name, Family.BINARY, DataTypes.BinaryType, "BLOB");
      case "date":
        return new ColumnType(name, Family.DATE, DataTypes.DateType, "DATE");
      case "timestamp(6) with time zone":
      case "timestamp(3) with time zone":
      case "timestamp with time zone":
      case "timestamp(6)":
      case "timestamp(3)":
      case "timestamp":
        // Spark 3.3 and Hudi know instants alone; a time without a zone is kept as if it were UTC.
        return new ColumnType(
            name, Family.TIMESTAMP, DataTypes.TimestampType, "TIMESTAMP WITH TIME ZONE");
      default:
        throw unknown(name);
    }
  }

  private static JobException unknown(String name) {
    return JobException.permanent(
        "SPECIFICATION_INVALID", "type " + name + " is not one that tables here can hold");
  }

  /** Trino's notation, as given. */
  public String name() {
    return name;
  }

  /** How its values are compared and written. */
  public Family family() {
    return family;
  }

  /** Spark's type. */
  public DataType spark() {
    return spark;
  }

  /** DuckDB's notation. */
  public String duckdb() {
    return duckdb;
  }
}
