package dev.lakegate.kit.client;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;

/** Makes clients for the other services. */
@ApplicationScoped
public class ServiceClients {
  @Inject HttpClient http;
  @Inject ServiceTokens tokens;

  /**
   * A client.
   *
   * @param service name for messages
   * @param base base URL
   * @param timeout of each call, from its start to the end of its answer
   */
  public ServiceClient client(String service, URI base, Duration timeout) {
    return new ServiceClient(service, base, timeout, http, tokens);
  }
}
