package dev.lakegate.gateway.trino;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A page that is asked for again costs what that page costs, however much waits behind it. */
class PageAgainTest {
  private static final int PAGE = 300 * 1024;

  @TempDir static Path directory;

  @Test
  void shouldReadNoMorePagesThanThoseOfTheAnswer() throws IOException {
    try (PageSpool spool = new PageSpool(new SpoolSpace(directory, 1L << 30, 1L << 30), "q")) {
      for (int i = 0; i < 40; i++) {
        spool.add(1, new byte[PAGE]);
      }
      assertThat(spool.read(0, 1, Integer.MAX_VALUE)).hasSize(1);
      assertThat(spool.read(0, Long.MAX_VALUE, 1)).hasSize(1);
      assertThat(spool.read(3, Long.MAX_VALUE, 2)).hasSize(2);
      assertThat(spool.read(3, Long.MAX_VALUE, 0)).isEmpty();
      assertThat(spool.read(0, Long.MAX_VALUE, Integer.MAX_VALUE)).hasSize(40);
    }
  }
}
