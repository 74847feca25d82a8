package dev.lakegate.jobs.spark;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.UUID;

/**
 * A process's scratch directory. It is removed when the process ends, and what killed processes
 * left is removed when the next one starts.
 */
public final class Scratch implements AutoCloseable {
  private static final String PREFIX = "scratch-";

  private final Path directory;
  private final FileChannel channel;

  private Scratch(Path directory, FileChannel channel) {
    this.directory = directory;
    this.channel = channel;
  }

  /** Makes a scratch directory below {@code work} and removes abandoned ones. */
  public static Scratch create(Path work) throws IOException {
    Files.createDirectories(work);
    removeAbandoned(work);
    // Locked before it gets its name, so that no other process takes it for abandoned.
    Path unnamed = Files.createDirectory(work.resolve("new-" + UUID.randomUUID()));
    FileChannel channel =
        FileChannel.open(
            unnamed.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    channel.lock();
    Path directory = Files.move(unnamed, work.resolve(PREFIX + UUID.randomUUID()));
    return new Scratch(directory.toAbsolutePath(), channel);
  }

  /** Where it is. */
  public Path directory() {
    return directory;
  }

  private static void removeAbandoned(Path work) throws IOException {
    try (DirectoryStream<Path> others = Files.newDirectoryStream(work, PREFIX + "*")) {
      for (Path other : others) {
        boolean abandoned = false;
        try (FileChannel channel =
                FileChannel.open(
                    other.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock lock = channel.tryLock()) {
          abandoned = lock != null;
        } catch (OverlappingFileLockException | IOException e) {
          abandoned = false;
        }
        if (abandoned) {
          delete(other);
        }
      }
    }
  }

  /** Removes a directory and all below it; what vanishes meanwhile is fine. */
  public static void delete(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    Files.walkFileTree(
        directory,
        new SimpleFileVisitor<Path>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            if (e instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE;
            }
            throw e;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path path, IOException e) throws IOException {
            Files.deleteIfExists(path);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  @Override
  public void close() throws IOException {
    channel.close();
    delete(directory);
  }
}
