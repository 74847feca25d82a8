package dev.lakegate.jobs.incremental;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.jobs.protocol.Json;
import dev.lakegate.jobs.table.ColumnType;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FilePruningTest {
  private static final JsonNode FILE =
      Json.parse(
          """
          {"min": {"tenant_id": "b", "id": "-5", "at": "2026-03-01T23:59:59.999999Z", "d": "2026-03-02"},
           "max": {"tenant_id": "ü", "id": "20", "at": "2026-03-02T00:00:00.000000Z", "d": "2026-03-05"}}
          """);
  private static final Map<String, ColumnType> INPUT =
      Map.of(
          "tenant_id", ColumnType.of("varchar"),
          "id", ColumnType.of("bigint"),
          "at", ColumnType.of("timestamp(6) with time zone"),
          "d", ColumnType.of("date"),
          "unknown", ColumnType.of("varchar"));

  /** What the key's column is of the file's rows, a value that the keys have, and its type. */
  @ParameterizedTest
  @CsvSource({
    "tenant_id, c, varchar, true",
    "tenant_id, a, varchar, false",
    "tenant_id, b, varchar, true",
    // As Parquet orders texts: by bytes.
    "tenant_id, ü, varchar, true",
    "tenant_id, ｅ, varchar, false",
    "id, 3, bigint, true",
    "id, 100, bigint, false",
    "id, -6, integer, false",
    "to_date(at), 2026-03-01, date, true",
    "to_date(at), 2026-02-28, date, false",
    "TO_DATE( at ), 2026-03-03, date, false",
    "to_date(d), 2026-03-06, date, false",
    "d, 2026-03-01, date, false",
    // What is not understood is kept.
    "at, 2026-01-01, date, true",
    "id, 100, varchar, true",
    "'trunc(d, ''MM'')', 2026-01-01, date, true",
    "id + 1, 100, bigint, true",
    "unknown, x, varchar, true",
    "missing, x, varchar, true"
  })
  void shouldKeepFilesThatMayHoldTheKey(
      String expression, String value, String type, boolean kept) {
    assertThat(
            FilePruning.of(
                    Map.of("k", expression),
                    Map.of("k", List.of(value)),
                    Map.of("k", ColumnType.of(type)),
                    INPUT)
                .test(FILE))
        .isEqualTo(kept);
  }

  /** Bounds and values write such years differently, and neither sorts as text. */
  @ParameterizedTest
  @CsvSource({
    "+20024-05-01, +20024-05-01, 20024-05-01",
    "2026-01-01, +20024-05-01, 2026-06-01",
    "2026-01-01, +20024-05-01, 20024-05-01",
    "-0044-03-15, 2026-01-01, 0001-01-01"
  })
  void shouldKeepFilesWithDaysFarAway(String min, String max, String value) {
    JsonNode file =
        Json.parse("{\"min\": {\"d\": \"" + min + "\"}, \"max\": {\"d\": \"" + max + "\"}}");
    for (String expression : List.of("d", "to_date(d)")) {
      assertThat(
              FilePruning.of(
                      Map.of("k", expression),
                      Map.of("k", List.of(value)),
                      Map.of("k", ColumnType.of("date")),
                      INPUT)
                  .test(file))
          .as(expression)
          .isTrue();
    }
  }
}
