package dev.lakegate.gateway.operations;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.gateway.operations.Operations.Dataset;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PublishedTablesTest {
  @TempDir Path root;

  @Test
  void shouldReadWhatIsPublishedAndLeaveOutWhatIsNot() throws IOException {
    Path table = Files.createDirectories(root.resolve("_catalog/gold/revenue_metrics"));
    try (InputStream golden = getClass().getResourceAsStream("/contracts/golden/snapshot.json")) {
      Files.copy(golden, table.resolve("current.json"));
    }
    Files.createDirectories(root.resolve("_catalog/silver/order"));
    Files.writeString(
        Files.createDirectories(root.resolve("_catalog/silver/event")).resolve("current.json"),
        "{broken");
    assertThat(PublishedTables.read(root))
        .singleElement()
        .satisfies(
            dataset -> {
              assertThat(dataset.dataset()).isEqualTo("gold.revenue_metrics");
              assertThat(dataset.rows()).isPositive();
              assertThat(dataset.lastChangeAt()).isNotNull();
            })
        .extracting(Dataset::state)
        .isEqualTo("unknown");
  }

  @Test
  void shouldKnowNothingOfALakeThatIsNotThere() {
    assertThat(PublishedTables.read(root.resolve("nothing"))).isEmpty();
  }
}
