package dev.lakegate.gateway.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Base64;
import org.jose4j.jca.ProviderContext;
import org.jose4j.jws.RsaUsingShaAlgorithm;
import org.jose4j.lang.JoseException;
import org.junit.jupiter.api.Test;

class VerifiedSignaturesTest {
  private static final KeyPair KEYS = keys();

  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private int checked;
  private final VerifiedSignatures signatures =
      new VerifiedSignatures(
          new RsaUsingShaAlgorithm.RsaSha256() {
            @Override
            public boolean verifySignature(
                byte[] signature, Key key, byte[] signed, ProviderContext providers)
                throws JoseException {
              checked++;
              return super.verifySignature(signature, key, signed, providers);
            }
          },
          new Clock() {
            @Override
            public Instant instant() {
              return now;
            }

            @Override
            public ZoneId getZone() {
              return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(ZoneId zone) {
              throw new UnsupportedOperationException();
            }
          });

  private static KeyPair keys() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(2048);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] token(String payload) {
    Base64.Encoder url = Base64.getUrlEncoder().withoutPadding();
    return (url.encodeToString("{\"alg\":\"RS256\"}".getBytes(StandardCharsets.UTF_8))
            + "."
            + url.encodeToString(payload.getBytes(StandardCharsets.UTF_8)))
        .getBytes(StandardCharsets.US_ASCII);
  }

  private byte[] token(Duration life, String subject) {
    return token("{\"sub\":\"" + subject + "\",\"exp\":" + now.plus(life).getEpochSecond() + "}");
  }

  private static byte[] sign(byte[] token) throws GeneralSecurityException {
    Signature signature = Signature.getInstance("SHA256withRSA");
    signature.initSign(KEYS.getPrivate());
    signature.update(token);
    return signature.sign();
  }

  private boolean verify(byte[] signature, PublicKey key, byte[] token) throws JoseException {
    return signatures.verifySignature(signature, key, token, new ProviderContext());
  }

  @Test
  void shouldCheckASignatureOnce() throws Exception {
    byte[] token = token(Duration.ofHours(1), "ann");
    byte[] signature = sign(token);
    for (int i = 0; i < 5; i++) {
      assertThat(verify(signature, KEYS.getPublic(), token)).isTrue();
    }
    assertThat(checked).isEqualTo(1);
  }

  @Test
  void shouldCheckAgainAfterAMinute() throws Exception {
    byte[] token = token(Duration.ofHours(1), "ann");
    byte[] signature = sign(token);
    verify(signature, KEYS.getPublic(), token);
    now = now.plus(VerifiedSignatures.KEPT).minusMillis(1);
    verify(signature, KEYS.getPublic(), token);
    assertThat(checked).isEqualTo(1);
    now = now.plusMillis(1);
    verify(signature, KEYS.getPublic(), token);
    assertThat(checked).isEqualTo(2);
  }

  @Test
  void shouldForgetATokenWhenItEnds() throws Exception {
    byte[] token = token(Duration.ofSeconds(10), "ann");
    byte[] signature = sign(token);
    verify(signature, KEYS.getPublic(), token);
    now = now.plusSeconds(10);
    verify(signature, KEYS.getPublic(), token);
    assertThat(checked).isEqualTo(2);
    assertThat(signatures.size()).as("what was remembered before it ended").isEqualTo(1);
  }

  @Test
  void shouldRememberNoTokenWithoutAUsableEnd() throws Exception {
    for (String payload :
        new String[] {"{}", "{\"exp\":\"soon\"}", "{\"exp\":9223372036854775807}", "[1]", "no"}) {
      byte[] token = token(payload);
      assertThat(verify(sign(token), KEYS.getPublic(), token)).isTrue();
    }
    assertThat(signatures.size()).isZero();
  }

  @Test
  void shouldCheckEachByte() throws Exception {
    byte[] token = token(Duration.ofHours(1), "ann");
    byte[] signature = sign(token);
    assertThat(verify(signature, KEYS.getPublic(), token)).isTrue();
    for (int i = 0; i < token.length; i++) {
      byte[] forged = token.clone();
      forged[i] ^= 1;
      assertThat(verify(signature, KEYS.getPublic(), forged)).as("byte %s", i).isFalse();
    }
    for (int i = 0; i < signature.length; i++) {
      byte[] forged = signature.clone();
      forged[i] ^= 1;
      assertThat(verify(forged, KEYS.getPublic(), token)).as("signature byte %s", i).isFalse();
    }
    assertThat(signatures.size()).isEqualTo(1);
  }

  @Test
  void shouldCheckAgainWithEachKeyAndAfterKeysWereFetchedAgain() throws Exception {
    byte[] token = token(Duration.ofHours(1), "ann");
    byte[] signature = sign(token);
    assertThat(verify(signature, KEYS.getPublic(), token)).isTrue();
    assertThat(verify(signature, keys().getPublic(), token)).isFalse();
    assertThat(checked).isEqualTo(2);
    PublicKey fetchedAgain =
        KeyFactory.getInstance("RSA")
            .generatePublic(new X509EncodedKeySpec(KEYS.getPublic().getEncoded()));
    assertThat(verify(signature, fetchedAgain, token)).isTrue();
    assertThat(checked).isEqualTo(3);
  }

  @Test
  void shouldRememberABoundedNumber() throws Exception {
    // Signatures are not what is looked at here, and making so many takes long.
    VerifiedSignatures any =
        new VerifiedSignatures(
            new RsaUsingShaAlgorithm.RsaSha256() {
              @Override
              public boolean verifySignature(
                  byte[] signature, Key key, byte[] signed, ProviderContext providers) {
                return true;
              }
            },
            Clock.fixed(now, ZoneOffset.UTC));
    for (int i = 0; i < VerifiedSignatures.MOST_KEPT + 10; i++) {
      any.verifySignature(
          new byte[0],
          KEYS.getPublic(),
          token(Duration.ofHours(1), "u" + i),
          new ProviderContext());
    }
    assertThat(any.size()).isBetween(1, VerifiedSignatures.MOST_KEPT);
  }
}
