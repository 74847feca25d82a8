package dev.lakegate.jobs.storage;

import dev.lakegate.jobs.HaltPoint;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * Writes a file so that it is on the disk, with its name, when {@link #close} returns. A file that
 * is written under a preliminary name appears under its own only then, and never when a write
 * failed.
 */
final class DurableOutput extends OutputStream {
  private final FileChannel channel;
  private final Path written;
  private final Path target;
  private final ByteBuffer buffer;
  private boolean failed;

  private DurableOutput(FileChannel channel, Path written, Path target, int bufferSize) {
    this.channel = channel;
    this.written = written;
    this.target = target;
    this.buffer = ByteBuffer.allocate(Math.max(8192, bufferSize));
  }

  /** Writes a file in place; the options say whether it may exist. */
  static DurableOutput inPlace(Path file, int bufferSize, OpenOption... options)
      throws IOException {
    return new DurableOutput(FileChannel.open(file, options), file, file, bufferSize);
  }

  /** Writes a file that appears whole or not at all. */
  static DurableOutput atOnce(Path file, int bufferSize) throws IOException {
    Path preliminary = file.resolveSibling(file.getFileName() + ".new");
    return new DurableOutput(
        FileChannel.open(
            preliminary,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE),
        preliminary,
        file,
        bufferSize);
  }

  @Override
  public void write(int value) throws IOException {
    if (!buffer.hasRemaining()) {
      flush();
    }
    buffer.put((byte) value);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    if (length > buffer.remaining()) {
      flush();
    }
    if (length > buffer.capacity()) {
      writeOut(ByteBuffer.wrap(bytes, offset, length));
    } else {
      buffer.put(bytes, offset, length);
    }
  }

  @Override
  public void flush() throws IOException {
    buffer.flip();
    writeOut(buffer);
    buffer.clear();
  }

  private void writeOut(ByteBuffer bytes) throws IOException {
    boolean done = false;
    try {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      done = true;
    } finally {
      failed |= !done;
    }
  }

  @Override
  public void close() throws IOException {
    if (!channel.isOpen()) {
      return;
    }
    boolean done = false;
    try {
      if (failed) {
        throw new IOException(target + " could not be written whole");
      }
      flush();
      channel.force(false);
      done = true;
    } finally {
      channel.close();
      if (!done && !written.equals(target)) {
        Files.deleteIfExists(written);
      }
    }
    if (!written.equals(target)) {
      HaltPoint.reached("written " + target);
      Files.move(
          written, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
    force(target.getParent());
  }

  /** Makes the names in a directory durable. */
  static void force(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /** Makes a directory and those above it, with durable names. */
  static void createDirectories(Path directory) throws IOException {
    if (directory == null || Files.isDirectory(directory)) {
      return;
    }
    createDirectories(directory.getParent());
    Files.createDirectories(directory);
    if (directory.getParent() != null) {
      force(directory.getParent());
    }
  }
}
