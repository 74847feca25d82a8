package dev.lakegate.kit.client;

import dev.lakegate.kit.error.ErrorResponses;
import jakarta.ws.rs.core.Response;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** A failed call that nobody caught is this service's unavailability. */
class CallErrors {
  @ServerExceptionMapper
  Response call(ServiceCallException e) {
    return ErrorResponses.of(e.toUnavailable());
  }
}
