package dev.lakegate.laptop.identity;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.lakegate.laptop.identity.DemoUsers.DemoUser;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Signs and reads the issuer's tokens. The key lives in memory, one per start. Thread-safe. */
final class Tokens {
  static final Duration ACCESS_LIFE = Duration.ofMinutes(15);
  private static final String AUDIENCE = "lakegate";
  private static final String INTERNAL_SCOPE = "lakegate.internal";

  private final String issuer;
  private final Clock clock;
  private final RSAKey key;
  private final RSASSASigner signer;

  Tokens(String issuer, Clock clock, RSAKey key) {
    this.issuer = issuer;
    this.clock = clock;
    this.key = key;
    try {
      this.signer = new RSASSASigner(key);
    } catch (JOSEException e) {
      throw new IllegalStateException("cannot sign with this key", e);
    }
  }

  static RSAKey newKey() {
    try {
      return new RSAKeyGenerator(2048)
          .keyUse(KeyUse.SIGNATURE)
          .algorithm(JWSAlgorithm.RS256)
          .keyID(UUID.randomUUID().toString())
          .generate();
    } catch (JOSEException e) {
      throw new IllegalStateException("cannot make a signing key", e);
    }
  }

  /** The public keys, as JSON. */
  String jwks() {
    return new JWKSet(key.toPublicJWK()).toString();
  }

  String access(DemoUser user, String clientId, String scope) {
    JWTClaimsSet.Builder claims =
        claims(user.name(), AUDIENCE, clientId, scope)
            .claim("preferred_username", user.name())
            .claim("personas", user.personas())
            .claim("tenants", user.tenants());
    if (user.tier() != null) {
      claims.claim("tier", user.tier());
    }
    return sign(claims.build());
  }

  /** For a service: it has no personas and so sees no rows; the scope opens internal calls. */
  String serviceAccess(String clientId) {
    return sign(claims(clientId, AUDIENCE, clientId, INTERNAL_SCOPE).build());
  }

  String id(Grants.Login login) {
    JWTClaimsSet.Builder claims =
        claims(login.user().name(), login.clientId(), login.clientId(), null)
            .claim("preferred_username", login.user().name())
            .claim("personas", login.user().personas())
            .claim("tenants", login.user().tenants())
            .claim("sid", login.id());
    if (login.nonce() != null) {
      claims.claim("nonce", login.nonce());
    }
    return sign(claims.build());
  }

  /** The claims of a valid access token. */
  Optional<JWTClaimsSet> readAccess(String token) {
    return read(token)
        .filter(c -> c.getAudience().equals(List.of(AUDIENCE)))
        .filter(c -> c.getExpirationTime().toInstant().isAfter(clock.instant()));
  }

  /** The login that an id token of ours came from, even when the token is out of date. */
  Optional<String> loginOf(String idToken) {
    return read(idToken)
        .map(c -> c.getClaim("sid"))
        .filter(String.class::isInstance)
        .map(String.class::cast);
  }

  private Optional<JWTClaimsSet> read(String token) {
    try {
      SignedJWT jwt = SignedJWT.parse(token);
      if (!jwt.getHeader().getAlgorithm().equals(JWSAlgorithm.RS256)
          || !jwt.verify(new RSASSAVerifier(key.toRSAPublicKey()))) {
        return Optional.empty();
      }
      JWTClaimsSet claims = jwt.getJWTClaimsSet();
      return issuer.equals(claims.getIssuer()) ? Optional.of(claims) : Optional.empty();
    } catch (ParseException | JOSEException e) {
      return Optional.empty();
    }
  }

  private JWTClaimsSet.Builder claims(
      String subject, String audience, String clientId, String scope) {
    Instant now = clock.instant();
    JWTClaimsSet.Builder claims =
        new JWTClaimsSet.Builder()
            .issuer(issuer)
            .subject(subject)
            .audience(audience)
            .jwtID(UUID.randomUUID().toString())
            .issueTime(Date.from(now))
            .notBeforeTime(Date.from(now))
            .expirationTime(Date.from(now.plus(ACCESS_LIFE)))
            .claim("azp", clientId);
    return scope == null ? claims : claims.claim("scope", scope);
  }

  private String sign(JWTClaimsSet claims) {
    SignedJWT jwt =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.RS256)
                .type(JOSEObjectType.JWT)
                .keyID(key.getKeyID())
                .build(),
            claims);
    try {
      jwt.sign(signer);
    } catch (JOSEException e) {
      throw new IllegalStateException("cannot sign a token", e);
    }
    return jwt.serialize();
  }
}
