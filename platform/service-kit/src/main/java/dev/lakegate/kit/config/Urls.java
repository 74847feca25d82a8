package dev.lakegate.kit.config;

import java.net.URI;

/** What counts as a service's address. */
final class Urls {
  private Urls() {}

  static boolean isHttp(URI uri) {
    return uri.isAbsolute()
        && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))
        && uri.getHost() != null;
  }
}
