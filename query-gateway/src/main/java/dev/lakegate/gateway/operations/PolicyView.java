package dev.lakegate.gateway.operations;

import dev.lakegate.gateway.operations.Operations.PolicyState;
import dev.lakegate.gateway.policy.PolicyKeeper;
import dev.lakegate.model.policy.Policy;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** How the gateway stands with its policy. */
final class PolicyView {
  private PolicyView() {}

  static PolicyState of(PolicyKeeper keeper, Instant now) {
    Optional<Policy> policy = keeper.current();
    Double age =
        keeper
            .confirmedAt()
            .map(at -> Math.max(0, Duration.between(at, now).toMillis()) / 1000.0)
            .orElse(null);
    String problem = keeper.problem();
    if (policy.isEmpty()) {
      return new PolicyState(
          null, false, age, "Queries are refused, because no policy is in force: " + problem + ".");
    }
    long version = policy.get().policyVersion();
    String message =
        "Version "
            + version
            + " is in force, confirmed "
            + OperationsReport.seconds(age == null ? 0 : age)
            + " ago"
            + (problem == null
                ? "."
                : "; governance-service does not confirm it now (" + problem + ").");
    return new PolicyState(version, true, age, message);
  }
}
