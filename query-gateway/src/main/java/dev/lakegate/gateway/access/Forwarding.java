package dev.lakegate.gateway.access;

import dev.lakegate.gateway.access.ProxySettings.Headers;
import dev.lakegate.kit.error.LakegateException;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * Finds out where a request came from and by which address. What forwarding headers say is believed
 * only from a trusted peer, and of a list only what the nearest trusted proxies appended: whatever
 * stands to the left of it may be the client's own invention. Pure.
 */
final class Forwarding {
  private static final Pattern HOST =
      Pattern.compile(
          "(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,253})|\\[[0-9a-fA-F:.]{2,45}])(?::[0-9]{1,5})?");
  private static final int MOST_HOPS = 20;

  private final Networks trusted;
  private final Headers kind;

  Forwarding(Networks trusted, Headers kind) {
    this.trusted = trusted;
    this.kind = kind;
  }

  /**
   * A request as its connection shows it.
   *
   * @param peer address of the connection's other end
   * @param tls whether this connection is encrypted
   * @param host of the request, with its port unless that is the scheme's own
   * @param headers all values of a header by its name, in order
   */
  record Request(String peer, boolean tls, String host, Function<String, List<String>> headers) {}

  /**
   * Where a request came from.
   *
   * @param client address of the first hop that is not a trusted proxy
   * @param secure whether that hop's connection was encrypted
   * @param base the address by which the client reached the gateway, without a slash at its end
   */
  record Origin(String client, boolean secure, URI base) {}

  /** One proxy's account; null what it does not say. */
  private record Hop(String from, String proto, String host) {}

  /**
   * @throws LakegateException 400 when what a trusted peer or the request itself says is malformed
   */
  Origin origin(Request request) {
    String client = request.peer();
    boolean secure = request.tls();
    String host = request.host();
    if (trusted.contains(client)) {
      List<Hop> hops = kind == Headers.FORWARDED ? forwarded(request) : xForwarded(request);
      for (int i = hops.size() - 1; i >= 0 && trusted.contains(client); i--) {
        Hop hop = hops.get(i);
        if (hop.proto() != null) {
          secure = isHttps(hop.proto());
        }
        host = hop.host() == null ? host : hop.host();
        client = hop.from() == null ? client : hop.from();
        if (hop.from() == null) {
          break;
        }
      }
    }
    if (host == null || !HOST.matcher(host).matches()) {
      throw malformed("the host");
    }
    return new Origin(client, secure, base(secure, host));
  }

  static URI base(boolean secure, String host) {
    String plain = host.toLowerCase(Locale.ROOT);
    String own = secure ? ":443" : ":80";
    return URI.create(
        (secure ? "https://" : "http://")
            + (plain.endsWith(own) ? plain.substring(0, plain.length() - own.length()) : plain));
  }

  private static boolean isHttps(String proto) {
    return switch (proto.toLowerCase(Locale.ROOT)) {
      case "https" -> true;
      case "http" -> false;
      default -> throw malformed("the protocol");
    };
  }

  // Proxies append to -For; of -Proto, -Host and -Port most set one value, some append too. The
  // last one is the nearest proxy's own word in both cases.
  private static List<Hop> xForwarded(Request request) {
    List<String> from = list(request, "X-Forwarded-For");
    String proto = last(list(request, "X-Forwarded-Proto"));
    String host = last(list(request, "X-Forwarded-Host"));
    String port = last(list(request, "X-Forwarded-Port"));
    String base = host == null ? request.host() : host;
    if (port != null) {
      if (!port.matches("[0-9]{1,5}")) {
        throw malformed("the port");
      }
      if (base != null && !base.matches(".*:[0-9]+")) {
        host = base + ":" + port;
      }
    }
    List<Hop> hops = new ArrayList<>();
    for (String address : from) {
      hops.add(new Hop(withoutPort(address), null, null));
    }
    Hop nearest = hops.isEmpty() ? new Hop(null, null, null) : hops.remove(hops.size() - 1);
    hops.add(new Hop(nearest.from(), proto, host));
    return hops;
  }

  private static List<Hop> forwarded(Request request) {
    List<Hop> hops = new ArrayList<>();
    for (String element : list(request, "Forwarded")) {
      String from = null;
      String proto = null;
      String host = null;
      for (String pair : element.split(";", -1)) {
        int equals = pair.indexOf('=');
        if (equals < 1) {
          throw malformed("the header Forwarded");
        }
        String value = pair.substring(equals + 1).strip();
        if (value.length() > 1 && value.startsWith("\"") && value.endsWith("\"")) {
          value = value.substring(1, value.length() - 1);
        }
        switch (pair.substring(0, equals).strip().toLowerCase(Locale.ROOT)) {
          case "for" -> from = withoutPort(value);
          case "proto" -> proto = value;
          case "host" -> host = value;
          default -> {
            // Such as 'by': of no use here.
          }
        }
      }
      hops.add(new Hop(from, proto, host));
    }
    return hops;
  }

  /** The address alone; what is no address ("unknown", "_hidden") stands for itself. */
  private static String withoutPort(String text) {
    if (text.startsWith("[")) {
      int end = text.indexOf(']');
      return end < 0 ? text : text.substring(1, end);
    }
    int colon = text.indexOf(':');
    return colon >= 0 && colon == text.lastIndexOf(':') ? text.substring(0, colon) : text;
  }

  private static List<String> list(Request request, String name) {
    List<String> values = new ArrayList<>();
    for (String line : request.headers().apply(name)) {
      for (String value : line.split(",", -1)) {
        if (!value.isBlank()) {
          values.add(value.strip());
        }
      }
    }
    return values.size() <= MOST_HOPS
        ? values
        : Collections.unmodifiableList(values.subList(values.size() - MOST_HOPS, values.size()));
  }

  private static String last(List<String> values) {
    return values.isEmpty() ? null : values.get(values.size() - 1);
  }

  private static LakegateException malformed(String what) {
    return LakegateException.badRequest(
        "BAD_REQUEST",
        "The address of the request cannot be told: " + what + " is malformed.",
        "Operators: see what the proxies before the gateway send.");
  }
}
