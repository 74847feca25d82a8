package dev.lakegate.ingest.capture;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Where capture of one table stands. */
public enum TableState {
  /** Not at the source yet, or its turn has not come. */
  @JsonProperty("waiting")
  WAITING,
  /** Its rows are being copied. */
  @JsonProperty("copying")
  COPYING,
  /** Copied; its changes follow. */
  @JsonProperty("streaming")
  STREAMING,
  /** Cannot be captured until somebody mends something at the source; the others go on. */
  @JsonProperty("held")
  HELD,
  /** Went wrong, and is tried again. */
  @JsonProperty("failed")
  FAILED
}
