package dev.lakegate.jobs.past;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.jobs.HaltPoint;
import dev.lakegate.jobs.JobException;
import dev.lakegate.jobs.protocol.Json;
import dev.lakegate.jobs.protocol.RunRequest;
import dev.lakegate.jobs.protocol.RunResult;
import dev.lakegate.jobs.protocol.Specification;
import dev.lakegate.jobs.protocol.Times;
import dev.lakegate.jobs.snapshot.SnapshotCatalog;
import dev.lakegate.jobs.spark.Scratch;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * A table of its own that holds what another one held at an instant: the same files under another
 * name, so that every engine reads it, and nothing that the other table does reaches it. Files of a
 * table are never written again, so they are linked where the storage can, and copied elsewhere.
 *
 * <p>What exists is said first, in {@code asof.json}: whatever a crash or a cancelled run leaves
 * has a name and an end. Each step may be repeated.
 */
final class AsOfTable {
  private static final String ABOUT = "asof.json";
  private static final int VERSION = 1;

  private final Path storageRoot;
  private final Specification specification;
  private final RunRequest.Past past;
  private final String runId;
  private final Path catalog;
  private final String path;

  /**
   * @param request of a mode that names the table
   */
  AsOfTable(RunRequest request) {
    this.storageRoot = request.storageRoot().toAbsolutePath().normalize();
    this.specification = request.specification();
    this.past = request.past();
    this.runId = request.runId();
    String expected = specification.name() + "__asof_" + past.instant();
    if (!expected.equals(past.table())) {
      throw JobException.permanent(
          "REQUEST_INVALID",
          "the table of that state is called " + expected + ", not " + past.table());
    }
    this.catalog = SnapshotCatalog.directory(storageRoot, specification.database(), past.table());
    this.path = specification.path() + "__asof_" + past.instant();
  }

  void make(RunResult result, Consumer<String> progress) throws IOException {
    if (past.expiresAt() == null) {
      throw JobException.permanent("REQUEST_INVALID", "an as-of table needs a time when it ends");
    }
    KeptState state = KeptState.of(storageRoot, specification, past.instant());
    ObjectNode snapshot = state.json();
    Files.createDirectories(catalog);
    ObjectNode about =
        Json.object()
            .put("version", VERSION)
            .put("origin", specification.dataset())
            .put("instant", past.instant())
            .put("statePublishedAt", Json.text(snapshot, "publishedAt"))
            .put("expiresAt", Times.micros(past.expiresAt()))
            .put("runId", runId);
    if (past.facts() != null) {
      about.set("facts", past.facts());
    }
    SnapshotCatalog.replace(catalog.resolve(ABOUT), bytes(about));
    HaltPoint.reached("named");
    progress.accept("linking");
    long bytes = 0;
    Set<Path> folders = new TreeSet<>();
    for (JsonNode file : snapshot.path("files")) {
      String from = Json.text(file, "path");
      String to = renamed(from);
      link(storageRoot.resolve(from), storageRoot.resolve(to), folders);
      ((ObjectNode) file).put("path", to);
      result.filesWritten++;
      bytes += file.path("bytes").asLong();
      HaltPoint.reached("linked a file");
    }
    for (Path folder : folders) {
      force(folder);
    }
    String readable = Json.text(snapshot, "publishedAt");
    snapshot.put("table", past.table());
    snapshot.put("publishedAt", Times.micros(Instant.now()));
    snapshot.put(
        "description",
        (snapshot.path("description").asText()
                + " As it was at instant "
                + past.instant()
                + ", readable since "
                + readable
                + "; kept until "
                + past.expiresAt()
                + ".")
            .trim());
    progress.accept("publishing");
    SnapshotCatalog.replace(catalog.resolve(past.instant() + ".json"), bytes(snapshot));
    HaltPoint.reached("before publish");
    SnapshotCatalog.replace(catalog.resolve("current.json"), bytes(snapshot));
    HaltPoint.reached("after publish");
    result.rowsRead = state.snapshot().rows();
    result.rowsTotal = state.snapshot().rows();
    result.bytesWritten = bytes;
    result.snapshot = storageRoot.relativize(catalog.resolve(past.instant() + ".json")).toString();
    result.watermark = state.snapshot().watermark();
  }

  /** From the catalog first: nobody starts to read what is being removed. */
  void drop(RunResult result, Consumer<String> progress) throws IOException {
    progress.accept("removing");
    Files.deleteIfExists(catalog.resolve("current.json"));
    HaltPoint.reached("hidden");
    Path files = storageRoot.resolve(path);
    if (Files.exists(files)) {
      Scratch.delete(files);
    }
    HaltPoint.reached("emptied");
    if (Files.exists(catalog)) {
      Scratch.delete(catalog);
    }
    result.rowsTotal = 0L;
  }

  private String renamed(String file) {
    String prefix = specification.path() + "/";
    if (!file.startsWith(prefix) || file.contains("..")) {
      throw JobException.permanent(
          "STATE_NOT_KEPT", "file " + file + " does not lie in the table's directory");
    }
    return path + "/" + file.substring(prefix.length());
  }

  private void link(Path from, Path to, Set<Path> folders) throws IOException {
    Files.createDirectories(to.getParent());
    for (Path folder = to.getParent();
        folder != null && folder.startsWith(storageRoot.resolve(path).getParent());
        folder = folder.getParent()) {
      folders.add(folder);
    }
    if (Files.exists(to)) {
      return;
    }
    try {
      Files.createLink(to, from);
    } catch (FileAlreadyExistsException e) {
      // Somebody else made the same link, which is as good.
    } catch (NoSuchFileException e) {
      throw JobException.permanent(
          "STATE_NOT_KEPT",
          "file " + storageRoot.relativize(from) + " of that state is not there any more",
          e);
    } catch (IOException | UnsupportedOperationException e) {
      copy(from, to);
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    Path temporary = to.resolveSibling("." + to.getFileName() + ".new");
    Files.copy(from, temporary, StandardCopyOption.REPLACE_EXISTING);
    try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
    Files.move(temporary, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private static void force(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private static byte[] bytes(JsonNode node) {
    return Json.write(node).getBytes(StandardCharsets.UTF_8);
  }
}
