package dev.lakegate.laptop.supervisor;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Finds the process that listens on a port, where Linux lets us see it. */
final class PortOwner {
  private static final String LISTEN = "0A";

  private PortOwner() {}

  static Optional<String> of(int port) {
    try {
      Set<String> sockets = new HashSet<>();
      for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
        if (Files.isReadable(Path.of(table))) {
          for (String line : Files.readAllLines(Path.of(table))) {
            String[] fields = line.strip().split("\\s+");
            if (fields.length > 9
                && fields[3].equals(LISTEN)
                && fields[1].endsWith(":%04X".formatted(port))) {
              sockets.add("socket:[" + fields[9] + "]");
            }
          }
        }
      }
      return sockets.isEmpty() ? Optional.empty() : holder(sockets);
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static Optional<String> holder(Set<String> sockets) throws IOException {
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path process : processes) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(process.resolve("fd"))) {
          for (Path file : files) {
            if (sockets.contains(Files.readSymbolicLink(file).toString())) {
              String name = Files.readString(process.resolve("comm")).strip();
              return Optional.of(name + " (process " + process.getFileName() + ")");
            }
          }
        } catch (IOException e) {
          // Another user's process, or one that has just ended.
        }
      }
    }
    return Optional.empty();
  }
}
