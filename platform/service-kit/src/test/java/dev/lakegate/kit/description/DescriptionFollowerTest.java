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
