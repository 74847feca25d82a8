package dev.lakegate.gateway.sql;

import io.trino.sql.tree.Node;

/**
 * Names of constructs as people write them: {@code CreateTableAsSelect} is CREATE TABLE AS SELECT.
 */
final class StatementNames {
  private StatementNames() {}

  static String of(Node node) {
    return node.getClass()
        .getSimpleName()
        .replaceAll("(?<=[a-z])(?=[A-Z])", " ")
        .toUpperCase(java.util.Locale.ROOT);
  }
}
