package dev.lakegate.gateway.trino;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PageSpoolTest {
  private static final int PAGE = 300_000;
  @TempDir Path directory;

  private static byte[] page(int n) {
    byte[] b = new byte[PAGE];
    b[0] = (byte) n;
    b[PAGE - 1] = (byte) (n >> 8);
    return b;
  }

  private long files() throws IOException {
    try (Stream<Path> all = Files.list(directory)) {
      return all.count();
    }
  }

  @Test
  void shouldHoldTheWriterBackAndGiveEveryPageOnceMoreInOrder() throws Exception {
    SpoolSpace space = new SpoolSpace(directory, 5_000_000, 100_000_000);
    PageSpool spool = new PageSpool(space, "q");
    CompletableFuture<Void> writer =
        CompletableFuture.runAsync(
            () -> {
              try {
                for (int i = 0; i < 300; i++) {
                  spool.add(1, page(i));
                }
                spool.finish();
              } catch (IOException e) {
                throw new IllegalStateException(e);
              }
            });
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    List<Integer> seen = new ArrayList<>();
    int at = 0;
    int most = 0;
    while (!(spool.finished() && at == spool.count())) {
      assertThat(System.nanoTime()).isLessThan(end);
      List<PageSpool.Rows> rows = spool.read(at, 1_000_000, Integer.MAX_VALUE);
      assertThat(rows.size()).isLessThanOrEqualTo(3);
      most = Math.max(most, spool.count() - at);
      for (PageSpool.Rows r : rows) {
        seen.add((r.json()[0] & 255) | (r.json()[PAGE - 1] & 255) << 8);
      }
      at += rows.size();
      spool.release(at);
      assertThat(files()).isLessThanOrEqualTo(3);
    }
    writer.get(5, TimeUnit.SECONDS);
    assertThat(seen).hasSize(300).isSorted().doesNotHaveDuplicates();
    // What waits is bounded: 5 MB on disk, half a megabyte in memory, and the page in hand.
    assertThat(most).isLessThanOrEqualTo(5_000_000 / PAGE + 4);
    assertThat(spool.waitedNanos()).isPositive();
    spool.close();
    assertThat(files()).isZero();
    assertThat(space.hasDisk()).isTrue();
  }

  @Test
  void shouldKeepSmallResultsOffTheDisk() throws IOException {
    PageSpool spool = new PageSpool(new SpoolSpace(directory, 5_000_000, 100_000_000), "q");
    spool.add(3, new byte[] {1, 2, 3});
    spool.finish();
    assertThat(files()).isZero();
    assertThat(spool.read(0, 1, Integer.MAX_VALUE)).hasSize(1);
    assertThat(spool.read(0, 1, Integer.MAX_VALUE)).hasSize(1);
  }

  @Test
  void shouldFailTheWriterWhenNobodyFetchesAnyMore() throws Exception {
    PageSpool spool = new PageSpool(new SpoolSpace(directory, 1_000_000, 100_000_000), "q");
    CompletableFuture<Void> writer =
        CompletableFuture.runAsync(
            () -> {
              try {
                for (int i = 0; ; i++) {
                  spool.add(1, page(i));
                }
              } catch (IOException e) {
                throw new IllegalStateException(e);
              }
            });
    spool.close();
    assertThatThrownBy(() -> writer.get(5, TimeUnit.SECONDS))
        .hasRootCauseMessage("the result was dropped");
    assertThat(files()).isZero();
  }
}
