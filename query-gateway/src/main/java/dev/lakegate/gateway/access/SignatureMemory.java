package dev.lakegate.gateway.access;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Clock;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jose4j.jwa.AlgorithmFactory;
import org.jose4j.jwa.AlgorithmFactoryFactory;
import org.jose4j.jws.JsonWebSignatureAlgorithm;
import org.jose4j.lang.InvalidAlgorithmException;

/**
 * Puts {@link VerifiedSignatures} in the place of the one algorithm that tokens may be signed with,
 * for as long as the gateway runs.
 */
@ApplicationScoped
class SignatureMemory {
  @ConfigProperty(name = "quarkus.oidc.token.signature-algorithm")
  String name;

  private VerifiedSignatures placed;

  private static AlgorithmFactory<JsonWebSignatureAlgorithm> algorithms() {
    return AlgorithmFactoryFactory.getInstance().getJwsAlgorithmFactory();
  }

  void start(@Observes StartupEvent event) throws InvalidAlgorithmException {
    placed = new VerifiedSignatures(algorithms().getAlgorithm(name), Clock.systemUTC());
    algorithms().registerAlgorithm(placed);
  }

  void stop(@Observes ShutdownEvent event) {
    if (placed != null) {
      algorithms().registerAlgorithm(placed.algorithm());
    }
  }

  /** How many signatures are remembered. */
  int size() {
    return placed.size();
  }
}
