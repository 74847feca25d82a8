package dev.lakegate.gateway.query;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.util.concurrent.TimeUnit;

/** Measures how long it takes to find out who asks: from before authentication to right after. */
@ApplicationScoped
class AuthenticationTimer {
  private static final String BEGAN = AuthenticationTimer.class.getName();

  /** Quarkus authenticates at 200; the higher number comes first. */
  private static final int BEFORE = 210;

  private static final int AFTER = 190;

  @Inject MeterRegistry meters;

  void register(@Observes Filters filters) {
    Timer timer = Records.phase(meters, "authenticate");
    filters.register(
        c -> {
          if (watched(c)) {
            c.put(BEGAN, System.nanoTime());
          }
          c.next();
        },
        BEFORE);
    filters.register(
        c -> {
          Long began = c.get(BEGAN);
          if (began != null) {
            timer.record(System.nanoTime() - began, TimeUnit.NANOSECONDS);
          }
          c.next();
        },
        AFTER);
  }

  private static boolean watched(RoutingContext c) {
    String path = c.normalizedPath();
    return path.startsWith("/api/v1/queries") || path.startsWith("/v1/statement");
  }
}
