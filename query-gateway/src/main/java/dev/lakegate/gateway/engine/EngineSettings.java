package dev.lakegate.gateway.engine;

import java.nio.file.Path;

/**
 * How DuckDB is confined.
 *
 * @param storageRoot the only directory that it may read
 * @param temporaryDirectory where it spills
 * @param memoryMegabytes it may hold, outside of the heap
 * @param spillMegabytes it may spill
 * @param threads it runs queries with
 */
public record EngineSettings(
    Path storageRoot,
    Path temporaryDirectory,
    int memoryMegabytes,
    int spillMegabytes,
    int threads) {}
