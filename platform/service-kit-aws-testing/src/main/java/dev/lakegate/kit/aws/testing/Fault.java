package dev.lakegate.kit.aws.testing;

import java.time.Duration;

/** What may go wrong between a client and AWS. */
public sealed interface Fault {
  /** AWS asks for fewer calls. */
  record Throttled() implements Fault {}

  /** The credentials are over. */
  record ExpiredCredentials() implements Fault {}

  /** The role may not do it. */
  record Denied() implements Fault {}

  /** AWS fails; nothing was done. */
  record ServerError(int status) implements Fault {}

  /** AWS does what it is asked, and fails to say so. */
  record DoneButFailed() implements Fault {}

  /** The answer comes late. */
  record Slow(Duration delay) implements Fault {}

  /** The answer ends in the middle. */
  record Truncated() implements Fault {}
}
