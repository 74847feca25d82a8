package dev.lakegate.ingest.alarm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.ingest.alarm.Alarm.Severity;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetentionRuleTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final long MB = 1 << 20;

  private static Optional<Alarm> judge(Long limit, long retained, Long safe, String status) {
    return new RetentionRule(1000 * MB)
        .judge(
            new SlotFacts(
                false,
                true,
                retained * MB,
                status,
                safe == null ? null : safe * MB,
                limit == null ? null : limit * MB),
            NOW);
  }

  @ParameterizedTest
  @CsvSource({
    // limit, retained, safe, status, severity
    "200, 10, 190, reserved,",
    "200, 99, 101, extended,",
    "200, 100, 100, extended, WARNING",
    "200, 160, 40, extended, CRITICAL",
    "200, 10, 30, reserved, CRITICAL",
    "200, 220, -20, unreserved, CRITICAL",
    "200, 210, 150, unreserved, CRITICAL",
    ", 499, , extended,",
    ", 500, , extended, WARNING",
    ", 800, , extended, CRITICAL",
    ", 5000, , extended, CRITICAL",
    "0, 1, 0, extended, CRITICAL",
  })
  void shouldAlarmBeforeTheLimitStrikes(
      Long limit, long retained, Long safe, String status, Severity severity) {
    assertThat(judge(limit, retained, safe, status).map(Alarm::severity))
        .isEqualTo(Optional.ofNullable(severity));
  }

  @Test
  void shouldSayHowMuchIsLeftAndWhatToDo() {
    Alarm limited = judge(200L, 150, 50L, "extended").orElseThrow();
    assertThat(limited.message()).contains("150 MB", "after 50 MB more");
    assertThat(limited.remedy()).contains("max_slot_wal_keep_size = '1024MB'");
    assertThat(limited.since()).isEqualTo(NOW);
    Alarm unlimited = judge(null, 600, null, "extended").orElseThrow();
    assertThat(unlimited.message()).contains("without a limit", "1,000 MB");
    assertThat(unlimited.remedy()).contains("lakegate.alarms.unlimited-wal");
  }

  @Test
  void shouldSayOfATemporarySlotThatOnlyItsTablesAreCopiedAnew() {
    RetentionRule rule = new RetentionRule(1000 * MB);
    SlotFacts near = new SlotFacts(true, true, 150 * MB, "extended", 50 * MB, 200 * MB);
    assertThat(rule.judge(near, NOW).orElseThrow().message())
        .contains("temporary slot of a copy retains 150 MB", "its tables have to be copied anew")
        .doesNotContain("everything");
    SlotFacts lost = new SlotFacts(true, true, 0, "lost", null, 200 * MB);
    assertThat(rule.judge(lost, NOW).orElseThrow().message()).doesNotContain("everything");
  }

  @Test
  void shouldTellALostSlotFromNone() {
    assertThat(judge(200L, 0, null, "lost").orElseThrow().code()).isEqualTo("SLOT_LOST");
    assertThat(
            new RetentionRule(MB).judge(new SlotFacts(false, false, 0, null, null, 200 * MB), NOW))
        .isEmpty();
  }

  @Test
  void shouldKeepTheTimeOfItsBeginningAndPutTheUrgentFirst() {
    AlarmBoard board = new AlarmBoard();
    board.set("A", null, Optional.of(alarm("A", Severity.WARNING, NOW)));
    board.set("B", "t", Optional.of(alarm("B", Severity.WARNING, NOW.plusSeconds(1))));
    board.set("B", "t", Optional.of(alarm("B", Severity.CRITICAL, NOW.plusSeconds(9))));
    assertThat(board.alarms()).extracting(Alarm::code).containsExactly("B", "A");
    assertThat(board.alarms().get(0).since()).isEqualTo(NOW.plusSeconds(1));
    board.set("B", "t", Optional.empty());
    board.set("C", null, Optional.empty());
    assertThat(board.alarms()).extracting(Alarm::code).containsExactly("A");
  }

  private static Alarm alarm(String code, Severity severity, Instant since) {
    return new Alarm(code, severity, null, "m", since, "r");
  }
}
