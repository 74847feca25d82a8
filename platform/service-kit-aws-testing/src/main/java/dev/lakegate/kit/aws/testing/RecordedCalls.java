package dev.lakegate.kit.aws.testing;

import java.util.Locale;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.core.interceptor.SdkExecutionAttribute;

/**
 * Sits in every client of the SDK in tests: a test gives it to {@code AwsClients}, and where CDI
 * makes that, a bean of a class of its own that extends this one is enough. It refuses a request
 * that AWS's description of the service does not allow, and remembers which operations were called,
 * as they are named in policies: {@code lakeformation:GrantPermissions}. Where moto is not
 * installed, and so no description, requests are not checked. Thread-safe.
 */
public class RecordedCalls implements ExecutionInterceptor {
  private static final ConcurrentSkipListSet<String> CALLS = new ConcurrentSkipListSet<>();

  /** A request that the service would not take. */
  public static final class InvalidRequestException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    InvalidRequestException(String message) {
      super(message);
    }
  }

  /** Operations that were called so far in this process, as policies name them, sorted. */
  public static SortedSet<String> calls() {
    return new TreeSet<>(CALLS);
  }

  /** Whether requests are checked: where AWS's descriptions are installed, beside moto. */
  public static boolean checking() {
    return Moto.botocoreData().isPresent();
  }

  @Override
  public void beforeExecution(Context.BeforeExecution context, ExecutionAttributes attributes) {
    String operation = attributes.getAttribute(SdkExecutionAttribute.OPERATION_NAME);
    String service =
        attributes
            .getAttribute(SdkExecutionAttribute.SERVICE_NAME)
            .toLowerCase(Locale.ROOT)
            .replace(" ", "");
    Optional<ServiceModel> model = ServiceModel.of(service);
    String problem = model.isEmpty() ? null : model.get().problem(operation, context.request());
    if (problem != null) {
      throw new InvalidRequestException(problem);
    }
    CALLS.add(service + ":" + operation);
  }
}
