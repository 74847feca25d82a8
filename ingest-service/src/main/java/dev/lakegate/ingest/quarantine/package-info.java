/**
 * Quarantine: rows that cannot be written, or that Silver could never take, are kept aside with
 * their key and the reason. Its files are named by the manifest that would have held the rows, so a
 * kill neither loses nor doubles one.
 */
package dev.lakegate.ingest.quarantine;
