package dev.lakegate.ingest.quarantine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuarantineTest {
  @TempDir Path root;
  private Quarantine quarantine;

  @BeforeEach
  void start() throws IOException {
    quarantine = reloaded(root, 0);
  }

  private static Quarantine reloaded(Path root, long last) throws IOException {
    return reloaded(root, last, null);
  }

  private static Quarantine reloaded(Path root, long last, String copySequence) throws IOException {
    Quarantine quarantine = new Quarantine(root);
    quarantine.load(last, table -> copySequence);
    return quarantine;
  }

  private static QuarantinedRow row(int id, String sequence) {
    return new QuarantinedRow(
        "t", Map.of("id", "" + id), "CODE", "Why.", Map.of("id", "" + id), sequence, Instant.EPOCH);
  }

  private void manifest(long number) throws IOException {
    quarantine.write(number);
    quarantine.written(number);
  }

  private long files() throws IOException {
    if (!Files.exists(root.resolve("bronze/_quarantine"))) {
      return 0;
    }
    try (Stream<Path> files = Files.list(root.resolve("bronze/_quarantine"))) {
      return files.count();
    }
  }

  @Test
  void shouldKeepWhatAManifestFollowedAndForgetTheRest() throws IOException {
    quarantine.hold(row(1, "a"));
    manifest(1);
    quarantine.hold(row(2, "b"));
    quarantine.release("t", Map.of("id", "1"));
    quarantine.write(2);
    // Killed before manifest 2.
    Quarantine again = reloaded(root, 1);
    assertThat(again.keys("t")).containsExactly(Map.of("id", "1"));
    assertThat(again.list("t", 10)).containsExactly(row(1, "a"));
    assertThat(files()).isEqualTo(1);
  }

  @Test
  void shouldLetRowsGoWhenTheyAreRightRemovedOrTruncated() throws IOException {
    quarantine.hold(row(1, "a"));
    quarantine.hold(row(2, "b"));
    quarantine.hold(row(2, "c"));
    manifest(1);
    assertThat(quarantine.counts()).containsExactly(Map.entry("t", 2L));
    assertThat(quarantine.list(null, 10)).containsExactlyInAnyOrder(row(1, "a"), row(2, "c"));
    quarantine.release("t", Map.of("id", "2"));
    quarantine.release("t", Map.of("id", "77"));
    manifest(2);
    assertThat(reloaded(root, 2).keys("t")).containsExactly(Map.of("id", "1"));
    quarantine.truncated("t");
    manifest(3);
    assertThat(quarantine.any("t")).isFalse();
    assertThat(reloaded(root, 3).any("t")).isFalse();
    assertThat(files()).as("files that say nothing any more").isZero();
  }

  @Test
  void shouldForgetWhatACopyLookedAtAnew() throws IOException {
    quarantine.hold(row(1, "000100"));
    manifest(1);
    quarantine.hold(row(2, "000200"));
    manifest(2);
    assertThat(reloaded(root, 2, "000150").keys("t")).containsExactly(Map.of("id", "2"));
    quarantine.copied("t", "000150");
    assertThat(quarantine.keys("t")).containsExactly(Map.of("id", "2"));
    assertThat(files()).isEqualTo(1);
  }

  @Test
  void shouldNotHoldMoreThanItCan() throws IOException {
    for (int i = 0; i < Quarantine.MOST; i++) {
      assertThat(quarantine.hold(row(i, "a"))).isTrue();
    }
    assertThat(quarantine.hold(row(-1, "a"))).isFalse();
    assertThat(quarantine.hold(row(7, "b"))).isTrue();
    manifest(1);
    assertThat(reloaded(root, 1).counts()).containsExactly(Map.entry("t", (long) Quarantine.MOST));
  }

  /** Whatever happens, and wherever it is killed, the files say what the memory said. */
  @Property(tries = 60)
  void shouldSurviveKills(@ForAll @Size(max = 60) List<@IntRange(min = 0, max = 39) Integer> events)
      throws IOException {
    Path lake = Files.createTempDirectory("quarantine");
    Quarantine present = reloaded(lake, 0);
    Map<Map<String, String>, String> durable = new HashMap<>();
    Map<Map<String, String>, String> model = new HashMap<>();
    long number = 0;
    int sequence = 0;
    for (int event : events) {
      Map<String, String> key = Map.of("id", "" + event % 5);
      switch (event / 5) {
        case 0, 1, 2 -> {
          String text = "%06d".formatted(sequence++);
          present.hold(row(event % 5, text));
          model.put(key, text);
        }
        case 3, 4 -> {
          present.release("t", key);
          model.remove(key);
        }
        case 5 -> {
          if (event % 5 == 0) {
            present.truncated("t");
            model.clear();
          }
        }
        case 6 -> {
          present.write(++number);
          present.written(number);
          durable = new HashMap<>(model);
        }
        default -> {
          if (event % 2 == 0) {
            // Durable, but no manifest follows.
            present.write(number + 1);
          }
          present = reloaded(lake, number);
          model = new HashMap<>(durable);
        }
      }
      assertThat(present.keys("t")).containsExactlyInAnyOrderElementsOf(model.keySet());
    }
  }
}
