package dev.lakegate.governance.lakeformation;

import dev.lakegate.governance.lakeformation.Finding.Severity;
import dev.lakegate.governance.lakeformation.LakeFormationService.Look;
import dev.lakegate.kit.aws.AwsCalls;
import dev.lakegate.kit.aws.EstateConfig;
import dev.lakegate.kit.error.LakegateException;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.scheduler.Scheduled;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.List;
import org.jboss.logging.Logger;

/**
 * Looks at times whether AWS still is as the policy wants it. Metrics {@code
 * lakegate.lake.findings} by severity, {@code lakegate.lake.changes} (what a plan would change;
 * below 0 when AWS could not be looked at), and an alert when what is found has changed.
 */
@ApplicationScoped
class DriftWatch {
  private static final Logger LOG = Logger.getLogger(DriftWatch.class);
  private static final int LONGEST_SUBJECT = 100;
  private static final int LONGEST_MESSAGE = 10_000;

  @Inject LakeFormationService service;
  @Inject EstateSettings settings;
  @Inject EstateConfig config;
  @Inject LakeClients clients;
  @Inject LakeStore store;
  @Inject MeterRegistry metrics;

  private volatile Drift last;
  private volatile int changes = -1;

  /**
   * What the last look found.
   *
   * @param at when it was
   * @param changes what a plan would change
   * @param findings gravest first
   */
  public record Drift(Instant at, int changes, List<Finding> findings) {}

  void start(@Observes StartupEvent event) {
    if (!settings.onAws()) {
      return;
    }
    for (Severity severity : Severity.values()) {
      metrics.gauge(
          "lakegate.lake.findings",
          List.of(io.micrometer.core.instrument.Tag.of("severity", severity.name().toLowerCase())),
          this,
          watch -> watch.count(severity));
    }
    metrics.gauge("lakegate.lake.changes", this, watch -> watch.changes);
  }

  private double count(Severity severity) {
    Drift seen = last;
    return seen == null
        ? Double.NaN
        : seen.findings().stream().filter(f -> f.severity() == severity).count();
  }

  @Scheduled(
      every = "${lakegate.aws.lake-formation.drift-every:15m}",
      delayed = "20s",
      concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
  void look() {
    if (!settings.onAws()) {
      return;
    }
    try {
      now();
    } catch (RuntimeException e) {
      changes = -1;
      LOG.errorf("Lake Formation could not be looked at: %s", e.getMessage());
      LOG.debug("Details", e);
    }
  }

  /**
   * Looks now, and alerts if there is something new.
   *
   * @throws LakegateException as AWS failed
   */
  Drift now() {
    Look look = service.look();
    Drift drift = new Drift(Instant.now(), look.plan().steps().size(), look.plan().findings());
    last = drift;
    changes = drift.changes();
    alert(drift, look);
    return drift;
  }

  // The same findings alert once; none at all end an alert.
  private void alert(Drift drift, Look look) {
    List<Finding> alarming =
        drift.findings().stream().filter(f -> f.severity() != Severity.INFO).toList();
    StringBuilder fingerprint = new StringBuilder();
    alarming.forEach(f -> fingerprint.append(f.code()).append(' ').append(f.object()).append('\n'));
    if (config.alertsTopic().isEmpty() || fingerprint.toString().equals(store.alerted())) {
      return;
    }
    boolean critical = alarming.stream().anyMatch(f -> f.severity() == Severity.CRITICAL);
    String subject =
        alarming.isEmpty()
            ? "Lake Formation is as the policy wants it again"
            : (critical ? "CRITICAL: " : "Warning: ")
                + alarming.size()
                + " findings in Lake Formation";
    String text = look.plan().text();
    AwsCalls.await(
        () ->
            clients
                .sns()
                .publish(
                    r ->
                        r.topicArn(config.alertsTopic().orElseThrow())
                            .subject(cut(subject, LONGEST_SUBJECT))
                            .message(cut(text, LONGEST_MESSAGE))));
    // Written down after it was sent: better told twice than never.
    store.alerted(fingerprint.toString());
  }

  private static String cut(String text, int most) {
    return text.length() <= most ? text : text.substring(0, most - 3) + "...";
  }
}
