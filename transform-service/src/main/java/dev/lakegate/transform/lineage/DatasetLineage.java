package dev.lakegate.transform.lineage;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.lakegate.model.job.RunResult.Lineage.OfColumn;
import dev.lakegate.model.job.RunResult.Lineage.Source;
import java.util.List;

/**
 * What a dataset is made of.
 *
 * @param dataset {@code <schema>.<name>}
 * @param layer bronze, silver or gold
 * @param inputs {@code bronze.<source table>} for Silver, datasets for what queries compute
 * @param columns each with the columns of inputs that go into it; null when that is not known yet,
 *     because no run of its present definition has told it
 * @param rows columns of inputs that decide which rows there are; null as above
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
public record DatasetLineage(
    String dataset, String layer, List<String> inputs, List<OfColumn> columns, List<Source> rows) {
  public DatasetLineage {
    inputs = List.copyOf(inputs);
    columns = columns == null ? null : List.copyOf(columns);
    rows = rows == null ? null : List.copyOf(rows);
  }
}
