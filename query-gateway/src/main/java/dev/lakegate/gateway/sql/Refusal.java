package dev.lakegate.gateway.sql;

import io.trino.sql.tree.Node;
import io.trino.sql.tree.NodeLocation;

/** Makes failures that point at a node. */
final class Refusal {
  private Refusal() {}

  static SqlFailure at(Node node, String code, String message) {
    NodeLocation l = node.getLocation().orElse(null);
    // The parser gives a few statements no place: they begin where the text does.
    return l == null
        ? new SqlFailure(code, "line 1:1: " + message, 1, 1)
        : new SqlFailure(
            code,
            "line " + l.getLineNumber() + ":" + l.getColumnNumber() + ": " + message,
            l.getLineNumber(),
            l.getColumnNumber());
  }

  /** Something whose answer might not be Trino's. */
  static SqlFailure unsupported(Node node, String what) {
    return at(node, "NOT_SUPPORTED", "Not supported on the embedded engine: " + what)
        .with("construct", what);
  }

  static SqlFailure mismatch(Node node, String message) {
    return at(node, "TYPE_MISMATCH", message);
  }
}
