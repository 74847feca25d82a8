package dev.lakegate.kit.testing;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.util.Map;

/**
 * Gives a {@code @QuarkusTest} a real issuer to verify tokens against: annotate the test with
 * {@code @QuarkusTestResource(IssuerResource.class)} and declare a field {@code TestIssuer issuer},
 * which is set.
 */
public final class IssuerResource implements QuarkusTestResourceLifecycleManager {
  private TestIssuer issuer;

  @Override
  public Map<String, String> start() {
    issuer = TestIssuer.start();
    return issuer.settings();
  }

  @Override
  public void inject(TestInjector injector) {
    injector.injectIntoFields(issuer, new TestInjector.MatchesType(TestIssuer.class));
  }

  @Override
  public void stop() {
    if (issuer != null) {
      issuer.close();
    }
  }
}
