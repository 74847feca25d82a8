package dev.lakegate.gateway.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.gateway.TestLake;
import dev.lakegate.gateway.catalog.LakeTable.DataFile;
import dev.lakegate.model.bronze.BronzeFile;
import dev.lakegate.model.bronze.BronzePaths;
import dev.lakegate.model.bronze.Manifest;
import dev.lakegate.model.bronze.ManifestReader;
import dev.lakegate.model.bronze.ManifestWriter;
import dev.lakegate.model.bronze.RollUp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BronzeIndexTest {
  @TempDir Path root;

  private static List<String> paths(BronzeIndex index) {
    return index.state("core_order").files().stream().map(DataFile::path).toList();
  }

  @Test
  void shouldTakeMergedFilesForThoseThatTheyReplace() throws IOException {
    try (TestLake lake = new TestLake(root)) {
      for (int i = 1; i <= 3; i++) {
        lake.capture("core_order", Map.of("tenant-1", "SELECT " + i + " AS id"));
      }
      BronzeIndex before = new BronzeIndex(root);
      List<String> single = paths(before);
      assertThat(single).hasSize(3);

      // Manifests 1 and 2 become a roll-up; its last manifest names one merged file.
      ManifestReader reader = new ManifestReader(root);
      Manifest first = reader.read(1).orElseThrow();
      Manifest second = reader.read(2).orElseThrow();
      BronzeFile small = second.files().get(0);
      BronzeFile merged =
          new BronzeFile(
              "bronze/core_order/merged.parquet",
              small.table(),
              small.tenant(),
              small.loadDate(),
              2,
              99,
              small.kind(),
              small.schemaVersion(),
              small.generation(),
              small.firstSequence(),
              small.lastSequence(),
              small.maxCommitTs());
      new ManifestWriter(root)
          .write(
              new RollUp(
                  RollUp.VERSION,
                  1,
                  2,
                  first.epoch(),
                  Instant.now(),
                  List.of(with(first, List.of()), with(second, List.of(merged))),
                  List.of(first.files().get(0).path(), small.path())));
      List<String> expected = new ArrayList<>(List.of(merged.path(), single.get(2)));
      // Who had read the single ones, and who reads while they are still there.
      assertThat(paths(before)).isEqualTo(expected);
      BronzeIndex after = new BronzeIndex(root);
      assertThat(paths(after)).isEqualTo(expected);
      Files.delete(root.resolve(BronzePaths.manifest(1)));
      Files.delete(root.resolve(BronzePaths.manifest(2)));
      for (BronzeIndex index : List.of(before, after, new BronzeIndex(root))) {
        assertThat(paths(index)).isEqualTo(expected);
        assertThat(index.state("core_order").lastManifest()).isEqualTo(3);
      }
      lake.capture("core_order", Map.of("tenant-1", "SELECT 4 AS id"));
      assertThat(paths(before)).hasSize(3);
    }
  }

  private static Manifest with(Manifest m, List<BronzeFile> files) {
    return new Manifest(
        m.version(),
        m.number(),
        m.epoch(),
        m.sourceId(),
        m.timeline(),
        m.createdAt(),
        m.firstSequence(),
        m.lastSequence(),
        m.position(),
        files,
        m.copiesBegun(),
        m.copiesCompleted(),
        m.schemaChanges(),
        m.schemaApprovals());
  }
}
