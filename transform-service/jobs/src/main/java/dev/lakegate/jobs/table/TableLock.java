package dev.lakegate.jobs.table;

import dev.lakegate.jobs.JobException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The right to write one table, held by at most one process. The operating system gives it back
 * when the process ends, however it ends.
 */
public final class TableLock implements AutoCloseable {
  private final FileChannel channel;
  private final FileLock lock;

  private TableLock(FileChannel channel, FileLock lock) {
    this.channel = channel;
    this.lock = lock;
  }

  /**
   * Takes the lock, or fails at once with {@code TABLE_LOCKED}.
   *
   * @param directory the table's directory in the catalog
   * @param dataset for the message
   */
  public static TableLock acquire(Path directory, String dataset) throws IOException {
    Files.createDirectories(directory);
    FileChannel channel =
        FileChannel.open(
            directory.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    FileLock lock = null;
    try {
      lock = channel.tryLock();
    } catch (OverlappingFileLockException e) {
      // Held by another thread of this process: refused below like any other holder.
      lock = null;
    } finally {
      if (lock == null) {
        channel.close();
      }
    }
    if (lock == null) {
      throw JobException.retryable(
          "TABLE_LOCKED", dataset + " is being written by another run; try again when it ended");
    }
    return new TableLock(channel, lock);
  }

  @Override
  public void close() throws IOException {
    lock.release();
    channel.close();
  }
}
