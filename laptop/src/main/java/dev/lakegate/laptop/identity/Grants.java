package dev.lakegate.laptop.identity;

import dev.lakegate.laptop.identity.DemoUsers.DemoUser;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Authorization codes and refresh tokens that were given out. Each is good for one use. When one is
 * used again, somebody has copied it, and everything that came from that login ends. Kept in memory
 * only, bounded. Thread-safe.
 */
final class Grants {
  static final Duration CODE_LIFE = Duration.ofSeconds(60);
  static final Duration REFRESH_LIFE = Duration.ofHours(8);
  private static final int MOST = 10_000;

  /** One login of one user at one client. {@code nonce} may be null. */
  record Login(String id, String clientId, DemoUser user, String scope, String nonce) {}

  /** A login that waits for its code to be exchanged. */
  record Code(Login login, URI redirectUri, String challenge) {}

  private record Pending(Code code, Instant expires) {}

  private record Refresh(Login login, Instant expires, boolean used) {}

  private final Clock clock;
  private final Map<String, Pending> codes = new HashMap<>();
  private final Map<String, Pending> spentCodes = new HashMap<>();
  private final Map<String, Refresh> refreshTokens = new HashMap<>();

  Grants(Clock clock) {
    this.clock = clock;
  }

  /** A new code, or empty when too many are open. */
  synchronized Optional<String> newCode(Code code) {
    purge();
    if (codes.size() >= MOST) {
      return Optional.empty();
    }
    String text = Secrets.token();
    codes.put(text, new Pending(code, clock.instant().plus(CODE_LIFE)));
    return Optional.of(text);
  }

  /** Takes the code out; empty when it is unknown, too old or was used before. */
  synchronized Optional<Code> redeem(String text) {
    purge();
    Pending reused = spentCodes.get(text);
    if (reused != null) {
      end(reused.code().login().id());
      return Optional.empty();
    }
    Pending pending = codes.remove(text);
    if (pending == null) {
      return Optional.empty();
    }
    spentCodes.put(text, new Pending(pending.code(), clock.instant().plus(REFRESH_LIFE)));
    return Optional.of(pending.code());
  }

  /** A refresh token for the login, or empty when too many are open. */
  synchronized Optional<String> newRefreshToken(Login login) {
    purge();
    if (refreshTokens.size() >= MOST) {
      return Optional.empty();
    }
    String text = Secrets.token();
    refreshTokens.put(text, new Refresh(login, clock.instant().plus(REFRESH_LIFE), false));
    return Optional.of(text);
  }

  /** Spends the token; empty when it is unknown, too old, another client's or was used before. */
  synchronized Optional<Login> refresh(String text, String clientId) {
    purge();
    Refresh token = refreshTokens.get(text);
    if (token == null || !token.login().clientId().equals(clientId)) {
      return Optional.empty();
    }
    if (token.used()) {
      end(token.login().id());
      return Optional.empty();
    }
    refreshTokens.put(text, new Refresh(token.login(), token.expires(), true));
    return Optional.of(token.login());
  }

  /** Ends a login: none of its refresh tokens works any more. */
  synchronized void end(String loginId) {
    refreshTokens.values().removeIf(t -> t.login().id().equals(loginId));
    codes.values().removeIf(p -> p.code().login().id().equals(loginId));
  }

  private void purge() {
    Instant now = clock.instant();
    codes.values().removeIf(p -> !p.expires().isAfter(now));
    spentCodes.values().removeIf(p -> !p.expires().isAfter(now));
    refreshTokens.values().removeIf(t -> !t.expires().isAfter(now));
    if (spentCodes.size() > MOST) {
      spentCodes.clear();
    }
  }
}
