package dev.lakegate.transform.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.lakegate.model.job.Checkpoint;
import dev.lakegate.model.json.Json;
import dev.lakegate.model.snapshot.Snapshot;
import dev.lakegate.model.snapshot.SnapshotReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Iterator;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The states of tables that the lake keeps. A state counts from when it was published, as for
 * queries. Looks at the storage each time; thread-safe.
 */
public final class KeptStates {
  private static final Pattern FILE = Pattern.compile("(\\d{14}|\\d{17})\\.json");
  private static final DateTimeFormatter INSTANT =
      DateTimeFormatter.ofPattern("uuuuMMddHHmmssSSS").withZone(ZoneOffset.UTC);

  private final Path catalog;
  private final SnapshotReader snapshots;

  /**
   * @param storageRoot the folder that holds {@code _catalog/}
   */
  public KeptStates(Path storageRoot) {
    this.catalog = storageRoot.resolve("_catalog");
    this.snapshots = new SnapshotReader(storageRoot);
  }

  /**
   * A kept state.
   *
   * @param instant its name
   * @param publishedAt since when it could be read
   * @param rows of the table then
   * @param checkpoint what the table had consumed; null when it does not say
   * @param current whether it is the present one
   */
  public record State(
      String instant, Instant publishedAt, long rows, Checkpoint checkpoint, boolean current) {}

  /**
   * The state of a name.
   *
   * @param dataset {@code <schema>.<name>}
   */
  public Optional<State> at(String dataset, String instant) {
    Snapshot current = current(dataset);
    return current == null ? Optional.empty() : at(dataset, instant, current.instant());
  }

  private Optional<State> at(String dataset, String instant, String current) {
    if (!FILE.matcher(instant + ".json").matches() || instant.compareTo(current) > 0) {
      return Optional.empty();
    }
    String[] name = dataset.split("\\.", 2);
    return (instant.equals(current)
            ? snapshots.current(name[0], name[1])
            : snapshots.at(name[0], name[1], instant))
        .map(
            s ->
                new State(
                    s.instant(),
                    s.publishedAt(),
                    s.files().stream().mapToLong(Snapshot.File::rows).sum(),
                    checkpoint(s),
                    s.instant().equals(current)));
  }

  /** The newest state that could be read at a moment; empty when none is kept. */
  public Optional<State> readableAt(String dataset, Instant moment) {
    Snapshot current = current(dataset);
    if (current == null) {
      return Optional.empty();
    }
    TreeSet<String> instants = new TreeSet<>();
    instants.add(current.instant());
    Path folder = catalog.resolve(dataset.replace('.', '/'));
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.json")) {
      for (Path file : files) {
        String name = file.getFileName().toString();
        if (FILE.matcher(name).matches()) {
          instants.add(name.substring(0, name.length() - ".json".length()));
        }
      }
    } catch (NoSuchFileException | NotDirectoryException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    // Nothing is published before its commit begins, so later ones need not be read.
    Iterator<String> newestFirst =
        instants.headSet(INSTANT.format(moment), true).descendingIterator();
    while (newestFirst.hasNext()) {
      Optional<State> state = at(dataset, newestFirst.next(), current.instant());
      if (state.isPresent() && !state.get().publishedAt().isAfter(moment)) {
        return state;
      }
    }
    return Optional.empty();
  }

  private Snapshot current(String dataset) {
    String[] name = dataset.split("\\.", 2);
    return snapshots.current(name[0], name[1]).orElse(null);
  }

  private static Checkpoint checkpoint(Snapshot snapshot) {
    try {
      return snapshot.checkpoint() == null || snapshot.checkpoint().isNull()
          ? null
          : Json.MAPPER.treeToValue(snapshot.checkpoint(), Checkpoint.class);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }
}
