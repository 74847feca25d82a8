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
 * @param tenantIndex of the schema's tenant column, looked up once; -1 when there is none
 */
record Route(TableSchema schema, int generation, int tenantIndex) {
  Route(TableSchema schema, int generation) {
    this(schema, generation, schema.tenantIndex());
  }

  /** The tenant that a row carries; null when it carries none. */
  String tenant(Tuple row, Tuple fill) {
    if (tenantIndex < 0 || row == null) {
      return null;
    }
    return row.isUnchanged(tenantIndex) && fill != null
        ? fill.text(tenantIndex)
        : row.text(tenantIndex);
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

  /** Of what tells routes apart; a schema's own takes all of its columns, for every change. */
  @Override
  public int hashCode() {
    return 31 * (31 * schema.table().hashCode() + schema.version().schemaVersion()) + generation;
  }
}
