package dev.lakegate.transform.run;

import java.sql.SQLException;
import java.util.Optional;

/**
 * Decides which of the services on one control database works on it. The others watch. Called by
 * one thread.
 */
public interface Leadership extends AutoCloseable {
  /** Always leads: for a service that is known to be alone. */
  Leadership ALONE = Optional::empty;

  /**
   * Tries to lead, or to go on leading.
   *
   * @return empty when this service leads; otherwise a sentence on who does
   * @throws SQLException when that cannot be found out; this service then does not lead
   */
  Optional<String> standby() throws SQLException;

  /** Gives up leading. */
  @Override
  default void close() {}
}
