package dev.lakegate.gateway.query;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Limits of queries and of the embedded engine. */
@ConfigMapping(prefix = "lakegate.gateway")
public interface QueryConfig {
  /** Limits of one query or principal. */
  Limits limits();

  /** Narrower limits of the description's workgroups, by name. */
  Map<String, Workgroup> workgroups();

  /** Results that are used again. */
  Cache cache();

  /** What is remembered of queries that have ended. */
  History history();

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

    /**
     * Queries that run at the same time for principals of one tenant; all places but one by
     * default, so that nobody waits for one tenant alone.
     */
    OptionalInt concurrentPerTenant();

    /** Queries a second that one principal may submit over time. */
    @WithDefault("50")
    double rate();

    /** Queries that one principal may submit at once after a pause. */
    @WithDefault("200")
    int burst();

    /** Queries of all principals that may wait for their turn. */
    @WithDefault("100")
    int queued();

    /** Longest time that a query may run. */
    @WithDefault("5M")
    Duration runTime();

    /**
     * How long a query may wait in all, beyond its run time, for a client that takes its rows page
     * by page.
     */
    @WithDefault("30M")
    Duration clientWait();

    /** Rows that a kept result may have; streams have no such limit. */
    @WithDefault("1000000")
    long resultRows();

    /** Bytes that a kept result may have. */
    @WithDefault("256M")
    MemorySize resultBytes();

    /** How long a result is kept after its query ended. */
    @WithDefault("10M")
    Duration resultExpiry();

    /** Bytes of all kept results on disk together; one principal has a quarter at most. */
    @WithDefault("4G")
    MemorySize keptBytes();

    /** Queries of one principal that are kept after they ended. */
    @WithDefault("100")
    int keptPerPrincipal();
  }

  /** Limits that hold for a workgroup beside those of all queries; what is left out does not. */
  interface Workgroup {
    /** Queries of all its users that run at the same time. */
    OptionalInt concurrent();

    /** Queries a second that all its users together may submit over time. */
    OptionalDouble rate();

    /** Longest time that a query may run. */
    Optional<Duration> runTime();

    /** Rows that a kept result may have. */
    OptionalLong resultRows();

    /** Bytes that a kept result may have. */
    Optional<MemorySize> resultBytes();
  }

  /** Results that are used again. */
  interface Cache {
    /** Heap for them, estimated; 0 for no cache. One result takes an eighth of it at most. */
    @WithDefault("8M")
    MemorySize bytes();

    /** How long a result is used, even if nothing that it depends on changes. */
    @WithDefault("10M")
    Duration expiry();
  }

  /** What is remembered of queries that have ended. */
  interface History {
    /** Disk space for it. */
    @WithDefault("16M")
    MemorySize bytes();

    /** A query that takes as long is written to the log, without its values. */
    @WithDefault("5S")
    Duration slow();

    /** How long queries under way may take to end when the gateway stops. */
    @WithDefault("8S")
    Duration drain();
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
