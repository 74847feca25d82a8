package dev.lakegate.ingest.capture;

import dev.lakegate.ingest.bronze.TableSchema;
import dev.lakegate.ingest.pgoutput.Tuple;
import dev.lakegate.model.json.Json;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Where the changes of one relation go.
 *
 * @param schema version of the table's shape
 * @param generation of the table's copy
 */
record Route(TableSchema schema, int generation) {

  /** The tenant that a row carries; null when it carries none. */
  String tenant(Tuple row, Tuple fill) {
    int index = schema.tenantIndex();
    if (index < 0 || row == null) {
      return null;
    }
    return row.isUnchanged(index) && fill != null ? fill.text(index) : row.text(index);
  }

  /** The old key as JSON when the update changed it; null when it did not. */
  String oldKey(Tuple old, Tuple row) {
    if (old == null) {
      return null;
    }
    boolean changed = false;
    Map<String, String> key = new LinkedHashMap<>();
    for (String column : schema.version().key()) {
      int index = schema.indexOf(column);
      changed |= !row.isUnchanged(index) && !row.sameValue(index, old);
      key.put(column, old.text(index));
    }
    return changed ? Json.write(key) : null;
  }
}
