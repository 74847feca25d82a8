package dev.lakegate.transform.testing;

import dev.lakegate.model.bronze.BronzeFile;
import dev.lakegate.model.bronze.BronzePaths;
import dev.lakegate.model.bronze.ChangeSequence;
import dev.lakegate.model.bronze.CopyBegun;
import dev.lakegate.model.bronze.CopyCompleted;
import dev.lakegate.model.bronze.Lsn;
import dev.lakegate.model.bronze.Manifest;
import dev.lakegate.model.bronze.RollUp;
import dev.lakegate.model.json.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/**
 * A source whose rows change, and a capture of it that writes real manifests; the content of their
 * files is kept in memory. It loses log, dies in the middle of copies, copies single tables anew in
 * a new epoch, and rolls manifests up, as the contract says that capture may.
 */
public final class SimulatedSource {
  /** The tables. */
  public static final List<String> TABLES = List.of("core_a", "core_b", "core_c");

  private static final Instant AT = Instant.parse("2026-03-02T10:00:00Z");
  private static final int KEYS = 8;

  private final Random random;
  private final Path root;
  private final Map<String, TreeMap<Integer, Integer>> rows = new HashMap<>();
  private final Map<String, List<Change>> unflushed = new HashMap<>();
  private final Map<String, Copy> copies = new HashMap<>();
  private final Map<String, Integer> generations = new HashMap<>();
  private final Map<String, List<Change>> files = new HashMap<>();
  private final List<Manifest> manifests = new ArrayList<>();
  private final Set<Long> rolled = new HashSet<>();
  private final Set<Long> eventful = new HashSet<>();
  private int epoch = 1;
  private long lsn = 100;
  private int values;

  /**
   * A record of Bronze.
   *
   * @param key null when the table was truncated
   * @param value null when the row was deleted
   */
  public record Change(Integer key, Integer value, String sequence) {}

  private static final class Copy {
    final int generation;
    final String sequence;
    final List<Change> left;
    boolean begun;

    Copy(int generation, String sequence, List<Change> left) {
      this.generation = generation;
      this.sequence = sequence;
      this.left = left;
    }
  }

  public SimulatedSource(Path root, Random random) {
    this.root = root;
    this.random = random;
    for (String table : TABLES) {
      rows.put(table, new TreeMap<>());
      unflushed.put(table, new ArrayList<>());
      for (int i = random.nextInt(KEYS); i > 0; i--) {
        rows.get(table).put(random.nextInt(KEYS), ++values);
      }
      beginCopy(table);
    }
  }

  /** A table's rows at the source, by key. */
  public Map<Integer, Integer> rows(String table) {
    return rows.get(table);
  }

  /** What a file of Bronze holds; null when it was deleted or never existed. */
  public List<Change> file(String path) {
    return files.get(path);
  }

  /** Some transactions, which the log has. */
  public void change() {
    for (int i = random.nextInt(6); i >= 0; i--) {
      change(TABLES.get(random.nextInt(TABLES.size())), true);
    }
  }

  private void change(String table, boolean logged) {
    TreeMap<Integer, Integer> content = rows.get(table);
    lsn++;
    List<Change> changes = new ArrayList<>();
    if (random.nextInt(25) == 0) {
      content.clear();
      changes.add(new Change(null, null, sequence(0)));
    } else {
      int key = random.nextInt(KEYS);
      if (content.containsKey(key) && random.nextInt(3) == 0) {
        content.remove(key);
        changes.add(new Change(key, null, sequence(0)));
      } else {
        content.put(key, ++values);
        changes.add(new Change(key, values, sequence(0)));
      }
    }
    if (logged) {
      unflushed.get(table).addAll(changes);
    }
  }

  private String sequence(long ordinal) {
    return ChangeSequence.ofStream(epoch, new Lsn(lsn), ordinal).format();
  }

  private void beginCopy(String table) {
    lsn++;
    String sequence = ChangeSequence.ofCopy(epoch, new Lsn(lsn)).format();
    List<Change> left = new ArrayList<>();
    rows.get(table).forEach((key, value) -> left.add(new Change(key, value, sequence)));
    // What committed before the snapshot is in the copy.
    unflushed.get(table).clear();
    copies.put(table, new Copy(generations.merge(table, 1, Integer::sum), sequence, left));
  }

  /** Some tables change without log, and are copied anew in an epoch of its own. */
  public void loseLog() {
    flushAll();
    epoch++;
    for (String table : TABLES) {
      if (random.nextBoolean()) {
        for (int i = random.nextInt(5); i > 0; i--) {
          change(table, false);
        }
        beginCopy(table);
      }
    }
  }

  /** A copy in progress dies, after which it begins again in the same epoch. */
  public void breakCopy() {
    for (String table : List.copyOf(copies.keySet())) {
      Copy copy = copies.get(table);
      // In the same epoch only while the table has no streamed change in it that sorts higher.
      if (copy.begun) {
        change(table, true);
        beginCopy(table);
        return;
      }
    }
  }

  private void flushAll() {
    while (flush()) {}
  }

  /** Writes a manifest; while tables are copied, their changes wait. */
  public boolean flush() {
    long number = manifests.size() + 1;
    List<BronzeFile> listed = new ArrayList<>();
    List<CopyBegun> begun = new ArrayList<>();
    List<CopyCompleted> completed = new ArrayList<>();
    for (String table : TABLES) {
      Copy copy = copies.get(table);
      List<Change> content = new ArrayList<>();
      boolean copying = copy != null;
      if (copying) {
        if (!copy.begun) {
          begun.add(new CopyBegun(table, copy.generation, "Test."));
          copy.begun = true;
        }
        while (!copy.left.isEmpty() && content.size() < 3) {
          content.add(copy.left.remove(0));
        }
        if (copy.left.isEmpty() && random.nextBoolean()) {
          completed.add(new CopyCompleted(table, copy.generation, 1, copy.sequence));
          copies.remove(table);
        }
      } else {
        content.addAll(unflushed.get(table));
        unflushed.get(table).clear();
      }
      while (!content.isEmpty()) {
        List<Change> part = content.subList(0, Math.min(content.size(), 1 + random.nextInt(3)));
        listed.add(
            file(
                table,
                "%020d-%d".formatted(number, listed.size()),
                copying ? BronzeFile.Kind.COPY : BronzeFile.Kind.STREAM,
                List.copyOf(part)));
        part.clear();
      }
    }
    if (listed.isEmpty() && begun.isEmpty() && completed.isEmpty()) {
      return false;
    }
    if (!begun.isEmpty() || !completed.isEmpty() || !copies.isEmpty()) {
      eventful.add(number);
    }
    Manifest manifest =
        new Manifest(
            Manifest.VERSION,
            number,
            ChangeSequence.formatEpoch(epoch),
            "1/app",
            1,
            AT,
            null,
            null,
            "0/16B5940",
            listed,
            begun,
            completed,
            List.of(),
            List.of());
    write(BronzePaths.manifest(number), manifest);
    manifests.add(manifest);
    return true;
  }

  private BronzeFile file(String table, String name, BronzeFile.Kind kind, List<Change> content) {
    String path = "bronze/%s/load_date=2026-03-02/tenant_id=t/%s.parquet".formatted(table, name);
    files.put(path, content);
    return new BronzeFile(
        path,
        table,
        "t",
        LocalDate.of(2026, 3, 2),
        content.size(),
        10,
        kind,
        1,
        generations.get(table),
        content.get(0).sequence(),
        content.get(content.size() - 1).sequence(),
        AT);
  }

  /**
   * Rolls a stretch of manifests up, merges the files of some tables in it, and deletes what it
   * replaces, if there is such a stretch.
   */
  public boolean rollUp() {
    if (manifests.size() < 4) {
      return false;
    }
    long first = 1 + random.nextInt(manifests.size() - 2);
    long last = Math.min(manifests.size() - 1, first + 1 + random.nextInt(6));
    for (long n = first; n <= last; n++) {
      if (rolled.contains(n)
          || eventful.contains(n)
          || !manifests.get((int) n - 1).epoch().equals(manifests.get((int) first - 1).epoch())) {
        return false;
      }
    }
    List<Manifest> range = manifests.subList((int) first - 1, (int) last);
    Set<String> merging = new HashSet<>();
    TABLES.stream().filter(table -> random.nextInt(3) > 0).forEach(merging::add);
    List<String> replaced = new ArrayList<>();
    List<BronzeFile> merged = new ArrayList<>();
    for (String table : TABLES) {
      List<BronzeFile> all =
          range.stream()
              .flatMap(m -> m.files().stream())
              .filter(f -> f.table().equals(table))
              .toList();
      if (!merging.contains(table) || all.size() < 2) {
        merging.remove(table);
        continue;
      }
      // One file stays as it is, as one that is large would.
      List<Change> content = new ArrayList<>();
      for (BronzeFile file : all.subList(1, all.size())) {
        content.addAll(files.get(file.path()));
        replaced.add(file.path());
      }
      merged.add(all.get(0));
      merged.add(
          file(
              table,
              "%020d-%020d-%d".formatted(first, last, merged.size()),
              BronzeFile.Kind.STREAM,
              content));
    }
    List<Manifest> kept = new ArrayList<>();
    for (Manifest m : range) {
      List<BronzeFile> of = new ArrayList<>(m.files());
      of.removeIf(file -> merging.contains(file.table()));
      if (m.number() == last) {
        of.addAll(merged);
      }
      kept.add(
          new Manifest(
              m.version(),
              m.number(),
              m.epoch(),
              m.sourceId(),
              m.timeline(),
              m.createdAt(),
              m.firstSequence(),
              m.lastSequence(),
              m.position(),
              of,
              m.copiesBegun(),
              m.copiesCompleted(),
              m.schemaChanges(),
              m.schemaApprovals()));
    }
    write(
        BronzePaths.rollUp(new RollUp.Range(first, last)),
        new RollUp(RollUp.VERSION, first, last, kept.get(0).epoch(), AT, kept, replaced));
    try {
      for (long n = first; n <= last; n++) {
        rolled.add(n);
        if (random.nextInt(4) > 0) {
          Files.deleteIfExists(root.resolve(BronzePaths.manifest(n)));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    replaced.forEach(files::remove);
    return true;
  }

  /** Atomically, but not durably: nothing here survives the test. */
  private void write(String path, Object content) {
    try {
      Path file = root.resolve(path);
      Files.createDirectories(file.getParent());
      Path temporary = file.resolveSibling("." + file.getFileName());
      Files.writeString(temporary, Json.write(content));
      Files.move(temporary, file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Brings all copies and changes to their end. */
  public void settle() {
    flushAll();
    while (!copies.isEmpty()) {
      flush();
    }
    flushAll();
  }
}
