package dev.lakegate.kit.config;

import io.smallrye.config.ConfigMapping;
import java.nio.file.Path;
import java.util.Optional;

/** Where the lakehouse description is. */
@ConfigMapping(prefix = "lakegate.lakehouse")
public interface LakehouseConfig {
  /**
   * Directory with {@code tables}, {@code metrics}, {@code queries} and {@code governance.yaml}.
   */
  Optional<Path> directory();
}
