package dev.lakegate.model.bronze;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.model.json.ContractException;
import dev.lakegate.model.json.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ref.SoftReference;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;

/**
 * Reads the chain of manifests below a local storage root, whether they stand alone or in roll-ups.
 * Thread-safe; what one call sees another may have outgrown, but never contradicts: a manifest of a
 * roll-up names merged files where the single one named small ones, both of which hold the same
 * changes.
 */
public final class ManifestReader {
  /** A larger manifest is refused unread. */
  static final int MAX_BYTES = 64 * 1024 * 1024;

  private static final long RESTED_MILLIS = 2_000;

  private record Listing(FileTime changed, List<RollUp.Range> ranges) {}

  private final Path root;
  private final Path directory;
  private final Path rollUps;
  private volatile Listing listing;
  private volatile SoftReference<RollUp> recent = new SoftReference<>(null);

  /**
   * @param storageRoot the folder that holds {@code bronze/}
   */
  public ManifestReader(Path storageRoot) {
    this.root = Objects.requireNonNull(storageRoot);
    this.directory = storageRoot.resolve(BronzePaths.MANIFESTS);
    this.rollUps = storageRoot.resolve(BronzePaths.ROLL_UPS);
  }

  /** The folder that holds {@code bronze/}. */
  public Path root() {
    return root;
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
   * Reads manifest {@code number}, be it a file of its own or part of a roll-up; empty when it does
   * not exist yet.
   *
   * @throws ContractException when it exists but cannot be read as a manifest
   */
  public Optional<Manifest> read(long number) {
    // Roll-ups first: a single manifest beside its roll-up is about to be deleted, and together
    // with others of the roll-up it would name changes twice.
    Optional<Manifest> rolledUp = readRolledUp(number, presentRollUps());
    if (rolledUp.isPresent()) {
      return rolledUp;
    }
    Path file = directory.resolve(BronzePaths.manifestName(number));
    if (Files.exists(file)) {
      try {
        return Optional.of(read(file));
      } catch (ContractException e) {
        if (Files.exists(file)) {
          throw e;
        }
      }
    }
    // It does not exist, or was rolled up after the first look.
    return readRolledUp(number, rollUps());
  }

  private Optional<Manifest> readRolledUp(long number, List<RollUp.Range> ranges) {
    for (RollUp.Range range : ranges) {
      if (range.contains(number)) {
        return Optional.of(readRollUp(range).manifest(number));
      }
    }
    return Optional.empty();
  }

  /** Lists names only when the folder has changed, since this is asked for every manifest. */
  private List<RollUp.Range> presentRollUps() {
    FileTime changed;
    try {
      changed = Files.getLastModifiedTime(rollUps);
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Listing known = listing;
    if (known != null && known.changed().equals(changed)) {
      return known.ranges();
    }
    List<RollUp.Range> ranges = rollUps();
    // Times of folders are coarse: one that has just changed may change again within its tick.
    if (Math.abs(System.currentTimeMillis() - changed.toMillis()) > RESTED_MILLIS) {
      listing = new Listing(changed, ranges);
    }
    return ranges;
  }

  /** Ranges of the roll-ups that exist, in order; it lists names and reads nothing. */
  public List<RollUp.Range> rollUps() {
    List<RollUp.Range> ranges = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(rollUps)) {
      for (Path file : files) {
        BronzePaths.rollUpRange(file.getFileName().toString()).ifPresent(ranges::add);
      }
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (IOException | DirectoryIteratorException e) {
      throw new UncheckedIOException(e instanceof IOException io ? io : (IOException) e.getCause());
    }
    ranges.sort(Comparator.comparingLong(RollUp.Range::first));
    return List.copyOf(ranges);
  }

  /**
   * Reads a roll-up. The last one stays in memory as long as there is room, since its manifests are
   * asked for one after the other.
   *
   * @throws ContractException when it is missing, not a complete roll-up, or of another version
   */
  public RollUp readRollUp(RollUp.Range range) {
    RollUp known = recent.get();
    if (known != null && known.range().equals(range)) {
      return known;
    }
    Path file = rollUps.resolve(BronzePaths.rollUpName(range));
    RollUp rollUp =
        Json.readFile(
            file, RollUp.class, RollUp.VERSION, MAX_BYTES, ManifestReader::withPresentManifests);
    if (!rollUp.range().equals(range)) {
      throw new ContractException(
          file.toString(),
          "holds manifests " + rollUp.first() + " to " + rollUp.last() + ", unlike its name",
          "Roll-ups are immutable; restore the file from a copy.",
          null);
    }
    recent = new SoftReference<>(rollUp);
    return rollUp;
  }

  private static void withPresentManifests(ObjectNode rollUp) {
    rollUp.path("manifests").forEach(manifest -> fromVersion1((ObjectNode) manifest));
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
   * missing before it acknowledges anything. It looks at names alone.
   *
   * @throws ContractException when a manifest is missing below it, or it cannot be read
   */
  public Optional<Manifest> last() {
    long last = lastNumber();
    return last == 0 ? Optional.empty() : read(last);
  }

  /**
   * Number of the newest manifest; 0 when there is none.
   *
   * @throws ContractException when a manifest is missing below it
   */
  public long lastNumber() {
    // Singles first: what is deleted from them meanwhile is in a roll-up that is seen afterwards.
    TreeSet<Long> singles = singles();
    List<RollUp.Range> ranges = rollUps();
    long last = singles.isEmpty() ? 0 : singles.last();
    long next = 1;
    for (RollUp.Range range : ranges) {
      last = Math.max(last, range.last());
      while (next < range.first() && singles.contains(next)) {
        next++;
      }
      if (next < range.first()) {
        break;
      }
      next = Math.max(next, range.last() + 1);
    }
    while (singles.contains(next)) {
      next++;
    }
    if (next <= last) {
      throw new ContractException(
          directory.toString(),
          "manifest " + next + " is missing although " + last + " exists",
          "Manifests are numbered without gaps; restore it from a copy.",
          null);
    }
    return last;
  }

  private TreeSet<Long> singles() {
    TreeSet<Long> numbers = new TreeSet<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        BronzePaths.manifestNumber(file.getFileName().toString()).ifPresent(numbers::add);
      }
    } catch (NoSuchFileException e) {
      return numbers;
    } catch (IOException | DirectoryIteratorException e) {
      throw new UncheckedIOException(e instanceof IOException io ? io : (IOException) e.getCause());
    }
    return numbers;
  }
}
