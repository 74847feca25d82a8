/**
 * Bronze: staged rows become Parquet files by partition, files become visible by a manifest. Owns
 * the storage root's {@code bronze/} folder; knows nothing of replication.
 */
package dev.lakegate.ingest.bronze;
