package dev.lakegate.transform.api;

import dev.lakegate.kit.error.LakegateException;
import java.sql.SQLException;
import java.time.Duration;

/** Calls of the control database on behalf of a caller. */
final class Control {
  private Control() {}

  /** A call. */
  interface Call<T> {
    T get() throws SQLException;
  }

  static <T> T ask(Call<T> call) {
    try {
      return call.get();
    } catch (SQLException e) {
      throw LakegateException.unavailable(
              "CONTROL_DATABASE_UNAVAILABLE",
              "The control database does not answer.",
              "Try again in a moment; /q/health/ready says when it is back.",
              Duration.ofSeconds(5))
          .withCause(e);
    }
  }
}
