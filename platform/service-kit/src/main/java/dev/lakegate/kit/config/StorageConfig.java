package dev.lakegate.kit.config;

import io.smallrye.config.ConfigMapping;
import java.util.Optional;

/** Where the lake is. */
@ConfigMapping(prefix = "lakegate.storage")
public interface StorageConfig {
  /** Storage root: a directory on the laptop. */
  Optional<String> root();
}
