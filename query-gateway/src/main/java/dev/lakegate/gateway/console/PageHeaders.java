package dev.lakegate.gateway.console;

import java.net.URI;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** Which headers an answer carries so that browsers keep its content where it belongs. Pure. */
final class PageHeaders {
  private static final Pattern ADDRESS = Pattern.compile("[0-9.]+|\\[.*]|.*:.*:.*");

  private PageHeaders() {}

  /**
   * @param path of the request
   * @param secure whether it came over TLS
   * @param host of the request without its port; null when unknown
   * @param issuers addresses that the console talks to besides the gateway
   */
  static Map<String, String> of(String path, boolean secure, String host, Collection<URI> issuers) {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("X-Content-Type-Options", "nosniff");
    headers.put("Referrer-Policy", "no-referrer");
    headers.put("X-Frame-Options", "DENY");
    headers.put("Cross-Origin-Opener-Policy", "same-origin");
    headers.put("Cross-Origin-Resource-Policy", "same-origin");
    if (path.startsWith("/q/")) {
      // Swagger UI brings scripts and styles of its own.
      headers.put("Content-Security-Policy", "frame-ancestors 'none'");
    } else if (path.startsWith("/oauth2/")) {
      // Otherwise browsers would not say where the form of such a page comes from.
      headers.put("Referrer-Policy", "same-origin");
      // No form-action: browsers apply it to the redirect to the issuer, too.
      headers.put(
          "Content-Security-Policy",
          "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'");
      headers.put("Cache-Control", "no-store");
    } else if (isConsole(path)) {
      headers.put("Content-Security-Policy", console(issuers));
      headers.put("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()");
      // File names carry no version, so a browser asks each time whether it has the newest.
      headers.put("Cache-Control", "no-cache");
    } else {
      headers.put("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
      headers.put("Cache-Control", "no-store");
    }
    if (secure && isPublicName(host)) {
      headers.put("Strict-Transport-Security", "max-age=31536000");
    }
    return headers;
  }

  /** Whether a path belongs to the console's pages. */
  static boolean isConsole(String path) {
    return path.equals("/")
        || path.equals("/index.html")
        || path.equals("/ops")
        || path.equals("/ops/")
        || path.equals("/ops.html")
        || path.equals("/tokens")
        || path.equals("/tokens/")
        || path.equals("/tokens.html")
        || path.startsWith("/console/");
  }

  private static String console(Collection<URI> issuers) {
    TreeSet<String> origins = new TreeSet<>();
    issuers.stream().filter(Objects::nonNull).map(PageHeaders::origin).forEach(origins::add);
    String others = origins.isEmpty() ? "" : " " + String.join(" ", origins);
    return "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src"
        + " 'self'"
        + others
        + "; form-action 'none'; base-uri 'none'; frame-ancestors 'none';"
        + " require-trusted-types-for 'script'; trusted-types 'none'";
  }

  private static String origin(URI address) {
    return address.getScheme() + "://" + address.getRawAuthority();
  }

  /**
   * HSTS holds for every port of a name: for {@code localhost} it would lock out everything else
   * that is developed on that machine. Addresses are exempt by the standard.
   */
  private static boolean isPublicName(String host) {
    return host != null
        && !host.equals("localhost")
        && !host.endsWith(".localhost")
        && !ADDRESS.matcher(host).matches();
  }
}
