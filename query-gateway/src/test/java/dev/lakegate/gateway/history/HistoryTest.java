package dev.lakegate.gateway.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.model.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HistoryTest {
  @TempDir Path directory;

  private static ObjectNode entry(int n) {
    return Json.MAPPER.createObjectNode().put("n", n);
  }

  private static List<Integer> all(History history, String owner, int limit) {
    List<Integer> found = new ArrayList<>();
    String next = null;
    do {
      History.Page page = history.read(owner, null, next, limit);
      page.entries().forEach(e -> found.add(e.path("n").asInt()));
      assertThat(page.entries().size()).isLessThanOrEqualTo(limit);
      next = page.next();
    } while (next != null);
    return found;
  }

  @Test
  void shouldShowEachTheirOwnAndOutliveTheProcess() throws IOException {
    try (History h = new History(directory, 1_000_000)) {
      for (int i = 0; i < 10; i++) {
        h.add(i % 2 == 0 ? "issuer a" : "issuer b", entry(i));
      }
    }
    try (Stream<Path> files = Files.list(directory)) {
      Path f = files.findFirst().orElseThrow();
      // As a kill in the middle of a line leaves it.
      Files.writeString(f, "0123456789", StandardOpenOption.APPEND);
      assertThat(Files.getPosixFilePermissions(f)).hasSize(2);
    }
    try (History h = new History(directory, 1_000_000)) {
      h.add("issuer a", entry(10));
      for (int limit : new int[] {1, 2, 3, 100}) {
        assertThat(all(h, "issuer a", limit)).containsExactly(10, 8, 6, 4, 2, 0);
        assertThat(all(h, "issuer b", limit)).containsExactly(9, 7, 5, 3, 1);
        assertThat(all(h, null, limit)).hasSize(11).isSortedAccordingTo((x, y) -> y - x);
        assertThat(all(h, "issuer", limit)).isEmpty();
      }
      assertThatThrownBy(() -> h.read(null, null, "1", 1))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void shouldForgetTheOldestFirst() throws IOException {
    try (History h = new History(directory, 100_000)) {
      for (int i = 0; i < 5_000; i++) {
        h.add("a", entry(i));
      }
      List<Integer> kept = all(h, "a", 1000);
      assertThat(kept.get(0)).isEqualTo(4_999);
      assertThat(kept).hasSizeBetween(1_000, 3_000);
      assertThat(kept.get(kept.size() - 1)).isEqualTo(5_000 - kept.size());
    }
    long bytes = 0;
    try (Stream<Path> files = Files.list(directory)) {
      for (Path f : files.toList()) {
        bytes += Files.size(f);
      }
    }
    assertThat(bytes).isLessThanOrEqualTo(110_000);
  }

  @Test
  void shouldTakeValuesOutOfStatements() {
    assertThat(
            StatementShape.of(
                "SELECT a, 'it''s' AS \"Ann Lee\" -- mail ann@example.com\nFROM t /* 0170 123 */\n"
                    + "WHERE id = 4711 AND x > 1.5e3 AND b = X'0a' AND c2 = .5"))
        .isEqualTo("SELECT a, ? AS \"?\" FROM t WHERE id = ? AND x > ? AND b = X? AND c2 = ?");
    assertThat(StatementShape.of("SELECT 'never ends")).isEqualTo("SELECT ?");
    assertThat(StatementShape.of("SELECT 1 /* never ends")).isEqualTo("SELECT ?");
  }

  @Property(tries = 500)
  void shouldNeverLetAValueThrough(@ForAll String value) {
    String marked = "\u00a7" + value + "\u00a7";
    String sql =
        "SELECT '"
            + marked.replace("'", "''")
            + "', \""
            + marked.replace("\"", "\"\"")
            + "\" /* "
            + marked.replace("*/", "")
            + " */ FROM t";
    assertThat(StatementShape.of(sql)).doesNotContain("\u00a7").startsWith("SELECT ?, \"?\"");
  }
}
