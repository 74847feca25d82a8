package dev.lakegate.kit.aws;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import software.amazon.awssdk.core.metrics.CoreMetric;
import software.amazon.awssdk.metrics.MetricCollection;
import software.amazon.awssdk.metrics.MetricPublisher;
import software.amazon.awssdk.metrics.SdkMetric;

/**
 * What calls of AWS cost: {@code lakegate.aws.calls} (timer) and {@code lakegate.aws.retries}
 * (counter), by service, operation and, of calls, outcome: {@code success} or why the last attempt
 * failed. Thread-safe.
 */
final class AwsMetrics implements MetricPublisher {
  private final MeterRegistry registry;

  AwsMetrics(MeterRegistry registry) {
    this.registry = registry;
  }

  @Override
  public void publish(MetricCollection call) {
    if (!"ApiCall".equals(call.name())) {
      return;
    }
    String service = first(call, CoreMetric.SERVICE_ID, "unknown");
    String operation = first(call, CoreMetric.OPERATION_NAME, "unknown");
    Timer.builder("lakegate.aws.calls")
        .description("Calls of AWS, with all their attempts")
        .tag("service", service)
        .tag("operation", operation)
        .tag("outcome", outcome(call))
        .register(registry)
        .record(first(call, CoreMetric.API_CALL_DURATION, Duration.ZERO));
    registry
        .counter("lakegate.aws.retries", "service", service, "operation", operation)
        .increment(first(call, CoreMetric.RETRY_COUNT, 0));
  }

  private static String outcome(MetricCollection call) {
    if (first(call, CoreMetric.API_CALL_SUCCESSFUL, false)) {
      return "success";
    }
    List<MetricCollection> attempts = call.children();
    String last =
        attempts.isEmpty()
            ? "other"
            : first(attempts.get(attempts.size() - 1), CoreMetric.ERROR_TYPE, "other");
    return last.toLowerCase(Locale.ROOT);
  }

  private static <T> T first(MetricCollection collection, SdkMetric<T> metric, T otherwise) {
    List<T> values = collection.metricValues(metric);
    return values.isEmpty() ? otherwise : values.get(0);
  }

  @Override
  public void close() {}
}
