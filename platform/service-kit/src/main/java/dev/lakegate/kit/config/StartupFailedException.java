package dev.lakegate.kit.config;

import java.util.List;

/** The service refuses to start; the message lists every reason. */
public final class StartupFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** All that keeps the service from starting. */
  public StartupFailedException(List<StartupCheck.Problem> problems) {
    // No stack: this is about the configuration, not about the code.
    super(describe(problems), null, false, false);
  }

  private static String describe(List<StartupCheck.Problem> problems) {
    StringBuilder text = new StringBuilder("The service cannot start:");
    for (StartupCheck.Problem problem : problems) {
      text.append("\n  ")
          .append(problem.property())
          .append(": ")
          .append(problem.message())
          .append(" Remedy: ")
          .append(problem.remedy());
    }
    return text.toString();
  }
}
