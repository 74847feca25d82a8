package dev.lakegate.gateway.access;

import com.fasterxml.jackson.databind.JsonNode;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;
import java.util.function.LongSupplier;

/**
 * Asks governance-service about tokens, and keeps each answer for {@value #KEPT_SECONDS} seconds:
 * that is how long a revoked token, or a claim that was taken away, may go on working. While it
 * does not answer, no token is good. Requests that come at once with one token ask once.
 * Thread-safe.
 */
@ApplicationScoped
class TokenVerifier {
  static final int KEPT_SECONDS = 5;
  private static final int MOST_KEPT = 10_000;

  private record Kept(long askedAt, CompletableFuture<Verdict> verdict) {}

  private final Map<String, Kept> kept = new ConcurrentHashMap<>();
  private final BiFunction<String, String, Verdict> ask;
  private final Executor executor;
  private final LongSupplier nanos;

  @Inject
  TokenVerifier(GovernanceClient governance) {
    this(
        (hash, from) ->
            Verdict.read(
                governance
                    .get()
                    .post(
                        "/api/v1/personal-tokens/verify",
                        Map.of("hash", hash, "from", from),
                        JsonNode.class)),
        Infrastructure.getDefaultExecutor(),
        System::nanoTime);
  }

  TokenVerifier(BiFunction<String, String, Verdict> ask, Executor executor, LongSupplier nanos) {
    this.ask = ask;
    this.executor = executor;
    this.nanos = nanos;
  }

  /** Whether the answer about this token need not be asked for. */
  boolean isKnown(String hash) {
    Kept known = kept.get(hash);
    return known != null && isFresh(known);
  }

  /**
   * What is true of a token. Ends with a ServiceCallException or a LakegateException when it cannot
   * be told.
   *
   * @param from the client's address
   */
  CompletableFuture<Verdict> verify(String hash, String from) {
    if (kept.size() >= MOST_KEPT) {
      kept.values().removeIf(old -> !isFresh(old));
      if (kept.size() >= MOST_KEPT) {
        kept.clear();
      }
    }
    CompletableFuture<Verdict> mine = new CompletableFuture<>();
    Kept now =
        kept.compute(
            hash,
            (key, old) -> old != null && isFresh(old) ? old : new Kept(nanos.getAsLong(), mine));
    if (now.verdict() == mine) {
      executor.execute(
          () -> {
            try {
              mine.complete(ask.apply(hash, from));
            } catch (RuntimeException | Error e) {
              kept.remove(hash, now);
              mine.completeExceptionally(e);
            }
          });
    }
    return now.verdict();
  }

  private boolean isFresh(Kept known) {
    return nanos.getAsLong() - known.askedAt() < Duration.ofSeconds(KEPT_SECONDS).toNanos();
  }
}
