package dev.lakegate.model.audit;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.lakegate.model.policy.Principal;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Something that someone did or was refused. Immutable. Sizes are bounded, and details hold no
 * secret and no row of data.
 *
 * @param version contract version, {@value #VERSION}
 * @param id makes delivery idempotent
 * @param at when, UTC
 * @param type what kind of thing happened, such as {@code query} or {@code policy}
 * @param principal who; null when the token was refused before it named anyone
 * @param action verb, such as {@code execute}, {@code apply}, {@code forget}
 * @param object on what, such as a table or a policy version; at most {@value #LONGEST} characters
 * @param outcome how it ended
 * @param reason reason code; null when it succeeded
 * @param requestId that the service answered with; null outside of requests
 * @param details at most {@value #MOST_DETAILS} short texts; a longer one is to be cut with {@link
 *     #cut}
 */
public record AuditEvent(
    int version,
    UUID id,
    Instant at,
    String type,
    Principal principal,
    String action,
    String object,
    Outcome outcome,
    String reason,
    String requestId,
    SortedMap<String, String> details) {
  /** The contract version that this code reads and writes. */
  public static final int VERSION = 1;

  /** Longest text of an event, in characters. */
  public static final int LONGEST = 8_192;

  /** Most details of an event. */
  public static final int MOST_DETAILS = 32;

  private static final int LONGEST_NAME = 64;
  private static final int LONGEST_REQUEST_ID = 128;

  public AuditEvent {
    Objects.requireNonNull(id, "id is null");
    Objects.requireNonNull(at, "at is null");
    Objects.requireNonNull(outcome, "outcome is null");
    word("type", type);
    word("action", action);
    bounded("object", Objects.requireNonNull(object, "object is null"), LONGEST);
    if (reason != null && !reason.matches("[A-Z][A-Z0-9_]{0,63}")) {
      throw new IllegalArgumentException("reason is not a reason code");
    }
    bounded("requestId", requestId, LONGEST_REQUEST_ID);
    details = Collections.unmodifiableSortedMap(new TreeMap<>(details));
    if (details.size() > MOST_DETAILS) {
      throw new IllegalArgumentException("details has more than " + MOST_DETAILS + " entries");
    }
    for (Map.Entry<String, String> detail : details.entrySet()) {
      if (!detail.getKey().matches("[a-z][A-Za-z0-9]{0,63}")) {
        throw new IllegalArgumentException("details has a name that is not lower camel case");
      }
      bounded("details", Objects.requireNonNull(detail.getValue(), "a detail is null"), LONGEST);
    }
  }

  /** How an action ended. */
  public enum Outcome {
    /** It was done. */
    @JsonProperty("succeeded")
    SUCCEEDED,
    /** It was not permitted. */
    @JsonProperty("refused")
    REFUSED,
    /** It was permitted and went wrong. */
    @JsonProperty("failed")
    FAILED
  }

  /** The text, cut to what an event may hold; what was cut off is marked by an ellipsis. */
  public static String cut(String text) {
    if (text.length() <= LONGEST) {
      return text;
    }
    int end = LONGEST - 1;
    // A pair of surrogates stays together.
    if (Character.isHighSurrogate(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(0, end) + "\u2026";
  }

  private static void word(String field, String value) {
    if (value == null || !value.matches("[a-z][a-z0-9_-]{0,63}")) {
      throw new IllegalArgumentException(
          field + " is not a lower-case word of at most " + LONGEST_NAME + " characters");
    }
  }

  private static void bounded(String field, String value, int longest) {
    if (value != null && value.length() > longest) {
      throw new IllegalArgumentException(field + " is longer than " + longest + " characters");
    }
  }
}
