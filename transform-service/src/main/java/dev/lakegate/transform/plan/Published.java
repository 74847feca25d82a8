package dev.lakegate.transform.plan;

import dev.lakegate.model.job.Checkpoint;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a table's current snapshot says: the truth about progress, because it was committed together
 * with the data.
 *
 * @param instant of the commit, {@code yyyyMMddHHmmssSSS}; sorts as text
 * @param publishedAt when the snapshot was published
 * @param rows in the table
 * @param watermark newest source commit the table fully reflects; null when unknown
 * @param bronze Silver: what it has consumed; null for Gold
 * @param inputs Gold: instant consumed of each input; empty for Silver
 * @param asOf Gold that depends on the clock: the UTC day it was computed for; else null
 * @param columns of the table with their types, in order; empty when unknown
 * @param unmet rows that do not meet an expectation, by expectation and tenant; of a table without
 *     tenants the tenant is the empty text
 */
public record Published(
    String instant,
    Instant publishedAt,
    long rows,
    Instant watermark,
    Checkpoint.OfManifests bronze,
    Map<String, String> inputs,
    LocalDate asOf,
    Map<String, String> columns,
    Map<String, Map<String, Long>> unmet) {
  /** Of which the columns are unknown. */
  public Published(
      String instant,
      Instant publishedAt,
      long rows,
      Instant watermark,
      Checkpoint.OfManifests bronze,
      Map<String, String> inputs,
      LocalDate asOf) {
    this(instant, publishedAt, rows, watermark, bronze, inputs, asOf, Map.of(), Map.of());
  }

  public Published {
    columns = Collections.unmodifiableMap(new LinkedHashMap<>(columns));
    inputs = Map.copyOf(inputs);
    Map<String, Map<String, Long>> sorted = new TreeMap<>();
    unmet.forEach((expectation, tenants) -> sorted.put(expectation, new TreeMap<>(tenants)));
    unmet = Collections.unmodifiableMap(sorted);
  }
}
