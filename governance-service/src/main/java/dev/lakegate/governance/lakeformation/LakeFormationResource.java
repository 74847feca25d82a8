package dev.lakegate.governance.lakeformation;

import dev.lakegate.governance.audit.AuditTrail;
import dev.lakegate.governance.lakeformation.DriftWatch.Drift;
import dev.lakegate.governance.lakeformation.LakeFormationService.Look;
import dev.lakegate.governance.lakeformation.TenantStore.Tenant;
import dev.lakegate.kit.error.LakegateException;
import dev.lakegate.kit.identity.CurrentPrincipal;
import dev.lakegate.kit.paging.Cursor;
import dev.lakegate.kit.paging.Page;
import dev.lakegate.model.policy.Principal;
import io.quarkus.security.Authenticated;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Lake Formation over REST. */
@Path("/api/v1/lake-formation")
@Authenticated
@Blocking
@Produces(MediaType.APPLICATION_JSON)
@Tag(
    name = "lake-formation",
    description = "What the policy asks of Lake Formation, what is there, and how it gets there.")
public class LakeFormationResource {
  private static final String TYPE = "lake-formation";
  private static final String TENANT = "[^\\p{Cntrl}]{1,256}";

  @Inject LakeFormationService service;
  @Inject LakeStore store;
  @Inject TenantStore tenants;
  @Inject DriftWatch drift;
  @Inject LakeConfig config;
  @Inject AuditTrail trail;
  @Inject CurrentPrincipal caller;

  /**
   * What would be changed.
   *
   * @param plan id to apply exactly this
   * @param blocked whether nothing is given to anybody before a finding is mended
   * @param changes in their order
   */
  public record PlanAnswer(
      String plan,
      long policyVersion,
      boolean blocked,
      List<Change> changes,
      List<Finding> findings) {}

  /** One change. */
  public record Change(String action, String key, String message) {}

  /**
   * @param plan id of the plan that was looked at; null takes it as it is now
   */
  public record ApplyOrder(@Size(max = 64) String plan) {}

  /**
   * A run.
   *
   * @param state running, succeeded, failed or interrupted
   */
  public record RunAnswer(
      UUID id,
      String plan,
      String state,
      Instant startedAt,
      String startedBy,
      Instant endedAt,
      String message,
      List<ItemAnswer> items,
      String next) {}

  /** What came of one change: DONE, FAILED, SKIPPED or BLOCKED. */
  public record ItemAnswer(
      String action, String key, String message, String outcome, String error) {}

  /** Tenants to propose. */
  public record Proposal(
      @NotEmpty @Size(max = 1000) List<@NotNull @Pattern(regexp = TENANT) String> tenants) {}

  /**
   * @param state approved, rejected or removed
   */
  public record Decision(@NotNull @Pattern(regexp = TENANT) String tenant, @NotNull String state) {}

  @GET
  @Path("plan")
  @Operation(
      summary = "What would be changed in AWS, and what is found beside it",
      description = "For operators. JSON.")
  @APIResponse(responseCode = "409", description = "There is no Lake Formation on the laptop.")
  public PlanAnswer plan() {
    caller.requireOperatorOrService();
    Look look = service.look();
    return new PlanAnswer(
        look.id(),
        look.policyVersion(),
        look.plan().blocked(),
        look.plan().steps().stream()
            .map(s -> new Change(s.action().name(), s.item().key(), s.text()))
            .toList(),
        look.plan().findings());
  }

  @GET
  @Path("plan")
  @Produces(MediaType.TEXT_PLAIN)
  @Operation(summary = "The same for people", description = "For operators. Text.")
  public String planText() {
    caller.requireOperatorOrService();
    Look look = service.look();
    return "Plan "
        + look.id()
        + " of policy version "
        + look.policyVersion()
        + "\n"
        + look.plan().text();
  }

  @POST
  @Path("apply")
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(
      summary = "Carry the plan out",
      description = "For administrators. It goes on by itself: look at the run.")
  @APIResponse(responseCode = "202", description = "Begun; Location is the run.")
  @APIResponse(responseCode = "409", description = "The plan is not the one that was looked at.")
  @APIResponse(responseCode = "429", description = "Another one is being carried out.")
  public Response apply(ApplyOrder order) {
    Principal who = trail.allow(caller::requireAdministrator, TYPE, "apply", "plan");
    UUID id = service.apply(order == null ? null : order.plan(), who);
    return Response.accepted(Map.of("id", id))
        .header("Location", "/api/v1/lake-formation/runs/" + id)
        .build();
  }

  @GET
  @Path("runs/{id}")
  @Operation(summary = "What came of a run so far", description = "For operators.")
  public RunAnswer run(
      @PathParam("id") UUID id,
      @QueryParam("cursor") String cursor,
      @QueryParam("limit") @DefaultValue("200") @Min(1) @Max(1000) int limit) {
    caller.requireOperatorOrService();
    LakeStore.Run run =
        store
            .run(id)
            .orElseThrow(
                () ->
                    LakegateException.notFound(
                        "RUN_UNKNOWN", "There is no such run.", "The newest 200 are kept."));
    String[] after = Cursor.decode(cursor, 1);
    int from = after == null ? 0 : (int) Math.max(0, Math.min(1 << 30, Cursor.number(after[0])));
    List<LakeStore.RunItem> items = store.items(id, from, limit + 1);
    boolean more = items.size() > limit;
    return new RunAnswer(
        run.id(),
        run.plan(),
        run.state(),
        run.startedAt(),
        run.startedBy(),
        run.endedAt(),
        run.message(),
        items.stream()
            .limit(limit)
            .map(i -> new ItemAnswer(i.action(), i.key(), i.message(), i.outcome(), i.error()))
            .toList(),
        more ? Cursor.encode(from + limit) : null);
  }

  @GET
  @Path("drift")
  @Operation(
      summary = "Look now whether AWS is as the policy wants it",
      description = "For operators. It alerts as the scheduled look does.")
  public Drift drift() {
    caller.requireOperatorOrService();
    return drift.now();
  }

  @GET
  @Path("tenants")
  @Operation(summary = "Tenants and what was decided about them", description = "For operators.")
  public Page<Tenant> tenants(
      @QueryParam("cursor") String cursor,
      @QueryParam("limit") @DefaultValue("200") @Min(1) @Max(1000) int limit) {
    caller.requireOperatorOrService();
    String[] after = Cursor.decode(cursor, 1);
    return Page.of(
        tenants.list(after == null ? "" : after[0], limit + 1),
        limit,
        t -> Cursor.encode(t.tenant()));
  }

  @POST
  @Path("tenants")
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(
      summary = "Propose tenants",
      description =
          "For services and administrators. Those that are known already stay as they are.")
  public Map<String, Object> propose(@NotNull @jakarta.validation.Valid Proposal proposal) {
    Principal who = trail.allow(caller::requireAdministratorOrService, TYPE, "propose", "tenants");
    int added = tenants.propose(proposal.tenants(), config.approveTenants(), who);
    return Map.of("proposed", added);
  }

  @POST
  @Path("tenants/decisions")
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(
      summary = "Approve, reject or remove a tenant",
      description = "For administrators. AWS follows with the next plan that is applied.")
  public Tenant decide(@NotNull @jakarta.validation.Valid Decision decision) {
    Principal who = trail.allow(caller::requireAdministrator, TYPE, "decide", decision.tenant());
    if (!List.of("approved", "rejected", "removed").contains(decision.state())) {
      throw LakegateException.badRequest(
          "STATE_INVALID", "The state is not approved, rejected or removed.", "Send one of these.");
    }
    return tenants.decide(decision.tenant(), decision.state(), who);
  }
}
