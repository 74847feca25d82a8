package dev.lakegate.kit.description;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DescriptionFollowerTest {
  private static final Path SHIPPED =
      Path.of(System.getProperty("lakegate.basedir", "../..")).resolve("lakehouse");

  @TempDir Path directory;

  @BeforeEach
  void copy() throws IOException {
    try (Stream<Path> files = Files.walk(SHIPPED)) {
      for (Path file : files.sorted().filter(f -> !f.equals(SHIPPED)).toList()) {
        Files.copy(file, directory.resolve(SHIPPED.relativize(file).toString()));
      }
    }
  }

  @Test
  void shouldTellOnceOfEachChangeAndKeepTheLastValidDescription() throws IOException {
    DescriptionFollower<Integer> follower =
        new DescriptionFollower<>(directory, lakehouse -> lakehouse.tables().size());
    assertThat(follower.current()).isEmpty();
    assertThat(follower.poll()).isTrue();
    assertThat(follower.current()).contains(8);
    assertThat(follower.poll()).isFalse();
    Path wrong = directory.resolve("tables/coupon.yaml");
    Files.writeString(wrong, "version: 1\n");
    assertThat(follower.poll()).isFalse();
    assertThat(follower.problems()).isNotEmpty();
    assertThat(follower.current()).contains(8);
    Files.delete(wrong);
    assertThat(follower.poll()).as("the same description, but read anew").isTrue();
    assertThat(follower.problems()).isEmpty();
    assertThat(follower.poll()).isFalse();
  }

  /** As releases are deployed: a link that points at another directory from one moment on. */
  @Test
  void shouldSeeThatALinkPointsElsewhere() throws IOException {
    Path releases = directory.resolveSibling(directory.getFileName() + "-releases");
    Path next = releases.resolve("next");
    Path current = releases.resolve("current");
    Files.createDirectories(releases);
    try (Stream<Path> files = Files.walk(SHIPPED)) {
      for (Path file : files.sorted().toList()) {
        Files.copy(file, next.resolve(SHIPPED.relativize(file).toString()));
      }
    }
    Files.createSymbolicLink(current, directory);
    DescriptionFollower<Integer> follower =
        new DescriptionFollower<>(current, lakehouse -> lakehouse.queries().size());
    assertThat(follower.poll()).isTrue();
    assertThat(follower.poll()).isFalse();
    Files.delete(current);
    Files.createSymbolicLink(current, next);
    assertThat(follower.poll()).as("another target").isTrue();
    // And below: the files lie elsewhere.
    Path queries = releases.resolve("queries");
    Files.move(next.resolve("queries"), queries);
    Files.createSymbolicLink(next.resolve("queries"), queries);
    follower.poll();
    int before = follower.current().orElseThrow();
    try (Stream<Path> files = Files.list(queries)) {
      Files.delete(files.filter(f -> f.toString().endsWith(".sql")).findFirst().orElseThrow());
    }
    assertThat(follower.poll()).as("a file behind a link").isTrue();
    assertThat(follower.current()).contains(before - 1);
  }

  /** A file that could not be read for a moment looks the same before and after. */
  @Test
  void shouldTryAgainWhatCouldNotBeReadThoughNoFileChanged() {
    AtomicBoolean broken = new AtomicBoolean(true);
    DescriptionFollower<Integer> follower =
        new DescriptionFollower<>(
            directory,
            lakehouse -> {
              if (broken.get()) {
                throw new IllegalArgumentException("it cannot be read now");
              }
              return 1;
            });
    assertThat(follower.poll()).isFalse();
    assertThat(follower.poll()).isFalse();
    broken.set(false);
    assertThat(follower.poll()).isTrue();
    assertThat(follower.current()).contains(1);
  }
}
