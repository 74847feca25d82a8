package dev.lakegate.laptop.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.model.json.Json;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

/** What operators read, from what the service answers. */
class OperatorTextTest {
  private static String text(BiConsumer<PrintWriter, JsonNode> print, String json)
      throws Exception {
    StringWriter text = new StringWriter();
    print.accept(new PrintWriter(text, true), Json.MAPPER.readTree(json));
    return text.toString();
  }

  @Test
  void findingsComeWithWhatMendsThem() throws Exception {
    assertThat(
            text(
                    PreflightText::print,
                    """
                {"verdict": "blocking", "headline": "1 finding keeps capture from working.",
                 "rows": 5000, "bytes": 3000000, "copySeconds": 2, "findings": [
                  {"code": "WAL_LEVEL", "severity": "blocking", "table": null,
                   "message": "wal_level is replica; logical is needed.",
                   "remedy": "ALTER SYSTEM SET wal_level = 'logical';"},
                  {"code": "SIZE", "severity": "ok", "table": "public.core_order",
                   "message": "About 5000 rows.", "remedy": null}]}
                """)
                .lines())
        .containsExactly(
            "BLOCKING  wal_level is replica; logical is needed.",
            "          -> ALTER SYSTEM SET wal_level = 'logical';",
            "ok        public.core_order: About 5000 rows.",
            "",
            "1 finding keeps capture from working.",
            "About 5,000 rows, 3 MB; the first copy takes about 2 s.");
  }

  @Test
  void differencesAreNamed() throws Exception {
    assertThat(
            text(
                ReconcileText::print,
                """
                {"state": "different", "message": "1 of 1 tables differ.", "position": "0/16B5940",
                 "tables": [{"table": "core_order", "state": "different", "reason": null,
                  "sourceRows": 1200, "silverRows": 1201, "tenants": 2, "inMotion": 3,
                  "quarantined": 0, "notCompared": ["ip_address"], "missing": 0, "ghosts": 1,
                  "differing": 1, "duplicates": 0,
                  "differingTenants": [{"tenant": "tenant-1", "sourceRows": 600,
                    "silverRows": 601, "sourceChecksum": "1", "silverChecksum": "2"}],
                  "examples": [
                   {"kind": "ghost", "key": {"id": "7"}, "sourceTenant": null,
                    "silverTenant": "tenant-1", "columns": []},
                   {"kind": "differing", "key": {"id": "8"}, "sourceTenant": "tenant-1",
                    "silverTenant": "tenant-2", "columns": ["total", "tenant_id"]}]}]}
                """))
        .contains(
            "core_order | different |  1,200 |  1,201 |       2 |         3 |           0 | derived,"
                + " so not compared: ip_address",
            "core_order: 0 missing in Silver, 1 ghosts in Silver, 1 differing, 0 more than once",
            "  tenant tenant-1: 600 rows at the source, 601 in Silver, checksums different",
            "  ghost {\"id\":\"7\"} of tenant-1",
            "  differing {\"id\":\"8\"} of tenant-1, in Silver of tenant-2 in total, tenant_id",
            "1 of 1 tables differ. Position 0/16B5940.");
  }

  @Test
  void tablesShowReasonAndNextAction() throws Exception {
    assertThat(
            text(
                TablesCommand::print,
                """
                [{"table": "core_order", "state": "copying", "progressPercent": 42,
                  "rowsCopied": 1000, "inserts": 0, "updates": 0, "deletes": 0, "reason": "R."},
                 {"table": "core_event", "state": "held", "reason": "Column x was dropped.",
                  "nextAction": "./lakegate approve core_event"}]
                """))
        .contains(
            "core_order | copying 42% |  1,000 |       0 |       0 |       0 | R.",
            "Column x was dropped. ./lakegate approve core_event");
  }

  @Test
  void tablesGoByThreeNames() throws Exception {
    JsonNode tables =
        Json.MAPPER.readTree("[{\"table\": \"core_order\", \"dataset\": \"silver.order\"}]");
    for (String name : new String[] {"core_order", "silver.order", "order"}) {
      assertThat(TableName.atSource(tables, name)).isEqualTo("core_order");
    }
    assertThatThrownBy(() -> TableName.atSource(tables, "orders"))
        .isInstanceOf(CommandFailed.class)
        .hasMessageContaining("core_order");
  }
}
