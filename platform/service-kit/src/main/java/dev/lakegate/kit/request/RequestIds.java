package dev.lakegate.kit.request;

import io.vertx.ext.web.RoutingContext;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jboss.logging.MDC;

/** Request ids: taken from the caller when well formed, made otherwise. Thread-safe. */
public final class RequestIds {
  /** The header that carries them. */
  public static final String HEADER = "X-Request-Id";

  /** Their key in the logging context. */
  public static final String MDC_KEY = "requestId";

  // What goes into logs and headers must not break either.
  private static final Pattern WELL_FORMED = Pattern.compile("[A-Za-z0-9._-]{1,64}");

  private RequestIds() {}

  /** The id of the request that this thread serves; null outside of requests. */
  public static String current() {
    Object id = MDC.get(MDC_KEY);
    return id == null ? null : id.toString();
  }

  /** The id of a request; null when it has none yet. */
  public static String of(RoutingContext context) {
    return context.get(MDC_KEY);
  }

  /** The caller's id when it is well formed, otherwise a new one. */
  static String accept(String fromCaller) {
    return fromCaller != null && WELL_FORMED.matcher(fromCaller).matches()
        ? fromCaller
        : UUID.randomUUID().toString();
  }
}
