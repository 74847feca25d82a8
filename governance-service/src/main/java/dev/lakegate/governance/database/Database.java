package dev.lakegate.governance.database;

import dev.lakegate.kit.error.LakegateException;
import io.agroal.api.AgroalDataSource;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.jboss.logging.Logger;

/** The control database: short transactions, and its absence said clearly. Thread-safe. */
@ApplicationScoped
public class Database {
  private static final Logger LOG = Logger.getLogger(Database.class);
  private static final String UNIQUE_VIOLATION = "23505";

  @Inject AgroalDataSource source;

  /** Work within one transaction. */
  @FunctionalInterface
  public interface Work<T> {
    T run(Connection connection) throws SQLException;
  }

  /** Another transaction has put the same key in first. */
  public static final class DuplicateKeyException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    DuplicateKeyException(SQLException cause) {
      super(cause);
    }
  }

  /**
   * Runs work in a transaction that commits unless the work throws.
   *
   * @throws DuplicateKeyException when a unique key exists already
   * @throws LakegateException 503 when the database cannot be used
   */
  public <T> T transaction(Work<T> work) {
    try (Connection connection = source.getConnection()) {
      connection.setAutoCommit(false);
      boolean committed = false;
      try {
        T result = work.run(connection);
        connection.commit();
        committed = true;
        return result;
      } finally {
        // Whatever was thrown: a pool that takes back an open transaction might commit it.
        if (!committed) {
          rollback(connection);
        }
      }
    } catch (SQLException e) {
      if (UNIQUE_VIOLATION.equals(e.getSQLState())) {
        throw new DuplicateKeyException(e);
      }
      throw LakegateException.unavailable(
              "DATABASE_UNAVAILABLE",
              "The control database does not answer properly.",
              "Try again in a moment; operators find the cause in the service's log.",
              Duration.ofSeconds(2))
          .withCause(e);
    }
  }

  private static void rollback(Connection connection) {
    try {
      connection.rollback();
    } catch (SQLException e) {
      // A connection that cannot roll back is broken, and PostgreSQL has rolled back already.
      LOG.debugf(e, "a transaction could not be rolled back");
    }
  }
}
