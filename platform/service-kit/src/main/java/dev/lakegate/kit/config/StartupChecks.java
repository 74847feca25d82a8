package dev.lakegate.kit.config;

import io.quarkus.arc.All;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jboss.logging.Logger;

/** Runs every start-up check before anything else starts, and reports all problems at once. */
@ApplicationScoped
public class StartupChecks {
  /** Observers of the start event with a higher number may rely on the checks having passed. */
  public static final int PRIORITY = 1;

  private static final Logger LOG = Logger.getLogger(StartupChecks.class);

  @Inject @All List<StartupCheck> checks;

  void run(@Observes @Priority(PRIORITY) StartupEvent event) {
    verify(checks);
  }

  static void verify(List<StartupCheck> checks) {
    List<StartupCheck.Problem> problems = new ArrayList<>();
    for (StartupCheck check : checks) {
      try {
        problems.addAll(check.problems());
      } catch (RuntimeException e) {
        problems.add(
            new StartupCheck.Problem(
                check.getClass().getSimpleName(),
                "the check itself failed: " + e + ".",
                "See whether what it looks at is reachable."));
      }
    }
    if (!problems.isEmpty()) {
      problems.sort(Comparator.comparing(StartupCheck.Problem::property));
      problems.forEach(p -> LOG.errorf("%s: %s %s", p.property(), p.message(), p.remedy()));
      throw new StartupFailedException(problems);
    }
  }
}
