package dev.lakegate.gateway.sql;

/** What a statement changes about its session, which the client keeps. Immutable. */
public sealed interface SessionChange {
  /** Trino's name of what the statement did. */
  String updateType();

  /** Where names without a catalog or schema are looked up from now on. */
  record Use(String catalog, String schema) implements SessionChange {
    @Override
    public String updateType() {
      return "USE";
    }
  }

  /** A session property has another value. */
  record Set(String updateType, String name, String value) implements SessionChange {}

  /** A session property has its default again. */
  record Reset(String name) implements SessionChange {
    @Override
    public String updateType() {
      return "RESET SESSION";
    }
  }

  /** A role was chosen: {@code ALL} or {@code NONE}. */
  record Role(String catalog, String role) implements SessionChange {
    @Override
    public String updateType() {
      return "SET ROLE";
    }
  }

  /** A statement got a name. */
  record Prepared(String name, String sql) implements SessionChange {
    @Override
    public String updateType() {
      return "PREPARE";
    }
  }

  /** A name of a statement was given up. */
  record Deallocated(String name) implements SessionChange {
    @Override
    public String updateType() {
      return "DEALLOCATE";
    }
  }

  /** A transaction began; it only reads, and each of its statements stands for itself. */
  record Started() implements SessionChange {
    @Override
    public String updateType() {
      return "START TRANSACTION";
    }
  }

  /** A transaction ended, by COMMIT or ROLLBACK. */
  record Ended(String updateType) implements SessionChange {}
}
