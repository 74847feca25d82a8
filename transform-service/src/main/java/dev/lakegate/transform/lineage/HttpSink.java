package dev.lakegate.transform.lineage;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Objects;

/** Posts each event to an address, as OpenLineage's HTTP transport does. */
final class HttpSink implements LineageSink {
  private final HttpClient client;
  private final URI url;
  private final String apiKey;
  private final Duration timeout;

  /**
   * @param url of the endpoint, such as {@code https://host/api/v1/lineage}
   * @param apiKey sent as a bearer token; null for none
   * @param timeout of a request
   */
  HttpSink(URI url, String apiKey, Duration timeout) {
    this.client =
        HttpClient.newBuilder()
            .connectTimeout(timeout)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();
    this.url = Objects.requireNonNull(url, "url is null");
    this.apiKey = apiKey;
    this.timeout = timeout;
  }

  @Override
  public void send(String event) throws IOException, RefusedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(url)
            .timeout(timeout)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(event));
    if (apiKey != null) {
      request.header("Authorization", "Bearer " + apiKey);
    }
    int status;
    try {
      status = client.send(request.build(), HttpResponse.BodyHandlers.discarding()).statusCode();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    if (status >= 500 || status == 429 || status == 408) {
      throw new IOException("%s answered %d".formatted(url.getHost(), status));
    }
    if (status >= 300) {
      throw new RefusedException("%s answered %d".formatted(url.getHost(), status));
    }
  }
}
