package dev.lakegate.jobs.storage;

import dev.lakegate.jobs.HaltPoint;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Paths;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.BlockLocation;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;

/**
 * The local file system for Hadoop on {@code java.nio}. Hadoop's own forks a {@code chmod} for each
 * file it writes and keeps a checksum file beside it; a commit of a few rows would spend most of
 * its time there. It also takes file names through the platform's encoding, which loses tenants
 * named in other scripts where the locale is {@code C}.
 *
 * <p>What is written is on the disk when it is closed, and files of a Hudi timeline appear whole or
 * not at all: a loss of power or a full disk leaves no commit without its content.
 *
 * <p>Permissions, owners and replication are not modelled. Safe for use by many threads.
 */
public final class NioFileSystem extends FileSystem {
  /** Setting of a directory below which nothing needs to survive a loss of power. */
  public static final String SCRATCH = "lakegate.scratch.directory";

  private static final URI NAME = URI.create("file:///");
  private static final long BLOCK_SIZE = 32L * 1024 * 1024;

  private static final String TEMPORARY = "/.hoodie/.";

  private final KnownStatuses statuses = new KnownStatuses();
  private Path workingDirectory;
  private java.nio.file.Path scratch;

  @Override
  public void initialize(URI name, Configuration conf) throws IOException {
    super.initialize(name, conf);
    setConf(conf);
    String directory = conf.get(SCRATCH);
    scratch = directory == null ? null : Paths.get(directory);
    workingDirectory =
        makeQualified(new Path(Paths.get("").toAbsolutePath().toString().replace('\\', '/')));
  }

  @Override
  public String getScheme() {
    return "file";
  }

  @Override
  public URI getUri() {
    return NAME;
  }

  @Override
  public FSDataInputStream open(Path path, int bufferSize) throws IOException {
    java.nio.file.Path file = nio(path);
    if (Files.isDirectory(file)) {
      throw new FileNotFoundException(path + " is a directory");
    }
    try {
      return new FSDataInputStream(
          new ChannelInput(FileChannel.open(file, StandardOpenOption.READ), bufferSize));
    } catch (NoSuchFileException e) {
      throw notFound(path, e);
    }
  }

  @Override
  public FSDataOutputStream create(
      Path path,
      FsPermission permission,
      boolean overwrite,
      int bufferSize,
      short replication,
      long blockSize,
      Progressable progress)
      throws IOException {
    HaltPoint.reached("create " + path.toUri().getPath());
    java.nio.file.Path file = nio(path);
    boolean durable = isDurable(file);
    if (file.getParent() != null) {
      makeDirectories(file.getParent());
    }
    try {
      OutputStream out;
      if (durable && isTimeline(file)) {
        if (!overwrite && Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
          throw new FileAlreadyExistsException(file.toString());
        }
        out = DurableOutput.atOnce(file, bufferSize);
      } else {
        StandardOpenOption[] options =
            overwrite
                ? new StandardOpenOption[] {
                  StandardOpenOption.CREATE,
                  StandardOpenOption.TRUNCATE_EXISTING,
                  StandardOpenOption.WRITE
                }
                : new StandardOpenOption[] {
                  StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE
                };
        out =
            durable
                ? DurableOutput.inPlace(file, bufferSize, options)
                : new BufferedOutputStream(
                    Files.newOutputStream(file, options), Math.max(bufferSize, 8192));
      }
      statuses.forget(file);
      return new FSDataOutputStream(statuses.forgetting(file, out), statistics);
    } catch (FileAlreadyExistsException e) {
      throw (IOException)
          new org.apache.hadoop.fs.FileAlreadyExistsException(path + " exists").initCause(e);
    }
  }

  @Override
  public FSDataOutputStream createNonRecursive(
      Path path,
      FsPermission permission,
      java.util.EnumSet<org.apache.hadoop.fs.CreateFlag> flags,
      int bufferSize,
      short replication,
      long blockSize,
      Progressable progress)
      throws IOException {
    if (path.getParent() != null && !Files.isDirectory(nio(path.getParent()))) {
      throw new FileNotFoundException(path.getParent() + " does not exist");
    }
    return create(
        path,
        permission,
        flags.contains(org.apache.hadoop.fs.CreateFlag.OVERWRITE),
        bufferSize,
        replication,
        blockSize,
        progress);
  }

  @Override
  public FSDataOutputStream append(Path path, int bufferSize, Progressable progress)
      throws IOException {
    java.nio.file.Path file = nio(path);
    try {
      long size = Files.size(file);
      OutputStream out =
          isDurable(file)
              ? DurableOutput.inPlace(file, bufferSize, StandardOpenOption.APPEND)
              : new BufferedOutputStream(
                  Files.newOutputStream(file, StandardOpenOption.APPEND),
                  Math.max(bufferSize, 8192));
      return new FSDataOutputStream(statuses.forgetting(file, out), statistics, size);
    } catch (NoSuchFileException e) {
      throw notFound(path, e);
    }
  }

  @Override
  public boolean rename(Path source, Path target) throws IOException {
    HaltPoint.reached("rename " + target.toUri().getPath());
    java.nio.file.Path from = nio(source);
    java.nio.file.Path to = nio(target);
    if (!Files.exists(from, LinkOption.NOFOLLOW_LINKS)) {
      return false;
    }
    if (Files.isDirectory(to)) {
      to = to.resolve(from.getFileName());
    }
    if (Files.exists(to, LinkOption.NOFOLLOW_LINKS)) {
      return false;
    }
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
      statuses.forget(from);
      statuses.forget(to);
      if (isDurable(to)) {
        DurableOutput.force(to.getParent());
      }
    } catch (NoSuchFileException | AtomicMoveNotSupportedException e) {
      return false;
    }
    return true;
  }

  @Override
  public boolean delete(Path path, boolean recursive) throws IOException {
    java.nio.file.Path file = nio(path);
    if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      return false;
    }
    if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
      List<java.nio.file.Path> children = children(file);
      if (!children.isEmpty() && !recursive) {
        throw new IOException(path + " is a directory that is not empty");
      }
      for (java.nio.file.Path child : children) {
        delete(hadoop(child), true);
      }
    }
    statuses.forget(file);
    return Files.deleteIfExists(file);
  }

  @Override
  public FileStatus[] listStatus(Path path) throws IOException {
    java.nio.file.Path file = nio(path);
    FileStatus status = getFileStatus(path);
    if (!status.isDirectory()) {
      return new FileStatus[] {status};
    }
    List<FileStatus> result = new ArrayList<>();
    for (java.nio.file.Path child : children(file)) {
      try {
        result.add(statuses.get(child, () -> getFileStatus(hadoop(child))));
      } catch (FileNotFoundException e) {
        // Deleted since it was listed.
        continue;
      }
    }
    return result.toArray(new FileStatus[0]);
  }

  @Override
  public void setWorkingDirectory(Path directory) {
    workingDirectory = makeQualified(directory);
  }

  @Override
  public Path getWorkingDirectory() {
    return workingDirectory;
  }

  @Override
  public boolean mkdirs(Path path, FsPermission permission) throws IOException {
    makeDirectories(nio(path));
    return true;
  }

  private void makeDirectories(java.nio.file.Path directory) throws IOException {
    if (isDurable(directory)) {
      DurableOutput.createDirectories(directory);
    } else {
      Files.createDirectories(directory);
    }
  }

  /** Whether a loss of power must not take a file: any but scratch and Hudi's own scratch. */
  private boolean isDurable(java.nio.file.Path file) {
    return (scratch == null || !file.startsWith(scratch)) && !file.toString().contains(TEMPORARY);
  }

  private static boolean isTimeline(java.nio.file.Path file) {
    return file.getParent() != null && file.getParent().endsWith(".hoodie");
  }

  @Override
  public FileStatus getFileStatus(Path path) throws IOException {
    try {
      java.nio.file.Path file = nio(path);
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      boolean directory = attributes.isDirectory();
      return new FileStatus(
          directory ? 0 : attributes.size(),
          directory,
          1,
          BLOCK_SIZE,
          attributes.lastModifiedTime().toMillis(),
          attributes.lastAccessTime().toMillis(),
          directory ? FsPermission.getDirDefault() : FsPermission.getFileDefault(),
          "",
          "",
          hadoop(file));
    } catch (NoSuchFileException | NotDirectoryException e) {
      throw notFound(path, e);
    } catch (java.nio.file.FileSystemException e) {
      if (!Files.exists(nio(path))) {
        throw notFound(path, e);
      }
      throw e;
    }
  }

  @Override
  public void setPermission(Path path, FsPermission permission) {
    // The process's umask decides; changing it would fork.
  }

  @Override
  public BlockLocation[] getFileBlockLocations(FileStatus file, long start, long length) {
    if (file == null || start < 0 || length < 0 || file.getLen() <= start) {
      return new BlockLocation[0];
    }
    return new BlockLocation[] {
      new BlockLocation(new String[] {"localhost:0"}, new String[] {"localhost"}, 0, file.getLen())
    };
  }

  @SuppressWarnings("deprecation")
  @Override
  public long getDefaultBlockSize() {
    return BLOCK_SIZE;
  }

  private java.nio.file.Path nio(Path path) {
    String text = makeAbsolute(path).toUri().getPath();
    return Paths.get(text);
  }

  private Path makeAbsolute(Path path) {
    return path.isAbsolute() ? path : new Path(workingDirectory, path);
  }

  private Path hadoop(java.nio.file.Path file) {
    return new Path("file", null, file.toString());
  }

  private static List<java.nio.file.Path> children(java.nio.file.Path directory)
      throws IOException {
    List<java.nio.file.Path> result = new ArrayList<>();
    try (Stream<java.nio.file.Path> list = Files.list(directory)) {
      list.forEach(result::add);
    }
    return result;
  }

  private static FileNotFoundException notFound(Path path, Exception cause) {
    FileNotFoundException e = new FileNotFoundException(path + " does not exist");
    e.initCause(cause);
    return e;
  }

  /** A buffered, positioned reader of a file. Positioned reads do not disturb the buffer. */
  private static final class ChannelInput extends FSInputStream {
    private final FileChannel channel;
    private final ByteBuffer buffer;

    /** Offset in the file of the end of what the buffer holds. */
    private long bufferEnd;

    ChannelInput(FileChannel channel, int bufferSize) {
      this.channel = channel;
      this.buffer = ByteBuffer.allocate(Math.max(8192, Math.min(bufferSize, 1 << 20)));
      this.buffer.limit(0);
    }

    @Override
    public void seek(long position) throws IOException {
      if (position < 0 || position > channel.size()) {
        throw new EOFException("cannot seek to " + position + " of " + channel.size());
      }
      long bufferStart = bufferEnd - buffer.limit();
      if (position >= bufferStart && position <= bufferEnd) {
        buffer.position((int) (position - bufferStart));
      } else {
        buffer.position(0).limit(0);
        bufferEnd = position;
      }
    }

    @Override
    public long getPos() {
      return bufferEnd - buffer.remaining();
    }

    @Override
    public boolean seekToNewSource(long target) {
      return false;
    }

    @Override
    public int available() throws IOException {
      return (int) Math.min(Integer.MAX_VALUE, channel.size() - getPos());
    }

    @Override
    public int read() throws IOException {
      return fill() ? buffer.get() & 0xff : -1;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      if (length == 0) {
        return 0;
      }
      if (!buffer.hasRemaining() && length >= buffer.capacity()) {
        int read = channel.read(ByteBuffer.wrap(bytes, offset, length), bufferEnd);
        if (read > 0) {
          bufferEnd += read;
          buffer.position(0).limit(0);
        }
        return read;
      }
      if (!fill()) {
        return -1;
      }
      int count = Math.min(length, buffer.remaining());
      buffer.get(bytes, offset, count);
      return count;
    }

    @Override
    public int read(long position, byte[] bytes, int offset, int length) throws IOException {
      return length == 0 ? 0 : channel.read(ByteBuffer.wrap(bytes, offset, length), position);
    }

    @Override
    public void readFully(long position, byte[] bytes, int offset, int length) throws IOException {
      int done = 0;
      while (done < length) {
        int read = read(position + done, bytes, offset + done, length - done);
        if (read < 0) {
          throw new EOFException("file ends before " + (position + length));
        }
        done += read;
      }
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }

    private boolean fill() throws IOException {
      if (buffer.hasRemaining()) {
        return true;
      }
      buffer.clear();
      int read = channel.read(buffer, bufferEnd);
      if (read <= 0) {
        buffer.position(0).limit(0);
        return false;
      }
      buffer.flip();
      bufferEnd += read;
      return true;
    }
  }
}
