package dev.lakegate.laptop.cli;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where Lakegate itself is: the project's root, told by the script. */
public final class Installation {
  private Installation() {}

  /**
   * The project's root.
   *
   * @throws IllegalStateException when the property {@code lakegate.basedir} does not name it
   */
  public static Path root() {
    String property = System.getProperty("lakegate.basedir");
    if (property == null || !Files.isDirectory(Path.of(property, "lakehouse"))) {
      throw new IllegalStateException(
          "The property lakegate.basedir must name the project's root. Start Lakegate with"
              + " ./lakegate.");
    }
    return Path.of(property).toAbsolutePath().normalize();
  }
}
