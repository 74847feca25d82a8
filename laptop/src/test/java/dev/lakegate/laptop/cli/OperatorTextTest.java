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
  void runsTellWhatTheyReadAndWhatCameOut() throws Exception {
    String run =
        """
        {"id": "01JNB4Z0T6W2M7Q9", "dataset": "gold.revenue_metrics", "mode": "incremental",
         "reason": "silver.order has news.", "status": "failed", "requestedBy": null,
         "queuedAt": "2026-03-02T10:15:30.123456Z", "startedAt": "2026-03-02T10:15:31.123456Z",
         "rowsRead": 1234, "rowsUpserted": 5, "rowsDeleted": 0, "rowsRejected": 2,
         "bytesWritten": 65536, "durationMillis": 1240,
         "inputs": [{"dataset": "silver.order", "from": "20260302101500000", "to": "20260302101530001"},
                    {"dataset": "silver.product", "from": null, "to": null}],
         "errorCode": "RESULT_NULL", "errorMessage": "dt is NULL"}
        """;
    assertThat(text(RunsText::list, "[" + run + "]").lines())
        .contains(
            "01JNB4Z0T6W2M7Q9 | gold.revenue_metrics | incremental | failed | 2026-03-02T10:15:31Z"
                + " | 1.2 s | 1,234 |       5 |       0 |        2 | 65.5 kB | RESULT_NULL");
    assertThat(text(RunsText::one, run).lines())
        .containsExactly(
            "01JNB4Z0T6W2M7Q9 of gold.revenue_metrics, incremental: failed",
            "  silver.order has news.",
            "  reads silver.order after 20260302101500000 up to 20260302101530001",
            "  reads silver.product from its beginning up to what there is",
            "  1,234 rows read, 5 written, 0 deleted, 2 rejected, 65.5 kB",
            "  took 1.2 s",
            "  RESULT_NULL: dt is NULL",
            "");
    assertThat(text(RunsText::list, "[]")).contains("There are none.");
  }

  @Test
  void whyComesWithTheEvidence() throws Exception {
    String items =
        """
        [{"dataset": "silver.order", "state": "held", "reason": "Column x was dropped."},
         {"dataset": "gold.revenue_metrics", "state": "stale", "reason": "Waits for silver.order.",
          "nextAction": "./lakegate approve core_order", "behindSince": "2026-03-02T10:15:30Z",
          "lagSeconds": 12.34, "checkpoint": {"silver.order": "20260302101500000"},
          "nextTryAt": "2026-03-02T10:20:00Z",
          "lastRun": {"id": "01J", "status": "failed", "finishedAt": "2026-03-02T10:16:00Z",
                      "errorCode": "VALUE_UNFIT", "errorClass": "bad_data"}}]
        """;
    assertThat(
            text(
                    (out, all) ->
                        RunsText.why(
                            out,
                            all.get(1),
                            all,
                            Json.MAPPER.createArrayNode().add("silver.order")),
                    items)
                .lines())
        .containsExactly(
            "gold.revenue_metrics is stale: Waits for silver.order.",
            "  -> ./lakegate approve core_order",
            "  It lacks changes that were captured at 2026-03-02T10:15:30Z or later, 12.3 s ago.",
            "  It has consumed {\"silver.order\":\"20260302101500000\"}.",
            "  Its last run 01J failed at 2026-03-02T10:16:00Z with VALUE_UNFIT (because of the data:"
                + " the same rows fail again).",
            "  './lakegate runs --log 01J' shows it.",
            "  It is tried again at 2026-03-02T10:20:00Z.",
            "",
            "reads        | state | why",
            "-------------+-------+----------------------",
            "silver.order | held  | Column x was dropped.");
  }

  @Test
  void backfillsSayWhatTheyWouldDo() throws Exception {
    assertThat(
            text(
                    (out, backfill) -> BackfillCommand.considered(out, backfill, true),
                    """
                {"id": null, "dataset": "silver.order", "from": "2026-01-01T00:00:00.000000Z",
                 "to": "2026-02-01T00:00:00.000000Z", "whole": "The whole table is built anew.",
                 "rowsRead": 12345, "state": "considered", "done": 0,
                 "steps": [{"dataset": "silver.order", "run": null, "rowsRead": 12000},
                           {"dataset": "gold.revenue_metrics", "run": null, "rowsRead": 345}]}
                """)
                .lines())
        .containsExactly(
            "It would compute silver.order from 2026-01-01T00:00:00.000000Z to"
                + " 2026-02-01T00:00:00.000000Z, and reads about 12,345 rows for it.",
            "The whole table is built anew.",
            "computes             | rows read",
            "---------------------+----------",
            "silver.order         |    12,000",
            "gold.revenue_metrics |       345");
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
