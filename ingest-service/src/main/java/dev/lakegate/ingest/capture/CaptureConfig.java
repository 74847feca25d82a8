package dev.lakegate.ingest.capture;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Optional;

/** What to capture from where, and when to write it. */
@ConfigMapping(prefix = "lakegate.capture")
public interface CaptureConfig {
  /** The source database. */
  Source source();

  /** Replication slot at the source: lower-case letters, digits and underscores. */
  @WithDefault("lakegate")
  String slot();

  /** Publication at the source. */
  @WithDefault("lakegate")
  String publication();

  /** When changes become files. */
  Flush flush();

  /** Rows of a copy are written in parts of this size. */
  @WithDefault("32M")
  MemorySize copyBytes();

  /** Memory that DuckDB may use to write Parquet, besides the heap. */
  @WithDefault("128MB")
  String duckdbMemory();

  /** How often the tables at the source are looked at while the log is followed. */
  @WithDefault("5s")
  Duration surveyInterval();

  /** Copying a table anew. */
  Recopy recopy();

  /** Keeping Bronze small. */
  Maintenance maintenance();

  /** Keeping Bronze small. */
  interface Maintenance {
    /** Pause between passes. */
    @WithDefault("1m")
    Duration interval();

    /** Manifests younger than this stand alone. */
    @WithDefault("24h")
    Duration rollUpAge();

    /** Manifests in one roll-up. */
    @WithDefault("1000")
    int rollUpManifests();

    /** Size up to which small files of a roll-up are merged into one. */
    @WithDefault("64M")
    MemorySize mergedBytes();

    /** How long files stay that merged ones stand for, and that nothing names. */
    @WithDefault("2h")
    Duration grace();

    /** Memory that DuckDB may use while it merges. */
    @WithDefault("96MB")
    String duckdbMemory();
  }

  /** Copying a table anew. */
  interface Recopy {
    /** Capture copies a table anew by itself up to this estimated number of rows. */
    @WithDefault("10000000")
    long rows();
  }

  /** The source database. */
  interface Source {
    /** JDBC URL; the driver's options, such as {@code sslmode}, pass through. Required. */
    Optional<String> jdbcUrl();

    /** Role with REPLICATION that owns the tables; may stand in the URL instead. */
    Optional<String> username();

    /** Its password; may stand in the URL instead. Never logged. */
    Optional<String> password();
  }

  /** When changes become files. */
  interface Flush {
    /** Longest time that a change waits. */
    @WithDefault("1s")
    Duration interval();

    /** To which it grows with the files that a flush would write beyond {@link #files}. */
    @WithDefault("15s")
    Duration stretchedInterval();

    /** Files in one interval that are not too many. */
    @WithDefault("32")
    int files();

    /** A flush is due at this number of changes. */
    @WithDefault("50000")
    long rows();

    /** A flush is due at this size; a larger transaction is spilled in parts of it. */
    @WithDefault("64M")
    MemorySize bytes();
  }
}
