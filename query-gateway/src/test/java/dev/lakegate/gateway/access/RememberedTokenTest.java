package dev.lakegate.gateway.access;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lakegate.kit.testing.IssuerResource;
import dev.lakegate.kit.testing.TestIssuer;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A signature that is remembered makes no token good that would not be. */
@QuarkusTest
@QuarkusTestResource(IssuerResource.class)
@QuarkusTestResource(value = AccessResource.class, restrictToAnnotatedClass = true)
class RememberedTokenTest {
  TestIssuer issuer;

  @Inject SignatureMemory memory;

  @BeforeEach
  void ready() throws InterruptedException {
    await(() -> ask(issuer.admin()) == 200, "the gateway has its first policy");
  }

  private Map<String, Object> claims() {
    Map<String, Object> claims = issuer.claims("ann-" + UUID.randomUUID());
    claims.put("personas", List.of("DataEngineer"));
    return claims;
  }

  private static int ask(String token) {
    return given()
        .header("Authorization", "Bearer " + token)
        .get("/api/v1/catalog")
        .then()
        .extract()
        .statusCode();
  }

  private static void await(BooleanSupplier condition, String what) throws InterruptedException {
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as(what).isLessThan(end);
      Thread.sleep(20);
    }
  }

  @Test
  void shouldRememberAGoodToken() {
    int before = memory.size();
    assertThat(ask(issuer.sign(claims()))).isEqualTo(200);
    assertThat(memory.size()).isGreaterThan(before);
  }

  @Test
  void shouldRefuseARememberedTokenWhenItHasExpired() throws InterruptedException {
    Map<String, Object> claims = claims();
    claims.put("exp", Instant.now().getEpochSecond() + 5);
    String token = issuer.sign(claims);
    assertThat(ask(token)).isEqualTo(200);
    await(() -> ask(token) == 401, "the token has expired");
    assertThat(ask(token)).isEqualTo(401);
  }

  @Test
  void shouldRefuseEachTimeWhatIsWellSignedAndNotGood() {
    Map<String, Object> early = claims();
    early.put("nbf", Instant.now().getEpochSecond() + 300);
    Map<String, Object> late = claims();
    late.put("exp", Instant.now().getEpochSecond() - 300);
    Map<String, Object> elsewhere = claims();
    elsewhere.put("aud", "another");
    Map<String, Object> foreign = claims();
    foreign.put("iss", "https://another.example");
    Map<String, Object> nonsense = claims();
    nonsense.put("personas", Map.of("a", 1));
    for (Map<String, Object> bad : List.of(early, late, elsewhere, foreign, nonsense)) {
      String token = issuer.sign(bad);
      for (int i = 0; i < 3; i++) {
        assertThat(ask(token)).as(bad.toString()).isEqualTo(401);
      }
    }
  }

  @Test
  void shouldRefuseARememberedTokenWithOneOtherCharacter() {
    String token = issuer.sign(claims());
    assertThat(ask(token)).isEqualTo(200);
    int parts = token.indexOf('.');
    int signature = token.lastIndexOf('.');
    for (int at : List.of(3, parts + 5, (parts + signature) / 2, signature + 1, signature + 100)) {
      char other = token.charAt(at) == 'A' ? 'B' : 'A';
      assertThat(ask(token.substring(0, at) + other + token.substring(at + 1)))
          .as("character %s", at)
          .isEqualTo(401);
    }
    assertThat(ask(token)).isEqualTo(200);
  }

  @Test
  void shouldRefuseARememberedTokenWhenItsKeyIsNotTheIssuersAnyMore() throws InterruptedException {
    String token = issuer.sign(claims());
    assertThat(ask(token)).isEqualTo(200);
    issuer.publishKeys(false);
    try {
      await(() -> ask(token) == 401, "the key is gone");
    } finally {
      issuer.publishKeys(true);
    }
    await(() -> ask(token) == 200, "the key is back");
  }
}
