package dev.lakegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.laptop.backend.SampleBackend;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a newcomer does first. */
class DemoIT {
  @TempDir Path directory;

  @Test
  void shouldShowThatAllOfItWorks() throws Exception {
    Stack stack = new Stack(directory);
    try {
      CommandLine.Outcome demo = stack.run(Duration.ofMinutes(5), "demo").succeeds();
      for (String table : SampleBackend.TABLES) {
        assertThat(demo.output()).contains(table);
      }
      for (String kind : List.of("insert", "update", "delete")) {
        Matcher seen = Pattern.compile(kind + ": visible after ([0-9.]+) s").matcher(demo.output());
        assertThat(seen.find()).as("the live " + kind + " in " + demo).isTrue();
        assertThat(Double.parseDouble(seen.group(1))).as(demo.toString()).isBetween(0.0, 60.0);
      }
      // Three principals, before and after the live changes.
      assertThat(demo.output().split("equals the source", -1).length - 1)
          .as(demo.toString())
          .isGreaterThanOrEqualTo(6);
      assertThat(demo.output()).contains("LAYER_NOT_GRANTED").doesNotContain("WRONG");
    } finally {
      stack.end();
    }
  }
}
