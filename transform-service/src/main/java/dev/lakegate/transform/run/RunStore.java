package dev.lakegate.transform.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakegate.model.job.Checkpoint;
import dev.lakegate.model.job.JobSpecification;
import dev.lakegate.model.job.RunRequest.Mode;
import dev.lakegate.model.job.RunResult;
import dev.lakegate.model.json.Json;
import dev.lakegate.model.policy.Policy.TableFacts;
import dev.lakegate.transform.lakehouse.Description;
import dev.lakegate.transform.lineage.LineageStore;
import dev.lakegate.transform.plan.Basis;
import dev.lakegate.transform.plan.History;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import javax.sql.DataSource;

/**
 * The record of runs in the control database. Thread-safe; each method is one transaction. Nothing
 * here decides what is in the tables: losing it loses history only.
 */
public final class RunStore {
  /** Ended runs looked at for one dataset's history. */
  static final int HISTORY = 50;

  /** Files of a request that are kept; a first copy may name thousands. */
  static final int KEPT_FILES = 200;

  private static final int MESSAGE_LENGTH = 2_000;
  private static final String SUMMARY =
      "id, dataset, mode, reason, status, requested_by, queued_at, started_at, finished_at,"
          + " instant, rows_read, rows_upserted, rows_deleted, bytes_written,"
          + " rows_left_out + coalesce((result ->> 'rowsQuarantined')::bigint, 0), inputs,"
          + " error_code, error_message";

  private final DataSource database;
  private final RunQueue queue;
  private final LineageStore lineage;

  public RunStore(DataSource database) {
    this.database = Objects.requireNonNull(database, "database is null");
    this.queue = new RunQueue(database);
    this.lineage = new LineageStore(database);
  }

  /** What runs told of columns. */
  public LineageStore lineage() {
    return lineage;
  }

  /** Those of them that were asked for and have not started. */
  RunQueue queue() {
    return queue;
  }

  /**
   * Closes runs that an earlier life of the service, or another service, left open; what they
   * committed is found out from the tables.
   *
   * @param except ids of runs that are in progress here
   * @return those that it closed
   */
  List<Interrupted> interruptRunning(Instant now, Collection<String> except) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                "UPDATE transform.run SET status = 'interrupted', finished_at = ?,"
                    + " error_code = 'INTERRUPTED', retryable = true,"
                    + " error_message = 'The transform service ended while this was running.'"
                    + " WHERE status = 'running' AND past IS NULL AND id <> ALL (?)"
                    + " RETURNING id, dataset, mode");
        PreparedStatement again =
            connection.prepareStatement(
                "UPDATE transform.run SET status = 'queued', started_at = NULL"
                    + " WHERE status = 'running' AND past IS NOT NULL AND id <> ALL (?)")) {
      // Nobody but these runs does what was asked for; to do it again is harmless.
      again.setArray(1, connection.createArrayOf("text", except.toArray()));
      again.executeUpdate();
      statement.setObject(1, utc(now));
      statement.setArray(2, connection.createArrayOf("text", except.toArray()));
      List<Interrupted> interrupted = new ArrayList<>();
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          interrupted.add(
              new Interrupted(rows.getString(1), rows.getString(2), mode(rows.getString(3))));
        }
      }
      return interrupted;
    }
  }

  /** A run whose end nobody saw. */
  record Interrupted(String id, String dataset, Mode mode) {}

  /**
   * What is recorded when a run starts.
   *
   * @param id of the run
   * @param dataset it runs
   * @param mode of it
   * @param reason in a sentence
   * @param queued whether it was queued, and is recorded already
   * @param oldestChangeAt capture time of the oldest change it applies; null when unknown
   * @param definition fingerprint of what decides about the data
   * @param facts by which the description lets people read the dataset; null when unknown
   * @param inputs what it is about to read
   * @param request as it is sent to the jobs
   * @param now when
   */
  record Start(
      String id,
      String dataset,
      Mode mode,
      String reason,
      boolean queued,
      Instant oldestChangeAt,
      String definition,
      TableFacts facts,
      List<Run.Input> inputs,
      ObjectNode request,
      Instant now) {}

  /**
   * Records that a run starts.
   *
   * @return false when it was queued and is not any more
   */
  boolean start(Start start) throws SQLException {
    JsonNode specification = start.request().path("specification");
    String fingerprint = Description.fingerprint(specification);
    try (Connection connection = database.getConnection()) {
      connection.setAutoCommit(false);
      try {
        try (PreparedStatement statement =
            connection.prepareStatement(
                "INSERT INTO transform.specification (fingerprint, body, first_used)"
                    + " VALUES (?, ?::jsonb, ?) ON CONFLICT DO NOTHING")) {
          statement.setString(1, fingerprint);
          statement.setString(2, Json.write(specification));
          statement.setObject(3, utc(start.now()));
          statement.executeUpdate();
        }
        boolean done =
            start.queued()
                ? startQueued(connection, start, fingerprint)
                : startNew(connection, start, fingerprint);
        connection.commit();
        return done;
      } catch (SQLException | RuntimeException e) {
        connection.rollback();
        throw e;
      } finally {
        connection.setAutoCommit(true);
      }
    }
  }

  private static boolean startQueued(Connection connection, Start start, String fingerprint)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "UPDATE transform.run SET status = 'running', started_at = ?, oldest_change_at = ?,"
                + " definition = ?, specification = ?, request = ?::jsonb, inputs = ?::jsonb,"
                + " facts = ?::jsonb"
                + " WHERE id = ? AND status = 'queued'")) {
      statement.setObject(1, utc(start.now()));
      statement.setObject(2, utc(start.oldestChangeAt()));
      statement.setString(3, start.definition());
      statement.setString(4, fingerprint);
      statement.setString(5, kept(start.request(), fingerprint));
      statement.setString(6, Json.write(start.inputs()));
      statement.setString(7, start.facts() == null ? null : Json.write(start.facts()));
      statement.setString(8, start.id());
      return statement.executeUpdate() == 1;
    }
  }

  private static boolean startNew(Connection connection, Start start, String fingerprint)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "INSERT INTO transform.run (id, dataset, mode, reason, status, queued_at, started_at,"
                + " oldest_change_at, definition, specification, request, inputs, facts)"
                + " VALUES (?, ?, ?, ?, 'running', ?, ?, ?, ?, ?, ?::jsonb, ?::jsonb, ?::jsonb)")) {
      statement.setString(1, start.id());
      statement.setString(2, start.dataset());
      statement.setString(3, wireName(start.mode()));
      statement.setString(4, start.reason());
      statement.setObject(5, utc(start.now()));
      statement.setObject(6, utc(start.now()));
      statement.setObject(7, utc(start.oldestChangeAt()));
      statement.setString(8, start.definition());
      statement.setString(9, fingerprint);
      statement.setString(10, kept(start.request(), fingerprint));
      statement.setString(11, Json.write(start.inputs()));
      statement.setString(12, start.facts() == null ? null : Json.write(start.facts()));
      return statement.executeUpdate() == 1;
    }
  }

  /** The request as it is kept: the specification by its fingerprint, and no endless file list. */
  private static String kept(ObjectNode request, String fingerprint) {
    ObjectNode kept = request.deepCopy();
    kept.remove("specification");
    kept.put("specificationFingerprint", fingerprint);
    if (kept.get("files") instanceof ArrayNode files && files.size() > KEPT_FILES) {
      int all = files.size();
      while (files.size() > KEPT_FILES) {
        files.remove(files.size() - 1);
      }
      kept.put("filesOmitted", all - KEPT_FILES);
    }
    return Json.write(kept);
  }

  /** The answer as it is kept: the lineage is the same for all runs of a definition. */
  private static JsonNode kept(JsonNode raw) {
    return raw instanceof ObjectNode object && object.hasNonNull("lineage")
        ? object.deepCopy().without("lineage")
        : raw;
  }

  /** Records how a run ended; without effect when it has ended before. */
  void end(RunEnd end) throws SQLException {
    RunResult result = end.result();
    if (end.status() == RunStatus.INTERRUPTED && queue.again(end.runId())) {
      return;
    }
    try (Connection connection = database.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                "UPDATE transform.run SET status = ?, finished_at = ?, result = ?::jsonb,"
                    + " instant = ?, rows_read = ?, rows_upserted = ?, rows_deleted = ?,"
                    + " bytes_written = ?, error_code = ?, error_message = ?, retryable = ?,"
                    + " rows_left_out = ?, inputs = coalesce(?::jsonb, inputs)"
                    + " WHERE id = ? AND status = 'running'")) {
      statement.setString(1, end.status().wireName());
      statement.setObject(2, utc(end.at()));
      statement.setString(3, end.raw() == null ? null : Json.write(kept(end.raw())));
      statement.setString(4, result == null ? null : result.instant());
      number(statement, 5, result == null ? null : result.rowsRead());
      number(statement, 6, result == null ? null : result.rowsUpserted());
      number(statement, 7, result == null ? null : result.rowsDeleted());
      number(statement, 8, result == null ? null : result.bytesWritten());
      statement.setString(9, end.errorCode());
      statement.setString(10, shortened(end.errorMessage()));
      statement.setBoolean(11, end.retryable());
      number(statement, 12, result == null ? null : result.rowsLeftOut());
      statement.setString(13, end.inputs().isEmpty() ? null : Json.write(end.inputs()));
      statement.setString(14, end.runId());
      statement.executeUpdate();
    }
  }

  /**
   * How the rows of a state were made, as the first run recorded it that told of the state; empty
   * when that is not recorded.
   *
   * @param instant of the state
   */
  public Optional<Making.Then> made(String dataset, String instant) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                "SELECT definition, facts, nullif(result -> 'checkpoint', 'null') FROM transform.run"
                    + " WHERE dataset = ? AND instant = ? AND status = 'succeeded' ORDER BY id LIMIT 1")) {
      statement.setString(1, dataset);
      statement.setString(2, instant);
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next()
            ? Optional.of(
                new Making.Then(
                    rows.getString(1),
                    read(rows.getString(2), TableFacts.class),
                    read(rows.getString(3), Checkpoint.class)))
            : Optional.empty();
      }
    }
  }

  private static <T> T read(String json, Class<T> type) {
    return json == null ? null : Json.read(json, type);
  }

  private static void number(PreparedStatement statement, int index, Long value)
      throws SQLException {
    if (value == null) {
      statement.setNull(index, Types.BIGINT);
    } else {
      statement.setLong(index, value);
    }
  }

  /** What a dataset's ended runs tell the planner. */
  public History history(String dataset) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                "SELECT id, status, started_at, finished_at, error_code, error_message, retryable,"
                    + " definition, instant, oldest_change_at,"
                    + " jsonb_array_length(request -> 'files')"
                    + " + coalesce((request ->> 'filesOmitted')::bigint, 0),"
                    + " request ->> 'through', request ->> 'asOf' FROM transform.run"
                    + " WHERE dataset = ? AND finished_at IS NOT NULL AND started_at IS NOT NULL"
                    + " AND (past IS NULL OR (mode = 'restore' AND instant IS NOT NULL))"
                    + " ORDER BY finished_at DESC, id DESC LIMIT ?")) {
      statement.setString(1, dataset);
      statement.setInt(2, HISTORY);
      History.Last last = null;
      int failures = 0;
      boolean counting = true;
      List<History.Commit> commits = new ArrayList<>();
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          RunStatus status = RunStatus.of(rows.getString(2)).orElseThrow();
          if (last == null) {
            last =
                new History.Last(
                    rows.getString(1),
                    History.Outcome.valueOf(status.name()),
                    instant(rows, 4),
                    rows.getString(5),
                    rows.getString(6),
                    rows.getBoolean(7),
                    rows.getString(8),
                    basis(rows));
          }
          if (status == RunStatus.SUCCEEDED) {
            counting = false;
            if (rows.getString(9) != null) {
              commits.add(
                  0,
                  new History.Commit(
                      rows.getString(9), instant(rows, 3), instant(rows, 4), instant(rows, 10)));
            }
          } else if (status == RunStatus.FAILED && counting) {
            failures++;
          }
        }
      }
      return withDefinition(connection, dataset, last, failures, commits);
    }
  }

  /** What a run read, by its request. */
  private static String basis(ResultSet rows) throws SQLException {
    Long files = rows.getObject(11, Long.class);
    if (files != null) {
      return Basis.ofFiles(files);
    }
    if (rows.getString(12) == null) {
      return null;
    }
    Map<String, String> instants = new HashMap<>();
    tree(rows.getString(12))
        .fields()
        .forEachRemaining(input -> instants.put(input.getKey(), input.getValue().asText()));
    return Basis.ofInputs(
        instants, rows.getString(13) == null ? null : LocalDate.parse(rows.getString(13)));
  }

  private static History withDefinition(
      Connection connection,
      String dataset,
      History.Last last,
      int failures,
      List<History.Commit> commits)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT r.definition, s.body, coalesce((r.result ->> 'rowsQuarantined')::bigint, 0) FROM transform.run r"
                + " LEFT JOIN transform.specification s ON s.fingerprint = r.specification"
                + " WHERE r.dataset = ? AND r.status = 'succeeded' AND r.past IS NULL"
                + " ORDER BY r.finished_at DESC, r.id DESC LIMIT 1")) {
      statement.setString(1, dataset);
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next()
            ? new History(
                last,
                failures,
                rows.getString(1),
                specification(rows.getString(2)),
                commits,
                rowsLeftOut(connection, dataset),
                rows.getLong(3))
            : new History(last, failures, null, null, commits);
      }
    }
  }

  /** A run that makes the table anew, or takes over a copy, brings the rows that were left out. */
  private static long rowsLeftOut(Connection connection, String dataset) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT coalesce(sum(r.rows_left_out), 0) FROM transform.run r"
                + " WHERE r.dataset = ? AND r.status = 'succeeded' AND r.rows_left_out > 0"
                + " AND NOT EXISTS (SELECT FROM transform.run later"
                + " WHERE later.dataset = r.dataset AND later.status = 'succeeded'"
                + " AND later.finished_at > r.finished_at"
                + " AND (later.mode = 'full' OR later.request ->> 'sweepBefore' IS NOT NULL))")) {
      statement.setString(1, dataset);
      try (ResultSet rows = statement.executeQuery()) {
        rows.next();
        return rows.getLong(1);
      }
    }
  }

  private static JobSpecification specification(String body) {
    return body == null ? null : Json.read(body, JobSpecification.class);
  }

  /** A run with its request and result. */
  public Optional<Run> find(String id) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                "SELECT " + SUMMARY + ", request, result FROM transform.run WHERE id = ?")) {
      statement.setString(1, id);
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next()
            ? Optional.of(run(rows, tree(rows.getString(19)), tree(rows.getString(20))))
            : Optional.empty();
      }
    }
  }

  /**
   * Runs without request and result, newest first.
   *
   * @param dataset only its runs; null for all
   * @param status only such; null for all
   * @param before only ids below this; null from the newest on
   */
  public List<Run> list(String dataset, RunStatus status, String before, int limit)
      throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                "SELECT "
                    + SUMMARY
                    + " FROM transform.run WHERE (?::text IS NULL OR dataset = ?)"
                    + " AND (?::text IS NULL OR status = ?) AND (?::text IS NULL OR id < ?)"
                    + " ORDER BY id DESC LIMIT ?")) {
      statement.setString(1, dataset);
      statement.setString(2, dataset);
      statement.setString(3, status == null ? null : status.wireName());
      statement.setString(4, status == null ? null : status.wireName());
      statement.setString(5, before);
      statement.setString(6, before);
      statement.setInt(7, limit);
      try (ResultSet rows = statement.executeQuery()) {
        List<Run> runs = new ArrayList<>();
        while (rows.next()) {
          runs.add(run(rows, null, null));
        }
        return runs;
      }
    }
  }

  /**
   * Deletes ended runs beyond the retention, but for each dataset the last run and the last that
   * succeeded stay.
   *
   * @param olderThan runs that ended before are deleted
   * @param most runs that are kept at all
   * @return how many were deleted
   */
  public int purge(Instant olderThan, int most) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                """
                DELETE FROM transform.run r
                WHERE r.finished_at IS NOT NULL
                  AND (r.finished_at < ?
                       OR r.id < (SELECT id FROM transform.run ORDER BY id DESC OFFSET ? LIMIT 1))
                  AND r.id NOT IN (
                    SELECT DISTINCT ON (dataset) id FROM transform.run
                    WHERE finished_at IS NOT NULL AND past IS NULL ORDER BY dataset, finished_at DESC, id DESC)
                  AND r.id NOT IN (
                    SELECT DISTINCT ON (dataset) id FROM transform.run
                    WHERE status = 'succeeded' AND past IS NULL ORDER BY dataset, finished_at DESC, id DESC)
                """);
        PreparedStatement unused =
            connection.prepareStatement(
                "DELETE FROM transform.specification s WHERE NOT EXISTS"
                    + " (SELECT 1 FROM transform.run r WHERE r.specification = s.fingerprint)")) {
      statement.setObject(1, utc(olderThan));
      statement.setInt(2, Math.max(most - 1, 0));
      int deleted = statement.executeUpdate();
      unused.executeUpdate();
      return deleted;
    }
  }

  private static Run run(ResultSet rows, JsonNode request, JsonNode result) throws SQLException {
    return new Run(
        rows.getString(1),
        rows.getString(2),
        mode(rows.getString(3)),
        rows.getString(4),
        RunStatus.of(rows.getString(5)).orElseThrow(),
        rows.getString(6),
        instant(rows, 7),
        instant(rows, 8),
        instant(rows, 9),
        rows.getString(10),
        rows.getObject(11, Long.class),
        rows.getObject(12, Long.class),
        rows.getObject(13, Long.class),
        rows.getObject(14, Long.class),
        rows.getObject(15, Long.class),
        duration(instant(rows, 8), instant(rows, 9)),
        inputs(rows.getString(16)),
        rows.getString(17),
        rows.getString(18),
        request,
        result);
  }

  private static Long duration(Instant start, Instant end) {
    return start == null || end == null ? null : Duration.between(start, end).toMillis();
  }

  private static List<Run.Input> inputs(String json) {
    return json == null ? List.of() : List.of(Json.read(json, Run.Input[].class));
  }

  private static JsonNode tree(String json) {
    return json == null ? null : Json.read(json, JsonNode.class);
  }

  static String wireName(Mode mode) {
    return mode.name().toLowerCase(Locale.ROOT);
  }

  static Mode mode(String wireName) {
    return Mode.valueOf(wireName.toUpperCase(Locale.ROOT));
  }

  private static String shortened(String message) {
    return message == null || message.length() <= MESSAGE_LENGTH
        ? message
        : message.substring(0, MESSAGE_LENGTH - 3) + "...";
  }

  static OffsetDateTime utc(Instant instant) {
    return instant == null ? null : instant.atOffset(ZoneOffset.UTC);
  }

  private static Instant instant(ResultSet rows, int column) throws SQLException {
    OffsetDateTime value = rows.getObject(column, OffsetDateTime.class);
    return value == null ? null : value.toInstant();
  }
}
