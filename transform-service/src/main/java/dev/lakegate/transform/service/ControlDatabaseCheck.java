package dev.lakegate.transform.service;

import dev.lakegate.kit.health.DependencyCheck;
import io.agroal.api.AgroalDataSource;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.util.Optional;
import org.eclipse.microprofile.health.Readiness;

/** Without the control database no run can be recorded, so none is started. */
@Readiness
@ApplicationScoped
class ControlDatabaseCheck extends DependencyCheck {
  private static final int PATIENCE_SECONDS = 2;

  @Inject AgroalDataSource database;

  ControlDatabaseCheck() {
    super("control database");
  }

  @Override
  protected Optional<String> problem() throws Exception {
    try (Connection connection = database.getConnection()) {
      return connection.isValid(PATIENCE_SECONDS)
          ? Optional.empty()
          : Optional.of("The control database does not answer.");
    }
  }
}
