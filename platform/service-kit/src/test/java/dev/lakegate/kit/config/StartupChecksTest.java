package dev.lakegate.kit.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StartupChecksTest {
  private static final Map<String, String> GOOD =
      Map.of(
          "lakegate.identity.issuer", "http://localhost:8180",
          "lakegate.identity.jwks-url", "http://localhost:8180/jwks");

  private static IdentityCheck identity(Map<String, String> changes) {
    Map<String, String> settings = new HashMap<>(GOOD);
    changes.forEach(
        (name, value) -> {
          if (value == null) {
            settings.remove(name);
          } else {
            settings.put(name, value);
          }
        });
    IdentityCheck check = new IdentityCheck();
    check.config =
        new SmallRyeConfigBuilder()
            .withSources(new PropertiesConfigSource(settings, "test", 100))
            .withMapping(IdentityConfig.class)
            .build()
            .getConfigMapping(IdentityConfig.class);
    return check;
  }

  @Test
  void shouldStartWhenNothingIsWrong() {
    assertThatCode(() -> StartupChecks.verify(List.of(identity(Map.of()))))
        .doesNotThrowAnyException();
  }

  @Test
  void shouldReportAllProblemsOfAllChecksTogether() {
    Map<String, String> settings = new HashMap<>();
    settings.put("lakegate.identity.issuer", null);
    settings.put("lakegate.identity.jwks-url", "keys.json");
    settings.put("lakegate.identity.signature-algorithm", "HS256");
    settings.put("lakegate.identity.claims.personas", "realm_access//roles");
    StartupCheck broken =
        () -> {
          throw new IllegalStateException("disk is gone");
        };
    assertThatThrownBy(() -> StartupChecks.verify(List.of(identity(settings), broken)))
        .isInstanceOf(StartupFailedException.class)
        .hasMessageContaining("lakegate.identity.issuer: is not set. Remedy: Set it")
        .hasMessageContaining("lakegate.identity.jwks-url: 'keys.json' is not an absolute")
        .hasMessageContaining("lakegate.identity.signature-algorithm: 'HS256' is not an asymmetric")
        .hasMessageContaining("lakegate.identity.claims: claim path 'realm_access//roles'")
        .hasMessageContaining("disk is gone");
  }

  @Test
  void shouldAcceptBothSignaturesOfTheContract() {
    assertThat(identity(Map.of("lakegate.identity.signature-algorithm", "ES256")).problems())
        .isEmpty();
    assertThat(identity(Map.of("lakegate.identity.signature-algorithm", "none")).problems())
        .hasSize(1);
  }

  @Test
  void shouldDefaultToTheDocumentedValues() {
    IdentityConfig config = identity(Map.of()).config;
    assertThat(config.audience()).isEqualTo("lakegate");
    assertThat(config.signatureAlgorithm()).isEqualTo("RS256");
    assertThat(config.claims().personas()).isEqualTo("personas");
    assertThat(config.claims().tenants()).isEqualTo("tenants");
    assertThat(config.claims().tier()).isEqualTo("tier");
    assertThat(config.administrators()).containsExactly("LakeFormationAdmin");
    assertThat(config.operators()).containsExactlyInAnyOrder("LakeFormationAdmin", "DataEngineer");
  }
}
