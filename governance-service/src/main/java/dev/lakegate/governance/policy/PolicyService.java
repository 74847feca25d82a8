package dev.lakegate.governance.policy;

import dev.lakegate.governance.audit.AuditTrail;
import dev.lakegate.governance.database.Database;
import dev.lakegate.governance.database.Database.DuplicateKeyException;
import dev.lakegate.kit.config.StartupCheck;
import dev.lakegate.kit.config.StartupFailedException;
import dev.lakegate.kit.error.LakegateException;
import dev.lakegate.kit.paging.Page;
import dev.lakegate.model.description.Lakehouse;
import dev.lakegate.model.description.LakehouseException;
import dev.lakegate.model.json.Json;
import dev.lakegate.model.policy.Policy;
import dev.lakegate.model.policy.Policy.TableFacts;
import dev.lakegate.model.policy.PolicyCompiler;
import dev.lakegate.model.policy.Principal;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.BinaryOperator;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/** Who may see what: the policy in force, its history, and the only ways to change it. */
@ApplicationScoped
public class PolicyService {
  private static final Logger LOG = Logger.getLogger(PolicyService.class);
  private static final int MOST_ATTEMPTS = 5;

  @Inject Database database;
  @Inject PolicyStore store;
  @Inject Description description;
  @Inject AuditTrail audit;

  /**
   * A change and what came of it.
   *
   * @param stored version in force now
   * @param differences from the version before; empty when nothing changed and no version was added
   */
  record Changed(StoredPolicy stored, List<Difference> differences) {}

  /**
   * The policy in force.
   *
   * @throws LakegateException 503 when there is none yet
   */
  public StoredPolicy current() {
    return store.current().orElseThrow(PolicyService::none);
  }

  Optional<StoredPolicy> find(long policyVersion) {
    return store.find(policyVersion);
  }

  Page<PolicyVersionInfo> history(int limit, long before) {
    return store.list(limit, before);
  }

  /**
   * Puts a policy in force that somebody wrote.
   *
   * @param wanted its policy version is not looked at: the next number is given
   * @param expected entity tags of which one must be the present version's
   */
  Changed put(PolicyDraft wanted, Set<String> expected, String comment, Principal author) {
    return change(
        "put",
        expected,
        comment,
        author,
        (present, nextVersion) -> {
          List<String> problems = new ArrayList<>(PolicyValidator.problems(wanted));
          problems.addAll(TableFactsRules.loosened(present.policy().tables(), wanted.tables()));
          problems.addAll(PolicyValidator.lockout(wanted, author));
          refuse(problems);
          return wanted.numbered(nextVersion);
        });
  }

  /** What the description proposes. */
  Plan plan() {
    return plan(current(), description.loadForRequest());
  }

  /**
   * Puts the description's proposal in force.
   *
   * @param plan that the author has seen; null takes the proposal as it is now
   */
  Changed apply(Set<String> expected, String plan, String comment, Principal author) {
    Lakehouse lakehouse = description.loadForRequest();
    return change(
        "apply",
        expected,
        comment,
        author,
        (present, nextVersion) -> {
          Plan now = plan(present, lakehouse);
          if (plan != null && !plan.equals(now.plan())) {
            throw LakegateException.conflict(
                "PLAN_CHANGED",
                "The proposal is no longer the one that you looked at.",
                "GET /api/v1/policy/plan again, look at it, and apply that.");
          }
          PolicyDraft proposal = PolicyDraft.of(now.proposal());
          List<String> problems = new ArrayList<>(PolicyValidator.problems(proposal));
          problems.addAll(PolicyValidator.lockout(proposal, author));
          refuse(problems);
          return proposal.numbered(nextVersion);
        });
  }

  /**
   * At start: the first version comes from the description; later ones take over what the
   * description says about tables, as far as it adds or tightens.
   *
   * @throws StartupFailedException when there is no policy and the description gives none
   */
  void bootstrap() {
    Lakehouse lakehouse;
    try {
      lakehouse = description.load();
    } catch (LakehouseException e) {
      if (store.current().isPresent()) {
        LOG.errorf("The policy in force stays as it is, because of %s", e.getMessage());
        return;
      }
      throw new StartupFailedException(
          e.problems().stream()
              .map(
                  p ->
                      new StartupCheck.Problem(
                          p.file() + ":" + p.line(), p.message() + ".", p.remedy()))
              .toList());
    }
    takeOver(lakehouse, TableFactsRules::merge);
  }

  /**
   * While running: takes over what a description says about tables, as far as it adds or tightens.
   */
  void follow(Lakehouse lakehouse) {
    takeOver(lakehouse, TableFactsRules::follow);
  }

  private void takeOver(Lakehouse lakehouse, BinaryOperator<List<TableFacts>> rule) {
    for (int attempt = 1; ; attempt++) {
      try {
        bootstrap(lakehouse, rule);
        return;
      } catch (DuplicateKeyException e) {
        // Another instance starts at the same time.
        if (attempt == MOST_ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  private void bootstrap(Lakehouse lakehouse, BinaryOperator<List<TableFacts>> rule) {
    database.transaction(
        connection -> {
          Optional<StoredPolicy> present = store.current(connection);
          if (present.isEmpty()) {
            Policy first = PolicyCompiler.compile(lakehouse, 1);
            List<String> problems = PolicyValidator.problems(PolicyDraft.of(first));
            if (!problems.isEmpty()) {
              throw new StartupFailedException(
                  problems.stream()
                      .map(
                          p ->
                              new StartupCheck.Problem(
                                  "governance.yaml", p + ".", "Correct the description."))
                      .toList());
            }
            append(
                connection,
                first,
                "bootstrap",
                AuditTrail.SYSTEM,
                "From the description.",
                List.of());
            LOG.info("The first policy was taken from the lakehouse description");
          } else {
            facts(connection, present.get(), lakehouse, rule);
          }
          return null;
        });
  }

  private void facts(
      Connection connection,
      StoredPolicy present,
      Lakehouse lakehouse,
      BinaryOperator<List<TableFacts>> rule)
      throws SQLException {
    Policy before = present.policy();
    List<TableFacts> tables =
        rule.apply(before.tables(), PolicyCompiler.compile(lakehouse, 1).tables());
    Policy next =
        new Policy(
            before.version(),
            before.policyVersion() + 1,
            before.personas(),
            before.tierFilters(),
            tables);
    List<Difference> differences = PolicyDifferences.between(before, next);
    List<String> problems = PolicyValidator.problems(PolicyDraft.of(next));
    if (differences.isEmpty()) {
      return;
    }
    if (!problems.isEmpty()) {
      LOG.errorf("The tables of the description cannot be taken over: %s", problems);
      return;
    }
    append(
        connection,
        next,
        "facts",
        AuditTrail.SYSTEM,
        "Tables changed in the description.",
        differences);
    LOG.infof(
        "Policy version %d takes over %d changes of tables",
        next.policyVersion(), differences.size());
  }

  private Changed change(
      String origin,
      Set<String> expected,
      String comment,
      Principal author,
      BiFunction<StoredPolicy, Long, Policy> next) {
    try {
      return database.transaction(
          connection -> {
            StoredPolicy present = store.current(connection).orElseThrow(PolicyService::none);
            if (!expected.contains(present.info().etag())) {
              throw outdated(present.info());
            }
            Policy wanted = next.apply(present, present.policy().policyVersion() + 1);
            List<Difference> differences = PolicyDifferences.between(present.policy(), wanted);
            return differences.isEmpty()
                ? new Changed(present, differences)
                : new Changed(
                    append(connection, wanted, origin, author, comment, differences), differences);
          });
    } catch (DuplicateKeyException e) {
      throw outdated(current().info());
    }
  }

  private StoredPolicy append(
      Connection connection,
      Policy policy,
      String origin,
      Principal author,
      String comment,
      List<Difference> differences)
      throws SQLException {
    StoredPolicy stored = store.append(connection, policy, origin, author.subject(), comment);
    audit.succeeded(
        connection,
        author,
        "policy",
        origin,
        "policy version " + policy.policyVersion(),
        Map.of(
            "comment",
            comment,
            "differences",
            differences.stream().map(Difference::message).collect(Collectors.joining(" "))));
    return stored;
  }

  private static Plan plan(StoredPolicy present, Lakehouse lakehouse) {
    Policy proposal = PolicyCompiler.compile(lakehouse, present.policy().policyVersion() + 1);
    String id = PolicyStore.digest(present.info().etag() + Json.write(proposal)).substring(0, 32);
    return new Plan(
        present.policy().policyVersion(),
        present.info().etag(),
        id,
        PolicyDifferences.between(present.policy(), proposal),
        proposal);
  }

  private static void refuse(List<String> problems) {
    if (!problems.isEmpty()) {
      throw LakegateException.invalid(
              "POLICY_INVALID",
              "The policy is not valid: " + String.join("; ", problems) + ".",
              "Correct all of it and send it again. What is in force stays in force.")
          .withDetail("problems", List.copyOf(problems));
    }
  }

  private static LakegateException outdated(PolicyVersionInfo present) {
    return LakegateException.preconditionFailed(
            "POLICY_CHANGED",
            "If-Match does not name the version in force, which is "
                + present.policyVersion()
                + ", made by "
                + present.changedBy()
                + ".",
            "GET /api/v1/policy again, make your change to that, and send its ETag.")
        .withDetail("policyVersion", present.policyVersion())
        .withDetail("etag", present.etag());
  }

  private static LakegateException none() {
    return LakegateException.unavailable(
        "POLICY_MISSING",
        "There is no policy yet.",
        "Wait until the service is ready.",
        Duration.ofSeconds(2));
  }
}
