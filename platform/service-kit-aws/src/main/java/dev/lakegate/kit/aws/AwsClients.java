package dev.lakegate.kit.aws;

import io.micrometer.core.instrument.MeterRegistry;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsAsyncClientBuilder;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.core.client.config.SdkAdvancedClientOption;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.core.retry.RetryMode;
import software.amazon.awssdk.http.async.SdkAsyncHttpClient;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.http.nio.netty.SdkEventLoopGroup;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.api.RetryStrategy;
import software.amazon.awssdk.utils.SdkAutoCloseable;

/**
 * Makes every client of AWS: one HTTP client for all of them, the same region, credentials,
 * addresses, timeouts, retries, name and metrics. Nothing is opened until the first client is made,
 * so that a service on the laptop pays nothing. Clients are closed with the service. Thread-safe.
 */
@Singleton
public class AwsClients {
  private static final int EVENT_LOOPS = 2;

  private final AwsConfig config;
  private final MeterRegistry registry;
  private final String application;
  private final Iterable<ExecutionInterceptor> interceptors;
  private final Deque<SdkAutoCloseable> open = new ArrayDeque<>();
  private SdkAsyncHttpClient http;
  private AwsCredentialsProvider credentials;

  /**
   * @param application name of the service, which AWS's logs then show
   * @param interceptors beans that look at every call
   */
  @Inject
  public AwsClients(
      AwsConfig config,
      MeterRegistry registry,
      @ConfigProperty(name = "quarkus.application.name", defaultValue = "lakegate")
          String application,
      @Any Instance<ExecutionInterceptor> interceptors) {
    this(config, registry, application, (Iterable<ExecutionInterceptor>) interceptors);
  }

  /** The same without CDI. */
  public AwsClients(
      AwsConfig config,
      MeterRegistry registry,
      String application,
      Iterable<ExecutionInterceptor> interceptors) {
    this.interceptors = interceptors;
    this.config = config;
    this.registry = registry;
    this.application = application;
  }

  /**
   * A client with the service's own credentials.
   *
   * @param service as in AWS's addresses, such as {@code lakeformation}
   * @param builder of the service's asynchronous client, with what only that service has set
   */
  public <B extends AwsAsyncClientBuilder<B, C> & AwsClientBuilder<B, C>, C> C client(
      String service, B builder) {
    return client(service, builder, ownCredentials());
  }

  /**
   * A client with other credentials, such as those of a role that was assumed for somebody.
   *
   * @param service as in AWS's addresses
   * @param builder of the service's asynchronous client
   * @param as whose credentials; asked again for each call
   */
  public <B extends AwsAsyncClientBuilder<B, C> & AwsClientBuilder<B, C>, C> C client(
      String service, B builder, AwsCredentialsProvider as) {
    config.region().ifPresent(region -> builder.region(Region.of(region)));
    endpoint(service).ifPresent(builder::endpointOverride);
    C client =
        builder
            .httpClient(http())
            .credentialsProvider(as)
            .overrideConfiguration(overrides())
            .build();
    if (client instanceof SdkAutoCloseable closeable) {
      synchronized (open) {
        open.push(closeable);
      }
    }
    return client;
  }

  /** The address that a service has instead of AWS's own; empty when it has none. */
  public Optional<URI> endpoint(String service) {
    return Optional.ofNullable(config.endpoints().get(service)).or(config::endpoint);
  }

  private ClientOverrideConfiguration overrides() {
    RetryMode mode =
        config.retry().mode() == AwsConfig.Mode.ADAPTIVE
            ? RetryMode.ADAPTIVE_V2
            : RetryMode.STANDARD;
    RetryStrategy retries =
        AwsRetryStrategy.forRetryMode(mode).toBuilder()
            .maxAttempts(config.retry().maxAttempts())
            .build();
    ClientOverrideConfiguration.Builder overrides = ClientOverrideConfiguration.builder();
    interceptors.forEach(overrides::addExecutionInterceptor);
    return overrides
        .retryStrategy(retries)
        .apiCallAttemptTimeout(config.attemptTimeout())
        .apiCallTimeout(config.callTimeout())
        .putAdvancedOption(SdkAdvancedClientOption.USER_AGENT_SUFFIX, "lakegate/" + application)
        .addMetricPublisher(new AwsMetrics(registry))
        .build();
  }

  private synchronized SdkAsyncHttpClient http() {
    if (http == null) {
      http =
          NettyNioAsyncHttpClient.builder()
              .maxConcurrency(config.maxConnections())
              .connectionTimeout(config.connectTimeout())
              .connectionAcquisitionTimeout(config.attemptTimeout())
              .readTimeout(config.attemptTimeout())
              // The SDK's default is two for each core, which a small task cannot use.
              .eventLoopGroupBuilder(SdkEventLoopGroup.builder().numberOfThreads(EVENT_LOOPS))
              .build();
    }
    return http;
  }

  private synchronized AwsCredentialsProvider ownCredentials() {
    if (credentials == null) {
      AwsConfig.Credentials given = config.credentials();
      if (given.accessKeyId().isEmpty() != given.secretAccessKey().isEmpty()) {
        throw new IllegalStateException(
            "lakegate.aws.client.credentials needs both access-key-id and secret-access-key");
      }
      credentials =
          given.accessKeyId().isEmpty()
              ? DefaultCredentialsProvider.builder().build()
              : StaticCredentialsProvider.create(
                  given
                      .sessionToken()
                      .<software.amazon.awssdk.auth.credentials.AwsCredentials>map(
                          token ->
                              AwsSessionCredentials.create(
                                  given.accessKeyId().get(), given.secretAccessKey().get(), token))
                      .orElseGet(
                          () ->
                              AwsBasicCredentials.create(
                                  given.accessKeyId().get(), given.secretAccessKey().get())));
    }
    return credentials;
  }

  @PreDestroy
  void close() {
    synchronized (open) {
      while (!open.isEmpty()) {
        open.pop().close();
      }
    }
    synchronized (this) {
      if (http != null) {
        http.close();
        http = null;
      }
    }
  }
}
