package dev.lakegate.jobs;

import java.util.regex.Pattern;

/**
 * Labelled points at which tests end the process as {@code kill -9} would, to prove that the next
 * run heals. A point does nothing unless the system property {@code lakegate.jobs.halt-at} holds a
 * regular expression that matches its label.
 */
public final class HaltPoint {
  /** Exit code of a process that halted at a point. */
  public static final int EXIT_CODE = 137;

  private static final Pattern HALT_AT = pattern(System.getProperty("lakegate.jobs.halt-at"));

  private HaltPoint() {}

  /**
   * Ends the process without running any hook when {@code label} is the one asked for.
   *
   * @param label name of the point
   */
  public static void reached(String label) {
    if (HALT_AT != null && HALT_AT.matcher(label).matches()) {
      System.err.println("halting at " + label);
      Runtime.getRuntime().halt(EXIT_CODE);
    }
  }

  private static Pattern pattern(String expression) {
    return expression == null || expression.isEmpty() ? null : Pattern.compile(expression);
  }
}
