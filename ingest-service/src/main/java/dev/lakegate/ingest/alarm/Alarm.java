package dev.lakegate.ingest.alarm;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;

/**
 * Something that somebody should look at.
 *
 * @param code names the kind, such as {@code WAL_RETENTION}; at most one alarm of a code and
 *     subject is raised at a time
 * @param severity how urgent it is
 * @param table that it is about; null when it is about the whole
 * @param message a sentence
 * @param since when it was raised, at whatever severity
 * @param remedy what to do
 */
public record Alarm(
    String code, Severity severity, String table, String message, Instant since, String remedy) {

  /** How urgent it is. */
  public enum Severity {
    /** There is time. */
    @JsonProperty("warning")
    WARNING,
    /** Data has to be copied anew, or will have to be soon. */
    @JsonProperty("critical")
    CRITICAL
  }
}
