package dev.lakegate.transform.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.model.json.Json;
import dev.lakegate.transform.runner.RunnerState.Phase;
import dev.lakegate.transform.testing.Eventually;
import dev.lakegate.transform.testing.FakeJobsFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LocalRunnerTest {
  private static final String RUN = "01JNB4Z0T6W2M7Q9";

  @TempDir Path directory;
  private LocalRunner runner;

  @AfterEach
  void close() {
    if (runner != null) {
      runner.close();
    }
  }

  private void open(String... script) {
    open(FakeJobsFiles.settings(directory), script);
  }

  private void open(LocalRunnerSettings settings, String... script) {
    FakeJobsFiles.script(directory, script);
    runner = new LocalRunner(settings, Clock.systemUTC());
    runner.open();
  }

  private void await(Phase phase) {
    Eventually.until(() -> runner.state().phase() == phase, runner::state);
  }

  private ObjectNode request() {
    ObjectNode request = Json.MAPPER.createObjectNode();
    request.put("runId", RUN).put("mode", "incremental");
    request.put("storageRoot", directory.resolve("lake").toString());
    request
        .putObject("specification")
        .put("kind", "silver")
        .put("dataset", "silver.order")
        .put("path", "silver/order");
    request.putObject("through").put("epoch", "0001").put("manifest", 1);
    request.putArray("files");
    return request;
  }

  private CompletableFuture<JsonNode> start() {
    await(Phase.READY);
    return runner.start(RUN, request(), stage -> {});
  }

  /** By then the process has read its script, so that its next life goes by the next line. */
  private CompletableFuture<JsonNode> startAndAwaitStage() {
    await(Phase.READY);
    List<String> stages = new CopyOnWriteArrayList<>();
    CompletableFuture<JsonNode> result = runner.start(RUN, request(), stages::add);
    Eventually.until(() -> !stages.isEmpty(), runner::state);
    return result;
  }

  private static JsonNode get(CompletableFuture<JsonNode> result) throws Exception {
    return result.get(40, TimeUnit.SECONDS);
  }

  private static RunLostException lost(CompletableFuture<JsonNode> result) throws Exception {
    try {
      throw new AssertionError("the run was not lost: " + get(result));
    } catch (ExecutionException e) {
      return (RunLostException) e.getCause();
    }
  }

  private ProcessHandle child() throws IOException {
    return ProcessHandle.of(Long.parseLong(Files.readString(directory.resolve("pid.txt"))))
        .orElseThrow();
  }

  @Test
  void shouldRunOneAfterAnotherInOneProcess() throws Exception {
    open();
    List<String> stages = new CopyOnWriteArrayList<>();
    await(Phase.READY);
    CompletableFuture<JsonNode> first = runner.start(RUN, request(), stages::add);
    assertThat(get(first).path("status").asText()).isEqualTo("succeeded");
    assertThat(stages).containsExactly("reading");
    long pid = child().pid();
    ObjectNode next = request();
    next.putObject("after").put("epoch", "0001").put("manifest", 1);
    next.putObject("through").put("epoch", "0001").put("manifest", 2);
    await(Phase.READY);
    assertThat(get(runner.start(RUN, next, s -> {})).path("status").asText())
        .isEqualTo("succeeded");
    assertThat(child().pid()).isEqualTo(pid);
    assertThat(runner.state().starts()).isEqualTo(1);
  }

  @Test
  void shouldRefuseASecondRunWhileOneIsInProgress() throws Exception {
    open("silver.order hang");
    CompletableFuture<JsonNode> first = start();
    assertThat(runner.state().phase()).isEqualTo(Phase.BUSY);
    assertThatThrownBy(() -> runner.start("01JNB4Z0T6W2M7QA", request(), stage -> {}))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(RUN);
    assertThat(first).isNotDone();
  }

  @ParameterizedTest
  @CsvSource({
    "crash-before, RUNNER_DIED, ended with exit code 4",
    "endless-garbage, RUNNER_PROTOCOL, prints lines that are no events",
    "long-line, RUNNER_PROTOCOL, longer than",
    "no-result, RUNNER_PROTOCOL, is none"
  })
  void shouldLoseTheRunAndStartAnewWhenTheProcessMisbehaves(
      String misdeed, String code, String message) throws Exception {
    open("silver.order " + misdeed);
    RunLostException lost = lost(start());
    assertThat(lost.code()).isEqualTo(code);
    assertThat(lost).hasMessageContaining(message);
    assertThat(get(start()).path("status").asText()).isEqualTo("succeeded");
    assertThat(runner.state().starts()).isEqualTo(2);
  }

  @Test
  void shouldEndAHangingRunForGoodWhenItIsCancelled() throws Exception {
    open("silver.order hang");
    CompletableFuture<JsonNode> result = startAndAwaitStage();
    ProcessHandle child = child();
    runner.cancel("01JNB4Z0T6W2M7QA");
    assertThat(child.isAlive()).as("another run's cancel").isTrue();
    runner.cancel(RUN);
    assertThat(lost(result).code()).isEqualTo("RUN_ENDED");
    assertThat(child.isAlive()).isFalse();
    assertThat(get(start()).path("status").asText()).isEqualTo("succeeded");
  }

  @Test
  void shouldPutUpWithSomeStrayLinesAndAStrangersResult() throws Exception {
    open("silver.order garbage", "silver.order stranger");
    assertThat(get(start()).path("status").asText()).isEqualTo("succeeded");
    ObjectNode next = request();
    next.putObject("after").put("epoch", "0001").put("manifest", 1);
    next.putObject("through").put("epoch", "0001").put("manifest", 2);
    await(Phase.READY);
    assertThat(get(runner.start(RUN, next, s -> {})).path("status").asText())
        .isEqualTo("succeeded");
  }

  @Test
  void shouldKeepTheLogBounded() throws Exception {
    open("silver.order flood");
    assertThat(get(start()).path("status").asText()).isEqualTo("succeeded");
    runner.close();
    assertThat(directory.resolve("jobs.log")).content().contains("fake jobs end");
    assertThat(Files.size(directory.resolve("jobs.log"))).isLessThanOrEqualTo(100_000);
    assertThat(Files.size(directory.resolve("jobs.log.1"))).isBetween(50_000L, 100_000L);
  }

  @Test
  void shouldSendRequestsLargerThanAPipe() throws Exception {
    open();
    ObjectNode large = request();
    large.put("watermark", "2026-03-02T10:15:30Z");
    for (int i = 0; i < 20_000; i++) {
      large.withArray("files").addObject().put("manifest", 1).put("path", "f" + i).put("rows", 1);
    }
    await(Phase.READY);
    assertThat(get(runner.start(RUN, large, s -> {})).path("rowsTotal").asLong()).isEqualTo(20_000);
  }

  @Test
  void shouldCancelARunWhoseProcessDoesNotEvenReadItsRequest() throws Exception {
    open("silver.order hang");
    startAndAwaitStage();
    runner.cancel(RUN);
    Eventually.until(() -> runner.state().starts() == 2, runner::state);
    FakeJobsFiles.script(directory, "silver.order hang");
    await(Phase.READY);
    ObjectNode large = request();
    large.put("padding", "x".repeat(3_000_000));
    CompletableFuture<JsonNode> result = runner.start(RUN, large, stage -> {});
    runner.cancel(RUN);
    assertThat(lost(result).code()).isEqualTo("RUN_ENDED");
  }

  @ParameterizedTest
  @CsvSource({
    "crash, cannot allocate what I need",
    "garbage, prints lines that are no events",
    "version2, speaks version 2"
  })
  void shouldSayWhyItIsDownAndKeepTrying(String misdeed, String message) {
    open("start always:" + misdeed);
    Eventually.until(
        () -> runner.state().starts() >= 3 && runner.state().message().contains(message),
        runner::state);
    FakeJobsFiles.script(directory);
    await(Phase.READY);
  }

  @Test
  void shouldGiveUpAProcessThatDoesNotBecomeReady() {
    LocalRunnerSettings usual = FakeJobsFiles.settings(directory);
    open(
        new LocalRunnerSettings(
            usual.java(),
            usual.argsFile(),
            usual.heap(),
            usual.options(),
            usual.directory(),
            Duration.ofMillis(700),
            usual.stopTimeout(),
            usual.firstRestart(),
            usual.lastRestart(),
            usual.logBytes()),
        "start hang");
    Eventually.until(() -> runner.state().starts() == 2, runner::state);
  }

  @Test
  void shouldSayThatTheJobsAreMissing() throws Exception {
    LocalRunnerSettings settings = FakeJobsFiles.settings(directory);
    Files.delete(settings.argsFile());
    open(settings);
    Eventually.until(
        () -> runner.state().message().contains("lakegate.jobs.args-file"), runner::state);
    FakeJobsFiles.argsFile(directory);
    await(Phase.READY);
  }

  @Test
  void shouldEndTheProcessWhenItCloses() throws Exception {
    open();
    await(Phase.READY);
    ProcessHandle child = child();
    runner.close();
    assertThat(child.isAlive()).isFalse();
    assertThat(runner.state().phase()).isEqualTo(Phase.CLOSED);
    assertThat(directory.resolve("jobs.log")).content().contains("fake jobs end");
  }

  @Test
  void shouldLoseTheRunInProgressWhenItCloses() throws Exception {
    LocalRunnerSettings usual = FakeJobsFiles.settings(directory);
    open(
        new LocalRunnerSettings(
            usual.java(),
            usual.argsFile(),
            usual.heap(),
            usual.options(),
            usual.directory(),
            usual.startTimeout(),
            Duration.ofMillis(300),
            usual.firstRestart(),
            usual.lastRestart(),
            usual.logBytes()),
        "silver.order hang");
    CompletableFuture<JsonNode> result = start();
    ProcessHandle child = child();
    runner.close();
    assertThat(child.isAlive()).isFalse();
    assertThat(lost(result)).isNotNull();
  }

  @Test
  void shouldKeepThisServicesSettingsFromTheProcess() throws Exception {
    assertThat(System.getenv()).containsKey("LAKEGATE_TEST_MARKER");
    open();
    await(Phase.READY);
    assertThat(Files.readAllLines(directory.resolve("environment.txt")))
        .isNotEmpty()
        .noneMatch(name -> name.startsWith("LAKEGATE_") || name.startsWith("QUARKUS_"));
  }
}
