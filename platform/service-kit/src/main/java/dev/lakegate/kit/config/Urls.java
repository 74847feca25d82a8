package dev.lakegate.kit.config;

import java.net.URI;

/** What counts as a service's address. */
public final class Urls {
  private Urls() {}

  /** Whether it is an absolute http or https address with a host. */
  public static boolean isHttp(URI uri) {
    return uri.isAbsolute()
        && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))
        && uri.getHost() != null;
  }
}
