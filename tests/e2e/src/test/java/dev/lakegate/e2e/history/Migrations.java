package dev.lakegate.e2e.history;

import dev.lakegate.model.description.SourceTable;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Random;

/** What migrations and administrators do to a table: its columns, its identity, its files. */
final class Migrations {
  private final Random random;
  private final boolean wide;
  private int added;

  /**
   * @param wide whether readers follow when a number becomes wider than it is described
   */
  Migrations(Random random, boolean wide) {
    this.random = random;
    this.wide = wide;
  }

  /** Statements of one change, to be run together. */
  List<String> next(Connection connection, SourceTable table) throws SQLException, IOException {
    Shape shape = Shape.of(connection, table.sourceTable(), table.key());
    if (shape.columns().isEmpty()) {
      return List.of(Cluster.definition(table), "COMMIT");
    }
    String alter = "ALTER TABLE " + shape.quoted() + " ";
    String column = "extra_" + added;
    String text = column(shape, table, "character varying");
    String number = column(shape, table, "numeric");
    return switch (random.nextInt(20)) {
      case 0, 1 -> List.of(alter + "REPLICA IDENTITY FULL", "COMMIT");
      case 2, 3 -> List.of(alter + "REPLICA IDENTITY DEFAULT", "COMMIT");
      case 4 ->
          List.of(
              alter + "REPLICA IDENTITY USING INDEX " + table.sourceTable() + "_pkey", "COMMIT");
      case 5 -> List.of(alter + "REPLICA IDENTITY NOTHING", "COMMIT");
      case 6, 7 -> {
        added++;
        yield List.of(alter + "ADD COLUMN " + column + " varchar(20)", "COMMIT");
      }
      case 8, 9 -> {
        added++;
        yield List.of(
            alter + "ADD COLUMN " + column + " integer NOT NULL DEFAULT " + random.nextInt(9),
            "COMMIT");
      }
      case 10 -> {
        added++;
        // As Django adds a field: with a default that it takes away again.
        yield List.of(
            alter + "ADD COLUMN " + column + " varchar(10) NOT NULL DEFAULT 'x'",
            alter + "ALTER COLUMN " + column + " DROP DEFAULT",
            "UPDATE " + shape.quoted() + " SET " + column + " = 'y'",
            "COMMIT");
      }
      case 11 -> List.of("VACUUM FULL " + shape.quoted());
      case 12, 13 ->
          text == null
              ? List.of("COMMIT")
              : List.of(
                  alter
                      + "ALTER COLUMN "
                      + text
                      + " TYPE varchar("
                      + (500 + random.nextInt(9))
                      + ")",
                  "COMMIT");
      case 14 ->
          number == null || !wide
              ? List.of("COMMIT")
              : List.of(alter + "ALTER COLUMN " + number + " TYPE numeric(14,2)", "COMMIT");
      case 15 -> {
        String integer = column(shape, table, "integer");
        yield integer == null
            ? List.of("COMMIT")
            : List.of(alter + "ALTER COLUMN " + integer + " TYPE bigint", "COMMIT");
      }
      case 16 -> {
        String extra = extra(shape);
        yield extra == null ? List.of("COMMIT") : List.of(alter + "DROP COLUMN " + extra, "COMMIT");
      }
      case 17 -> {
        String extra = extra(shape);
        added++;
        yield extra == null
            ? List.of("COMMIT")
            : List.of(alter + "RENAME COLUMN " + extra + " TO " + column, "COMMIT");
      }
      case 18 ->
          List.of("DROP TABLE " + shape.quoted() + " CASCADE", Cluster.definition(table), "COMMIT");
      default ->
          List.of(
              "CREATE TABLE aside AS SELECT * FROM " + shape.quoted(),
              "TRUNCATE " + shape.quoted(),
              "INSERT INTO " + shape.quoted() + " SELECT * FROM aside",
              "DROP TABLE aside",
              "COMMIT");
    };
  }

  /** Statements after which the table can be captured, whatever was done to it. */
  List<String> restore(Connection connection, SourceTable table) throws SQLException, IOException {
    Shape shape = Shape.of(connection, table.sourceTable(), table.key());
    return shape.columns().isEmpty()
        ? List.of(Cluster.definition(table), "COMMIT")
        : List.of("ALTER TABLE " + shape.quoted() + " REPLICA IDENTITY DEFAULT", "COMMIT");
  }

  private static String column(Shape shape, SourceTable table, String type) {
    return shape.columns().stream()
        .filter(c -> c.type().startsWith(type))
        .map(Shape.Column::name)
        .filter(n -> !n.equals(table.tenantColumn()) && !table.key().contains(n))
        .findFirst()
        .orElse(null);
  }

  private static String extra(Shape shape) {
    return shape.columns().stream()
        .map(Shape.Column::name)
        .filter(n -> n.startsWith("extra_"))
        .findFirst()
        .orElse(null);
  }
}
