package dev.lakegate.ingest.bronze;

import java.io.IOException;
import java.nio.file.Path;

/** Another process writes Bronze below the same storage root. */
public final class StorageInUseException extends IOException {
  private static final long serialVersionUID = 1L;

  StorageInUseException(Path root) {
    super(
        "another process captures into "
            + root
            + " (it holds bronze/_writer.lock); stop it, or give this one another storage root");
  }
}
