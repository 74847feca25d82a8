/**
 * PostgreSQL's logical replication messages (pgoutput, protocol version 1): bytes in, sealed values
 * out. Pure: no connection, no catalog, no clock.
 */
package dev.lakegate.ingest.pgoutput;
