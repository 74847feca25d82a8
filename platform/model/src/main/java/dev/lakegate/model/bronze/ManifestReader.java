package dev.lakegate.model.bronze;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.model.json.ContractException;
import dev.lakegate.model.json.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;

/**
 * Reads the chain of manifests below a local storage root. Stateless and thread-safe; what one call
 * sees another may have outgrown, but never contradicts.
 */
public final class ManifestReader {
  /** A larger manifest is refused unread. */
  static final int MAX_BYTES = 64 * 1024 * 1024;

  private final Path directory;

  /**
   * @param storageRoot the folder that holds {@code bronze/}
   */
  public ManifestReader(Path storageRoot) {
    this.directory = Objects.requireNonNull(storageRoot).resolve(BronzePaths.MANIFESTS);
  }

  /**
   * Reads one manifest file and checks that it is complete and bears the number in its name.
   *
   * @throws ContractException when it is missing, not a complete manifest, or of another version
   */
  public static Manifest read(Path file) {
    Manifest manifest =
        Json.readFile(
            file, Manifest.class, Manifest.VERSION, MAX_BYTES, ManifestReader::fromVersion1);
    OptionalLong number = BronzePaths.manifestNumber(file.getFileName().toString());
    if (number.isPresent() && number.getAsLong() != manifest.number()) {
      throw new ContractException(
          file.toString(),
          "holds manifest " + manifest.number() + ", which its name contradicts",
          "Manifests are immutable; restore the file from a copy.",
          null);
    }
    return manifest;
  }

  /** Brings a manifest of version 1 to the present form; the record then says version 2. */
  static void fromVersion1(ObjectNode manifest) {
    if (manifest.path("version").asInt() != 1) {
      return;
    }
    manifest.put("version", Manifest.VERSION);
    manifest.putNull("timeline");
    manifest.putArray("copiesBegun");
    manifest.putArray("schemaApprovals");
    manifest.path("copiesCompleted").forEach(copy -> ((ObjectNode) copy).putNull("sequence"));
    for (JsonNode schema : manifest.path("schemaChanges")) {
      ((ObjectNode) schema).putNull("effect").putNull("explanation").putNull("storage");
    }
  }

  /**
   * Reads manifest {@code number}; empty when it does not exist yet.
   *
   * @throws ContractException when it exists but cannot be read as a manifest
   */
  public Optional<Manifest> read(long number) {
    Path file = directory.resolve(BronzePaths.manifestName(number));
    return Files.exists(file) ? Optional.of(read(file)) : Optional.empty();
  }

  /**
   * The contiguous manifests from {@code from} on, in order; the first number that is missing ends
   * the list, and what lies behind the gap is left out.
   *
   * @param from first number wanted, at least 1
   * @param limit most manifests to read at once
   * @throws ContractException when one of them cannot be read as a manifest
   */
  public List<Manifest> chain(long from, int limit) {
    List<Manifest> chain = new ArrayList<>();
    for (long number = from; chain.size() < limit; number++) {
      Optional<Manifest> next = read(number);
      if (next.isEmpty()) {
        break;
      }
      chain.add(next.get());
    }
    return List.copyOf(chain);
  }

  /**
   * The newest manifest; empty when there is none. For the writer, which must know that nothing is
   * missing before it acknowledges anything.
   *
   * @throws ContractException when a manifest is missing below it, or it cannot be read
   */
  public Optional<Manifest> last() {
    TreeSet<Long> numbers = new TreeSet<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        BronzePaths.manifestNumber(file.getFileName().toString()).ifPresent(numbers::add);
      }
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (numbers.isEmpty()) {
      return Optional.empty();
    }
    if (numbers.size() != numbers.last()) {
      long missing = 1;
      while (numbers.contains(missing)) {
        missing++;
      }
      throw new ContractException(
          directory.toString(),
          "manifest " + missing + " is missing although " + numbers.last() + " exists",
          "Manifests are numbered without gaps; restore it from a copy.",
          null);
    }
    return read(numbers.last());
  }
}
