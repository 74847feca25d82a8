package dev.lakegate.model.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.model.contracts.GoldenFiles;
import dev.lakegate.model.json.ContractException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SnapshotReaderTest {
  private static final String INSTANT = "20260302101532123";
  @TempDir Path root;
  private Path folder;

  @BeforeEach
  void makeFolder() throws IOException {
    folder = Files.createDirectories(root.resolve("_catalog/gold/revenue_metrics"));
  }

  @Test
  void shouldReadNowAndAnInstant() throws IOException {
    Files.writeString(folder.resolve("current.json"), GoldenFiles.read("snapshot.json"));
    Files.writeString(folder.resolve(INSTANT + ".json"), GoldenFiles.read("snapshot.json"));
    SnapshotReader reader = new SnapshotReader(root);
    assertThat(reader.current("gold", "revenue_metrics")).isPresent();
    assertThat(reader.at("gold", "revenue_metrics", INSTANT))
        .isEqualTo(reader.current("gold", "revenue_metrics"));
    assertThat(reader.at("gold", "revenue_metrics", "20260302101532124")).isEmpty();
    assertThat(reader.current("gold", "funnel_metrics")).isEmpty();
  }

  @Test
  void shouldRefuseWhatIsNotThisSnapshot() throws IOException {
    SnapshotReader reader = new SnapshotReader(root);
    Path current = folder.resolve("current.json");
    String golden = GoldenFiles.read("snapshot.json");
    ObjectNode other = (ObjectNode) GoldenFiles.tree("snapshot.json");
    for (String content :
        new String[] {
          "",
          golden.substring(0, golden.length() / 2),
          other.deepCopy().put("version", 2).toString(),
          other.deepCopy().put("table", "other").toString(),
          other.deepCopy().put("surprise", 1).toString(),
          other.deepCopy().putNull("files").toString()
        }) {
      Files.writeString(current, content);
      assertThatThrownBy(() -> reader.current("gold", "revenue_metrics"))
          .isInstanceOf(ContractException.class)
          .hasMessageContaining("current.json");
    }
    Files.writeString(folder.resolve("20260302101532124.json"), golden);
    assertThatThrownBy(() -> reader.at("gold", "revenue_metrics", "20260302101532124"))
        .isInstanceOf(ContractException.class)
        .hasMessageContaining("holds the snapshot of instant " + INSTANT);
  }

  @ParameterizedTest
  @CsvSource({"..,x", "gold,../gold/revenue_metrics", "gold,a/b", "'',x", "gold,''", "GOLD,x"})
  void namesShouldNotLeadOutOfTheCatalog(String database, String table) {
    assertThatThrownBy(() -> new SnapshotReader(root).current(database, table))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new SnapshotReader(root).at("gold", "revenue_metrics", "../x"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
