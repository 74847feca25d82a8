package dev.lakegate.ingest.source;

import java.util.Objects;

/**
 * How to reach the source.
 *
 * @param jdbcUrl with the driver's options
 * @param username null when the URL has it
 * @param password null when the URL has it or none is needed; never printed
 * @param slot name of the replication slot
 * @param publication name of the publication
 */
public record SourceSettings(
    String jdbcUrl, String username, String password, String slot, String publication) {
  public SourceSettings {
    Objects.requireNonNull(jdbcUrl, "jdbcUrl is null");
    if (!slot.matches("[a-z0-9_]{1,50}")) {
      throw new IllegalArgumentException(
          "slot name '" + slot + "' is not 1 to 50 of lower-case letters, digits and _");
    }
    if (publication.isBlank() || publication.length() > 63) {
      throw new IllegalArgumentException(
          "publication name '" + publication + "' is not 1 to 63 characters");
    }
  }

  /** How the names of temporary slots begin, which copies are made with. */
  public String temporarySlots() {
    return slot + "_c";
  }

  @Override
  public String toString() {
    return "SourceSettings[slot=" + slot + ", publication=" + publication + "]";
  }
}
