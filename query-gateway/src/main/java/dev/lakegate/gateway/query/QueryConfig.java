package dev.lakegate.gateway.query;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Limits of queries and of the embedded engine. */
@ConfigMapping(prefix = "lakegate.gateway")
public interface QueryConfig {
  /** Limits of one query or principal. */
  Limits limits();

  /** The embedded engine. */
  Engine engine();

  /** Limits of one query or principal. */
  interface Limits {
    /** Longest statement in characters. */
    @WithDefault("100000")
    int sqlLength();

    /** Queries of one principal that may run or wait at the same time. */
    @WithDefault("8")
    int concurrentPerPrincipal();

    /** Queries that run at the same time. */
    @WithDefault("4")
    int concurrent();

    /** Queries of all principals that may wait for their turn. */
    @WithDefault("100")
    int queued();

    /** Longest time that a query may run. */
    @WithDefault("5M")
    Duration runTime();

    /** Rows that a kept result may have; streams have no such limit. */
    @WithDefault("1000000")
    long resultRows();

    /** Bytes that a kept result may have. */
    @WithDefault("256M")
    MemorySize resultBytes();

    /** How long a result is kept after its query ended. */
    @WithDefault("10M")
    Duration resultExpiry();

    /** Queries of one principal that are kept after they ended. */
    @WithDefault("100")
    int keptPerPrincipal();
  }

  /** The embedded engine. */
  interface Engine {
    /** Memory it may hold, in megabytes. */
    @WithDefault("512")
    int memoryMegabytes();

    /** Disk space that it may spill to, in megabytes. */
    @WithDefault("4096")
    int spillMegabytes();

    /** Threads it runs a query with. */
    @WithDefault("2")
    int threads();
  }
}
