package dev.lakegate.gateway.policy;

import dev.lakegate.kit.client.Reply;
import dev.lakegate.model.policy.Policy;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Keeps the policy in force. It is asked for again and again; while governance-service does not
 * answer, the last good policy serves for a while, then there is none. Thread-safe.
 */
public final class PolicyKeeper {
  private static final Logger LOG = Logger.getLogger(PolicyKeeper.class);

  /** Asks governance-service; throws when it does not answer. */
  @FunctionalInterface
  public interface Source {
    /** The policy, or a 304 when the version of that tag is still in force. */
    Reply<Policy> fetch(String etag);
  }

  private record State(Policy policy, String etag, Instant confirmedAt) {}

  private final Source source;
  private final Clock clock;
  private final Duration grace;
  private volatile State state;
  private volatile String lastProblem = "governance-service has not been asked yet";

  /**
   * @param grace how long a policy serves after it was last confirmed
   */
  public PolicyKeeper(Source source, Clock clock, Duration grace) {
    this.source = source;
    this.clock = clock;
    this.grace = grace;
  }

  /** Asks once. Never throws. */
  public synchronized void poll() {
    State before = state;
    // The answer is at least as new as the question, so the question's time is the safe one.
    Instant asked = clock.instant();
    try {
      Reply<Policy> reply = source.fetch(before == null ? null : before.etag);
      if (reply.notModified()) {
        if (before == null) {
          throw new IllegalStateException("304 without a tag");
        }
        state = new State(before.policy, before.etag, asked);
      } else {
        Policy policy = reply.body();
        if (policy == null || policy.version() != Policy.VERSION) {
          throw new IllegalStateException("a policy of another contract version");
        }
        if (before == null || before.policy.policyVersion() != policy.policyVersion()) {
          LOG.infof("policy version %d is in force", policy.policyVersion());
        }
        state = new State(policy, reply.etag(), asked);
      }
      lastProblem = null;
    } catch (RuntimeException e) {
      if (lastProblem == null) {
        LOG.warnf("no policy from governance-service: %s", e.getMessage());
      }
      lastProblem = String.valueOf(e.getMessage());
    }
  }

  /** The policy in force; empty when there is none, or it is too long since it was confirmed. */
  public Optional<Policy> current() {
    State s = state;
    if (s == null || clock.instant().isAfter(s.confirmedAt.plus(grace))) {
      return Optional.empty();
    }
    return Optional.of(s.policy);
  }

  /** When a policy was last confirmed; empty when none ever was. */
  public Optional<Instant> confirmedAt() {
    return Optional.ofNullable(state).map(State::confirmedAt);
  }

  /** Why the last question failed; null when it did not. */
  public String problem() {
    return lastProblem;
  }
}
