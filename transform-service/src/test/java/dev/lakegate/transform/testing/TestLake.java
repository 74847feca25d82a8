package dev.lakegate.transform.testing;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.model.bronze.BronzeFile;
import dev.lakegate.model.bronze.ChangeSequence;
import dev.lakegate.model.bronze.CopyBegun;
import dev.lakegate.model.bronze.CopyCompleted;
import dev.lakegate.model.bronze.Lsn;
import dev.lakegate.model.bronze.Manifest;
import dev.lakegate.model.bronze.ManifestWriter;
import dev.lakegate.model.bronze.SchemaApproval;
import dev.lakegate.model.bronze.SchemaVersion;
import dev.lakegate.model.json.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A lake whose manifests a test writes; the Bronze files that they name are not needed. */
public final class TestLake {
  private final Path root;
  private final Map<String, List<String>> paths = new HashMap<>();
  private final Map<String, Integer> generations = new HashMap<>();
  private final Map<String, Boolean> copying = new HashMap<>();
  private final Map<String, Integer> schemas = new HashMap<>();
  private long last;
  private int epoch = 1;

  public TestLake(Path root) {
    this.root = root;
  }

  /** The storage root. */
  public Path root() {
    return root;
  }

  /** Number of the last manifest written. */
  public long last() {
    return last;
  }

  /** Further manifests belong to a new epoch. */
  public void newEpoch() {
    epoch++;
  }

  /** Paths of all files of a source table, in the order of their manifests. */
  public List<String> paths(String table) {
    return paths.getOrDefault(table, List.of());
  }

  /** Writes a manifest with the given number of files of each table, 10 rows each, streamed. */
  public Manifest stream(Map<String, Integer> files) {
    return write(
        manifest(files, BronzeFile.Kind.STREAM, List.of(), List.of(), List.of(), List.of()));
  }

  /**
   * Writes a manifest with copied files and says that the copy of these tables is complete; one
   * that was not going on begins with it.
   */
  public Manifest copied(Map<String, Integer> files) {
    return write(
        manifest(files, BronzeFile.Kind.COPY, begin(files), complete(files), List.of(), List.of()));
  }

  /** Writes a manifest with copied files of a copy that goes on, or begins. */
  public Manifest copying(Map<String, Integer> files) {
    return write(
        manifest(files, BronzeFile.Kind.COPY, begin(files), List.of(), List.of(), List.of()));
  }

  /** Writes a manifest with a schema version of a table and a file that has it. */
  public Manifest schema(SchemaVersion version) {
    schemas.put(version.table(), version.schemaVersion());
    return write(
        manifest(
            Map.of(version.table(), 1),
            BronzeFile.Kind.STREAM,
            List.of(),
            List.of(),
            List.of(version),
            List.of()));
  }

  /** A table's newest schema version. */
  public int schemaOf(String table) {
    return schemas.getOrDefault(table, 1);
  }

  /** Writes a manifest in which somebody approves a table's newest schema version. */
  public Manifest approve(String table) {
    return write(
        manifest(
            Map.of(),
            BronzeFile.Kind.STREAM,
            List.of(),
            List.of(),
            List.of(),
            List.of(
                new SchemaApproval(
                    table,
                    schemaOf(table),
                    "admin",
                    Instant.now().truncatedTo(ChronoUnit.MICROS)))));
  }

  /** What sorts below every row of a table's newest copy. */
  public String copySequence() {
    return ChangeSequence.ofCopy(epoch, new Lsn(1000 + last)).format();
  }

  private List<CopyBegun> begin(Map<String, Integer> files) {
    List<CopyBegun> begun = new ArrayList<>();
    for (String table : new java.util.TreeSet<>(files.keySet())) {
      if (!copying.getOrDefault(table, false)) {
        begun.add(new CopyBegun(table, generations.merge(table, 1, Integer::sum), "Test."));
        copying.put(table, true);
      }
    }
    return begun;
  }

  private List<CopyCompleted> complete(Map<String, Integer> files) {
    List<CopyCompleted> completed = new ArrayList<>();
    for (String table : new java.util.TreeSet<>(files.keySet())) {
      copying.put(table, false);
      completed.add(
          new CopyCompleted(
              table,
              generations.get(table),
              10,
              ChangeSequence.ofCopy(epoch, new Lsn(1001 + last)).format()));
    }
    return completed;
  }

  private Manifest manifest(
      Map<String, Integer> files,
      BronzeFile.Kind kind,
      List<CopyBegun> begun,
      List<CopyCompleted> completed,
      List<SchemaVersion> schemaChanges,
      List<SchemaApproval> approvals) {
    long number = ++last;
    Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
    LocalDate today = LocalDate.ofInstant(now, ZoneOffset.UTC);
    String sequence =
        (kind == BronzeFile.Kind.COPY
                ? ChangeSequence.ofCopy(epoch, new Lsn(1000 + number))
                : ChangeSequence.ofStream(epoch, new Lsn(1000 + number), 0))
            .format();
    List<BronzeFile> listed = new ArrayList<>();
    files.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(
            entry -> {
              for (int i = 0; i < entry.getValue(); i++) {
                String path =
                    "bronze/%s/load_date=%s/tenant_id=tenant-1/%020d-%03d.parquet"
                        .formatted(entry.getKey(), today, number, i);
                paths.computeIfAbsent(entry.getKey(), k -> new ArrayList<>()).add(path);
                listed.add(
                    new BronzeFile(
                        path,
                        entry.getKey(),
                        "tenant-1",
                        today,
                        10,
                        1000,
                        kind,
                        schemas.getOrDefault(entry.getKey(), 1),
                        generations.getOrDefault(entry.getKey(), 1),
                        sequence,
                        sequence,
                        now));
              }
            });
    return new Manifest(
        Manifest.VERSION,
        number,
        ChangeSequence.formatEpoch(epoch),
        "7301234567890123456/app",
        1,
        now,
        listed.isEmpty() ? null : sequence,
        listed.isEmpty() ? null : sequence,
        "0/16B5940",
        listed,
        begun,
        completed,
        schemaChanges,
        approvals);
  }

  private Manifest write(Manifest manifest) {
    try {
      Files.createDirectories(root);
      new ManifestWriter(root).write(manifest);
      return manifest;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What the fake jobs committed to a table; null when nothing. */
  public JsonNode commit(String dataset) {
    Path file = root.resolve(dataset.replace('.', '/')).resolve("commit.json");
    try {
      return Files.exists(file) ? Json.read(Files.readString(file), JsonNode.class) : null;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Bronze files that a Silver table has consumed, in order. */
  public List<String> consumed(String dataset) {
    JsonNode commit = commit(dataset);
    List<String> consumed = new ArrayList<>();
    if (commit != null) {
      commit.get("consumed").forEach(path -> consumed.add(path.asText()));
    }
    return consumed;
  }
}
