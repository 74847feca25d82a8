package dev.lakegate.gateway.access;

import dev.lakegate.kit.error.LakegateException;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.List;

/**
 * Refuses requests that two readers could understand differently, before anybody is authenticated:
 * a proxy might have looked at the one meaning and the gateway at the other.
 */
@ApplicationScoped
class RequestShape {
  /** After the request id (1000), before authentication (200). */
  private static final int EARLY = 940;

  private static final List<String> SINGLE =
      List.of("Authorization", "Host", "Content-Length", "Content-Type", "Transfer-Encoding");

  void register(@Observes Filters filters) {
    filters.register(RequestShape::check, EARLY);
  }

  private static void check(RoutingContext context) {
    HttpServerRequest request = context.request();
    for (String name : SINGLE) {
      if (request.headers().getAll(name).size() > 1) {
        context.fail(refused("The header " + name + " is given more than once."));
        return;
      }
    }
    if (isAmbiguous(request.path())) {
      context.fail(refused("The path is ambiguous."));
      return;
    }
    context.next();
  }

  /** Whether a path changes when it is decoded once more, or steps out of itself. */
  static boolean isAmbiguous(String path) {
    if (path == null || !path.startsWith("/")) {
      return true;
    }
    String lower = path.toLowerCase(java.util.Locale.ROOT);
    return lower.contains("%2f")
        || lower.contains("%5c")
        || lower.contains("%2e")
        || lower.contains("%25")
        || lower.contains("%00")
        || lower.contains("\\")
        || lower.contains("//")
        || lower.contains("/./")
        || lower.contains("/../")
        || lower.endsWith("/.")
        || lower.endsWith("/..")
        || lower.contains(";");
  }

  private static LakegateException refused(String message) {
    return LakegateException.badRequest(
        "BAD_REQUEST", message, "Compare the request with the OpenAPI description at /q/openapi.");
  }
}
