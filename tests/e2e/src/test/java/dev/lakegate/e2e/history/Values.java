package dev.lakegate.e2e.history;

import java.util.List;
import java.util.Random;

/** SQL of values that are easily damaged on the way. The same seed gives the same values. */
final class Values {
  static final List<String> TENANTS =
      List.of("tenant-1", "ténant/2 %=", "日本", "it's \"3\"", "a\\b+c&d", ".", "new-1", "new-2");
  private static final List<String> TEXTS =
      List.of(
          "",
          " ",
          "a,b",
          "\"",
          "line\nbreak",
          "\r\n",
          "NULL",
          "\\N",
          "é漢🎉",
          "'",
          "\t",
          "\\",
          "{}",
          "null",
          "x\u001fy",
          "0",
          "-0.5",
          "\u00a0",
          "[*?]");

  private final Random random;

  Values(Random random) {
    this.random = random;
  }

  String tenant() {
    // The first ones often, so that tenants have rows; all of them at times.
    return quote(TENANTS.get(random.nextInt(random.nextInt(4) == 0 ? TENANTS.size() : 3)));
  }

  /** A key out of few, so that keys are used again. */
  String key(Shape.Column column, int among) {
    int n = random.nextInt(among);
    return switch (column.type()) {
      case "uuid" -> "md5('" + n + "')::uuid";
      case "bigint", "integer" -> String.valueOf(n);
      default -> n < 6 ? quote(TENANTS.get(n)) : "'slug-" + n + "'";
    };
  }

  /** A value of the column's type. */
  String of(Shape.Column column) {
    if (column.nullable() && random.nextInt(3) == 0) {
      return "NULL";
    }
    if (column.name().equals("tenant_id")) {
      return tenant();
    }
    if (column.name().equals("status")) {
      return quote(List.of("completed", "pending", "active", "paid").get(random.nextInt(4)));
    }
    String type = column.type();
    if (type.startsWith("numeric(1") || type.startsWith("numeric(2")) {
      return type.startsWith("numeric(14") && random.nextInt(4) == 0
          ? "-999999999999.99"
          : numeric();
    }
    if (type.startsWith("character varying")) {
      int most = Integer.parseInt(type.replaceAll("\\D", ""));
      String text = text();
      return quote(text.length() > most ? "" : text);
    }
    return switch (type) {
      case "bigint" -> String.valueOf(random.nextInt(40));
      case "integer" -> String.valueOf(random.nextInt(200) - 100);
      case "boolean" -> String.valueOf(random.nextBoolean());
      case "text" -> random.nextInt(3) == 0 ? large() : quote(text());
      case "jsonb" ->
          random.nextInt(3) == 0
              ? "jsonb_build_object('large', " + large() + ")"
              : "'{\"a\": [1, 2.50, null], \"ü\": \"\\u00e9\", \"n\": "
                  + random.nextInt(1000)
                  + "}'";
      case "timestamp with time zone" -> time();
      case "date" -> "date '2024-02-28' + " + random.nextInt(900);
      case "inet" ->
          random.nextBoolean()
              ? "'203.0.113." + random.nextInt(256) + "'"
              : "'2001:db8:" + Integer.toHexString(random.nextInt(65536)) + "::1'";
      case "uuid" -> "md5('" + random.nextInt(1000) + "')::uuid";
      default -> throw new IllegalStateException("no values for type " + type);
    };
  }

  /** Few months, so that a table has few partitions. */
  String time() {
    return "timestamptz '2024-0%d-%02d %s+00'"
        .formatted(
            1 + random.nextInt(3),
            random.nextInt(3) == 0 ? 1 : 1 + random.nextInt(28),
            random.nextInt(3) == 0
                ? List.of("00:00:00", "23:59:59.999999").get(random.nextInt(2))
                : "12:%02d:00.%06d".formatted(random.nextInt(60), random.nextInt(1_000_000)));
  }

  /** Too long for its row and too random to be compressed away, so that it is stored aside. */
  String large() {
    return "(SELECT string_agg(md5(g || '"
        + random.nextInt(1_000_000)
        + "'), '') FROM generate_series(1, "
        + (270 + random.nextInt(60))
        + ") g)";
  }

  String quote(String text) {
    return "'" + text.replace("'", "''") + "'";
  }

  private String text() {
    return TEXTS.get(random.nextInt(TEXTS.size()));
  }

  private String numeric() {
    return switch (random.nextInt(6)) {
      case 0 -> "0.00";
      case 1 -> "9999999999.99";
      case 2 -> "-9999999999.99";
      default -> random.nextInt(100_000) + "." + (10 + random.nextInt(90));
    };
  }
}
