package dev.lakegate.transform.manifest;

import dev.lakegate.model.bronze.Manifest;
import dev.lakegate.model.json.Json;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * Tells two manifests of the same number apart. What a roll-up may change, the files and the
 * sequences they span, is no part of it.
 */
final class Fingerprint {
  private Fingerprint() {}

  static String of(Manifest manifest) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest(
                  Json.write(
                          Arrays.asList(
                              manifest.number(),
                              manifest.epoch(),
                              manifest.sourceId(),
                              manifest.createdAt(),
                              manifest.position(),
                              manifest.copiesBegun(),
                              manifest.copiesCompleted(),
                              manifest.schemaChanges(),
                              manifest.schemaApprovals()))
                      .getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
