package dev.lakegate.governance.audit;

import dev.lakegate.governance.database.Database;
import dev.lakegate.kit.paging.Cursor;
import dev.lakegate.kit.paging.Page;
import dev.lakegate.model.audit.AuditEvent;
import dev.lakegate.model.json.Json;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Audit events in the control database: only added, each id once. Thread-safe. */
@ApplicationScoped
public class AuditStore {
  private static final String INSERT =
      """
      INSERT INTO audit_event (id, at, reported_by, type, subject, action, outcome, document)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?::json)
      ON CONFLICT (id) DO NOTHING""";

  @Inject Database database;

  /**
   * What to look for; null means everything.
   *
   * @param from earliest time, inclusive
   * @param to latest time, exclusive
   */
  record Filter(String subject, String type, String action, Instant from, Instant to) {}

  /** Adds events in a transaction of their own; answers how many were new. */
  int add(List<AuditEvent> events, String reportedBy) {
    return database.transaction(connection -> add(connection, events, reportedBy));
  }

  /**
   * Adds events within the caller's transaction; an event whose id is known is left as it is.
   *
   * @return how many were new
   */
  public int add(Connection connection, List<AuditEvent> events, String reportedBy)
      throws SQLException {
    // In one order everywhere: two batches with common ids would otherwise wait for each other.
    List<AuditEvent> sorted =
        events.stream().sorted(Comparator.comparing(e -> e.id().toString())).toList();
    try (PreparedStatement insert = connection.prepareStatement(INSERT)) {
      for (AuditEvent event : sorted) {
        insert.setObject(1, event.id());
        insert.setObject(2, event.at().atOffset(ZoneOffset.UTC));
        insert.setString(3, storable(reportedBy));
        insert.setString(4, event.type());
        insert.setString(
            5, event.principal() == null ? null : storable(event.principal().subject()));
        insert.setString(6, event.action());
        insert.setString(7, Json.MAPPER.convertValue(event.outcome(), String.class));
        insert.setString(8, Json.write(event));
        insert.addBatch();
      }
      int added = 0;
      for (int count : insert.executeBatch()) {
        added += count == Statement.SUCCESS_NO_INFO ? 1 : count;
      }
      return added;
    }
  }

  /** The newest events first. */
  Page<AuditEvent> find(Filter filter, int limit, String cursor) {
    StringBuilder sql = new StringBuilder("SELECT at, sequence, document FROM audit_event");
    List<Object> values = new ArrayList<>();
    String and = " WHERE ";
    and = condition(sql, values, and, "subject = ?", filter.subject());
    and = condition(sql, values, and, "type = ?", filter.type());
    and = condition(sql, values, and, "action = ?", filter.action());
    and = condition(sql, values, and, "at >= ?", utc(filter.from()));
    and = condition(sql, values, and, "at < ?", utc(filter.to()));
    String[] after = Cursor.decode(cursor, 2);
    if (after != null) {
      sql.append(and).append("(at, sequence) < (?, ?)");
      values.add(utc(Instant.EPOCH.plus(Cursor.number(after[0]), ChronoUnit.MICROS)));
      values.add(Cursor.number(after[1]));
    }
    sql.append(" ORDER BY at DESC, sequence DESC LIMIT ?");
    values.add(limit + 1);
    return database.transaction(
        connection -> {
          try (PreparedStatement select = connection.prepareStatement(sql.toString())) {
            for (int i = 0; i < values.size(); i++) {
              select.setObject(i + 1, values.get(i));
            }
            List<Row> rows = new ArrayList<>();
            try (ResultSet result = select.executeQuery()) {
              while (result.next()) {
                rows.add(
                    new Row(
                        result.getObject(1, OffsetDateTime.class).toInstant(),
                        result.getLong(2),
                        Json.read(result.getString(3), AuditEvent.class)));
              }
            }
            Page<Row> page = Page.of(rows, limit, Row::cursor);
            return new Page<>(page.items().stream().map(Row::event).toList(), page.next());
          }
        });
  }

  private record Row(Instant at, long sequence, AuditEvent event) {
    String cursor() {
      return Cursor.encode(ChronoUnit.MICROS.between(Instant.EPOCH, at), sequence);
    }
  }

  private static String condition(
      StringBuilder sql, List<Object> values, String and, String condition, Object value) {
    if (value == null) {
      return and;
    }
    sql.append(and).append(condition);
    values.add(value);
    return " AND ";
  }

  private static OffsetDateTime utc(Instant instant) {
    return instant == null ? null : instant.atOffset(ZoneOffset.UTC);
  }

  /** PostgreSQL's texts have no NUL; one in a subject must not hold up a whole batch. */
  static String storable(String text) {
    return text.replace('\0', '\uFFFD');
  }
}
