package dev.lakegate.gateway.sql;

import dev.lakegate.gateway.sql.CatalogView.ColumnView;
import dev.lakegate.gateway.sql.CatalogView.ListedColumn;
import dev.lakegate.gateway.sql.CatalogView.ListedTable;
import dev.lakegate.gateway.sql.Type.Kind;
import java.sql.DatabaseMetaData;
import java.sql.Types;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * {@code information_schema} and {@code system.jdbc} as one principal sees them: made of what it
 * may read and of nothing else. Columns and codes are those of Trino, whose drivers ask for them.
 */
final class VirtualCatalog {
  static final String INFORMATION_SCHEMA = "information_schema";
  private static final String SYSTEM = "system";
  private static final String JDBC = "jdbc";

  private static final int LONGEST_ZONE =
      ZoneId.getAvailableZoneIds().stream().mapToInt(String::length).max().orElse(0);

  /** Columns by table; those without a type are varchar. */
  private static final Map<String, String> INFORMATION = new LinkedHashMap<>();

  private static final Map<String, String> DRIVER = new LinkedHashMap<>();

  static {
    INFORMATION.put(
        "columns",
        "table_catalog table_schema table_name column_name ordinal_position:bigint column_default"
            + " is_nullable data_type");
    INFORMATION.put("tables", "table_catalog table_schema table_name table_type");
    INFORMATION.put("views", "table_catalog table_schema table_name view_definition");
    INFORMATION.put("schemata", "catalog_name schema_name");
    INFORMATION.put(
        "table_privileges",
        "grantor grantor_type grantee grantee_type table_catalog table_schema table_name"
            + " privilege_type is_grantable with_hierarchy");
    INFORMATION.put("roles", "role_name");
    INFORMATION.put("applicable_roles", "grantee grantee_type role_name is_grantable");
    INFORMATION.put("enabled_roles", "role_name");

    DRIVER.put("catalogs", "table_cat");
    DRIVER.put("schemas", "table_schem table_catalog");
    DRIVER.put("table_types", "table_type");
    DRIVER.put(
        "tables",
        "table_cat table_schem table_name table_type remarks type_cat type_schem type_name"
            + " self_referencing_col_name ref_generation");
    DRIVER.put(
        "columns",
        "table_cat table_schem table_name column_name data_type:bigint type_name"
            + " column_size:bigint buffer_length:bigint decimal_digits:bigint num_prec_radix:bigint"
            + " nullable:bigint remarks column_def sql_data_type:bigint sql_datetime_sub:bigint"
            + " char_octet_length:bigint ordinal_position:bigint is_nullable scope_catalog"
            + " scope_schema scope_table source_data_type:bigint is_autoincrement"
            + " is_generatedcolumn");
    DRIVER.put(
        "types",
        "type_name data_type:bigint precision:bigint literal_prefix literal_suffix create_params"
            + " nullable:bigint case_sensitive:boolean searchable:bigint"
            + " unsigned_attribute:boolean fixed_prec_scale:boolean auto_increment:boolean"
            + " local_type_name minimum_scale:bigint maximum_scale:bigint sql_data_type:bigint"
            + " sql_datetime_sub:bigint num_prec_radix:bigint");
    // There is nothing of these kinds; drivers ask for them all the same.
    DRIVER.put(
        "attributes",
        "type_cat type_schem type_name attr_name data_type:bigint attr_type_name attr_size:bigint"
            + " decimal_digits:bigint num_prec_radix:bigint nullable:bigint remarks attr_def"
            + " sql_data_type:bigint sql_datetime_sub:bigint char_octet_length:bigint"
            + " ordinal_position:bigint is_nullable scope_catalog scope_schema scope_table"
            + " source_data_type:bigint");
    DRIVER.put(
        "procedures",
        "procedure_cat procedure_schem procedure_name remarks procedure_type:bigint specific_name");
    DRIVER.put(
        "procedure_columns",
        "procedure_cat procedure_schem procedure_name column_name column_type:bigint"
            + " data_type:bigint type_name precision:bigint length:bigint scale:bigint radix:bigint"
            + " nullable:bigint remarks column_def sql_data_type:bigint sql_datetime_sub:bigint"
            + " char_octet_length:bigint ordinal_position:bigint is_nullable specific_name");
    DRIVER.put(
        "pseudo_columns",
        "table_cat table_schem table_name column_name data_type:bigint column_size:bigint"
            + " decimal_digits:bigint num_prec_radix:bigint column_usage remarks"
            + " char_octet_length:bigint is_nullable");
    DRIVER.put("super_tables", "table_cat table_schem table_name supertable_name");
    DRIVER.put(
        "super_types",
        "type_cat type_schem type_name supertype_cat supertype_schem supertype_name");
    DRIVER.put(
        "udts",
        "type_cat type_schem type_name class_name data_type:bigint remarks base_type:bigint");
  }

  private final CatalogView catalog;

  /** A table with all of its rows; values are String, Long, Boolean or null. */
  record VirtualTable(
      String catalog, String schema, String name, List<ColumnView> columns, List<Object[]> rows) {

    /** DuckDB's query of exactly these rows; columns are c1, c2 and so on. */
    String sql(String alias) {
      List<String> items = new ArrayList<>();
      List<String> names = new ArrayList<>();
      for (int i = 1; i <= columns.size(); i++) {
        String value = rows.isEmpty() ? "NULL" : alias + ".v" + i;
        items.add(Duck.cast(value, columns.get(i - 1).type()) + " AS c" + i);
        names.add("v" + i);
      }
      String select = "SELECT " + String.join(", ", items);
      if (rows.isEmpty()) {
        return select + " WHERE false";
      }
      return select
          + " FROM (VALUES "
          + rows.stream().map(VirtualTable::values).collect(Collectors.joining(", "))
          + ") AS "
          + alias
          + "("
          + String.join(", ", names)
          + ")";
    }

    private static String values(Object[] row) {
      return Arrays.stream(row)
          .map(v -> v instanceof String s ? Duck.quote(s) : v == null ? "NULL" : v.toString())
          .collect(Collectors.joining(", ", "(", ")"));
    }
  }

  /** A table of either kind as listings have it. */
  private record Listed(String catalog, ListedTable table) {}

  VirtualCatalog(CatalogView catalog) {
    this.catalog = catalog;
  }

  /** Names of all catalogs. */
  List<String> catalogs() {
    return List.of(catalog.catalog(), SYSTEM);
  }

  /** Whether there is such a schema, be it that nothing in it may be read. */
  boolean hasSchema(String catalogName, String schema) {
    if (schema.equals(INFORMATION_SCHEMA)) {
      return catalogs().contains(catalogName);
    }
    return catalogName.equals(SYSTEM) ? schema.equals(JDBC) : catalog.schemas().contains(schema);
  }

  /** One of the virtual tables. */
  Optional<VirtualTable> table(String catalogName, String schema, String name) {
    Map<String, String> tables;
    if (schema.equals(INFORMATION_SCHEMA) && catalogs().contains(catalogName)) {
      tables = INFORMATION;
    } else if (catalogName.equals(SYSTEM) && schema.equals(JDBC)) {
      tables = DRIVER;
    } else {
      return Optional.empty();
    }
    return Optional.ofNullable(tables.get(name))
        .map(
            columns ->
                new VirtualTable(
                    catalogName,
                    schema,
                    name,
                    columns(columns),
                    tables == DRIVER ? driver(name) : information(catalogName, name)));
  }

  private static List<ColumnView> columns(String text) {
    return Arrays.stream(text.split(" "))
        .map(
            c -> {
              String[] parts = c.split(":");
              Type type =
                  parts.length == 1
                      ? Type.VARCHAR
                      : parts[1].equals("bigint") ? Type.BIGINT : Type.BOOLEAN;
              return new ColumnView(parts[0], type);
            })
        .toList();
  }

  private List<Listed> all() {
    List<Listed> all = new ArrayList<>();
    catalog.listing().forEach(t -> all.add(new Listed(catalog.catalog(), t)));
    for (String c : catalogs()) {
      INFORMATION.forEach(
          (name, columns) -> all.add(new Listed(c, own(INFORMATION_SCHEMA, name, columns))));
    }
    DRIVER.forEach((name, columns) -> all.add(new Listed(SYSTEM, own(JDBC, name, columns))));
    return all;
  }

  private static ListedTable own(String schema, String name, String columns) {
    return new ListedTable(
        schema,
        name,
        "",
        columns(columns).stream()
            .map(c -> new ListedColumn(c.name(), c.type(), "", true))
            .toList());
  }

  /** Schemas in which something may be read. */
  private TreeSet<String> schemas(String catalogName) {
    TreeSet<String> schemas = new TreeSet<>();
    for (Listed l : all()) {
      if (l.catalog().equals(catalogName)) {
        schemas.add(l.table().schema());
      }
    }
    return schemas;
  }

  private List<Object[]> information(String catalogName, String name) {
    List<Object[]> rows = new ArrayList<>();
    List<Listed> here = all().stream().filter(l -> l.catalog().equals(catalogName)).toList();
    switch (name) {
      case "schemata":
        schemas(catalogName).forEach(s -> rows.add(row(catalogName, s)));
        break;
      case "tables":
        here.forEach(
            l -> rows.add(row(catalogName, l.table().schema(), l.table().name(), "BASE TABLE")));
        break;
      case "columns":
        for (Listed l : here) {
          long position = 1;
          for (ListedColumn c : l.table().columns()) {
            rows.add(
                row(
                    catalogName,
                    l.table().schema(),
                    l.table().name(),
                    c.name(),
                    position++,
                    null,
                    c.nullable() ? "YES" : "NO",
                    c.type().display()));
          }
        }
        break;
      default:
        break;
    }
    return rows;
  }

  private List<Object[]> driver(String name) {
    List<Object[]> rows = new ArrayList<>();
    switch (name) {
      case "catalogs":
        catalogs().forEach(c -> rows.add(row(c)));
        break;
      case "schemas":
        catalogs().forEach(c -> schemas(c).forEach(s -> rows.add(row(s, c))));
        break;
      case "table_types":
        rows.add(row("TABLE"));
        rows.add(row("VIEW"));
        break;
      case "tables":
        for (Listed l : all()) {
          ListedTable t = l.table();
          rows.add(
              row(l.catalog(), t.schema(), t.name(), "TABLE", null, null, null, null, null, null));
        }
        break;
      case "columns":
        for (Listed l : all()) {
          long position = 1;
          for (ListedColumn c : l.table().columns()) {
            rows.add(column(l, c, position++));
          }
        }
        break;
      case "types":
        for (Type t :
            List.of(
                Type.BOOLEAN,
                Type.TINYINT,
                Type.SMALLINT,
                Type.INTEGER,
                Type.BIGINT,
                Type.REAL,
                Type.DOUBLE,
                Type.VARBINARY,
                Type.DATE,
                Type.VARCHAR)) {
          rows.add(type(t.display(), (long) code(t), size(t), true, radix(t)));
        }
        for (String parametric : List.of("decimal", "timestamp", "timestamp with time zone")) {
          rows.add(type(parametric, (long) Types.JAVA_OBJECT, null, false, null));
        }
        rows.add(type("array", (long) Types.ARRAY, null, false, null));
        rows.add(type("map", (long) Types.JAVA_OBJECT, null, false, null));
        rows.add(type("row", (long) Types.JAVA_OBJECT, null, false, null));
        break;
      default:
        break;
    }
    return rows;
  }

  private static Object[] row(Object... values) {
    return values;
  }

  private static Object[] column(Listed l, ListedColumn c, long position) {
    Type t = c.type();
    return row(
        l.catalog(),
        l.table().schema(),
        l.table().name(),
        c.name(),
        (long) code(t),
        t.display(),
        size(t),
        0L,
        digits(t),
        radix(t),
        (long) DatabaseMetaData.columnNullableUnknown,
        c.comment().isEmpty() ? null : c.comment(),
        null,
        null,
        null,
        t.is(Kind.VARCHAR, Kind.VARBINARY) ? size(t) : null,
        position,
        "",
        null,
        null,
        null,
        null,
        null,
        null);
  }

  private static Object[] type(String name, Long code, Long size, boolean searchable, Long radix) {
    return row(
        name,
        code,
        size,
        null,
        null,
        null,
        (long) DatabaseMetaData.typeNullable,
        false,
        (long) (searchable ? DatabaseMetaData.typeSearchable : DatabaseMetaData.typePredNone),
        null,
        false,
        null,
        null,
        0L,
        0L,
        null,
        null,
        radix);
  }

  private static int code(Type t) {
    return switch (t.kind()) {
      case BOOLEAN -> Types.BOOLEAN;
      case BIGINT -> Types.BIGINT;
      case INTEGER -> Types.INTEGER;
      case SMALLINT -> Types.SMALLINT;
      case TINYINT -> Types.TINYINT;
      case REAL -> Types.REAL;
      case DOUBLE -> Types.DOUBLE;
      case DECIMAL -> Types.DECIMAL;
      case VARCHAR -> Types.VARCHAR;
      case VARBINARY -> Types.VARBINARY;
      case DATE -> Types.DATE;
      case TIMESTAMP -> Types.TIMESTAMP;
      case TIMESTAMP_TZ -> Types.TIMESTAMP_WITH_TIMEZONE;
      case ARRAY -> Types.ARRAY;
      default -> Types.JAVA_OBJECT;
    };
  }

  private static Long size(Type t) {
    int p = t.precision();
    return switch (t.kind()) {
      case BIGINT -> 19L;
      case INTEGER -> 10L;
      case SMALLINT -> 5L;
      case TINYINT -> 3L;
      case DECIMAL -> (long) p;
      case REAL -> 24L;
      case DOUBLE -> 53L;
      case VARCHAR -> p < 0 ? Integer.MAX_VALUE : (long) p;
      case VARBINARY -> (long) Integer.MAX_VALUE;
      case DATE -> 14L;
      // Sign and digits of the year, the rest of the time, the point, the fraction.
      case TIMESTAMP -> 1L + 5 + 15 + Math.min(p, 1) + p;
      case TIMESTAMP_TZ -> 1L + 6 + 15 + Math.min(p, 1) + p + 1 + LONGEST_ZONE;
      default -> null;
    };
  }

  private static Long digits(Type t) {
    return switch (t.kind()) {
      case DECIMAL -> (long) t.scale();
      case TIMESTAMP, TIMESTAMP_TZ -> (long) t.precision();
      default -> null;
    };
  }

  private static Long radix(Type t) {
    return switch (t.kind()) {
      case BIGINT, INTEGER, SMALLINT, TINYINT, DECIMAL -> 10L;
      case REAL, DOUBLE -> 2L;
      default -> null;
    };
  }
}
