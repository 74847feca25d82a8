package dev.lakegate.ingest.bronze;

import dev.lakegate.model.bronze.BronzeFile;
import dev.lakegate.model.bronze.BronzePaths;
import dev.lakegate.model.bronze.Manifest;
import dev.lakegate.model.bronze.ManifestReader;
import dev.lakegate.model.bronze.ManifestWriter;
import java.io.Closeable;
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
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The chain of manifests of one storage root, held by its one writer. The chain is the truth: what
 * it does not name is removed when it is opened. Not thread-safe.
 */
public final class ManifestChain implements Closeable {
  private static final Pattern BRONZE_FILE = Pattern.compile("(\\d{20})-\\d+\\.parquet");

  private final Path root;
  private final ManifestReader reader;
  private final ManifestWriter writer;
  private final FileChannel lockChannel;
  private final FileLock lock;
  private Manifest last;

  /** Drafts that may have files: were all of them published, nothing has to be looked for. */
  private final List<ManifestDraft> unpublished = new ArrayList<>();

  private boolean unknown = true;

  private ManifestChain(
      Path root,
      ManifestReader reader,
      ManifestWriter writer,
      FileChannel lockChannel,
      FileLock lock) {
    this.root = root;
    this.reader = reader;
    this.writer = writer;
    this.lockChannel = lockChannel;
    this.lock = lock;
  }

  /**
   * Takes the lock and removes what a crash left behind.
   *
   * @throws StorageInUseException when another process writes to this storage root
   */
  public static ManifestChain open(Path root) throws IOException {
    Files.createDirectories(root.resolve("bronze"));
    ManifestWriter writer = new ManifestWriter(root);
    FileChannel channel =
        FileChannel.open(
            root.resolve("bronze/_writer.lock"),
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE);
    FileLock lock = null;
    try {
      lock = channel.tryLock();
    } catch (OverlappingFileLockException e) {
      // Held within this process: the same refusal.
    } finally {
      if (lock == null) {
        channel.close();
      }
    }
    if (lock == null) {
      throw new StorageInUseException(root);
    }
    ManifestChain chain = new ManifestChain(root, new ManifestReader(root), writer, channel, lock);
    try {
      chain.reload();
      return chain;
    } catch (IOException | RuntimeException e) {
      chain.close();
      throw e;
    }
  }

  /**
   * Reads the last manifest anew and removes staged and orphaned files. To be called after any
   * failure, since a manifest whose writing failed late may exist.
   */
  public void reload() throws IOException {
    last = reader.last().orElse(null);
    deleteTree(staging());
    // The folders of all tables are many: they are walked only if something may be found there.
    if (unknown || unpublished.stream().anyMatch(ManifestDraft::hasFiles)) {
      removeOrphans();
    }
    unpublished.clear();
    unknown = false;
  }

  /** Storage root. */
  public Path root() {
    return root;
  }

  /** The newest manifest; empty when there is none. */
  public Optional<Manifest> last() {
    return Optional.ofNullable(last);
  }

  /** Number of the newest manifest; 0 when there is none. */
  public long lastNumber() {
    return last == null ? 0 : last.number();
  }

  /**
   * A manifest by number.
   *
   * @throws IllegalStateException when it does not exist
   */
  public Manifest read(long number) {
    return reader
        .read(number)
        .orElseThrow(() -> new IllegalStateException("manifest " + number + " does not exist"));
  }

  /** A draft of the next manifest. */
  public ManifestDraft draft() {
    ManifestDraft draft = new ManifestDraft(lastNumber() + 1);
    unpublished.add(draft);
    return draft;
  }

  /**
   * Makes the draft's files visible: when this returns, the manifest survives a power cut and the
   * slot may be acknowledged up to its position.
   *
   * @param timeline of the source's log, from 1
   * @param position end LSN in PostgreSQL's notation
   */
  public Manifest append(
      ManifestDraft draft,
      String epoch,
      String sourceId,
      int timeline,
      String position,
      Instant now)
      throws IOException {
    if (draft.number() != lastNumber() + 1) {
      throw new IllegalStateException(
          "draft " + draft.number() + " does not follow manifest " + lastNumber());
    }
    String first = null;
    String highest = null;
    for (BronzeFile file : draft.files()) {
      if (first == null || file.firstSequence().compareTo(first) < 0) {
        first = file.firstSequence();
      }
      if (highest == null || file.lastSequence().compareTo(highest) > 0) {
        highest = file.lastSequence();
      }
    }
    Manifest manifest =
        new Manifest(
            Manifest.VERSION,
            draft.number(),
            epoch,
            sourceId,
            timeline,
            now.truncatedTo(ChronoUnit.MICROS),
            first,
            highest,
            position,
            draft.files(),
            draft.copiesBegun(),
            draft.copiesCompleted(),
            draft.schemaChanges(),
            draft.schemaApprovals());
    writer.write(manifest);
    last = manifest;
    unpublished.remove(draft);
    return manifest;
  }

  /** Deletes the files of a draft that will not be published. */
  public void discard(ManifestDraft draft) throws IOException {
    for (BronzeFile file : draft.files()) {
      Files.deleteIfExists(root.resolve(file.path()));
    }
    deleteTree(staging());
  }

  Path staging() {
    return root.resolve("bronze/_staging");
  }

  /** Files with a number above the last manifest belong to a flush that never became one. */
  private void removeOrphans() throws IOException {
    long newest = lastNumber();
    try (DirectoryStream<Path> tables = Files.newDirectoryStream(root.resolve("bronze"))) {
      for (Path table : tables) {
        if (table.getFileName().toString().startsWith("_") || !Files.isDirectory(table)) {
          continue;
        }
        Files.walkFileTree(
            table,
            new SimpleFileVisitor<>() {
              @Override
              public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                  throws IOException {
                Matcher name = BRONZE_FILE.matcher(file.getFileName().toString());
                if (name.matches() && Long.parseLong(name.group(1)) > newest) {
                  Files.delete(file);
                }
                return FileVisitResult.CONTINUE;
              }
            });
      }
    }
  }

  static void deleteTree(Path directory) throws IOException {
    try {
      Files.walkFileTree(
          directory,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
              Files.delete(file);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path dir, IOException failure)
                throws IOException {
              Files.delete(dir);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (NoSuchFileException e) {
      // Nothing to delete.
    }
  }

  /** Path of a manifest, for messages. */
  public static String path(long number) {
    return BronzePaths.manifest(number);
  }

  /** Releases the lock. */
  @Override
  public void close() throws IOException {
    lock.release();
    lockChannel.close();
  }
}
