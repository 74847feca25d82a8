package dev.lakegate.laptop.supervisor;

import dev.lakegate.laptop.backend.SampleSize;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What to start.
 *
 * @param installation directory of the built Lakegate: the project's root
 * @param lakehouse directory of the lakehouse description; services follow what changes in it
 * @param data data directory
 * @param source a PostgreSQL that is not ours; without it a sample source is started
 * @param sample size of the sample source's data when it is new
 * @param traffic changes a second that the sample source's users make; 0 for none
 */
public record StackOptions(
    Path installation,
    Path lakehouse,
    Path data,
    Ports ports,
    Optional<SourceAddress> source,
    SampleSize sample,
    double traffic) {
  /** With the project's own description. */
  public StackOptions(
      Path installation,
      Path data,
      Ports ports,
      Optional<SourceAddress> source,
      SampleSize sample,
      double traffic) {
    this(installation, installation.resolve("lakehouse"), data, ports, source, sample, traffic);
  }
}
