package dev.lakegate.laptop.postgres;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.Locale;
import java.util.UUID;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/** Unpacks PostgreSQL's programs from the class path, once per version and directory. */
final class PostgresBinaries {
  private final Path home;

  private PostgresBinaries(Path home) {
    this.home = home;
  }

  /**
   * Unpacks under {@code cache} unless that was done before. Safe against other processes doing the
   * same: each unpacks beside and renames.
   */
  static PostgresBinaries unpack(Path cache) {
    String resource = resourceName();
    URL archive = PostgresBinaries.class.getClassLoader().getResource(resource);
    if (archive == null) {
      throw new PostgresException(
          "There are no PostgreSQL programs for this machine ("
              + System.getProperty("os.name")
              + ", "
              + System.getProperty("os.arch")
              + "). Use a PostgreSQL of your own with --source, on Linux or macOS.");
    }
    try {
      Path home = cache.resolve("postgresql-" + checksum(archive));
      if (!Files.isDirectory(home)) {
        Path partial = cache.resolve(".unpacking-" + UUID.randomUUID());
        Files.createDirectories(partial);
        try {
          extract(archive, partial);
          Files.move(partial, home, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileAlreadyExistsException | java.nio.file.DirectoryNotEmptyException e) {
          // Another process was faster; its copy is the same.
        } finally {
          deleteTree(partial);
        }
      }
      return new PostgresBinaries(home);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot unpack PostgreSQL into " + cache, e);
    }
  }

  String initdb() {
    return home.resolve("bin/initdb").toString();
  }

  String postgres() {
    return home.resolve("bin/postgres").toString();
  }

  private static String resourceName() {
    String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String arch = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
    boolean arm = arch.equals("aarch64") || arch.equals("arm64");
    String system = os.contains("mac") ? "darwin" : "linux";
    return "postgres-" + system + "-" + (arm ? "arm_64" : "x86_64") + ".txz";
  }

  private static String checksum(URL archive) throws IOException {
    try (CheckedInputStream in = new CheckedInputStream(archive.openStream(), new CRC32())) {
      in.transferTo(java.io.OutputStream.nullOutputStream());
      return String.format("%08x", in.getChecksum().getValue());
    }
  }

  private static void extract(URL archive, Path target) throws IOException {
    try (InputStream raw = new BufferedInputStream(archive.openStream());
        TarArchiveInputStream tar = new TarArchiveInputStream(new XZInputStream(raw))) {
      for (TarArchiveEntry entry; (entry = tar.getNextEntry()) != null; ) {
        Path path = target.resolve(entry.getName()).normalize();
        if (!path.startsWith(target)) {
          throw new IOException("entry outside of the archive: " + entry.getName());
        }
        if (entry.isDirectory()) {
          Files.createDirectories(path);
          continue;
        }
        Files.createDirectories(path.getParent());
        if (entry.isSymbolicLink()) {
          Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
        } else if (entry.isLink()) {
          Files.createLink(path, target.resolve(entry.getLinkName()));
        } else {
          Files.copy(tar, path);
          boolean executable = (entry.getMode() & 0100) != 0;
          Files.setPosixFilePermissions(
              path, PosixFilePermissions.fromString(executable ? "rwxr-xr-x" : "rw-r--r--"));
        }
      }
    }
  }

  static void deleteTree(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> paths = Files.walk(directory)) {
      for (Path path : (Iterable<Path>) paths.sorted(Comparator.reverseOrder())::iterator) {
        Files.deleteIfExists(path);
      }
    }
  }
}
