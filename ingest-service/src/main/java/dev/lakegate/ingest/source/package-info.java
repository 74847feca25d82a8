/**
 * The source database: connections, rights, publication and slot, the copy under an exported
 * snapshot, the replication stream. Thin JDBC; what to do is decided in {@code capture}.
 */
package dev.lakegate.ingest.source;
