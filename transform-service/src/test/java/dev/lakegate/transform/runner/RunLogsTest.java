package dev.lakegate.transform.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RunLogsTest {
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-03-02T10:15:30Z"), ZoneOffset.UTC);
  private static final String AT = "2026-03-02T10:15:30.000Z WARN  [main] ";

  @TempDir Path directory;

  private RunLogs logs(int bytes, int kept) {
    return new RunLogs(directory.resolve("run-logs"), bytes, kept, CLOCK);
  }

  @Test
  void linesShouldGoToTheRunThatTheyName() throws Exception {
    RunLogs logs = logs(10_000, 10);
    logs.begin("A1");
    logs.line(AT + "Session nobody's own, but there is only one run");
    logs.begin("B2");
    logs.line(AT + "[run A1] Fold first");
    logs.line("  a line that goes on");
    logs.line(AT + "[run B2] Fold other");
    logs.line(AT + "Session whose is it?");
    logs.line("\tat nobody.knows");
    logs.line(AT + "[run C3] Fold a run that is over");
    logs.tell("B2", "committing");
    logs.end("A1", "ends: succeeded");
    logs.line(AT + "[run A1] Fold too late");
    assertThat(logs.lines("A1").orElseThrow())
        .containsExactly(
            "2026-03-02T10:15:30Z ----- begins",
            AT + "Session nobody's own, but there is only one run",
            AT + "[run A1] Fold first",
            "  a line that goes on",
            "2026-03-02T10:15:30Z ----- ends: succeeded");
    assertThat(logs.lines("B2").orElseThrow())
        .as("also in progress")
        .containsExactly(
            "2026-03-02T10:15:30Z ----- begins",
            AT + "[run B2] Fold other",
            "2026-03-02T10:15:30Z ----- committing");
    assertThat(logs.lines("C3")).isEmpty();
    assertThatThrownBy(() -> logs.lines("../x")).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void theBeginningAndTheEndOfALongLogShouldBeKept() throws Exception {
    RunLogs logs = logs(4_000, 10);
    logs.begin("A1");
    for (int i = 0; i < 1_000; i++) {
      logs.line(AT + "[run A1] Fold line " + i + ".");
    }
    logs.end("A1", "ends: failed");
    List<String> lines = logs.lines("A1").orElseThrow();
    assertThat(Files.size(directory.resolve("run-logs/A1.log"))).isLessThan(4_500);
    assertThat(lines).contains(AT + "[run A1] Fold line 0.", AT + "[run A1] Fold line 999.");
    assertThat(lines.get(lines.size() - 1)).endsWith("ends: failed");
    assertThat(lines).filteredOn(line -> line.contains("lines are left out")).hasSize(1);
    long named = lines.stream().filter(line -> line.contains("Fold line")).count();
    assertThat(lines.stream().filter(l -> l.contains("left out")).findFirst().orElseThrow())
        .isEqualTo(
            "... " + (1_000 - named) + " lines are left out; the job process's log has them.");
  }

  @Test
  void onlyTheNewestShouldBeKept() throws Exception {
    RunLogs logs = logs(1_000, 2);
    for (String run : List.of("A1", "A2", "A3", "A4")) {
      logs.begin(run);
      logs.end(run, "ends: succeeded");
    }
    assertThat(logs.lines("A1")).isEmpty();
    assertThat(logs.lines("A2")).isPresent();
    assertThat(logs.lines("A4")).isPresent();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "connect with password=hunter2 now | connect with password=*** now",
        "{\"api_key\": \"abc\", \"x\": 1} | {\"api_key\": *** \"x\": 1}",
        "Authorization: Bearer eyJ.abc.def end | Authorization: Bearer *** end",
        "jdbc:postgresql://me:hunter2@host:5432/x | jdbc:postgresql://me:***@host:5432/x",
        "12 tokens were read | 12 tokens were read"
      })
  void secretsShouldBeLeftOut(String line, String expected) {
    assertThat(RunLogs.withoutSecrets(line)).isEqualTo(expected);
  }
}
