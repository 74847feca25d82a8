package dev.lakegate.jobs.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.jobs.JobException;

/**
 * How far a Silver table has consumed the chain of manifests. Manifests are numbered without gaps
 * over all epochs, so the number alone orders positions. Immutable.
 */
public final class SilverPosition {
  private final String epoch;
  private final long manifest;

  /** After the manifest of this number. */
  public SilverPosition(String epoch, long manifest) {
    this.epoch = epoch;
    this.manifest = manifest;
  }

  static SilverPosition of(JsonNode node) {
    String epoch = Json.text(node, "epoch");
    JsonNode manifest = node.get("manifest");
    if (manifest == null || !manifest.isIntegralNumber()) {
      throw JobException.permanent("REQUEST_INVALID", "field manifest must be a number");
    }
    return new SilverPosition(epoch, manifest.asLong());
  }

  /** The position of a JSON object; null for null. */
  public static SilverPosition ofNullable(JsonNode node) {
    return node == null || node.isNull() || node.isMissingNode() ? null : of(node);
  }

  /** As stored in a commit. */
  public ObjectNode toJson() {
    return Json.object().put("epoch", epoch).put("manifest", manifest);
  }

  /** Epoch of the manifest. */
  public String epoch() {
    return epoch;
  }

  /** Number of the last manifest consumed. */
  public long manifest() {
    return manifest;
  }
}
