package dev.lakegate.ingest.bronze.maintenance;

import dev.lakegate.model.bronze.BronzeFile;
import dev.lakegate.model.bronze.BronzeFile.Kind;
import dev.lakegate.model.bronze.CopyBegun;
import dev.lakegate.model.bronze.CopyCompleted;
import dev.lakegate.model.bronze.Manifest;
import dev.lakegate.model.bronze.SchemaApproval;
import dev.lakegate.model.bronze.SchemaVersion;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Which files of a range are merged, and what its manifests name afterwards. Immutable, pure.
 *
 * <p>A table takes part as a whole or not at all. If only some of its files moved to the range's
 * last manifest, a reader that stands in the middle of the range could see an old insert without
 * the delete of the same key that it has consumed already, or truncate before what was inserted.
 * For the same reason a table with a copy, a change of schema or an approval in the range keeps its
 * files where they are: their order against those events matters to readers.
 *
 * @param groups files that become one, each at least two
 * @param tables whose files all stand in the last manifest
 */
record MergePlan(List<Group> groups, Set<String> tables) {
  /**
   * Files of one partition that become one file, in the order of their changes.
   *
   * @param files at least two
   */
  record Group(List<BronzeFile> files) {
    Group {
      files = List.copyOf(files);
    }

    BronzeFile first() {
      return files.get(0);
    }

    long rows() {
      return files.stream().mapToLong(BronzeFile::rows).sum();
    }
  }

  private record Partition(LocalDate loadDate, String tenant) {}

  MergePlan {
    groups = List.copyOf(groups);
    tables = Set.copyOf(tables);
  }

  static MergePlan of(List<Manifest> manifests, MaintenanceSettings settings) {
    Set<String> apart = new HashSet<>();
    Map<String, List<BronzeFile>> byTable = new TreeMap<>();
    for (Manifest manifest : manifests) {
      manifest.copiesBegun().stream().map(CopyBegun::table).forEach(apart::add);
      manifest.copiesCompleted().stream().map(CopyCompleted::table).forEach(apart::add);
      manifest.schemaChanges().stream().map(SchemaVersion::table).forEach(apart::add);
      manifest.schemaApprovals().stream().map(SchemaApproval::table).forEach(apart::add);
      for (BronzeFile file : manifest.files()) {
        byTable.computeIfAbsent(file.table(), t -> new ArrayList<>()).add(file);
      }
    }
    List<Group> groups = new ArrayList<>();
    Set<String> tables = new HashSet<>();
    byTable.forEach(
        (table, files) -> {
          if (!apart.contains(table) && isUniform(files)) {
            List<Group> found = groups(files, settings.mergedBytes());
            if (!found.isEmpty()) {
              groups.addAll(found);
              tables.add(table);
            }
          }
        });
    return new MergePlan(groups, tables);
  }

  private static boolean isUniform(List<BronzeFile> files) {
    BronzeFile first = files.get(0);
    return files.stream()
        .allMatch(
            f ->
                f.kind() == Kind.STREAM
                    && f.schemaVersion() == first.schemaVersion()
                    && f.generation() == first.generation());
  }

  private static List<Group> groups(List<BronzeFile> files, long mergedBytes) {
    Map<Partition, List<BronzeFile>> partitions = new LinkedHashMap<>();
    files.stream()
        .filter(f -> f.bytes() < Math.max(1, mergedBytes / 2))
        .sorted(Comparator.comparing(BronzeFile::firstSequence))
        .forEach(
            f ->
                partitions
                    .computeIfAbsent(
                        new Partition(f.loadDate(), f.tenant()), p -> new ArrayList<>())
                    .add(f));
    List<Group> groups = new ArrayList<>();
    for (List<BronzeFile> small : partitions.values()) {
      List<BronzeFile> group = new ArrayList<>();
      long bytes = 0;
      for (BronzeFile file : small) {
        if (bytes + file.bytes() > mergedBytes) {
          addIfSeveral(group, groups);
          group = new ArrayList<>();
          bytes = 0;
        }
        group.add(file);
        bytes += file.bytes();
      }
      addIfSeveral(group, groups);
    }
    return groups;
  }

  private static void addIfSeveral(List<BronzeFile> group, List<Group> groups) {
    if (group.size() > 1) {
      groups.add(new Group(group));
    }
  }

  /** Paths of the files that merged ones stand for. */
  List<String> replaced() {
    return groups.stream().flatMap(g -> g.files().stream()).map(BronzeFile::path).toList();
  }

  /**
   * The manifests as the roll-up holds them.
   *
   * @param merged one file for each group
   */
  List<Manifest> apply(List<Manifest> manifests, Collection<BronzeFile> merged) {
    if (tables.isEmpty()) {
      return manifests;
    }
    Set<String> replaced = new HashSet<>(replaced());
    List<BronzeFile> moved = new ArrayList<>(merged);
    List<Manifest> result = new ArrayList<>();
    for (Manifest manifest : manifests) {
      List<BronzeFile> stay = new ArrayList<>();
      for (BronzeFile file : manifest.files()) {
        if (!tables.contains(file.table())) {
          stay.add(file);
        } else if (!replaced.contains(file.path())) {
          moved.add(file);
        }
      }
      if (manifest == manifests.get(manifests.size() - 1)) {
        moved.sort(
            Comparator.comparing(BronzeFile::table).thenComparing(BronzeFile::firstSequence));
        stay.addAll(moved);
      }
      result.add(withFiles(manifest, stay));
    }
    return result;
  }

  private static Manifest withFiles(Manifest manifest, List<BronzeFile> files) {
    return new Manifest(
        manifest.version(),
        manifest.number(),
        manifest.epoch(),
        manifest.sourceId(),
        manifest.timeline(),
        manifest.createdAt(),
        files.stream().map(BronzeFile::firstSequence).min(String::compareTo).orElse(null),
        files.stream().map(BronzeFile::lastSequence).max(String::compareTo).orElse(null),
        manifest.position(),
        files,
        manifest.copiesBegun(),
        manifest.copiesCompleted(),
        manifest.schemaChanges(),
        manifest.schemaApprovals());
  }
}
