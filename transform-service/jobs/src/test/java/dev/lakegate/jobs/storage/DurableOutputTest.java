package dev.lakegate.jobs.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileStatus;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DurableOutputTest {
  @TempDir Path directory;
  private final NioFileSystem files = new NioFileSystem();

  @BeforeEach
  void open() throws Exception {
    files.initialize(URI.create("file:///"), new Configuration(false));
  }

  @Test
  void aTimelineFileAppearsWholeAndOnlyWhenItIsClosed() throws Exception {
    Path commit = directory.resolve("table/.hoodie/20260302101532123.commit");
    try (FSDataOutputStream out = files.create(hadoop(commit), false)) {
      out.write(new byte[100_000]);
      out.flush();
      assertThat(commit).doesNotExist();
    }
    assertThat(commit).hasSize(100_000);
    assertThatThrownBy(() -> files.create(hadoop(commit), false))
        .isInstanceOf(org.apache.hadoop.fs.FileAlreadyExistsException.class);
    try (FSDataOutputStream out = files.create(hadoop(commit), true)) {
      out.write(7);
      assertThat(commit).hasSize(100_000);
    }
    assertThat(commit).hasSize(1);
    try (var names = Files.list(commit.getParent())) {
      assertThat(names).containsExactly(commit);
    }
  }

  @Test
  void aWriteThatFailedPublishesNothing() throws Exception {
    Path full = Path.of("/dev/full");
    org.junit.jupiter.api.Assumptions.assumeTrue(Files.exists(full));
    Path timeline = Files.createDirectories(directory.resolve("table/.hoodie"));
    Path commit = timeline.resolve("20260302101532123.commit");
    // Writing to this device fails as on a disk that is full.
    Files.createSymbolicLink(timeline.resolve(commit.getFileName() + ".new"), full);
    assertThatThrownBy(
            () -> {
              try (FSDataOutputStream out = files.create(hadoop(commit), false)) {
                out.write(new byte[1_000_000]);
              }
            })
        .isInstanceOf(java.io.IOException.class);
    assertThat(commit).doesNotExist();
    assertThat(timeline).isEmptyDirectory();
  }

  @Test
  void bytesArriveInOrderHoweverTheyAreWritten() throws Exception {
    byte[] expected = new byte[300_000];
    new Random(1).nextBytes(expected);
    Path file = directory.resolve("deep/er/data.parquet");
    Random random = new Random(2);
    try (FSDataOutputStream out = files.create(hadoop(file), true)) {
      int done = 0;
      while (done < expected.length) {
        int next = Math.min(expected.length - done, 1 + random.nextInt(20_000));
        if (next == 1) {
          out.write(expected[done]);
        } else {
          out.write(expected, done, next);
        }
        done += next;
      }
      assertThat(out.getPos()).isEqualTo(expected.length);
    }
    assertThat(Arrays.equals(Files.readAllBytes(file), expected)).isTrue();
  }

  @Test
  void rememberedAttributesFollowTheFile() throws Exception {
    Path file = directory.resolve("data.parquet");
    for (int size : new int[] {10, 20, 5}) {
      try (FSDataOutputStream out = files.create(hadoop(file), true)) {
        out.write(new byte[size]);
      }
      Files.setLastModifiedTime(
          file, java.nio.file.attribute.FileTime.from(java.time.Instant.now().minusSeconds(60)));
      for (int i = 0; i < 2; i++) {
        FileStatus[] listed = files.listStatus(hadoop(directory));
        assertThat(listed).hasSize(1);
        assertThat(listed[0].getLen()).isEqualTo(size);
      }
    }
    files.rename(hadoop(file), hadoop(directory.resolve("other.parquet")));
    assertThat(files.listStatus(hadoop(directory))[0].getPath().getName())
        .isEqualTo("other.parquet");
    files.delete(hadoop(directory.resolve("other.parquet")), false);
    assertThat(files.listStatus(hadoop(directory))).isEmpty();
  }

  private static org.apache.hadoop.fs.Path hadoop(Path file) {
    return new org.apache.hadoop.fs.Path("file", null, file.toString());
  }
}
