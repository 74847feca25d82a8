package dev.lakegate.kit.identity;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.lakegate.kit.config.IdentityConfig;
import dev.lakegate.model.policy.Principal;
import dev.lakegate.model.policy.PrincipalMapper;
import dev.lakegate.model.policy.PrincipalMapper.UnusableClaimException;
import io.quarkus.oidc.AccessTokenCredential;
import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.security.identity.AuthenticationRequestContext;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.security.identity.SecurityIdentityAugmentor;
import io.quarkus.security.runtime.QuarkusSecurityIdentity;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.Map;

/**
 * Maps a verified token to a principal while the caller is authenticated, so that a token whose
 * claims make no sense is refused everywhere, also where nobody looks at the principal.
 */
@Singleton
class ClaimsAugmentor implements SecurityIdentityAugmentor {
  private static final int LONGEST_NAME = 256;
  private static final TypeReference<Map<String, Object>> CLAIMS = new TypeReference<>() {};

  // A claim given twice means different things to different readers.
  private static final ObjectMapper STRICT =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private final PrincipalMapper mapper;

  @Inject
  ClaimsAugmentor(IdentityConfig config) {
    IdentityConfig.Claims paths = config.claims();
    this.mapper = new PrincipalMapper(paths.personas(), paths.tenants(), paths.tier());
  }

  @Override
  public Uni<SecurityIdentity> augment(
      SecurityIdentity identity, AuthenticationRequestContext context) {
    AccessTokenCredential token = identity.getCredential(AccessTokenCredential.class);
    if (identity.isAnonymous() || token == null) {
      return Uni.createFrom().item(identity);
    }
    try {
      Map<String, Object> claims = claims(token.getToken());
      Principal principal = mapper.map(claims);
      return Uni.createFrom()
          .item(
              QuarkusSecurityIdentity.builder(identity)
                  .addAttribute(Caller.ATTRIBUTE, caller(principal, claims))
                  .build());
    } catch (IllegalArgumentException | UnusableClaimException e) {
      return Uni.createFrom().failure(new AuthenticationFailedException(e.getMessage(), e));
    }
  }

  /** The payload of a token whose signature the OIDC extension has verified. */
  private static Map<String, Object> claims(String token) {
    String[] parts = token.split("\\.", -1);
    if (parts.length != 3) {
      throw new IllegalArgumentException("the token is not a signed JWT");
    }
    try {
      byte[] payload = Base64.getUrlDecoder().decode(parts[1]);
      return STRICT.readValue(new String(payload, StandardCharsets.UTF_8), CLAIMS);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("the token's claims are not one JSON object", e);
    } catch (IOException e) {
      throw new IllegalArgumentException("the token's claims cannot be read", e);
    }
  }

  private static Caller caller(Principal principal, Map<String, Object> claims) {
    // Subjects are often no names; what one logs in with is the issuer's preferred_username.
    String login =
        claims.get("preferred_username") instanceof String name && isName(name)
            ? name
            : principal.subject();
    Instant issuedAt =
        claims.get("iat") instanceof Number seconds
            ? Instant.ofEpochSecond(seconds.longValue())
            : null;
    return new Caller(principal, isService(claims), login, issuedAt, null);
  }

  private static boolean isName(String text) {
    return !text.isBlank()
        && text.length() <= LONGEST_NAME
        && text.chars().noneMatch(Character::isISOControl);
  }

  /** {@code scope} is text with spaces in most providers and an array in some. */
  private static boolean isService(Map<String, Object> claims) {
    Object scope = claims.get("scope");
    if (scope instanceof String text) {
      return Arrays.asList(text.split(" ")).contains(CurrentPrincipal.SERVICE_SCOPE);
    }
    return scope instanceof Collection<?> several
        && several.contains(CurrentPrincipal.SERVICE_SCOPE);
  }
}
