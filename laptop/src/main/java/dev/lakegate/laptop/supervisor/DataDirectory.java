package dev.lakegate.laptop.supervisor;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The data directory, opened by its one owner: a lock is held until {@link #close}. */
public final class DataDirectory implements AutoCloseable {
  static final String VERSION = "1";
  static final long NEEDED_MEGABYTES = 600;
  // Made by other commands before the first start.
  private static final Set<String> HARMLESS = Set.of("lock", "logs", "run", "demo");

  private final Path root;
  private final FileChannel lockFile;
  private final FileLock lock;

  private DataDirectory(Path root, FileChannel lockFile, FileLock lock) {
    this.root = root;
    this.lockFile = lockFile;
    this.lock = lock;
  }

  /**
   * Opens the directory, made if it is missing.
   *
   * @throws StartException when another process holds it, when it is of another version or not
   *     ours, or when its disk is full
   */
  public static DataDirectory open(Path path) {
    Path root = path.toAbsolutePath().normalize();
    try {
      Files.createDirectories(root);
      FileChannel file =
          FileChannel.open(
              root.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      FileLock lock;
      try {
        lock = file.tryLock();
      } catch (OverlappingFileLockException e) {
        lock = null;
      }
      if (lock == null) {
        file.close();
        throw new StartException(
            "Lakegate already runs on the data directory "
                + root
                + ". Stop it with './lakegate down"
                + " --data DIR', or use another directory (--data).");
      }
      try {
        checkVersion(root);
        checkSpace(root);
        for (String directory : new String[] {"lake", "logs", "work"}) {
          Files.createDirectories(root.resolve(directory));
        }
        for (String directory : new String[] {"run", "tls"}) {
          Files.createDirectories(root.resolve(directory));
          Files.setPosixFilePermissions(
              root.resolve(directory), PosixFilePermissions.fromString("rwx------"));
        }
      } catch (IOException | RuntimeException e) {
        file.close();
        throw e;
      }
      return new DataDirectory(root, file, lock);
    } catch (IOException e) {
      throw new StartException(
          "The data directory " + root + " cannot be used: " + e + ". Choose another with --data.",
          e);
    }
  }

  public Path root() {
    return root;
  }

  Path lake() {
    return root.resolve("lake");
  }

  Path logs() {
    return root.resolve("logs");
  }

  Path work(String process) {
    return root.resolve("work").resolve(process);
  }

  Path postgres() {
    return root.resolve("postgres");
  }

  Path tls() {
    return root.resolve("tls");
  }

  @Override
  public void close() {
    try {
      lock.release();
      lockFile.close();
    } catch (IOException e) {
      // The operating system releases the lock when the process ends.
    }
  }

  private static void checkVersion(Path root) throws IOException {
    Path file = root.resolve("VERSION");
    if (Files.exists(file)) {
      String found = Files.readString(file).strip();
      if (!found.equals(VERSION)) {
        throw new StartException(
            "The data directory "
                + root
                + " is of version "
                + (found.length() > 20 ? found.substring(0, 20) : found)
                + "; this Lakegate needs version "
                + VERSION
                + ". Use another directory (--data), or the Lakegate that made it.");
      }
      return;
    }
    try (Stream<Path> entries = Files.list(root)) {
      Set<String> names = entries.map(p -> p.getFileName().toString()).collect(Collectors.toSet());
      names.removeAll(HARMLESS);
      if (!names.isEmpty()) {
        throw new StartException(
            root
                + " holds other files ("
                + names.stream().sorted().limit(3).collect(Collectors.joining(", "))
                + ") and is no data directory of Lakegate. Choose an empty one with --data.");
      }
    }
    // All tenants' rows are below; nobody else of this machine may look in.
    Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwx------"));
    Files.writeString(file, VERSION + "\n");
  }

  private static void checkSpace(Path root) throws IOException {
    long free = Files.getFileStore(root).getUsableSpace() / (1024 * 1024);
    if (free < NEEDED_MEGABYTES) {
      throw new StartException(
          "There are "
              + free
              + " MB free at "
              + root
              + "; Lakegate needs at least "
              + NEEDED_MEGABYTES
              + " MB. Free some, or choose another disk with --data.");
    }
  }
}
