package dev.lakegate.model.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakegate.model.policy.PrincipalMapper.UnusableClaimException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PrincipalMapperTest {
  private final PrincipalMapper mapper = new PrincipalMapper("personas", "tenants", "tier");

  @Test
  void shouldMapArraysTextsAndAbsence() {
    Map<String, Object> claims = claims();
    claims.put("personas", List.of("DataAnalyst", "DataAnalyst", ""));
    claims.put("tenants", "tenant-1");
    Principal principal = mapper.map(claims);
    assertThat(principal.issuer()).isEqualTo("http://localhost:8180");
    assertThat(principal.subject()).isEqualTo("someone");
    assertThat(principal.personas()).containsExactly("DataAnalyst");
    assertThat(principal.tenants()).containsExactly("tenant-1");
    assertThat(principal.tier()).isNull();
  }

  @Test
  void nothingClaimedShouldBeNobody() {
    Principal principal = mapper.map(claims());
    assertThat(principal.personas()).isEmpty();
    assertThat(principal.tenants()).isEmpty();
  }

  @Test
  void shouldFollowPathsAndQuotedNames() {
    Map<String, Object> claims = claims();
    claims.put("realm_access", Map.of("roles", List.of("DataEngineer")));
    claims.put("https://example.com/tenants", List.of("tenant-2"));
    Principal principal =
        new PrincipalMapper("realm_access/roles", "\"https://example.com/tenants\"", "account/tier")
            .map(claims);
    assertThat(principal.personas()).containsExactly("DataEngineer");
    assertThat(principal.tenants()).containsExactly("tenant-2");
    assertThat(principal.tier()).isNull();
  }

  static Stream<Object> unusable() {
    return Stream.of(
        7,
        true,
        Map.of("a", "b"),
        List.of(List.of("tenant-1")),
        List.of("tenant-1", 7),
        Arrays.asList("tenant-1", null),
        Collections.nCopies(257, "tenant-1"),
        "x".repeat(257),
        List.of("x".repeat(257)),
        "tenant-1\u0000",
        List.of("tenant-1", "tenant\n2"),
        new StringBuilder("tenant-1"));
  }

  @ParameterizedTest
  @MethodSource("unusable")
  void shouldRefuseWhatItDoesNotExpect(Object value) {
    for (String claim : List.of("personas", "tenants", "tier", "sub", "iss")) {
      Map<String, Object> claims = claims();
      claims.put(claim, value);
      assertThatThrownBy(() -> mapper.map(claims))
          .isInstanceOf(UnusableClaimException.class)
          .hasMessageContaining("'" + claim + "'");
    }
  }

  @Test
  void shouldRefuseNull() {
    for (String claim : List.of("personas", "tenants", "tier", "sub", "iss")) {
      Map<String, Object> claims = claims();
      claims.put(claim, null);
      assertThatThrownBy(() -> mapper.map(claims)).isInstanceOf(UnusableClaimException.class);
    }
  }

  @Test
  void shouldRefuseAPathThroughAText() {
    Map<String, Object> claims = claims();
    claims.put("realm_access", "roles");
    assertThatThrownBy(() -> new PrincipalMapper("realm_access/roles", "t", "x").map(claims))
        .isInstanceOf(UnusableClaimException.class)
        .hasMessageContaining("realm_access/roles");
  }

  @Test
  void shouldTakeTheMostThatIsAllowed() {
    Map<String, Object> claims = claims();
    List<String> tenants = new ArrayList<>();
    for (int i = 0; i < 256; i++) {
      tenants.add("t" + i);
    }
    claims.put("tenants", tenants);
    claims.put("tier", "x".repeat(256));
    assertThat(mapper.map(claims).tenants()).hasSize(256);
  }

  @Test
  void tierShouldBeOneText() {
    Map<String, Object> claims = claims();
    claims.put("tier", List.of("enterprise"));
    assertThatThrownBy(() -> mapper.map(claims)).isInstanceOf(UnusableClaimException.class);
    claims.put("tier", "");
    assertThat(mapper.map(claims).tier()).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"sub", "iss"})
  void shouldNeedIssuerAndSubject(String claim) {
    Map<String, Object> claims = claims();
    claims.remove(claim);
    assertThatThrownBy(() -> mapper.map(claims)).isInstanceOf(UnusableClaimException.class);
    claims.put(claim, "");
    assertThatThrownBy(() -> mapper.map(claims)).isInstanceOf(UnusableClaimException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/", "a//b", "a/", "\"a", " "})
  void shouldRefuseMalformedPaths(String path) {
    assertThatThrownBy(() -> new PrincipalMapper(path, "tenants", "tier"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static Map<String, Object> claims() {
    Map<String, Object> claims = new HashMap<>();
    claims.put("iss", "http://localhost:8180");
    claims.put("sub", "someone");
    return claims;
  }
}
