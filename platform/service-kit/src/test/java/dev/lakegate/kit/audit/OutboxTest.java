package dev.lakegate.kit.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutboxTest {
  @TempDir Path directory;

  private static List<String> drain(Outbox outbox) throws IOException {
    List<String> lines = new ArrayList<>();
    for (Outbox.Segment s = outbox.oldest(); s != null; s = outbox.oldest()) {
      lines.addAll(s.lines());
      outbox.delivered(s);
    }
    return lines;
  }

  @Test
  void shouldGiveBackWhatWasAppendedInOrderAndForgetWhatWasDelivered() throws IOException {
    try (Outbox outbox = new Outbox(directory, 1_000_000, 100)) {
      for (int i = 0; i < 50; i++) {
        outbox.append("line " + i);
      }
      List<String> lines = drain(outbox);
      assertThat(lines).hasSize(50).startsWith("line 0").endsWith("line 49");
      assertThat(outbox.bytes()).isZero();
    }
  }

  @Test
  void shouldShareFlushesAmongThreads() throws Exception {
    try (Outbox outbox = new Outbox(directory, 10_000_000, 1_000_000)) {
      List<Thread> threads = new ArrayList<>();
      for (int t = 0; t < 8; t++) {
        int thread = t;
        threads.add(
            new Thread(
                () -> {
                  try {
                    for (int i = 0; i < 50; i++) {
                      outbox.append(thread + "-" + i);
                    }
                  } catch (IOException e) {
                    throw new IllegalStateException(e);
                  }
                }));
      }
      threads.forEach(Thread::start);
      for (Thread t : threads) {
        t.join();
      }
      assertThat(drain(outbox)).hasSize(400).doesNotHaveDuplicates();
    }
  }

  @Test
  void shouldSayWhenItIsFull() throws IOException {
    try (Outbox outbox = new Outbox(directory, 70_000, 1_000)) {
      assertThat(outbox.hasRoom()).isTrue();
      outbox.append("x".repeat(10_000));
      assertThat(outbox.hasRoom()).isFalse();
      drain(outbox);
      assertThat(outbox.hasRoom()).isTrue();
    }
  }

  @Test
  void shouldDropATornLineAndKeepTheRest() throws IOException {
    try (Outbox outbox = new Outbox(directory, 1_000_000, 1_000)) {
      outbox.append("whole");
    }
    Path segment = directory.resolve(String.format("%020d.jsonl", 1));
    Files.writeString(segment, "to", StandardOpenOption.APPEND);
    try (Outbox outbox = new Outbox(directory, 1_000_000, 1_000)) {
      outbox.append("later");
      assertThat(drain(outbox)).containsExactly("whole", "later");
    }
  }

  @Test
  void shouldReadOverWhatALossOfPowerLeft() throws IOException {
    try (Outbox outbox = new Outbox(directory, 1_000_000, 10_000)) {
      outbox.append("whole");
      outbox.append("also whole");
      // The active segment has its size already, and none of that counts as waiting.
      assertThat(outbox.bytes()).isEqualTo(17);
      assertThat(Files.size(directory.resolve(String.format("%020d.jsonl", 1)))).isEqualTo(10_000);
    }
    Path segment = directory.resolve(String.format("%020d.jsonl", 1));
    assertThat(Files.size(segment)).isEqualTo(17);
    Files.writeString(segment, "{\"gap\":\0\0\0}\n\0\0\0", StandardOpenOption.APPEND);
    try (Outbox outbox = new Outbox(directory, 1_000_000, 10_000)) {
      outbox.append("later");
      assertThat(drain(outbox)).containsExactly("whole", "also whole", "later");
    }
  }

  @Test
  void shouldLoseNothingThatWasAcknowledgedWhenKilled() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx32m",
                "-cp",
                System.getProperty("java.class.path"),
                Writer.class.getName(),
                directory.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    int acknowledged = -1;
    try (BufferedReader out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      while (acknowledged < 100) {
        acknowledged = Integer.parseInt(out.readLine());
      }
      process.destroyForcibly();
    }
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    try (Outbox outbox = new Outbox(directory, 100_000_000, 1_000)) {
      List<String> lines = drain(outbox);
      assertThat(lines.size()).isGreaterThan(acknowledged);
      for (int i = 0; i <= acknowledged; i++) {
        assertThat(lines.get(i)).isEqualTo("event " + i);
      }
    }
  }

  /** Appends until it is killed, and says after each line that it is durable. */
  static final class Writer {
    public static void main(String[] args) throws IOException {
      try (Outbox outbox = new Outbox(Path.of(args[0]), Long.MAX_VALUE / 2, 1_000)) {
        for (int i = 0; i < 1_000_000; i++) {
          outbox.append("event " + i);
          System.out.println(i);
        }
      }
    }
  }
}
