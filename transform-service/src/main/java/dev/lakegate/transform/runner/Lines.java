package dev.lakegate.transform.runner;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** Cuts bytes into lines. The rest of a line that is too long is left out. Used by one thread. */
final class Lines {
  private static final int LONGEST = 8_000;

  private final Consumer<String> taker;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();

  Lines(Consumer<String> taker) {
    this.taker = taker;
  }

  void take(byte[] bytes, int length) {
    for (int i = 0; i < length; i++) {
      if (bytes[i] == '\n') {
        end();
      } else if (line.size() < LONGEST) {
        line.write(bytes[i]);
      }
    }
  }

  /** No more comes, or the line is complete. */
  void end() {
    if (line.size() > 0) {
      taker.accept(line.toString(StandardCharsets.UTF_8).stripTrailing());
      line.reset();
    }
  }
}
