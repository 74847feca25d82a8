package dev.lakegate.jobs.table;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ArchiveBoundsTest {
  private static final List<String> COMMITS = List.of("01", "02", "03", "04", "05", "06", "07");

  @Test
  void withoutAnythingDueCommitsGather() {
    ArchiveBounds bounds = ArchiveBounds.of(COMMITS, Set.of("02"), null, 3, 10, 5).orElseThrow();
    assertThat(bounds.least()).isEqualTo(11);
    assertThat(bounds.most()).isEqualTo(16);
  }

  @Test
  void whatIsDueIsArchivedAtOnce() {
    ArchiveBounds bounds = ArchiveBounds.of(COMMITS, Set.of("02"), "03", 3, 10, 5).orElseThrow();
    // Hudi archives when there are more than the upper bound, down to the lower: 01 and 03.
    assertThat(COMMITS.size()).isGreaterThan(bounds.most());
    assertThat(COMMITS.size() - bounds.least()).isEqualTo(2);
    assertThat(bounds.most()).isGreaterThan(bounds.least());
    // Of one that is due, Hudi takes the next along.
    bounds = ArchiveBounds.of(COMMITS, Set.of("02"), "01", 3, 10, 5).orElseThrow();
    assertThat(COMMITS.size() - bounds.least()).isEqualTo(2);
  }

  @Test
  void whatIsKeptIsNotArchived() {
    assertThat(ArchiveBounds.of(COMMITS, Set.of("02", "03", "04"), "01", 3, 10, 5)).isEmpty();
    assertThat(ArchiveBounds.of(COMMITS, Set.of("02", "03"), "01", 3, 10, 5)).isPresent();
    assertThat(ArchiveBounds.of(COMMITS, Set.of(), "02", 6, 10, 5)).isEmpty();
  }
}
