/**
 * Reconciling: the source's rows against Silver's at one position of the source's log. Independent
 * of capture's encoder on purpose: rows are read through COPY, cast by {@code Canonical}, and
 * compared with what Silver's Parquet files hold.
 */
package dev.lakegate.ingest.reconcile;
