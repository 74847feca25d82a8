package dev.lakegate.gateway.sql;

import dev.lakegate.gateway.sql.Type.Kind;
import io.trino.sql.parser.ParsingException;
import io.trino.sql.parser.SqlParser;
import io.trino.sql.tree.DataType;
import io.trino.sql.tree.DataTypeParameter;
import io.trino.sql.tree.DateTimeDataType;
import io.trino.sql.tree.GenericDataType;
import io.trino.sql.tree.NumericParameter;
import io.trino.sql.tree.RowDataType;
import io.trino.sql.tree.TypeParameter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Reading types and Trino's implicit coercions. */
public final class Types {
  private static final SqlParser PARSER = new SqlParser();

  private Types() {}

  /**
   * Reads a type in Trino's notation, such as a catalog's column has.
   *
   * @throws IllegalArgumentException when it is no type or one that is not supported
   */
  public static Type parse(String text) {
    try {
      // A column's zone is not the session's.
      Type t = Zones.within("UTC", () -> of(PARSER.createType(text)));
      if (t.holds(Kind.TIME) || t.holds(Kind.JSON) || t.holds(Kind.UUID) || t.holds(Kind.CHAR)) {
        throw new IllegalArgumentException("not a supported type of a column: " + text);
      }
      return t;
    } catch (ParsingException | SqlFailure e) {
      throw new IllegalArgumentException("not a supported type: " + text, e);
    }
  }

  static Type of(DataType type) {
    if (type instanceof DateTimeDataType t) {
      boolean time = t.getType() == DateTimeDataType.Type.TIME;
      if (time && t.isWithTimeZone()) {
        throw Refusal.unsupported(type, "type time with time zone");
      }
      int precision = t.getPrecision().map(p -> number(type, p)).orElse(3);
      if (precision > 6) {
        throw Refusal.unsupported(
            type, "timestamps finer than microseconds (precision " + precision + ")");
      }
      if (time) {
        return Type.time(precision);
      }
      return t.isWithTimeZone()
          ? Type.timestampTz(precision, Zones.session())
          : Type.timestamp(precision);
    }
    if (type instanceof RowDataType row) {
      List<Type> fields = new ArrayList<>();
      List<String> names = new ArrayList<>();
      for (RowDataType.Field f : row.getFields()) {
        fields.add(of(f.getType()));
        names.add(
            f.getName()
                .map(n -> n.isDelimited() ? n.getValue() : n.getValue().toLowerCase(Locale.ROOT))
                .orElse(null));
      }
      return Type.row(fields, names);
    }
    if (!(type instanceof GenericDataType g)) {
      throw Refusal.unsupported(type, "type " + type);
    }
    List<DataTypeParameter> a = g.getArguments();
    String name = g.getName().getValue().toLowerCase(Locale.ROOT);
    switch (name) {
      case "decimal":
        int precision = a.isEmpty() ? 38 : number(type, a.get(0));
        int scale = a.size() < 2 ? 0 : number(type, a.get(1));
        if (a.size() > 2 || precision < 1 || precision > 38 || scale > precision) {
          throw Refusal.at(type, "TYPE_MISMATCH", "Invalid type " + type);
        }
        return Type.decimal(precision, scale);
      case "varchar":
        if (a.size() > 1) {
          throw Refusal.at(type, "TYPE_MISMATCH", "Invalid type " + type);
        }
        return a.isEmpty() ? Type.VARCHAR : Type.varchar(number(type, a.get(0)));
      case "char":
        int length = a.isEmpty() ? 1 : number(type, a.get(0));
        if (a.size() > 1 || length > 65_536) {
          throw Refusal.at(type, "TYPE_MISMATCH", "Invalid type " + type);
        }
        return Type.character(length);
      case "array":
        requireCount(type, a, 1);
        return Type.array(argument(type, a.get(0)));
      case "map":
        requireCount(type, a, 2);
        return Type.map(argument(type, a.get(0)), argument(type, a.get(1)));
      default:
        break;
    }
    Type simple =
        switch (name) {
          case "boolean" -> Type.BOOLEAN;
          case "tinyint" -> Type.TINYINT;
          case "smallint" -> Type.SMALLINT;
          case "integer", "int" -> Type.INTEGER;
          case "bigint" -> Type.BIGINT;
          case "real" -> Type.REAL;
          case "double" -> Type.DOUBLE;
          case "varbinary" -> Type.VARBINARY;
          case "date" -> Type.DATE;
          case "json" -> Type.JSON;
          case "uuid" -> Type.UUID;
          default -> null;
        };
    if (simple == null) {
      if (List.of("time", "ipaddress", "hyperloglog", "color", "qdigest").contains(name)) {
        throw Refusal.unsupported(type, "type " + name);
      }
      throw Refusal.at(type, "TYPE_MISMATCH", "Unknown type: " + name);
    }
    requireCount(type, a, 0);
    return simple;
  }

  private static Type argument(DataType type, DataTypeParameter p) {
    if (p instanceof TypeParameter t) {
      return of(t.getValue());
    }
    throw Refusal.at(type, "TYPE_MISMATCH", "Invalid type " + type);
  }

  private static int number(DataType type, DataTypeParameter p) {
    if (p instanceof NumericParameter n) {
      try {
        int value = Integer.parseInt(n.getValue());
        if (value >= 0) {
          return value;
        }
      } catch (NumberFormatException e) {
        // Answered below.
      }
    }
    throw Refusal.at(type, "TYPE_MISMATCH", "Invalid type " + type);
  }

  private static void requireCount(DataType type, List<DataTypeParameter> a, int count) {
    if (a.size() != count) {
      throw Refusal.at(type, "TYPE_MISMATCH", "Invalid type " + type);
    }
  }

  /** The type to which both coerce implicitly, or nothing. */
  static Optional<Type> common(Type a, Type b) {
    if (a.equals(b)) {
      return Optional.of(a);
    }
    if (a.kind() == Kind.UNKNOWN) {
      return Optional.of(b);
    }
    if (b.kind() == Kind.UNKNOWN) {
      return Optional.of(a);
    }
    if (a.isNumeric() && b.isNumeric()) {
      return Optional.of(commonNumeric(a, b));
    }
    if (a.kind() == Kind.VARCHAR && b.kind() == Kind.VARCHAR) {
      return Optional.of(
          a.precision() < 0 || b.precision() < 0
              ? Type.VARCHAR
              : Type.varchar(Math.max(a.precision(), b.precision())));
    }
    if (a.kind() == Kind.CHAR && b.kind() == Kind.CHAR) {
      return Optional.of(Type.character(Math.max(a.precision(), b.precision())));
    }
    if (a.is(Kind.CHAR, Kind.VARCHAR) && b.is(Kind.CHAR, Kind.VARCHAR) && a.kind() != b.kind()) {
      int length =
          a.precision() < 0 || b.precision() < 0 ? 65_536 : Math.max(a.precision(), b.precision());
      return Optional.of(Type.character(Math.max(1, length)));
    }
    if (a.kind() == Kind.TIME && b.kind() == Kind.TIME) {
      return Optional.of(Type.time(Math.max(a.precision(), b.precision())));
    }
    boolean timeA = a.is(Kind.DATE, Kind.TIMESTAMP, Kind.TIMESTAMP_TZ);
    boolean timeB = b.is(Kind.DATE, Kind.TIMESTAMP, Kind.TIMESTAMP_TZ);
    if (timeA && timeB) {
      int precision = Math.max(Math.max(a.precision(), b.precision()), 0);
      if (a.kind() == Kind.TIMESTAMP_TZ || b.kind() == Kind.TIMESTAMP_TZ) {
        // What has no zone is taken for a time of the session.
        String zoneA = a.kind() == Kind.TIMESTAMP_TZ ? a.zone() : Zones.session();
        String zoneB = b.kind() == Kind.TIMESTAMP_TZ ? b.zone() : Zones.session();
        String zone = zoneA.equals(zoneB) ? zoneA : Type.MIXED;
        return Optional.of(Type.timestampTz(precision, zone));
      }
      return Optional.of(Type.timestamp(precision));
    }
    if (a.kind() == Kind.ARRAY && b.kind() == Kind.ARRAY) {
      return common(a.element(), b.element()).map(Type::array);
    }
    if (a.kind() == Kind.MAP && b.kind() == Kind.MAP) {
      Optional<Type> key = common(a.arguments().get(0), b.arguments().get(0));
      Optional<Type> value = common(a.arguments().get(1), b.arguments().get(1));
      return key.isPresent() && value.isPresent()
          ? Optional.of(Type.map(key.get(), value.get()))
          : Optional.empty();
    }
    if (a.kind() == Kind.ROW
        && b.kind() == Kind.ROW
        && a.arguments().size() == b.arguments().size()) {
      List<Type> fields = new ArrayList<>();
      List<String> names = new ArrayList<>();
      for (int i = 0; i < a.arguments().size(); i++) {
        Optional<Type> f = common(a.arguments().get(i), b.arguments().get(i));
        if (f.isEmpty()) {
          return Optional.empty();
        }
        fields.add(f.get());
        String name = a.names().get(i);
        names.add(name != null && name.equals(b.names().get(i)) ? name : null);
      }
      return Optional.of(Type.row(fields, names));
    }
    return Optional.empty();
  }

  private static Type commonNumeric(Type a, Type b) {
    if (a.kind() == Kind.DOUBLE || b.kind() == Kind.DOUBLE) {
      return Type.DOUBLE;
    }
    if (a.kind() == Kind.REAL || b.kind() == Kind.REAL) {
      return Type.REAL;
    }
    if (a.isInteger() && b.isInteger()) {
      return a.kind().compareTo(b.kind()) > 0 ? a : b;
    }
    Type x = a.asDecimal();
    Type y = b.asDecimal();
    int scale = Math.max(x.scale(), y.scale());
    int whole = Math.max(x.precision() - x.scale(), y.precision() - y.scale());
    return Type.decimal(Math.min(38, whole + scale), scale);
  }

  /** Whether a value of one type is implicitly taken where the other is wanted. */
  static boolean coerces(Type from, Type to) {
    if (from.kind() == Kind.UNKNOWN || from.equals(to)) {
      return true;
    }
    if (to.kind() == Kind.DECIMAL && from.isNumeric() && !from.isFloating()) {
      Type d = from.asDecimal();
      return d.precision() - d.scale() <= to.precision() - to.scale() && d.scale() <= to.scale();
    }
    if (from.kind() == Kind.TIMESTAMP_TZ && to.kind() == Kind.TIMESTAMP_TZ) {
      return from.precision() <= to.precision();
    }
    return common(from, to).map(c -> c.equals(to)).orElse(false);
  }
}
