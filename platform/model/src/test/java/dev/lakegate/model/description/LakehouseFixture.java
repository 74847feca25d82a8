package dev.lakegate.model.description;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The shipped lakehouse as texts by path, to be broken and written elsewhere. */
final class LakehouseFixture {
  static final Path SHIPPED = Path.of(System.getProperty("lakegate.basedir"), "lakehouse");

  private LakehouseFixture() {}

  static Map<String, String> shipped() {
    Map<String, String> files = new TreeMap<>();
    try (Stream<Path> paths = Files.walk(SHIPPED)) {
      for (Path path : paths.filter(Files::isRegularFile).toList()) {
        String name = SHIPPED.relativize(path).toString().replace('\\', '/');
        if (!name.startsWith("schema/")) {
          files.put(name, Files.readString(path));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return files;
  }

  static Path write(Path directory, Map<String, String> files) {
    try {
      for (Map.Entry<String, String> file : files.entrySet()) {
        Path path = directory.resolve(file.getKey());
        Files.createDirectories(path.getParent());
        Files.writeString(path, file.getValue());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return directory;
  }

  /** The YAML of a file: all of it, or its header. */
  static String yaml(String file, String content) {
    if (file.endsWith(".yaml")) {
      return content;
    }
    int end = content.indexOf("\n---\n", 3);
    return content.substring(4, end + 1);
  }

  /** Name of the schema that a file must meet. */
  static String schemaOf(String file) {
    return switch (file.substring(0, Math.max(0, file.indexOf('/')))) {
      case "tables" -> "table";
      case "metrics", "derived" -> "metric-header";
      case "queries" -> "query-header";
      default -> "governance";
    };
  }
}
