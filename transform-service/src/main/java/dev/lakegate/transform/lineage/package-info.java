/**
 * What columns are made of, across datasets, and what is told of runs in OpenLineage's words.
 * Deciding code is pure; {@link dev.lakegate.transform.lineage.LineageQueue} is the edge.
 */
package dev.lakegate.transform.lineage;
