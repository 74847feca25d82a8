package dev.lakegate.governance.policy;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * One thing that the proposal would change in the policy in force.
 *
 * @param part {@code persona}, {@code tierFilter} or {@code table}
 * @param name of the persona, filter or table; empty when their order is meant
 * @param field that changes; null when the whole comes or goes
 * @param before in force; null when it comes
 * @param after proposed; null when it goes
 * @param effect on what people may read
 * @param message the same for people
 */
public record Difference(
    String part,
    String name,
    String field,
    String before,
    String after,
    Effect effect,
    String message) {

  /** What a change does to what people may read. */
  public enum Effect {
    /** Somebody may read more. */
    @JsonProperty("widens")
    WIDENS,
    /** Somebody may read less. */
    @JsonProperty("narrows")
    NARROWS,
    /** More here and less there, or it cannot be told. */
    @JsonProperty("changes")
    CHANGES
  }
}
