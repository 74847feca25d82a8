package dev.lakegate.governance.decision;

import dev.lakegate.governance.audit.AuditTrail;
import dev.lakegate.governance.policy.Description;
import dev.lakegate.governance.policy.PolicyService;
import dev.lakegate.kit.identity.CurrentPrincipal;
import dev.lakegate.model.policy.AccessDecider;
import dev.lakegate.model.policy.AccessDecision;
import dev.lakegate.model.policy.Policy;
import dev.lakegate.model.policy.Principal;
import dev.lakegate.model.snapshot.AsOfTable;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.security.Authenticated;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Access decisions over REST: what somebody may read of a table, and why. */
@Path("/api/v1/decisions")
@Authenticated
@Blocking
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "decisions", description = "What somebody may read of a table, and why.")
public class DecisionResource {
  @Inject PolicyService policies;
  @Inject Description description;
  @Inject AuditTrail trail;
  @Inject CurrentPrincipal caller;
  @Inject MeterRegistry metrics;

  /**
   * A question.
   *
   * @param table {@code <schema>.<name>} or an alias of it
   * @param principal whom it is about; null means the caller
   */
  public record Question(@NotBlank @Size(max = 256) String table, @Valid Whom principal) {}

  /**
   * Somebody as a token would describe them.
   *
   * @param issuer of their token; null means the caller's
   * @param subject of their token
   * @param personas that it claims; null means none
   * @param tenants that it claims; null means none
   * @param tier that it claims; null means none
   */
  public record Whom(
      @Size(max = 512) String issuer,
      @NotBlank @Size(max = 512) String subject,
      @Size(max = 256) Set<@NotBlank @Size(max = 256) String> personas,
      @Size(max = 256) Set<@NotBlank @Size(max = 256) String> tenants,
      @Size(max = 256) String tier) {}

  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(
      summary = "What may somebody read of a table, and why",
      description =
          "For oneself; for anybody else by administrators and services. A refusal is an answer, not"
              + " an error.")
  @APIResponse(responseCode = "200", description = "The decision by the policy in force.")
  @APIResponse(responseCode = "403", description = "It is about somebody else.")
  public AccessDecision decide(@NotNull @Valid Question question) {
    Principal asker = caller.require();
    Principal about = asker;
    if (question.principal() != null) {
      about = principal(question.principal(), asker);
      if (!about.equals(asker)) {
        trail.allow(caller::requireAdministratorOrService, "decision", "decide", about.subject());
      }
    }
    Policy policy = policies.current().policy();
    String table = description.resolve(question.table());
    AccessDecision decision =
        AccessDecider.decide(
            policy, about, table, policy.table(AsOfTable.governing(table)).orElse(null), List.of());
    metrics.counter("lakegate.decisions", "reason", decision.reason().name()).increment();
    return decision;
  }

  private static Principal principal(Whom whom, Principal asker) {
    return new Principal(
        whom.issuer() == null ? asker.issuer() : whom.issuer(),
        whom.subject(),
        whom.personas() == null ? new TreeSet<>() : new TreeSet<>(whom.personas()),
        whom.tenants() == null ? new TreeSet<>() : new TreeSet<>(whom.tenants()),
        whom.tier());
  }
}
