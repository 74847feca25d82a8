package dev.lakegate.ingest.capture;

import com.fasterxml.jackson.core.type.TypeReference;
import dev.lakegate.ingest.bronze.RowCheck;
import dev.lakegate.ingest.bronze.RowProblem;
import dev.lakegate.ingest.bronze.TableSchema;
import dev.lakegate.ingest.capture.ChangeReader.Change;
import dev.lakegate.ingest.pgoutput.Tuple;
import dev.lakegate.ingest.quarantine.Quarantine;
import dev.lakegate.ingest.quarantine.QuarantinedRow;
import dev.lakegate.model.json.Json;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Decides which changes of the log go to Bronze. A row that cannot is kept in quarantine, and a
 * delete of its key goes in its place: Silver shows no row rather than a former one as if it were
 * right. Not thread-safe.
 */
final class StreamAdmission {
  private static final TypeReference<LinkedHashMap<String, String>> TEXTS =
      new TypeReference<>() {};

  private final CaptureProgress progress;
  private final Quarantine quarantine;
  private final RowCheck check;
  private final Set<String> full = new HashSet<>();
  private String goodTenant;

  StreamAdmission(CaptureProgress progress, RowCheck check) {
    this.progress = progress;
    this.quarantine = progress.quarantine();
    this.check = check;
  }

  /** Tables were copied: whose quarantine was full may have room again. */
  void copied() {
    full.clear();
  }

  /** The change, a delete in its place, or null when nothing goes to Bronze. */
  Change admit(Change change) throws IOException {
    TableSchema schema = change.route().schema();
    String table = schema.table();
    if (change.op() == 'T') {
      quarantine.truncated(table);
      return change;
    }
    RowProblem problem = change.op() == 'D' ? null : problem(change, schema);
    if (problem == null && !quarantine.any(table)) {
      return change;
    }
    if (full.contains(table)) {
      return null;
    }
    Map<String, String> key = key(schema, change);
    Map<String, String> former = change.oldKey() == null ? key : parse(change.oldKey());
    if (change.op() == 'D') {
      quarantine.release(table, key);
      return change;
    }
    if (problem == null && change.unchanged() != null && quarantine.contains(table, former)) {
      problem = RowProblem.INCOMPLETE;
    }
    if (!former.equals(key)) {
      quarantine.release(table, former);
    }
    if (problem == null) {
      quarantine.release(table, key);
      return change;
    }
    if (!quarantine.hold(row(schema, change, key, problem))) {
      full.add(table);
      progress.letPass(table, "More than " + Quarantine.MOST + " of its rows are in quarantine.");
      return null;
    }
    return delete(change, schema, former);
  }

  private RowProblem problem(Change change, TableSchema schema) {
    int tenant = change.route().tenantIndex();
    if (tenant >= 0
        && (change.tenant() == null || !change.tenant().equals(goodTenant))
        // A tenant that the log did not carry is the one that is stored.
        && (change.tenant() != null || change.row().isNull(tenant))) {
      RowProblem problem = RowCheck.ofTenant(change.tenant());
      if (problem != null) {
        return problem;
      }
      goodTenant = change.tenant();
    }
    return ofSize(change, schema);
  }

  private RowProblem ofSize(Change change, TableSchema schema) {
    Tuple row = change.row();
    long size = 0;
    for (int i = 0; i < schema.columns().size(); i++) {
      Tuple from = row.isUnchanged(i) && change.fill() != null ? change.fill() : row;
      if (from.hasText(i)) {
        size += from.length(i);
      }
    }
    return check.ofSize(size);
  }

  private static Map<String, String> key(TableSchema schema, Change change) {
    Map<String, String> key = new LinkedHashMap<>();
    for (String column : schema.version().key()) {
      int index = schema.indexOf(column);
      Tuple row = change.row();
      key.put(
          column,
          row.isUnchanged(index) && change.fill() != null
              ? change.fill().text(index)
              : row.text(index));
    }
    return key;
  }

  private static Map<String, String> parse(String oldKey) throws IOException {
    return Json.MAPPER.readValue(oldKey, TEXTS);
  }

  private static QuarantinedRow row(
      TableSchema schema, Change change, Map<String, String> key, RowProblem problem) {
    Map<String, String> texts = new LinkedHashMap<>();
    for (int i = 0; i < schema.columns().size(); i++) {
      Tuple from =
          change.row().isUnchanged(i) && change.fill() != null ? change.fill() : change.row();
      if (from.hasText(i)) {
        texts.put(schema.columns().get(i).name(), QuarantinedRow.cut(from.text(i)));
      }
    }
    return new QuarantinedRow(
        schema.table(),
        key,
        problem.name(),
        problem.sentence(),
        texts,
        change.sequence(),
        Instant.EPOCH.plus(change.commitMicros(), ChronoUnit.MICROS));
  }

  private static Change delete(Change change, TableSchema schema, Map<String, String> key) {
    List<String> texts = new ArrayList<>();
    schema.columns().forEach(column -> texts.add(key.get(column.name())));
    return new Change(
        change.route(),
        'D',
        change.sequence(),
        change.commitMicros(),
        change.loadDate(),
        null,
        null,
        null,
        Tuple.ofTexts(texts),
        null);
  }
}
