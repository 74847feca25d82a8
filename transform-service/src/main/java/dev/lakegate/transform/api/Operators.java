package dev.lakegate.transform.api;

import dev.lakegate.kit.description.DescriptionFollower;
import dev.lakegate.kit.error.LakegateException;
import dev.lakegate.kit.identity.CurrentPrincipal;
import dev.lakegate.transform.lakehouse.Description;
import dev.lakegate.transform.plan.Dataset;
import dev.lakegate.transform.run.Conductor;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Optional;

/** What every order has in common: who may give it, and to whom. */
@ApplicationScoped
class Operators {
  @Inject CurrentPrincipal principal;
  @Inject Conductor conductor;
  @Inject DescriptionFollower<Description> descriptions;

  /** The subject of a caller who may give orders to a service that takes them. */
  String requireOperator() {
    String subject = principal.require().subject();
    if (!principal.isOperator()) {
      throw LakegateException.forbidden(
          "FORBIDDEN",
          "Only operators may do this, and '" + subject + "' is not among them.",
          "Log in as somebody who may, or ask an administrator for the persona.");
    }
    conductor
        .standby()
        .ifPresent(
            why -> {
              throw LakegateException.unavailable(
                  "STANDBY", why, "Ask the service that works.", Duration.ofSeconds(5));
            });
    return subject;
  }

  /** The described dataset of that name. */
  Dataset requireDataset(String name) {
    return dataset(name)
        .orElseThrow(
            () ->
                LakegateException.invalid(
                    "DATASET_UNKNOWN",
                    "The lakehouse description names no '" + name + "'.",
                    "Write it like silver.order; /api/v1/datasets lists all."));
  }

  /** As {@link #requireDataset}; empty when the description in force names no such dataset. */
  Optional<Dataset> dataset(String name) {
    return description().dataset(name);
  }

  /** The description in force. */
  Description description() {
    return descriptions
        .current()
        .orElseThrow(
            () ->
                LakegateException.unavailable(
                    "DESCRIPTION_BROKEN",
                    "The lakehouse description has problems.",
                    "Correct it; the log of transform-service names them.",
                    Duration.ofSeconds(5)));
  }

  static LakegateException queueFull() {
    return LakegateException.tooMany(
        "QUEUE_FULL",
        "Too many runs are queued already.",
        "Wait until some have ended, or cancel some.",
        Duration.ofSeconds(30));
  }
}
