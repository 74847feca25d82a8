package dev.lakegate.kit.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.lakegate.kit.aws.testing.Answer;
import dev.lakegate.kit.aws.testing.Call;
import dev.lakegate.kit.aws.testing.EmulatedAws;
import dev.lakegate.kit.aws.testing.Fault;
import dev.lakegate.kit.aws.testing.RecordedCalls;
import dev.lakegate.kit.error.LakegateException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.sts.StsAsyncClient;

class AwsClientsTest {
  private static final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private static EmulatedAws aws;
  // One for most tests: closing an HTTP client takes seconds.
  private static AwsClients shared;

  private AwsClients clients;

  /** Answers who asks; that is enough to look at a client's behaviour. */
  private static final class Identity implements EmulatedAws.Stub {
    @Override
    public Optional<Answer> answer(Call call) {
      return call.operation().equals("GetCallerIdentity")
          ? Optional.of(
              new Answer(
                  200,
                  Map.of("Content-Type", "text/xml"),
                  ("<GetCallerIdentityResponse><GetCallerIdentityResult><Account>123456789012"
                          + "</Account></GetCallerIdentityResult></GetCallerIdentityResponse>")
                      .getBytes(StandardCharsets.UTF_8),
                  false))
          : Optional.empty();
    }

    @Override
    public void reset() {}
  }

  @BeforeAll
  static void start() {
    aws = EmulatedAws.withoutMoto(new Identity());
    shared = clients(aws, Map.of());
  }

  @AfterAll
  static void stop() {
    shared.close();
    aws.close();
  }

  @BeforeEach
  void reset() {
    aws.reset();
    registry.clear();
    clients = shared;
  }

  private static AwsClients clients(EmulatedAws aws, Map<String, String> more) {
    Map<String, String> settings = new HashMap<>();
    settings.put("lakegate.aws.client.region", "us-east-1");
    settings.put("lakegate.aws.client.endpoints.sts", aws.address().toString());
    settings.put("lakegate.aws.client.credentials.access-key-id", "made-up");
    settings.put("lakegate.aws.client.credentials.secret-access-key", "made-up");
    settings.putAll(more);
    AwsConfig config =
        new SmallRyeConfigBuilder()
            .withSources(new PropertiesConfigSource(settings, "test", 100))
            .withMapping(AwsConfig.class)
            .build()
            .getConfigMapping(AwsConfig.class);
    return new AwsClients(config, registry, "trial", List.of(new RecordedCalls()));
  }

  private String account() {
    StsAsyncClient sts = clients.client("sts", StsAsyncClient.builder());
    return AwsCalls.await(sts::getCallerIdentity).account();
  }

  private AwsFailure failure() {
    return catchThrowableOfType(AwsFailure.class, this::account);
  }

  @Test
  void aCallGoesToTheGivenAddressAndIsMeasured() {
    assertThat(account()).isEqualTo("123456789012");

    assertThat(
            registry
                .get("lakegate.aws.calls")
                .tags("service", "STS", "operation", "GetCallerIdentity", "outcome", "success")
                .timer()
                .totalTime(TimeUnit.NANOSECONDS))
        .isPositive();
    assertThat(RecordedCalls.calls()).contains("sts:GetCallerIdentity");
  }

  @Test
  void whatPassesByItselfIsRepeatedAndCounted() {
    aws.fail("GetCallerIdentity", new Fault.ServerError(503), 1);
    aws.fail("GetCallerIdentity", new Fault.Throttled(), 1);

    assertThat(account()).isEqualTo("123456789012");
    assertThat(aws.seen()).hasSize(3);
    assertThat(registry.get("lakegate.aws.retries").counter().count()).isEqualTo(2);
  }

  @Test
  void aCutAnswerIsNotTakenForAWholeOne() {
    aws.fail("GetCallerIdentity", new Fault.Truncated(), 1);

    assertThat(account()).isEqualTo("123456789012");
    assertThat(aws.seen()).hasSize(2);
  }

  @Test
  void throttlingForGoodIsSaidToBeThat() {
    aws.fail("*", new Fault.Throttled(), 100);

    AwsFailure failure = failure();
    assertThat(failure.kind()).isEqualTo(AwsFailure.Kind.THROTTLED);
    assertThat(aws.seen()).hasSize(4);
    LakegateException problem = failure.toLakegate();
    assertThat(problem.status()).isEqualTo(503);
    assertThat(problem.code()).isEqualTo("THROTTLED");
    assertThat(problem.retryAfter()).isPresent();
    assertThat(registry.get("lakegate.aws.calls").tags("outcome", "throttling").timer().count())
        .isEqualTo(1);
  }

  @Test
  void expiredCredentialsAndRefusalsAreNotRepeated() {
    aws.fail("*", new Fault.ExpiredCredentials(), 1);
    assertThat(failure().kind()).isEqualTo(AwsFailure.Kind.EXPIRED_CREDENTIALS);
    aws.fail("*", new Fault.Denied(), 1);
    AwsFailure denied = failure();
    assertThat(denied.kind()).isEqualTo(AwsFailure.Kind.ACCESS_DENIED);
    assertThat(denied.retryable()).isFalse();
    assertThat(denied.toLakegate().getMessage()).doesNotContain("made-up");
    assertThat(aws.seen()).hasSize(2);
  }

  @Test
  void anAttemptThatHangsIsGivenUp() {
    clients =
        clients(
            aws,
            Map.of(
                "lakegate.aws.client.attempt-timeout", "PT0.5S",
                "lakegate.aws.client.retry.max-attempts", "2"));
    aws.fail("*", new Fault.Slow(Duration.ofSeconds(30)), 2);

    assertThat(failure().kind()).isEqualTo(AwsFailure.Kind.TRANSIENT);
    assertThat(aws.seen()).hasSize(2);
    clients.close();
  }

  @Test
  void nobodyThereIsTransient() {
    EmulatedAws gone = EmulatedAws.withoutMoto();
    clients = clients(gone, Map.of());
    gone.close();
    assertThat(failure().kind()).isEqualTo(AwsFailure.Kind.TRANSIENT);
    clients.close();
  }

  @Test
  void continuationsLeaveTheSdksThreads() {
    StsAsyncClient sts = clients.client("sts", StsAsyncClient.builder());
    String thread =
        AwsCalls.uni(sts::getCallerIdentity)
            .map(answer -> Thread.currentThread().getName())
            .await()
            .atMost(Duration.ofSeconds(60));
    assertThat(thread).doesNotContain("sdk-async-response").doesNotContain("aws-java-sdk");
  }

  @Test
  void aSubscriptionThatIsRepeatedCallsAgain() {
    StsAsyncClient sts = clients.client("sts", StsAsyncClient.builder());
    aws.fail("*", new Fault.Denied(), 1);
    assertThat(
            AwsCalls.uni(sts::getCallerIdentity)
                .onFailure(AwsFailure.class)
                .retry()
                .atMost(1)
                .await()
                .atMost(Duration.ofSeconds(60))
                .account())
        .isEqualTo("123456789012");
  }

  @Test
  void halfOfTheCredentialsIsAMistake() {
    clients = clients(aws, Map.of("lakegate.aws.client.credentials.secret-access-key", ""));
    assertThatThrownBy(this::account)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("access-key-id");
  }

  @Test
  void aRequestThatAwsWouldNotTakeIsRefusedByTheTestKit() {
    Assumptions.assumeTrue(RecordedCalls.checking(), "no descriptions of AWS are installed");
    StsAsyncClient sts = clients.client("sts", StsAsyncClient.builder());
    String role = "arn:aws:iam::123456789012:role/reader";
    assertThatThrownBy(() -> AwsCalls.await(() -> sts.assumeRole(r -> r.roleArn(role))))
        .hasStackTraceContaining("lacks the required RoleSessionName");
    assertThatThrownBy(
            () ->
                AwsCalls.await(
                    () -> sts.assumeRole(r -> r.roleArn(role).roleSessionName("no spaces here"))))
        .hasStackTraceContaining("RoleSessionName does not match");
    assertThatThrownBy(
            () ->
                AwsCalls.await(
                    () ->
                        sts.assumeRole(
                            r ->
                                r.roleArn(role)
                                    .roleSessionName("somebody")
                                    .tags(t -> t.key("tenant")))))
        .hasStackTraceContaining("Tags[0] lacks the required Value");
    assertThat(aws.seen()).isEmpty();
  }

  @Test
  void theSameClientTalksToMoto() {
    try (EmulatedAws moto = EmulatedAws.start()) {
      clients = clients(moto, Map.of());
      assertThat(account()).isEqualTo("123456789012");
      assertThatCode(moto::reset).doesNotThrowAnyException();
    } finally {
      clients.close();
    }
  }
}
