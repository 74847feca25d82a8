package dev.lakegate.gateway.access;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.model.json.Json;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.Key;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jose4j.jca.ProviderContext;
import org.jose4j.jwa.CryptoPrimitive;
import org.jose4j.jws.JsonWebSignatureAlgorithm;
import org.jose4j.keys.KeyPersuasion;
import org.jose4j.lang.InvalidKeyException;
import org.jose4j.lang.JoseException;

/**
 * An algorithm of signatures that remembers for a while which signatures were good, because
 * checking one takes longer than answering a small query. Nothing else of a token's verification is
 * saved: its key is looked up, and times, issuer, audience and claims are looked at, by those who
 * ask, each time.
 *
 * <p>An entry is of all bytes of the token and of the very key object that was asked about. The
 * keys are read anew when the issuer's are fetched again, so that a fetch outdates all entries. An
 * entry ends with its token, and after a minute. Thread-safe.
 */
final class VerifiedSignatures implements JsonWebSignatureAlgorithm {
  static final Duration KEPT = Duration.ofMinutes(1);
  static final int MOST_KEPT = 10_000;

  private record Good(Key key, long untilMillis) {}

  private final JsonWebSignatureAlgorithm algorithm;
  private final Clock clock;
  private final Map<ByteBuffer, Good> good = new ConcurrentHashMap<>();

  VerifiedSignatures(JsonWebSignatureAlgorithm algorithm, Clock clock) {
    this.algorithm = algorithm;
    this.clock = clock;
  }

  /** The algorithm that does the work. */
  JsonWebSignatureAlgorithm algorithm() {
    return algorithm;
  }

  int size() {
    return good.size();
  }

  @Override
  public boolean verifySignature(
      byte[] signature, Key key, byte[] signed, ProviderContext providers) throws JoseException {
    ByteBuffer token = hash(signature, signed);
    long now = clock.millis();
    Good known = good.get(token);
    if (known != null && known.key() == key && now < known.untilMillis()) {
      return true;
    }
    if (!algorithm.verifySignature(signature, key, signed, providers)) {
      return false;
    }
    if (good.size() >= MOST_KEPT) {
      good.values().removeIf(old -> now >= old.untilMillis());
      if (good.size() >= MOST_KEPT) {
        good.clear();
      }
    }
    long until = Math.min(now + KEPT.toMillis(), expiry(signed));
    if (now < until) {
      good.put(token, new Good(key, until));
    }
    return true;
  }

  /** Of the whole token: what is signed holds no NUL, so that no two tokens join to the same. */
  private static ByteBuffer hash(byte[] signature, byte[] signed) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(signed);
      digest.update((byte) 0);
      return ByteBuffer.wrap(digest.digest(signature));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** When a token says that it ends; 0 when it does not say so as it should. */
  private static long expiry(byte[] signed) {
    int dot = -1;
    for (int i = 0; i < signed.length && dot < 0; i++) {
      dot = signed[i] == '.' ? i : -1;
    }
    try {
      ByteBuffer payload =
          Base64.getUrlDecoder().decode(ByteBuffer.wrap(signed, dot + 1, signed.length - dot - 1));
      JsonNode exp = Json.MAPPER.readTree(payload.array(), 0, payload.limit()).path("exp");
      return exp.canConvertToLong() ? Math.multiplyExact(exp.asLong(), 1000) : 0;
    } catch (IOException | IllegalArgumentException | ArithmeticException e) {
      return 0;
    }
  }

  @Override
  public void validateVerificationKey(Key key) throws InvalidKeyException {
    algorithm.validateVerificationKey(key);
  }

  @Override
  public void validateSigningKey(Key key) throws InvalidKeyException {
    algorithm.validateSigningKey(key);
  }

  @Override
  public CryptoPrimitive prepareForSign(Key key, ProviderContext providers) throws JoseException {
    return algorithm.prepareForSign(key, providers);
  }

  @Override
  public byte[] sign(CryptoPrimitive primitive, byte[] signed) throws JoseException {
    return algorithm.sign(primitive, signed);
  }

  @Override
  public String getJavaAlgorithm() {
    return algorithm.getJavaAlgorithm();
  }

  @Override
  public String getAlgorithmIdentifier() {
    return algorithm.getAlgorithmIdentifier();
  }

  @Override
  public KeyPersuasion getKeyPersuasion() {
    return algorithm.getKeyPersuasion();
  }

  @Override
  public String getKeyType() {
    return algorithm.getKeyType();
  }

  @Override
  public boolean isAvailable() {
    return algorithm.isAvailable();
  }
}
