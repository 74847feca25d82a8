package dev.lakegate.laptop.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakegate.laptop.postgres.PostgresCluster;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SupervisedProcessTest {
  @TempDir Path directory;

  private final List<String> notices = new CopyOnWriteArrayList<>();
  private SupervisedProcess process;

  @AfterEach
  void stop() {
    if (process != null) {
      process.stop();
    }
  }

  @Test
  void becomesReadyAndLogsItsOutput() throws Exception {
    process = supervise("echo started $GREETING; touch ready; exec sleep 60", 20);
    process.start();
    process.awaitReady(Duration.ofSeconds(20));
    Await.until("log", () -> log().contains("started hello"));
    assertThat(process.pid()).isPresent();
  }

  @Test
  void seesNothingOfTheEnvironmentOfItsParent() throws Exception {
    process = supervise("env; touch ready; exec sleep 60", 20);
    process.start();
    process.awaitReady(Duration.ofSeconds(20));
    Await.until("log", () -> log().contains("GREETING=hello"));
    assertThat(log()).doesNotContain("HOME=");
  }

  @Test
  void isStartedAgainWhenItIsKilled() throws Exception {
    process = supervise("touch ready; exec sleep 60", 20);
    process.start();
    process.awaitReady(Duration.ofSeconds(20));
    long first = process.pid().getAsLong();
    PostgresCluster.signal("KILL", first);
    Await.until("restart", () -> process.restarts() == 1 && process.pid().isPresent());
    assertThat(process.pid().getAsLong()).isNotEqualTo(first);
    assertThat(notices).singleElement().asString().contains("fake ended with code 137");
  }

  @Test
  void oneThatNeverStartsIsReportedWithTheEndOfItsLog() {
    process = supervise("echo no such setting: lakegate.sorage.root; exit 3", 20);
    process.start();
    assertThatThrownBy(() -> process.awaitReady(Duration.ofSeconds(20)))
        .isInstanceOf(StartException.class)
        .hasMessageContaining("fake does not start")
        .hasMessageContaining("no such setting: lakegate.sorage.root");
  }

  @Test
  void oneThatHangsWhileItStartsIsReported() {
    process = supervise("echo thinking; exec sleep 60", 20);
    process.start();
    assertThatThrownBy(() -> process.awaitReady(Duration.ofMillis(500)))
        .isInstanceOf(StartException.class)
        .hasMessageContaining("was not ready")
        .hasMessageContaining("thinking");
  }

  @Test
  void aProgramThatIsMissingIsReported() {
    process =
        new SupervisedProcess(
            spec(List.of("/no/such/program"), 20),
            notices::add,
            () -> {},
            Duration.ofMillis(10),
            Duration.ofMillis(50));
    process.start();
    assertThatThrownBy(() -> process.awaitReady(Duration.ofSeconds(20)))
        .hasMessageContaining("fake does not start");
  }

  @Test
  void stopLetsItFinish() throws Exception {
    process =
        supervise("trap 'echo tidy; exit 0' TERM; touch ready; while :; do sleep 0.05; done", 20);
    process.start();
    process.awaitReady(Duration.ofSeconds(20));
    long pid = process.pid().getAsLong();
    process.stop();
    assertThat(ProcessHandle.of(pid).filter(ProcessHandle::isAlive)).isEmpty();
    assertThat(process.restarts()).isZero();
  }

  @Test
  void stopKillsOneThatDoesNotFinish() throws Exception {
    process = supervise("trap '' TERM; touch ready; while :; do sleep 0.05; done", 0.3);
    process.start();
    process.awaitReady(Duration.ofSeconds(20));
    long pid = process.pid().getAsLong();
    process.stop();
    Await.until("end", () -> ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isEmpty());
  }

  @Test
  void itsInputEndsWithTheSupervisorsPipe() throws Exception {
    // The pipe ends when this process does; as long as it lives, reading blocks.
    process = supervise("touch ready; cat; echo input ended", 20);
    process.start();
    process.awaitReady(Duration.ofSeconds(20));
    assertThat(log()).doesNotContain("input ended");
    assertThat(process.pid()).isPresent();
  }

  @Test
  void aMarkKnowsItsProcessByStartTime() throws Exception {
    process = supervise("touch ready; exec sleep 60", 20);
    process.start();
    process.awaitReady(Duration.ofSeconds(20));
    ProcessHandle handle = ProcessHandle.of(process.pid().getAsLong()).orElseThrow();
    StackState.ProcessMark mark = StackState.ProcessMark.of("fake", handle);
    assertThat(mark.find()).contains(handle);
    assertThat(
            new StackState.ProcessMark("fake", mark.pid(), mark.startedAtMillis() - 1_000).find())
        .isEmpty();
    assertThat(new StackState.ProcessMark("fake", mark.pid(), 0).find()).isEmpty();
  }

  @Test
  void logsRotate() throws Exception {
    Path file = directory.resolve("x.log");
    try (RotatingLog log = new RotatingLog(file, 1_000, 2)) {
      for (int i = 0; i < 50; i++) {
        log.write("x".repeat(100).getBytes());
      }
    }
    assertThat(directory.resolve("x.log.1")).hasSize(1_000);
    assertThat(directory.resolve("x.log.2")).hasSize(1_000);
    assertThat(directory.resolve("x.log.3")).doesNotExist();
  }

  private SupervisedProcess supervise(String script, double stopSeconds) {
    return new SupervisedProcess(
        spec(List.of("/bin/sh", "-c", script), stopSeconds),
        notices::add,
        () -> {},
        Duration.ofMillis(10),
        Duration.ofMillis(50));
  }

  private ProcessSpec spec(List<String> command, double stopSeconds) {
    return new ProcessSpec(
        "fake",
        command,
        Map.of("GREETING", "hello", "PATH", "/usr/bin:/bin"),
        directory,
        directory.resolve("fake.log"),
        "TERM",
        Duration.ofMillis((long) (stopSeconds * 1000)),
        () -> Files.deleteIfExists(directory.resolve("ready")),
        () -> Files.exists(directory.resolve("ready")));
  }

  private String log() throws Exception {
    Path log = directory.resolve("fake.log");
    return Files.exists(log) ? Files.readString(log) : "";
  }
}
