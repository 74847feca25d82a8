package dev.lakegate.kit.aws;

import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** From the SDK's futures to Mutiny and to blocking code; failures become {@link AwsFailure}. */
public final class AwsCalls {
  // The client's own timeout ends a call; this one only guards against a future that nobody ends.
  private static final Duration LONGEST = Duration.ofMinutes(15);

  private AwsCalls() {}

  /**
   * A call that is made on each subscription. What follows runs on a worker thread of the service,
   * never on one of the SDK's, which few calls share.
   *
   * @param call issues the call
   */
  public static <T> Uni<T> uni(Supplier<CompletableFuture<T>> call) {
    return Uni.createFrom()
        .completionStage(call)
        .onFailure()
        .transform(AwsFailure::of)
        .emitOn(Infrastructure.getDefaultWorkerPool());
  }

  /**
   * Makes a call and waits for it. For worker threads only.
   *
   * @throws AwsFailure when it failed for good
   */
  public static <T> T await(Supplier<CompletableFuture<T>> call) {
    try {
      return Uni.createFrom().completionStage(call).await().atMost(LONGEST);
    } catch (RuntimeException e) {
      throw AwsFailure.of(e);
    }
  }
}
