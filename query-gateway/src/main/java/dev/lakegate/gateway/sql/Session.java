package dev.lakegate.gateway.sql;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Map;

/**
 * What a statement may ask about its own session.
 *
 * @param start when the query began; the same for the whole statement
 * @param user subject of the principal
 * @param catalog for names of one or two parts; null for the lake's own
 * @param schema for names of one part
 * @param zone in which times without a zone are meant and the present time is shown
 * @param parameters what stands for the statement's question marks
 * @param prepared statements by name that EXECUTE and DESCRIBE find; null where there is no session
 *     that a statement could change
 * @param transaction that the client says it is in; null when it is in none
 */
public record Session(
    Instant start,
    String user,
    String catalog,
    String schema,
    String zone,
    Parameters parameters,
    Map<String, String> prepared,
    String transaction) {
  private static final DateTimeFormatter TEXT =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSSSSS");

  /** A single statement without a session around it, in UTC. */
  public Session(Instant start, String user, String schema) {
    this(start, user, null, schema, "UTC", Parameters.NONE, null, null);
  }

  Session with(Parameters values) {
    return new Session(start, user, catalog, schema, zone, values, prepared, transaction);
  }

  private String text(String in, int precision) {
    ZoneId id = in.equals("UTC") ? ZoneOffset.UTC : ZoneId.of(in);
    String all = TEXT.format(LocalDateTime.ofInstant(start, id));
    return precision == 0 ? all.substring(0, 19) : all.substring(0, 20 + precision);
  }

  Typed now(int precision) {
    return Typed.of(
        Type.timestampTz(precision, zone),
        Duck.zoned("CAST('" + text("UTC", precision) + "' AS TIMESTAMP)", "UTC"));
  }

  Typed localNow(int precision) {
    return Typed.of(
        Type.timestamp(precision), "CAST('" + text(zone, precision) + "' AS TIMESTAMP)");
  }

  Typed today() {
    return Typed.of(Type.DATE, "CAST('" + text(zone, 0).substring(0, 10) + "' AS DATE)");
  }
}
