package dev.lakegate.governance.token;

import dev.lakegate.kit.config.StartupCheck;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Tokens that never end, or never begin, are a mistake. */
@ApplicationScoped
class TokenConfigCheck implements StartupCheck {
  private static final Duration LONGEST = Duration.ofDays(3660);

  @Inject TokenConfig config;

  @Override
  public List<Problem> problems() {
    List<Problem> problems = new ArrayList<>();
    positive("lakegate.tokens.lifetime", config.lifetime(), problems);
    positive("lakegate.tokens.longest-lifetime", config.longestLifetime(), problems);
    positive("lakegate.tokens.claims-max-age", config.claimsMaxAge(), problems);
    if (config.lifetime().compareTo(config.longestLifetime()) > 0) {
      problems.add(
          new Problem(
              "lakegate.tokens.lifetime",
              "is longer than lakegate.tokens.longest-lifetime.",
              "Make it shorter, such as P90D."));
    }
    return problems;
  }

  private static void positive(String property, Duration value, List<Problem> problems) {
    if (value.isNegative() || value.isZero() || value.compareTo(LONGEST) > 0) {
      problems.add(
          new Problem(property, "is not between a moment and ten years.", "Write it like P30D."));
    }
  }
}
