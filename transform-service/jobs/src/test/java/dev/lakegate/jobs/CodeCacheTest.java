package dev.lakegate.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * With the first compiler alone the JVM keeps 48 MB for code. A warm session fills that within
 * minutes; from then on it interprets whatever is new, and commits take several times as long.
 */
class CodeCacheTest {
  private static final long MEGABYTE = 1 << 20;

  @Test
  void shouldHoldWhatAWarmSessionCompiles() {
    String size =
        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
            .getVMOption("ReservedCodeCacheSize")
            .getValue();
    assertThat(Long.parseLong(size)).isGreaterThanOrEqualTo(128 * MEGABYTE);
  }

  @Test
  void shouldStartJobsWithTheOptionsThatTestsHave() throws Exception {
    Path jobs = Path.of(System.getProperty("lakegate.jobs.args"));
    assertThat(Files.readAllLines(jobs))
        .containsAll(Files.readAllLines(jobs.resolveSibling("jvm.args")));
  }
}
