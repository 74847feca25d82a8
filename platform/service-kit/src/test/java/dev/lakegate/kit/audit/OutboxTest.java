package dev.lakegate.kit.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
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

  /** A disk whose writes, or whose new files, fail as long as it is told so. */
  private static final class FailingDisk {
    volatile Throwable onWrite;
    volatile boolean refusesFiles;
    volatile boolean refusesRoom;

    FileChannel create(Path path) throws IOException {
      if (refusesFiles) {
        throw new IOException("No space left on device");
      }
      return new FailingChannel(
          this, FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
    }

    void write(boolean room) throws IOException {
      if (onWrite instanceof Error e) {
        throw e;
      }
      if (onWrite != null || (room && refusesRoom)) {
        throw new IOException("No space left on device");
      }
    }
  }

  @Test
  void shouldGoOnInItsSegmentWhileTheDiskRefusesANewOne() throws IOException {
    FailingDisk disk = new FailingDisk();
    try (Outbox outbox = new Outbox(directory, 1_000_000, 100, disk::create)) {
      disk.refusesFiles = true;
      List<String> expected = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        outbox.append("line " + i);
        expected.add("line " + i);
      }
      assertThat(outbox.hasRoom()).isTrue();
      assertThatThrownBy(outbox::oldest).isInstanceOf(IOException.class);
      outbox.append("after the attempt to drain");
      expected.add("after the attempt to drain");
      disk.refusesFiles = false;
      outbox.append("with room again");
      expected.add("with room again");
      assertThat(drain(outbox)).isEqualTo(expected);
      assertThat(outbox.bytes()).isZero();
    }
  }

  @Test
  void shouldLetItsLinesLeaveADiskThatIsFull() throws IOException {
    FailingDisk disk = new FailingDisk();
    try (Outbox outbox = new Outbox(directory, 1_000_000, 10_000, disk::create)) {
      outbox.append("waits");
      disk.refusesRoom = true;
      assertThat(drain(outbox)).containsExactly("waits");
      outbox.append("later");
      assertThat(drain(outbox)).containsExactly("later");
    }
  }

  @Test
  void shouldRefuseWhileTheDiskIsFullAndTakeLinesAgainWithoutARestart() throws IOException {
    FailingDisk disk = new FailingDisk();
    try (Outbox outbox = new Outbox(directory, 1_000_000, 10_000, disk::create)) {
      outbox.append("before");
      disk.onWrite = new IOException();
      disk.refusesFiles = true;
      for (int i = 0; i < 3; i++) {
        assertThatThrownBy(() -> outbox.append("refused")).isInstanceOf(IOException.class);
        assertThatThrownBy(outbox::repair).isInstanceOf(IOException.class);
        assertThat(outbox.hasRoom()).isFalse();
      }
      // A refused line takes no room.
      assertThat(outbox.bytes()).isEqualTo("before\n".length());
      disk.onWrite = null;
      disk.refusesFiles = false;
      outbox.repair();
      assertThat(outbox.hasRoom()).isTrue();
      outbox.append("after");
      assertThat(drain(outbox)).containsExactly("before", "after");
    }
  }

  @Test
  @Timeout(60)
  void shouldLeaveNobodyWaitingWhenAFlushEndsInAnError() throws Exception {
    FailingDisk disk = new FailingDisk();
    try (Outbox outbox = new Outbox(directory, 1_000_000, 10_000, disk::create)) {
      disk.onWrite = new OutOfMemoryError("as thrown by a test");
      AtomicInteger refused = new AtomicInteger();
      List<Thread> threads = new ArrayList<>();
      for (int t = 0; t < 8; t++) {
        threads.add(
            new Thread(
                () -> {
                  try {
                    outbox.append("refused");
                  } catch (IOException e) {
                    refused.incrementAndGet();
                  }
                }));
      }
      threads.forEach(Thread::start);
      for (Thread t : threads) {
        t.join();
      }
      assertThat(refused).hasValue(8);
      disk.onWrite = null;
      outbox.repair();
      outbox.append("after");
      assertThat(drain(outbox)).containsExactly("after");
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

  /** A file of a {@link FailingDisk}; only what an outbox needs. */
  private static final class FailingChannel extends FileChannel {
    private final FailingDisk disk;
    private final FileChannel file;

    FailingChannel(FailingDisk disk, FileChannel file) {
      this.disk = disk;
      this.file = file;
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
      disk.write(true);
      return file.write(source);
    }

    @Override
    public int write(ByteBuffer source, long position) throws IOException {
      disk.write(false);
      return file.write(source, position);
    }

    @Override
    public void force(boolean metaData) throws IOException {
      file.force(metaData);
    }

    @Override
    public FileChannel truncate(long size) throws IOException {
      file.truncate(size);
      return this;
    }

    @Override
    protected void implCloseChannel() throws IOException {
      file.close();
    }

    @Override
    public int read(ByteBuffer target) {
      throw new UnsupportedOperationException();
    }

    @Override
    public long read(ByteBuffer[] targets, int offset, int length) {
      throw new UnsupportedOperationException();
    }

    @Override
    public int read(ByteBuffer target, long position) {
      throw new UnsupportedOperationException();
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) {
      throw new UnsupportedOperationException();
    }

    @Override
    public long position() {
      throw new UnsupportedOperationException();
    }

    @Override
    public FileChannel position(long position) {
      throw new UnsupportedOperationException();
    }

    @Override
    public long size() {
      throw new UnsupportedOperationException();
    }

    @Override
    public long transferTo(long position, long count, WritableByteChannel target) {
      throw new UnsupportedOperationException();
    }

    @Override
    public long transferFrom(ReadableByteChannel source, long position, long count) {
      throw new UnsupportedOperationException();
    }

    @Override
    public MappedByteBuffer map(MapMode mode, long position, long size) {
      throw new UnsupportedOperationException();
    }

    @Override
    public FileLock lock(long position, long size, boolean shared) {
      throw new UnsupportedOperationException();
    }

    @Override
    public FileLock tryLock(long position, long size, boolean shared) {
      throw new UnsupportedOperationException();
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
