package dev.lakegate.e2e.history;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What was done in a history, in order, so that a failure can be understood. Thread-safe. */
final class OperationLog {
  private static final int SHOWN = 60;

  private final long started = System.nanoTime();
  private final List<String> operations = new ArrayList<>();

  synchronized void add(String operation) {
    operations.add("%7.2f  %s".formatted((System.nanoTime() - started) / 1e9, operation));
  }

  /** Keeps everything in a file and returns its end. */
  synchronized String keep(Path file) throws IOException {
    Files.createDirectories(file.getParent());
    Files.write(file, operations);
    int from = Math.max(0, operations.size() - SHOWN);
    return "the whole log of operations: "
        + file
        + "\n"
        + String.join(
            "\n",
            operations.subList(from, operations.size()).stream()
                .map(line -> line.length() > 400 ? line.substring(0, 400) + " ..." : line)
                .toList());
  }
}
