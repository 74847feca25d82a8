package dev.lakegate.gateway.trino;

import dev.lakegate.gateway.query.QueryRequest.ClientSession;
import dev.lakegate.gateway.sql.SessionChange;
import dev.lakegate.gateway.sql.SessionProperties;
import dev.lakegate.gateway.sql.SqlFailure;
import dev.lakegate.gateway.sql.Zones;
import java.io.ByteArrayOutputStream;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/** The session as Trino's clients carry it in headers. Pure. */
final class SessionHeaders {
  private static final String PREFIX = "X-Trino-";
  private static final String PACKED = "$deflate:";
  private static final int PACK_FROM = 500;
  private static final int MOST_SQL = 1_000_000;
  private static final int MOST_PREPARED = 100;

  /** Of all prepared statements together: packed, they are a thousand times smaller. */
  private static final int MOST_PREPARED_SQL = 2_000_000;

  private static final int MOST_ENTRIES = 300;
  private static final int MOST_TEXT = 1000;

  private final Function<String, List<String>> headers;

  /**
   * @param headers all values of a header by its name
   */
  SessionHeaders(Function<String, List<String>> headers) {
    this.headers = headers;
  }

  /** One header's value; null when it is absent or empty. */
  String text(String name) {
    List<String> all = headers.apply(PREFIX + name);
    String value = all.isEmpty() ? "" : all.get(0).trim();
    if (value.length() > MOST_TEXT) {
      throw invalid("The header " + PREFIX + name + " is too long.");
    }
    return value.isEmpty() ? null : value;
  }

  /** Whether the client knows times of other precisions than milliseconds. */
  boolean parametric() {
    for (String value : headers.apply(PREFIX + "Client-Capabilities")) {
      for (String part : value.split(",")) {
        if (part.trim().equals("PARAMETRIC_DATETIME")) {
          return true;
        }
      }
    }
    return false;
  }

  /**
   * The session of a statement.
   *
   * @throws SqlFailure when a header is malformed, or asks for what there is not
   */
  ClientSession session() {
    Map<String, String> properties = new LinkedHashMap<>();
    for (Map.Entry<String, String> p : pairs("Session").entrySet()) {
      SessionProperties.require(p.getKey().toLowerCase(Locale.ROOT), p.getValue());
      properties.put(p.getKey().toLowerCase(Locale.ROOT), p.getValue());
    }
    for (Map.Entry<String, String> role : pairs("Role").entrySet()) {
      if (!role.getValue().equals("NONE") && !role.getValue().equals("ALL")) {
        throw new SqlFailure("ROLE_NOT_FOUND", "There is no role for " + role.getKey() + ".");
      }
    }
    Map<String, String> prepared = new LinkedHashMap<>();
    Map<String, String> statements = pairs("Prepared-Statement");
    if (statements.size() > MOST_PREPARED) {
      throw invalid(
          "The session holds more than "
              + MOST_PREPARED
              + " prepared statements; DEALLOCATE some.");
    }
    int room = MOST_PREPARED_SQL;
    for (Map.Entry<String, String> s : statements.entrySet()) {
      String sql = unpacked(s.getValue(), Math.min(room, MOST_SQL));
      room -= sql.length();
      prepared.put(s.getKey(), sql);
    }
    String transaction = text("Transaction-Id");
    return new ClientSession(
        lower(text("Catalog")),
        lower(text("Schema")),
        zone(properties),
        List.of(),
        prepared,
        transaction == null || transaction.equalsIgnoreCase("NONE") ? null : transaction,
        SessionProperties.runTime(properties).orElse(null),
        text("Source"));
  }

  private String zone(Map<String, String> properties) {
    String asked = properties.getOrDefault(SessionProperties.TIME_ZONE, text("Time-Zone"));
    return asked == null
        ? "UTC"
        : Zones.find(asked)
            .orElseThrow(
                () ->
                    new SqlFailure(
                        "INVALID_SESSION_PROPERTY", "Time zone not supported: " + asked));
  }

  private static String lower(String s) {
    return s == null ? null : s.toLowerCase(Locale.ROOT);
  }

  /** Names and values of a header that may come several times, each with a list. */
  private Map<String, String> pairs(String header) {
    Map<String, String> all = new LinkedHashMap<>();
    for (String line : headers.apply(PREFIX + header)) {
      for (String pair : line.split(",")) {
        if (pair.isBlank()) {
          continue;
        }
        int eq = pair.indexOf('=');
        if (eq < 1 || all.size() >= MOST_ENTRIES) {
          throw invalid("The header " + PREFIX + header + " is malformed or too long.");
        }
        all.put(decoded(pair.substring(0, eq).trim()), decoded(pair.substring(eq + 1).trim()));
      }
    }
    return all;
  }

  private static SqlFailure invalid(String message) {
    return new SqlFailure("GENERIC_USER_ERROR", message);
  }

  private static SqlFailure tooLong() {
    return invalid("Prepared statements are too long, together or alone, or cut off.");
  }

  private static String decoded(String s) {
    try {
      return URLDecoder.decode(s, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw invalid("A session header is not URL-encoded.");
    }
  }

  private static String encoded(String s) {
    return URLEncoder.encode(s, StandardCharsets.UTF_8);
  }

  // ------------------------------------------------------------------ answers

  /** A header of an answer. */
  record Header(String name, String value) {}

  /** What the client has to note of a change. */
  static List<Header> of(SessionChange change) {
    List<Header> all = new ArrayList<>();
    if (change instanceof SessionChange.Use u) {
      add(all, "Set-Catalog", u.catalog());
      add(all, "Set-Schema", u.schema());
    } else if (change instanceof SessionChange.Set s) {
      add(all, "Set-Session", s.name() + "=" + encoded(s.value()));
    } else if (change instanceof SessionChange.Reset r) {
      add(all, "Clear-Session", r.name());
    } else if (change instanceof SessionChange.Role r) {
      add(all, "Set-Role", encoded(r.catalog()) + "=" + encoded(r.role()));
    } else if (change instanceof SessionChange.Prepared p) {
      add(all, "Added-Prepare", encoded(p.name()) + "=" + encoded(packed(p.sql())));
    } else if (change instanceof SessionChange.Deallocated d) {
      add(all, "Deallocated-Prepare", encoded(d.name()));
    } else if (change instanceof SessionChange.Started) {
      add(all, "Started-Transaction-Id", UUID.randomUUID().toString());
    } else if (change instanceof SessionChange.Ended) {
      add(all, "Clear-Transaction-Id", "true");
    }
    return all;
  }

  private static void add(List<Header> all, String name, String value) {
    all.add(new Header(PREFIX + name, value));
  }

  /** Clients send prepared statements back as they got them: long ones travel packed. */
  static String packed(String sql) {
    if (sql.length() < PACK_FROM) {
      return sql;
    }
    Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION);
    try {
      deflater.setInput(sql.getBytes(StandardCharsets.UTF_8));
      deflater.finish();
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      byte[] block = new byte[4096];
      while (!deflater.finished()) {
        out.write(block, 0, deflater.deflate(block));
      }
      return PACKED + Base64.getUrlEncoder().withoutPadding().encodeToString(out.toByteArray());
    } finally {
      deflater.end();
    }
  }

  /**
   * What {@link #packed} was given.
   *
   * @param most bytes of it
   */
  static String unpacked(String text, int most) {
    if (!text.startsWith(PACKED)) {
      if (text.length() > most) {
        throw tooLong();
      }
      return text;
    }
    Inflater inflater = new Inflater();
    try {
      inflater.setInput(Base64.getUrlDecoder().decode(text.substring(PACKED.length())));
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      byte[] block = new byte[4096];
      while (!inflater.finished()) {
        int n = inflater.inflate(block);
        if (n == 0 || out.size() + n > most) {
          throw tooLong();
        }
        out.write(block, 0, n);
      }
      return out.toString(StandardCharsets.UTF_8);
    } catch (DataFormatException | IllegalArgumentException e) {
      throw invalid("A prepared statement is not as it was given out.");
    } finally {
      inflater.end();
    }
  }
}
