package dev.lakegate.e2e.history;

import dev.lakegate.model.description.Lakehouse;
import dev.lakegate.model.description.LakehouseLoader;
import dev.lakegate.model.description.SourceTable;
import java.nio.file.Path;
import java.util.List;

/** The shipped lakehouse description. */
final class Description {
  private final Lakehouse lakehouse = LakehouseLoader.load(base().resolve("lakehouse"));

  /** The repository's root. */
  static Path base() {
    return Path.of(System.getProperty("lakegate.basedir", "../..")).toAbsolutePath().normalize();
  }

  List<SourceTable> tables() {
    return lakehouse.tables();
  }

  /** The tables of these names in Silver. */
  List<SourceTable> tables(List<String> names) {
    return lakehouse.tables().stream().filter(t -> names.contains(t.name())).toList();
  }
}
