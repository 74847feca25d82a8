package dev.lakegate.kit.config;

import io.smallrye.config.ConfigMapping;
import java.nio.file.Path;
import java.util.Optional;

/** Where a service may keep scratch files. */
@ConfigMapping(prefix = "lakegate.work")
public interface WorkConfig {
  /** Scratch directory of this service alone. */
  Optional<Path> directory();
}
