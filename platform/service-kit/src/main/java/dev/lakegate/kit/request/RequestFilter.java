package dev.lakegate.kit.request;

import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import org.jboss.logging.MDC;

/** Gives every request its id, before anything else can fail, so that all logs carry it. */
@ApplicationScoped
class RequestFilter {
  // Before authentication (200) and CORS (300): their refusals carry the id too.
  private static final int FIRST = 1_000;

  void register(@Observes Filters filters) {
    filters.register(RequestFilter::identify, FIRST);
  }

  private static void identify(RoutingContext context) {
    String id = RequestIds.accept(context.request().getHeader(RequestIds.HEADER));
    context.put(RequestIds.MDC_KEY, id);
    MDC.put(RequestIds.MDC_KEY, id);
    context.response().putHeader(RequestIds.HEADER, id);
    context.next();
  }
}
