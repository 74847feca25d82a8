package dev.lakegate.kit.config;

import dev.lakegate.model.policy.PrincipalMapper;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Without an issuer and its keys no token can be trusted. */
@ApplicationScoped
class IdentityCheck implements StartupCheck {
  private static final Set<String> ALGORITHMS =
      Set.of("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512");

  @Inject IdentityConfig config;

  @Override
  public List<Problem> problems() {
    List<Problem> problems = new ArrayList<>();
    url("lakegate.identity.issuer", config.issuer(), true, problems);
    url("lakegate.identity.jwks-url", config.jwksUrl(), true, problems);
    url("lakegate.identity.token-url", config.tokenUrl(), false, problems);
    if (config.audience().isBlank()) {
      problems.add(
          new Problem(
              "lakegate.identity.audience",
              "is empty, so tokens for other systems would be accepted.",
              "Set the audience that the identity provider puts into tokens for Lakegate."));
    }
    if (!ALGORITHMS.contains(config.signatureAlgorithm())) {
      problems.add(
          new Problem(
              "lakegate.identity.signature-algorithm",
              "'" + config.signatureAlgorithm() + "' is not an asymmetric signature.",
              "Use RS256 or ES256, whichever the identity provider signs with."));
    }
    try {
      IdentityConfig.Claims paths = config.claims();
      new PrincipalMapper(paths.personas(), paths.tenants(), paths.tier());
    } catch (IllegalArgumentException e) {
      problems.add(
          new Problem(
              "lakegate.identity.claims",
              e.getMessage() + ".",
              "Write the path like realm_access/roles."));
    }
    return problems;
  }

  private static void url(
      String property, Optional<URI> value, boolean required, List<Problem> problems) {
    if (value.isEmpty()) {
      if (required) {
        problems.add(
            new Problem(
                property, "is not set.", "Set it to an absolute http or https URL of the issuer."));
      }
    } else if (!Urls.isHttp(value.get())) {
      problems.add(
          new Problem(
              property,
              "'" + value.get() + "' is not an absolute http or https URL.",
              "Write it like https://login.example.org/realms/lakegate."));
    }
  }
}
