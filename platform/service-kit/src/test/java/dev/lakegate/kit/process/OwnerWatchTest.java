package dev.lakegate.kit.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class OwnerWatchTest {
  @Test
  void endsWhenTheInputEndsAndNotBefore() throws Exception {
    CountDownLatch ended = new CountDownLatch(1);
    PipedOutputStream owner = new PipedOutputStream();
    OwnerWatch.watch(new PipedInputStream(owner), ended::countDown);
    owner.write("anything".getBytes());
    owner.flush();
    assertThat(ended.await(200, TimeUnit.MILLISECONDS)).isFalse();
    owner.close();
    assertThat(ended.await(10, TimeUnit.SECONDS)).isTrue();
  }
}
