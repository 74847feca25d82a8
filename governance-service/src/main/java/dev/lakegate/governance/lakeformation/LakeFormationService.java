package dev.lakegate.governance.lakeformation;

import dev.lakegate.governance.audit.AuditTrail;
import dev.lakegate.governance.database.Database;
import dev.lakegate.governance.policy.PolicyService;
import dev.lakegate.kit.aws.AwsFailure;
import dev.lakegate.kit.error.LakegateException;
import dev.lakegate.model.policy.Policy;
import dev.lakegate.model.policy.Principal;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.logging.Logger;

/** What the policy asks of Lake Formation, what is there, and the way from one to the other. */
@ApplicationScoped
class LakeFormationService {
  private static final Logger LOG = Logger.getLogger(LakeFormationService.class);
  private static final String ROLE = "role|";
  private static final String WORKGROUP = "workgroup|";

  @Inject PolicyService policies;
  @Inject TenantStore tenants;
  @Inject LakeStore store;
  @Inject LakeConfig config;
  @Inject EstateSettings settings;
  @Inject LakeClients clients;
  @Inject AwsLakeReader reader;
  @Inject AuditTrail audit;
  @Inject Database database;

  /**
   * A plan and what it rests on.
   *
   * @param id the same as long as policy, tenants and AWS are the same
   */
  record Look(String id, long policyVersion, Estate estate, ChangePlan plan) {}

  /**
   * Compares now.
   *
   * @throws LakegateException 409 on the laptop; as AWS failed
   */
  Look look() {
    if (!settings.onAws()) {
      throw LakegateException.conflict(
          "PLATFORM_LOCAL",
          "There is no Lake Formation on the laptop: the gateway's own boundary decides here.",
          "Set lakegate.platform=aws where Terraform made the estate.");
    }
    try {
      Policy policy = policies.current().policy();
      Estate estate = settings.estate(clients.region());
      Desired desired = DesiredState.compile(policy, estate, tenants.approved());
      Set<String> owned = store.owned();
      Set<String> roles = new HashSet<>();
      Set<String> workgroups = new HashSet<>();
      for (Set<String> keys : List.of(owned, desired.own().keySet())) {
        for (String key : keys) {
          if (key.startsWith(ROLE)) {
            roles.add(key.substring(ROLE.length()));
          } else if (key.startsWith(WORKGROUP)) {
            workgroups.add(key.substring(WORKGROUP.length()));
          }
        }
      }
      Actual actual = reader.read(estate, roles, workgroups);
      ChangePlan plan = Planner.plan(estate, desired, actual, owned);
      return new Look(digest(policy.policyVersion(), plan), policy.policyVersion(), estate, plan);
    } catch (AwsFailure e) {
      throw e.toLakegate();
    }
  }

  /**
   * Begins to carry out the plan as it is now.
   *
   * @param wanted id of the plan that the caller has seen; null takes it as it is
   * @return id of the run; it goes on by itself
   */
  UUID apply(String wanted, Principal who) {
    UUID id = UUID.randomUUID();
    if (!store.lease(id, config.lease())) {
      throw LakeStore.busy();
    }
    boolean begun = false;
    try {
      // Looked at under the lease, so that nobody else changes what it rests on.
      Look look = look();
      if (wanted != null && !wanted.equals(look.id())) {
        throw LakegateException.conflict(
            "PLAN_CHANGED",
            "The plan is no longer the one that you looked at.",
            "GET /api/v1/lake-formation/plan again, look at it, and apply that.");
      }
      database.transaction(
          c -> {
            store.begin(c, id, look.id(), who.subject());
            audit.succeeded(
                c,
                who,
                "lake-formation",
                "apply",
                "policy version " + look.policyVersion(),
                Map.of("run", id.toString(), "steps", String.valueOf(look.plan().steps().size())));
            return null;
          });
      begun = true;
      Infrastructure.getDefaultWorkerPool().execute(() -> run(id, look));
      return id;
    } finally {
      if (!begun) {
        store.release(id);
      }
    }
  }

  private void run(UUID id, Look look) {
    Pace pace = new Pace(config.callsPerSecond());
    AtomicInteger position = new AtomicInteger();
    try {
      List<Applier.Result> results =
          Applier.apply(
              look.plan(),
              new AwsLakeWriter(clients, look.estate()),
              store,
              () -> {
                pace.await();
                if (!store.lease(id, config.lease())) {
                  throw LakeStore.busy();
                }
              },
              result -> store.item(id, position.getAndIncrement(), result));
      long undone = results.stream().filter(r -> r.outcome() != Applier.Outcome.DONE).count();
      store.end(id, undone == 0, undone == 0 ? null : undone + " changes were not made.");
    } catch (RuntimeException e) {
      LOG.errorf(e, "Run %s of Lake Formation's plan ended early", id);
      store.end(id, false, "It ended early: " + e.getMessage());
    } finally {
      store.release(id);
    }
  }

  private static String digest(long version, ChangePlan plan) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update((version + "\n" + plan.text()).getBytes(StandardCharsets.UTF_8));
      // Documents of roles are not in the text.
      plan.steps()
          .forEach(s -> digest.update(s.item().toString().getBytes(StandardCharsets.UTF_8)));
      return HexFormat.of().formatHex(digest.digest(), 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
