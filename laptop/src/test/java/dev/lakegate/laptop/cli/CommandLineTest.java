package dev.lakegate.laptop.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class CommandLineTest {
  @TempDir Path directory;

  private record Run(int code, String out, String err) {}

  @ParameterizedTest
  @ValueSource(
      strings = {
        "up",
        "demo",
        "sql",
        "token",
        "status",
        "down",
        "preflight",
        "tables",
        "reconcile",
        "approve",
        "resync",
        "quarantine",
        "replay",
        "why",
        "runs",
        "backfill",
        "asof",
        "restore",
        "release"
      })
  void everyCommandExplainsItself(String command) {
    Run run = run(command, "--help");
    assertThat(run.code()).isZero();
    assertThat(run.out()).contains("Usage: lakegate " + command, "--data");
  }

  @Test
  void theWholeExplainsItself() {
    assertThat(run("--help").out())
        .contains("up", "demo", "sql", "token", "status", "down", "test", "bench");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "fly",
        "sql SELECT",
        "sql -u analyst",
        "sql -u analyst --format xml SELECT",
        "token",
        "token create",
        "token create -u analyst",
        "token create -u analyst --name a --days many",
        "token list",
        "token revoke -u analyst",
        "up --traffic fast",
        "up --tenants 0",
        "up --gateway-port http",
        "up --no-such-option",
        "approve",
        "approve core_order --schema-version one",
        "resync",
        "replay",
        "tables core_order",
        "why",
        "runs silver.order --log 01JNB4Z0T6W2M7Q9",
        "runs --follow",
        "runs --limit 0",
        "backfill",
        "backfill silver.order",
        "backfill silver.order --list",
        "backfill --list --cancel 01JNB4Z0T6W2M7Q9",
        "asof",
        "asof silver.order",
        "asof silver.order 2026-03-02T10:15:00Z --list",
        "asof --list --drop silver.order",
        "restore silver.order",
        "release",
        "preflight --source",
        "preflight --source mysql://host/db",
        "preflight --source postgresql://u@host/db --lakehouse /no/such/directory"
      })
  void wrongArgumentsAreCode2(String arguments) {
    Run run = run(arguments.isEmpty() ? new String[0] : arguments.split(" "));
    assertThat(run.code()).as(run.err()).isEqualTo(2);
    assertThat(run.err()).isNotBlank();
  }

  @Test
  void commandsThatNeedARunningLakegateSaySo() {
    for (List<String> command :
        List.of(
            List.of("sql", "-u", "analyst", "SELECT 1"),
            List.of("token", "analyst"),
            List.of("token", "create", "-u", "analyst", "--name", "tableau"),
            List.of("token", "list", "-u", "analyst"),
            List.of("token", "revoke", "-u", "analyst", "tableau"),
            List.of("status"),
            List.of("status", "--json"),
            List.of("tables"),
            List.of("reconcile"),
            List.of("reconcile", "core_order"),
            List.of("approve", "core_order"),
            List.of("resync", "core_order"),
            List.of("why", "silver.order"),
            List.of("runs"),
            List.of("runs", "--log", "01JNB4Z0T6W2M7Q9"),
            List.of("backfill", "silver.order", "--from", "2026-03-02", "--dry-run"),
            List.of("asof", "silver.order", "2026-03-02T10:15:00Z"),
            List.of("restore", "silver.order", "2026-03-02T10:15:00Z", "--dry-run"),
            List.of("release", "silver.order"),
            List.of("down", "--forget-source"))) {
      String[] arguments =
          java.util.stream.Stream.concat(
                  command.stream(), java.util.stream.Stream.of("--data", directory.toString()))
              .toArray(String[]::new);
      Run run = run(arguments);
      assertThat(run.code()).as(command.toString()).isEqualTo(CommandFailed.NOT_RUNNING);
      assertThat(run.out() + run.err()).contains("does not run on", "./lakegate up");
    }
  }

  @Test
  void stoppingWhatDoesNotRunIsFine() {
    Run run = run("down", "--data", directory.toString());
    assertThat(run.code()).isZero();
    assertThat(run.out()).contains("does not run on " + directory);
  }

  @Test
  void forgettingWithoutARunningLakegateTellsTheStatements() {
    assertThat(run("down", "--forget-source", "--data", directory.toString()).err())
        .contains("pg_drop_replication_slot('lakegate')", "DROP PUBLICATION \"lakegate\"");
  }

  @Test
  void aStateFileThatIsDamagedIsNamed() throws Exception {
    Files.createDirectories(directory.resolve("run"));
    Files.writeString(directory.resolve("run/state.json"), "{");
    Run run = run("token", "admin", "--data", directory.toString());
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("state.json cannot be read");
  }

  @Test
  void tablesAreAlignedAndDataCannotSteerTheTerminal() {
    StringWriter text = new StringWriter();
    PrintWriter out = new PrintWriter(text);
    List<List<String>> rows =
        List.of(List.of("a", "1"), List.of("\u001b[31mred\n", "12345"), List.of("NULL", "2"));
    TextTable table = new TextTable(out, List.of("name", "n"), new boolean[] {false, true}, rows);
    rows.forEach(table::line);
    assertThat(text.toString().lines())
        .containsExactly(
            "name            |     n",
            "----------------+------",
            "a               |     1",
            "\\u001b[31mred\\n | 12345",
            "NULL            |     2");
  }

  @Test
  void preflightWithoutAnySourceIsWrongUsage() {
    Run run = run("preflight", "--data", directory.toString());
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("--source URL");
  }

  private static Run run(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line = Main.commandLine();
    line.setOut(new PrintWriter(out));
    line.setErr(new PrintWriter(err));
    int code = line.execute(arguments);
    return new Run(code, out.toString(), err.toString());
  }
}
