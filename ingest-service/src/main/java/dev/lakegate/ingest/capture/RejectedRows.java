package dev.lakegate.ingest.capture;

import dev.lakegate.ingest.bronze.CsvRow;
import dev.lakegate.ingest.bronze.Stage;
import dev.lakegate.ingest.bronze.TableSchema;
import dev.lakegate.ingest.quarantine.QuarantinedRow;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Copied rows that a stage rejected, as quarantine keeps them. Pure. */
final class RejectedRows {
  private RejectedRows() {}

  /**
   * @param order for each CSV column its index in the schema
   * @param sequence of the copy
   * @param micros of its snapshot, since 1970
   */
  static QuarantinedRow of(
      TableSchema schema, int[] order, Stage.Rejected rejected, String sequence, long micros) {
    List<String> fields = CsvRow.fields(rejected.csv());
    String[] texts = new String[order.length];
    for (int i = 0; i < order.length; i++) {
      texts[order[i]] = fields.get(i);
    }
    Map<String, String> key = new LinkedHashMap<>();
    schema.version().key().forEach(column -> key.put(column, texts[schema.indexOf(column)]));
    Map<String, String> row = new LinkedHashMap<>();
    for (int i = 0; i < texts.length; i++) {
      if (texts[i] != null) {
        row.put(schema.columns().get(i).name(), QuarantinedRow.cut(texts[i]));
      }
    }
    return new QuarantinedRow(
        schema.table(),
        key,
        rejected.problem().name(),
        rejected.problem().sentence(),
        row,
        sequence,
        Instant.EPOCH.plus(micros, ChronoUnit.MICROS));
  }
}
