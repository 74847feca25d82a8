package dev.lakegate.gateway.access;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithName;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/** Where the gateway stands as its clients see it. */
@ConfigMapping(prefix = "lakegate.gateway")
interface ProxySettings {
  /** The one address by which clients reach the gateway; taken from each request when not set. */
  Optional<URI> externalUrl();

  /** What stands before the gateway. */
  Proxy proxy();

  /** What stands before the gateway. */
  interface Proxy {
    /** Addresses and networks whose forwarding headers are believed; none by default. */
    Optional<List<String>> trusted();

    /** The one kind of header that the trusted proxies set, and take away from what they get. */
    @WithName("headers")
    @WithDefault("x-forwarded")
    Headers headers();
  }

  /** Which headers tell of the client. */
  enum Headers {
    /** {@code X-Forwarded-For}, {@code -Proto}, {@code -Host} and {@code -Port}. */
    X_FORWARDED,
    /** {@code Forwarded}, RFC 7239. */
    FORWARDED
  }
}
