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
  void shouldCountTheWaitThatGoesOn() throws Exception {
    PageSpool spool = new PageSpool(new SpoolSpace(directory, 500_000, 100_000_000), "q");
    CompletableFuture<Void> writer =
        CompletableFuture.runAsync(
            () -> {
              try {
                for (int i = 0; i < 5; i++) {
                  spool.add(1, page(i));
                }
              } catch (IOException e) {
                throw new IllegalStateException(e);
              }
            });
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (spool.waitedNanos() < TimeUnit.MILLISECONDS.toNanos(400)) {
      assertThat(System.nanoTime()).as("the wait is counted").isLessThan(end);
      assertThat(writer).isNotDone();
      Thread.sleep(20);
    }
    spool.release(3);
    writer.get(60, TimeUnit.SECONDS);
    long waited = spool.waitedNanos();
    Thread.sleep(20);
    assertThat(spool.waitedNanos()).isEqualTo(waited);
    spool.close();
  }

  @Test
  void shouldShowTheLastPageOnlyWhenTheResultIsFinished() throws IOException {
    SpoolSpace space = new SpoolSpace(directory, 1_000_000, 100_000_000);
    PageSpool spool = new PageSpool(space, "q");
    spool.add(1, page(0));
    spool.hold(1, page(1));
    assertThat(spool.count()).isEqualTo(1);
    spool.finish();
    assertThat(spool.count()).isEqualTo(2);
    assertThat(spool.read(1, 1, 1).get(0).json()).isEqualTo(page(1));
    spool.close();
    PageSpool dropped = new PageSpool(space, "r");
    dropped.add(1, page(0));
    dropped.hold(1, page(1));
    dropped.close();
    dropped.finish();
    assertThat(dropped.read(0, Long.MAX_VALUE, 9)).isEmpty();
    assertThat(files()).isZero();
  }

  @Test
  void shouldLeaveOthersHalfOfTheDisk() throws Exception {
    SpoolSpace space = new SpoolSpace(directory, 10_000_000, 4_000_000);
    PageSpool hoarder = new PageSpool(space, "hoarder", "h");
    int taken = 0;
    for (; space.hasDisk("hoarder"); taken++) {
      hoarder.add(1, page(taken));
    }
    assertThat(taken).isLessThanOrEqualTo(9);
    assertThat(space.hasDisk("other")).isTrue();
    hoarder.close();
    assertThat(space.hasDisk("hoarder")).isTrue();
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
