package dev.lakegate.kit.error;

import dev.lakegate.kit.request.RequestIds;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import org.jboss.logging.Logger;

/** Answers in the error envelope. Thread-safe. */
public final class ErrorResponses {
  private static final Logger LOG = Logger.getLogger(ErrorResponses.class);

  private ErrorResponses() {}

  /**
   * The answer to a problem, which is logged: 5xx with their stack, 4xx only at debug, because a
   * caller's mistake must not fill the operators' log.
   */
  public static Response of(LakegateException problem) {
    log(problem);
    Response.ResponseBuilder response =
        Response.status(problem.status())
            .type(MediaType.APPLICATION_JSON_TYPE)
            .entity(ErrorEnvelope.of(problem, RequestIds.current()));
    problem.retryAfter().ifPresent(after -> response.header("Retry-After", seconds(after)));
    if (problem.status() == 401) {
      response.header(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
    }
    return response.build();
  }

  /** Retry-After counts whole seconds; never 0, which would invite a storm. */
  static long seconds(Duration duration) {
    return Math.max(1, (duration.toMillis() + 999) / 1000);
  }

  static void log(LakegateException problem) {
    if (problem.status() >= 500) {
      LOG.errorf(problem, "%s: %s", problem.code(), problem.getMessage());
    } else {
      LOG.debugf("%d %s: %s", problem.status(), problem.code(), problem.getMessage());
    }
  }
}
