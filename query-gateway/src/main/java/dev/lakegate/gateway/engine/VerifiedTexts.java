package dev.lakegate.gateway.engine;

import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Digests of texts that have passed the second look. The look depends on nothing else, so a text
 * that passed once passes again; what is used least lately is forgotten. Thread-safe.
 */
final class VerifiedTexts {
  private final Map<ByteBuffer, Boolean> digests;

  /**
   * @param most that are remembered
   */
  VerifiedTexts(int most) {
    digests =
        new LinkedHashMap<>(16, 0.75f, true) {
          private static final long serialVersionUID = 1L;

          @Override
          protected boolean removeEldestEntry(Map.Entry<ByteBuffer, Boolean> eldest) {
            return size() > most;
          }
        };
  }

  synchronized boolean contains(byte[] digest) {
    return digests.get(ByteBuffer.wrap(digest)) != null;
  }

  synchronized void add(byte[] digest) {
    digests.put(ByteBuffer.wrap(digest), true);
  }
}
