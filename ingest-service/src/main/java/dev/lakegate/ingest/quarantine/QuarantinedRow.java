package dev.lakegate.ingest.quarantine;

import java.time.Instant;
import java.util.Map;

/**
 * A row that is kept aside.
 *
 * @param table at the source
 * @param key column to PostgreSQL's text
 * @param code why, for programs
 * @param reason why, a sentence
 * @param row column to PostgreSQL's text; NULL and what the log did not carry are left out, and
 *     long texts are cut off
 * @param changeSequence of the change that made it so, or of the copy
 * @param committedAt when it was committed, or copied
 */
public record QuarantinedRow(
    String table,
    Map<String, String> key,
    String code,
    String reason,
    Map<String, String> row,
    String changeSequence,
    Instant committedAt) {
  /** Characters of a value that are kept; the source has the rest. */
  public static final int LONGEST_TEXT = 4096;

  /** A text as it is kept. */
  public static String cut(String text) {
    return text == null || text.length() <= LONGEST_TEXT
        ? text
        : text.substring(0, LONGEST_TEXT) + "… (" + text.length() + " characters)";
  }
}
