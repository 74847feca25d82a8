package dev.lakegate.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A page of the documentation, whose examples tests follow to the letter. */
final class Documented {
  private static final Path ROOT = Path.of(System.getProperty("lakegate.basedir", "../.."));

  private final String name;
  private final String text;

  /**
   * @param name of a file in {@code docs/}
   */
  Documented(String name) throws IOException {
    this.name = name;
    this.text = Files.readString(ROOT.resolve("docs").resolve(name));
  }

  /** The first example in a language. */
  String block(String language) {
    Matcher block = Pattern.compile("(?s)```" + language + "\n(.*?)```").matcher(text);
    if (!block.find()) {
      throw new AssertionError("docs/" + name + " has no example in " + language);
    }
    return block.group(1);
  }

  /** A copy of the shipped description, which a test may change. */
  static Path copyOfDescription(Path target) throws IOException {
    Path shipped = ROOT.resolve("lakehouse");
    try (Stream<Path> files = Files.walk(shipped)) {
      for (Path file : files.sorted().toList()) {
        Path copy = target.resolve(shipped.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(copy);
        } else {
          Files.copy(file, copy);
        }
      }
    }
    return target;
  }
}
