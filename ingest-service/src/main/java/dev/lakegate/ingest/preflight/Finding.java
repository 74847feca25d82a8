package dev.lakegate.ingest.preflight;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Objects;

/**
 * One thing that preflight looked at.
 *
 * @param code what was looked at, such as {@code WAL_LEVEL}
 * @param severity how bad it is
 * @param table qualified name of the source table that it is about; null when it is about the
 *     source as a whole
 * @param message a sentence
 * @param remedy the statement or edit that mends it; null when there is nothing to mend
 */
public record Finding(String code, Severity severity, String table, String message, String remedy) {
  public Finding {
    Objects.requireNonNull(code, "code is null");
    Objects.requireNonNull(severity, "severity is null");
    Objects.requireNonNull(message, "message is null");
  }

  /** How bad it is, from harmless to not. */
  public enum Severity {
    /** As it should be. */
    @JsonProperty("ok")
    OK,
    /** Capture works, with a risk or a loss that is named. */
    @JsonProperty("warning")
    WARNING,
    /** Capture, or capture of this table, does not work until it is mended. */
    @JsonProperty("blocking")
    BLOCKING
  }
}
