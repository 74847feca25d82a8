package dev.lakegate.gateway.catalog;

import dev.lakegate.gateway.sql.CatalogView.AsOf;
import dev.lakegate.gateway.sql.CatalogView.AtTime;
import dev.lakegate.gateway.sql.CatalogView.AtVersion;
import dev.lakegate.gateway.sql.SqlFailure;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The kept states of one table. A state counts from when it was published, not from when its commit
 * began: so a question about a moment is answered with what could be read at that moment, whenever
 * it is asked. Looks at the catalog each time, since states come and go.
 */
public final class TableHistory {
  private static final Pattern FILE = Pattern.compile("(\\d{14}|\\d{17})\\.json");
  private static final DateTimeFormatter INSTANT =
      DateTimeFormatter.ofPattern("uuuuMMddHHmmssSSS").withZone(ZoneOffset.UTC);

  private final Path root;
  private final SnapshotReader snapshots;
  private final String schema;
  private final String name;

  TableHistory(Path root, SnapshotReader snapshots, String schema, String name) {
    this.root = root;
    this.snapshots = snapshots;
    this.schema = schema;
    this.name = name;
  }

  /**
   * Instants of the kept states, oldest first. A state that is written, but not in force yet, is
   * not among them.
   */
  public List<String> instants() {
    if (schema.equals("bronze")) {
      throw new SqlFailure(
          "NOT_SUPPORTED",
          "Not supported on the embedded engine: former states of Bronze, which keeps every change;"
              + " filter by _change_seq or _commit_ts");
    }
    String current = snapshots.current(schema, name).map(Snapshot::instant).orElse(null);
    if (current == null) {
      return List.of();
    }
    TreeSet<String> all = new TreeSet<>(TableHistory::compare);
    // The present state is one, even if its own file is gone.
    all.add(current);
    Path folder = root.resolve("_catalog").resolve(schema).resolve(name);
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path f : files) {
        String file = f.getFileName().toString();
        if (FILE.matcher(file).matches()) {
          String instant = file.substring(0, file.length() - ".json".length());
          if (compare(instant, current) < 0) {
            all.add(instant);
          }
        }
      }
    } catch (NoSuchFileException | NotDirectoryException e) {
      return List.copyOf(all);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return List.copyOf(all);
  }

  /** A state; empty when it is not kept (any more). */
  public Optional<Snapshot> at(String instant) {
    Optional<Snapshot> current =
        snapshots.current(schema, name).filter(s -> s.instant().equals(instant));
    return current.isPresent() ? current : snapshots.at(schema, name, instant);
  }

  /**
   * The state that is meant.
   *
   * @throws SqlFailure when it is not kept
   */
  Snapshot find(AsOf asOf) {
    List<String> kept = instants();
    if (kept.isEmpty()) {
      throw new SqlFailure(
              "INVALID_ARGUMENTS",
              schema + "." + name + " has no state yet: nothing was published so far")
          .with("table", schema + "." + name);
    }
    if (asOf instanceof AtTime t) {
      return at(kept, t.moment());
    }
    String wanted = ((AtVersion) asOf).instant();
    if (!kept.contains(wanted)) {
      throw notKept(kept, "No state '" + wanted + "' of " + schema + "." + name + " is kept");
    }
    return at(wanted)
        .orElseThrow(
            () ->
                notKept(
                    kept, "State '" + wanted + "' of " + schema + "." + name + " is kept no more"));
  }

  private Snapshot at(List<String> kept, Instant moment) {
    String last = INSTANT.format(moment);
    List<String> newestFirst = new ArrayList<>(kept);
    java.util.Collections.reverse(newestFirst);
    for (String instant : newestFirst) {
      // Nothing is published before its commit begins, so most need not be read.
      if (compare(instant, last) <= 0) {
        Optional<Snapshot> s = at(instant);
        if (s.isPresent() && !s.get().publishedAt().isAfter(moment)) {
          return s.get();
        }
      }
    }
    throw notKept(
        kept,
        "No state of "
            + schema
            + "."
            + name
            + " is kept that could be read at or before "
            + moment);
  }

  private SqlFailure notKept(List<String> kept, String message) {
    String oldest = kept.get(0);
    String since = at(oldest).map(s -> ", readable since " + s.publishedAt()).orElse("");
    return new SqlFailure(
            "INVALID_ARGUMENTS", message + "; the oldest one is of instant " + oldest + since)
        .with("table", schema + "." + name)
        .with("oldestInstant", oldest);
  }

  /** As time: an instant without milliseconds is the beginning of its second. */
  private static int compare(String a, String b) {
    return a.length() == b.length() ? a.compareTo(b) : padded(a).compareTo(padded(b));
  }

  private static String padded(String instant) {
    return instant.length() == 14 ? instant + "000" : instant;
  }
}
