package dev.lakegate.ingest.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.lakegate.kit.config.ServicesConfig;
import dev.lakegate.kit.error.LakegateException;
import dev.lakegate.kit.identity.CurrentPrincipal;
import dev.lakegate.model.policy.Principal;
import io.quarkus.runtime.configuration.MemorySize;
import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nothing is done of which nobody could tell afterwards who ordered it. */
class OperatorAuditTest {
  /** Room for some events in front of what the outbox keeps free for one that is long. */
  private static final int MAX_BYTES = 80 << 10;

  @TempDir Path directory;
  private final AtomicInteger carriedOut = new AtomicInteger();
  private OperatorAudit audit;

  @BeforeEach
  void start() {
    audit = new OperatorAudit();
    audit.work = () -> Optional.of(directory);
    audit.config =
        new AuditConfig() {
          @Override
          public MemorySize maxBytes() {
            return new MemorySize(BigInteger.valueOf(MAX_BYTES));
          }

          @Override
          public Duration drainInterval() {
            return Duration.ofHours(1);
          }
        };
    audit.services =
        new ServicesConfig() {
          @Override
          public Optional<URI> ingestUrl() {
            return Optional.empty();
          }

          @Override
          public Optional<URI> transformUrl() {
            return Optional.empty();
          }

          @Override
          public Optional<URI> governanceUrl() {
            return Optional.empty();
          }

          @Override
          public Optional<URI> gatewayUrl() {
            return Optional.empty();
          }
        };
    audit.caller =
        new CurrentPrincipal() {
          @Override
          public Principal require() {
            return new Principal("issuer", "engineer", new TreeSet<>(), new TreeSet<>(), null);
          }
        };
    audit.start();
  }

  @AfterEach
  void stop() throws IOException {
    audit.stop(null);
  }

  private int order() throws InterruptedException {
    return audit.keep(
        "forget", "source", Map.of("why", "x".repeat(500)), carriedOut::incrementAndGet);
  }

  private LakegateException refused() {
    return catchThrowableOfType(LakegateException.class, this::order);
  }

  private List<String> events() throws IOException {
    try (Stream<Path> files = Files.list(directory.resolve("audit-outbox"))) {
      return files
          .flatMap(
              file -> {
                try {
                  return Files.readAllLines(file).stream();
                } catch (IOException e) {
                  throw new IllegalStateException(e);
                }
              })
          // Behind the last line a segment is made long beforehand.
          .filter(line -> line.startsWith("{"))
          .toList();
    }
  }

  @Test
  void anOrderIsRefusedBeforeAnythingIsDoneWhileTheOutboxIsFull() throws Exception {
    LakegateException refusal = refused();
    while (refusal == null && carriedOut.get() < 1000) {
      refusal = refused();
    }
    int done = carriedOut.get();
    assertThat(done).isBetween(5, 200);
    assertThat(refusal.status()).isEqualTo(503);
    assertThat(refusal.code()).isEqualTo("AUDIT_UNAVAILABLE");
    assertThat(refusal.remedy()).contains("governance-service", "disk");
    assertThat(refusal.retryAfter()).isPresent();
    assertThat(events()).as("each that was carried out is kept").hasSize(done);
    // The next start finds it as full.
    stop();
    start();
    assertThat(refused().code()).isEqualTo("AUDIT_UNAVAILABLE");
    assertThat(carriedOut).as("no order was carried out without its event").hasValue(done);
  }
}
