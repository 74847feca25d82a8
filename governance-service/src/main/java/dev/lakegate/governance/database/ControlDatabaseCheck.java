package dev.lakegate.governance.database;

import dev.lakegate.kit.config.StartupCheck;
import io.agroal.api.AgroalDataSource;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Nothing works without the control database. */
@ApplicationScoped
class ControlDatabaseCheck implements StartupCheck {
  private static final String URL = "lakegate.control.jdbc-url";

  @ConfigProperty(name = URL)
  Optional<String> url;

  @Inject AgroalDataSource source;

  @Override
  public List<Problem> problems() {
    if (url.isEmpty()) {
      return List.of(
          new Problem(
              URL,
              "is not set.",
              "Set it like jdbc:postgresql://HOST:5432/lakegate, and its user."));
    }
    if (!url.get().startsWith("jdbc:postgresql://")) {
      return List.of(
          new Problem(
              URL,
              "is not the address of a PostgreSQL database.",
              "Write it like jdbc:postgresql://HOST:5432/lakegate."));
    }
    try (Connection connection = source.getConnection()) {
      return connection.isValid(3)
          ? List.of()
          : List.of(new Problem(URL, "leads to a database that does not answer.", "Restart it."));
    } catch (SQLException e) {
      return List.of(
          new Problem(
              URL,
              "leads to no usable database: " + e.getMessage() + ".",
              "Start the database, or correct lakegate.control.jdbc-url, .username and .password."));
    }
  }
}
