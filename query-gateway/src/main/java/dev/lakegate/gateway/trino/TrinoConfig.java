package dev.lakegate.gateway.trino;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** The Trino client protocol. */
@ConfigMapping(prefix = "lakegate.gateway.trino")
public interface TrinoConfig {
  /** A query that nobody asked for so long ends, and what is kept of its rows is dropped. */
  @WithDefault("5M")
  Duration abandonedAfter();

  /** Rows of one query that wait to be fetched, in bytes on disk; then the query waits. */
  @WithDefault("64M")
  MemorySize spool();

  /** The same of all queries together. */
  @WithDefault("4G")
  MemorySize spoolTotal();

  /** When responses are compressed for clients that accept it. */
  @WithDefault("remote")
  Compression compression();

  /** When responses are compressed. */
  enum Compression {
    /** Always. */
    ALWAYS,
    /** Unless the client is on the same machine, where it would only take time. */
    REMOTE,
    /** Never. */
    NEVER
  }
}
