package dev.lakegate.ingest.bronze;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Makes files and folders survive a power cut, several at once: a file system with a journal then
 * commits them together, which costs far less than one after the other. Not thread-safe.
 */
final class Durability implements Closeable {
  private static final int AT_ONCE = 4;

  private final ExecutorService executor =
      Executors.newFixedThreadPool(
          AT_ONCE,
          task -> {
            Thread thread = new Thread(task, "bronze-sync");
            thread.setDaemon(true);
            return thread;
          });

  /** Returns when the content of the files, and the entries of the folders, are durable. */
  void force(Collection<Path> paths) throws IOException {
    if (paths.size() == 1) {
      force(paths.iterator().next());
      return;
    }
    List<Future<?>> forced = new ArrayList<>();
    for (Path path : paths) {
      forced.add(
          executor.submit(
              () -> {
                force(path);
                return null;
              }));
    }
    for (Future<?> one : forced) {
      await(one);
    }
  }

  /** Waits for it even when interrupted: what is not durable must not be named. */
  private static void await(Future<?> one) throws IOException {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          one.get();
          return;
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException e) {
          throw new IOException("could not be made durable: " + e.getCause().getMessage(), e);
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static void force(Path path) throws IOException {
    StandardOpenOption option =
        Files.isDirectory(path) ? StandardOpenOption.READ : StandardOpenOption.WRITE;
    try (FileChannel channel = FileChannel.open(path, option)) {
      channel.force(true);
    }
  }

  @Override
  public void close() {
    executor.shutdown();
  }
}
