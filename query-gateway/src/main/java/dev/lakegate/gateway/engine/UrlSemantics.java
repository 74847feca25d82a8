package dev.lakegate.gateway.engine;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;

/** What Trino's functions of URLs do. Pure; never given NULL. */
final class UrlSemantics {
  private UrlSemantics() {}

  private static URI uri(String url) {
    try {
      return new URI(url);
    } catch (URISyntaxException e) {
      return null;
    }
  }

  static String part(String url, String part) {
    URI u = uri(url);
    if (u == null) {
      return null;
    }
    return switch (part) {
      case "port" -> u.getPort() < 0 ? null : String.valueOf(u.getPort());
      case "protocol" -> orEmpty(u.getScheme());
      case "host" -> orEmpty(u.getHost());
      case "path" -> orEmpty(u.getPath());
      case "query" -> orEmpty(u.getQuery());
      default -> orEmpty(u.getFragment());
    };
  }

  private static String orEmpty(String s) {
    return s == null ? "" : s;
  }

  static String parameter(String url, String name) {
    URI u = uri(url);
    if (u == null || u.getRawQuery() == null) {
      return null;
    }
    for (String p : u.getRawQuery().split("&", -1)) {
      int equals = p.indexOf('=');
      String key = equals < 0 ? p : p.substring(0, equals);
      if (key.equals(name)) {
        return decode(equals < 0 ? "" : p.substring(equals + 1));
      }
    }
    return null;
  }

  static String encode(String s) {
    StringBuilder b = new StringBuilder();
    for (byte c : s.getBytes(StandardCharsets.UTF_8)) {
      boolean plain =
          c >= 'a' && c <= 'z'
              || c >= 'A' && c <= 'Z'
              || c >= '0' && c <= '9'
              || "-_.*".indexOf(c) >= 0;
      if (plain) {
        b.append((char) c);
      } else if (c == ' ') {
        b.append('+');
      } else {
        b.append(String.format("%%%02X", c & 0xff));
      }
    }
    return b.toString();
  }

  static String decode(String s) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < s.length(); i++) {
      char c = s.charAt(i);
      if (c == '+') {
        bytes.write(' ');
      } else if (c == '%') {
        int high = i + 2 <= s.length() - 1 ? Character.digit(s.charAt(i + 1), 16) : -1;
        int low = i + 2 <= s.length() - 1 ? Character.digit(s.charAt(i + 2), 16) : -1;
        if (high < 0 || low < 0) {
          throw TrinoError.invalidArgument();
        }
        bytes.write(high << 4 | low);
        i += 2;
      } else {
        String one = s.substring(i, s.offsetByCodePoints(i, 1));
        bytes.writeBytes(one.getBytes(StandardCharsets.UTF_8));
        i += one.length() - 1;
      }
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
