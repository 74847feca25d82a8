package dev.lakegate.kit.config;

import java.util.List;

/**
 * Something that must hold before a service starts. Every bean of this type is asked once, and all
 * problems of all checks are reported together. A check that throws counts as a problem.
 */
public interface StartupCheck {
  /** What is wrong; empty when all is well. */
  List<Problem> problems();

  /**
   * A reason not to start.
   *
   * @param property the setting at fault
   * @param message what is wrong with it, without its value when that is secret
   * @param remedy what to do
   */
  record Problem(String property, String message, String remedy) {}
}
