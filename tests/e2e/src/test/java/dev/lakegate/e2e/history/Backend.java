package dev.lakegate.e2e.history;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What a backend does to its rows, and what it should not do but can: many changes of one key in a
 * transaction, keys reused, changed and swapped, moves between tenants and months, bulk changes
 * without updated_at, savepoints, truncation. The same seed gives the same statements as long as
 * the tables have the same columns.
 */
final class Backend {
  private static final int KEYS = 24;

  private final Random random;
  private final Values values;
  private final OperationLog log;
  private final List<Map.Entry<String, List<String>>> tables;

  /**
   * @param keys primary key columns by table
   */
  Backend(long seed, Map<String, List<String>> keys, OperationLog log) {
    this.random = new Random(seed);
    this.values = new Values(random);
    this.tables = new ArrayList<>(new TreeMap<>(keys).entrySet());
    this.log = log;
  }

  /** One transaction: committed, rolled back, or refused by the source as a whole. */
  void transaction(Connection connection) throws SQLException {
    List<String> statements = new ArrayList<>();
    int changes = random.nextInt(6) == 0 ? 10 + random.nextInt(20) : 1 + random.nextInt(5);
    for (int i = 0; i < changes; i++) {
      if (random.nextInt(8) == 0) {
        statements.add("SAVEPOINT s");
        statements.addAll(change(connection));
        statements.addAll(change(connection));
        statements.add(random.nextBoolean() ? "ROLLBACK TO SAVEPOINT s" : "RELEASE SAVEPOINT s");
      } else {
        statements.addAll(change(connection));
      }
    }
    statements.add(random.nextInt(10) == 0 ? "ROLLBACK" : "COMMIT");
    execute(connection, statements);
  }

  /** A transaction with so many changes that capture spills it. */
  void largeTransaction(Connection connection, int rows) throws SQLException {
    Shape shape = shape(connection);
    Shape.Column key = shape.keyColumn();
    String keyOfG =
        switch (key.type()) {
          case "uuid" -> "md5('large' || g)::uuid";
          case "bigint", "integer" -> "100000 + g";
          default -> "'large-' || g % 5";
        };
    int from = random.nextInt(rows);
    List<String> statements = new ArrayList<>();
    statements.add(
        insert(
            shape,
            "SELECT "
                + shape.columns().stream()
                    .map(c -> c.name().equals(key.name()) ? keyOfG : values.of(c))
                    .collect(Collectors.joining(", "))
                + " FROM generate_series("
                + from
                + ", "
                + (from + rows)
                + ") g"));
    statements.add(
        "DELETE FROM " + shape.quoted() + " WHERE abs(hashtext(" + key.name() + "::text)) % 3 = 0");
    statements.add("COMMIT");
    execute(connection, statements);
  }

  /**
   * Begins a transaction on keys that no other one uses; the caller commits it later.
   *
   * @return what it holds open
   */
  void beginLong(Connection connection) throws SQLException {
    Shape shape = shape(connection);
    Shape.Column key = shape.keyColumn();
    List<String> statements = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      int n = 500 + i;
      String value =
          switch (key.type()) {
            case "uuid" -> "md5('" + n + "')::uuid";
            case "bigint", "integer" -> String.valueOf(n);
            default -> "'long-" + n + "'";
          };
      statements.add("DELETE FROM " + shape.quoted() + " WHERE " + key.name() + " = " + value);
      statements.add(row(shape, value));
    }
    execute(connection, statements);
  }

  /** A row that was not there before, in every table: what follows the last change of a history. */
  void sentinels(Connection connection) throws SQLException {
    List<String> statements = new ArrayList<>();
    for (Map.Entry<String, List<String>> table : tables) {
      Shape shape = Shape.of(connection, table.getKey(), table.getValue());
      if (shape.columns().isEmpty()) {
        continue;
      }
      int n = 1_000_000 + random.nextInt(1_000_000);
      statements.add(
          row(
              shape,
              switch (shape.keyColumn().type()) {
                case "uuid" -> "md5('" + n + "')::uuid";
                case "bigint", "integer" -> String.valueOf(n);
                default -> "'end-" + n + "'";
              }));
    }
    statements.add("COMMIT");
    if (!execute(connection, statements)) {
      throw new AssertionError("the source refuses the end of the history");
    }
  }

  /**
   * Runs statements in order; one that is refused takes back the whole transaction.
   *
   * @return whether all were taken
   */
  boolean execute(Connection connection, List<String> statements) throws SQLException {
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET LOCAL lock_timeout = '200ms'");
      for (String sql : statements) {
        log.add(sql + ";");
        statement.execute(sql);
      }
      return true;
    } catch (SQLException e) {
      log.add("-- refused, all taken back: " + e.getMessage());
      if (!connection.isClosed()) {
        connection.rollback();
      }
      return false;
    }
  }

  private List<String> change(Connection connection) throws SQLException {
    Shape shape = shape(connection);
    if (shape.columns().isEmpty()) {
      return List.of();
    }
    String table = shape.quoted();
    Shape.Column key = shape.keyColumn();
    String one = values.key(key, KEYS);
    String where = " WHERE " + key.name() + " = " + one;
    String part = " WHERE abs(hashtext(" + key.name() + "::text)) % 5 = " + random.nextInt(5);
    int kind = random.nextInt(100);
    if (kind < 28) {
      List<String> statements = new ArrayList<>();
      statements.add("DELETE FROM " + table + where);
      statements.add(row(shape, one));
      return statements;
    }
    if (kind < 48) {
      return List.of("UPDATE " + table + " SET " + some(shape) + where);
    }
    if (kind < 56) {
      return List.of("DELETE FROM " + table + where);
    }
    if (kind < 66) {
      return moveKey(shape, one, values.key(key, KEYS));
    }
    if (kind < 70) {
      return swap(shape, one, values.key(key, KEYS));
    }
    if (kind < 76 && shape.has("tenant_id")) {
      return List.of("UPDATE " + table + " SET tenant_id = " + values.tenant() + where);
    }
    if (kind < 80 && shape.has("created_at")) {
      return List.of("UPDATE " + table + " SET created_at = " + values.time() + where);
    }
    if (kind < 88) {
      return List.of("UPDATE " + table + " SET " + one(shape) + part);
    }
    if (kind < 91 && shape.has("tenant_id")) {
      return List.of("DELETE FROM " + table + " WHERE tenant_id = " + values.tenant());
    }
    if (kind < 93) {
      return List.of("DELETE FROM " + table + part);
    }
    if (kind < 94) {
      return List.of("TRUNCATE " + table);
    }
    // Many changes of one key.
    List<String> statements = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      statements.add("UPDATE " + table + " SET " + one(shape) + where);
      if (random.nextInt(3) == 0) {
        statements.add("DELETE FROM " + table + where);
        statements.add(row(shape, one));
      }
    }
    return statements;
  }

  /** Moves a row to another key, in place of whatever row has it; large values stay as they are. */
  private List<String> moveKey(Shape shape, String from, String to) {
    String key = shape.key().get(0);
    String also = random.nextInt(3) == 0 ? ", " + one(shape) : "";
    String move =
        "UPDATE "
            + shape.quoted()
            + " SET "
            + key
            + " = "
            + to
            + also
            + " WHERE "
            + key
            + " = "
            + from;
    return from.equals(to)
        ? List.of(move)
        : List.of("DELETE FROM " + shape.quoted() + " WHERE " + key + " = " + to, move);
  }

  /** Two rows exchange their keys. */
  private List<String> swap(Shape shape, String a, String b) {
    String key = shape.key().get(0);
    String aside =
        switch (shape.keyColumn().type()) {
          case "uuid" -> "md5('aside')::uuid";
          case "bigint", "integer" -> "-1";
          default -> "'aside'";
        };
    String head = "UPDATE " + shape.quoted() + " SET " + key + " = ";
    String where = " WHERE " + key + " = ";
    return a.equals(b)
        ? List.of()
        : List.of(head + aside + where + a, head + a + where + b, head + b + where + aside);
  }

  private String row(Shape shape, String keyValue) {
    return insert(
        shape,
        "VALUES ("
            + shape.columns().stream()
                .map(c -> c.name().equals(shape.key().get(0)) ? keyValue : values.of(c))
                .collect(Collectors.joining(", "))
            + ")");
  }

  private static String insert(Shape shape, String rows) {
    return "INSERT INTO "
        + shape.quoted()
        + " ("
        + shape.columns().stream().map(c -> '"' + c.name() + '"').collect(Collectors.joining(", "))
        + ") "
        + rows
        + " ON CONFLICT DO NOTHING";
  }

  private String some(Shape shape) {
    List<String> assignments = new ArrayList<>();
    for (Shape.Column column : shape.columns()) {
      if (!shape.key().contains(column.name()) && random.nextInt(4) == 0) {
        assignments.add('"' + column.name() + "\" = " + values.of(column));
      }
    }
    return assignments.isEmpty() ? one(shape) : String.join(", ", assignments);
  }

  /** One column, seldom a large one: its value is then not in the log. */
  private String one(Shape shape) {
    List<Shape.Column> others =
        shape.columns().stream()
            .filter(c -> !shape.key().contains(c.name()))
            .filter(c -> !c.name().equals(shape.large()) || random.nextInt(10) == 0)
            .toList();
    Shape.Column column = others.get(random.nextInt(others.size()));
    return '"' + column.name() + "\" = " + values.of(column);
  }

  private Shape shape(Connection connection) throws SQLException {
    Map.Entry<String, List<String>> table = tables.get(random.nextInt(tables.size()));
    return Shape.of(connection, table.getKey(), table.getValue());
  }
}
