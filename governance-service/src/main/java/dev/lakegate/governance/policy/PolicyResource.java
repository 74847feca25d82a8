package dev.lakegate.governance.policy;

import dev.lakegate.governance.audit.AuditTrail;
import dev.lakegate.kit.error.LakegateException;
import dev.lakegate.kit.identity.CurrentPrincipal;
import dev.lakegate.kit.paging.Cursor;
import dev.lakegate.kit.paging.Page;
import dev.lakegate.model.policy.Policy;
import dev.lakegate.model.policy.Principal;
import io.quarkus.security.Authenticated;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.EntityTag;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Request;
import jakarta.ws.rs.core.Response;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** The policy over REST. */
@Path("/api/v1/policy")
@Authenticated
@Blocking
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "policy", description = "Who may see what: what is in force, its history, its changes.")
public class PolicyResource {
  @Inject PolicyService policies;
  @Inject AuditTrail trail;
  @Inject CurrentPrincipal caller;

  /**
   * What came of a change.
   *
   * @param changed whether a version was added; false when nothing differed
   * @param version in force now
   * @param differences from the version before
   */
  public record Change(boolean changed, PolicyVersionInfo version, List<Difference> differences) {}

  @GET
  @Operation(
      summary = "The policy in force",
      description = "For services and operators. Ask again with If-None-Match: 304 costs little.")
  @APIResponse(
      responseCode = "200",
      description = "The policy, with a strong ETag.",
      content = @Content(schema = @Schema(implementation = Policy.class)))
  @APIResponse(responseCode = "304", description = "Still the version of If-None-Match.")
  public Response get(@Context Request request) {
    caller.requireOperatorOrService();
    return answer(policies.current(), request);
  }

  @PUT
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(
      summary = "Put a policy in force",
      description =
          "For administrators. Personas and tier filters are taken as they are; of the facts about"
              + " tables only what tightens them: to loosen one, change the lakehouse description"
              + " and apply it. The policyVersion of the body is not looked at.")
  @APIResponse(responseCode = "200", description = "In force, as a new version if it differed.")
  @APIResponse(responseCode = "412", description = "If-Match is not the version in force.")
  @APIResponse(responseCode = "422", description = "Not valid; all problems are listed.")
  @APIResponse(responseCode = "428", description = "If-Match is missing.")
  public Response put(
      @NotNull PolicyDraft policy,
      @HeaderParam("If-Match") String ifMatch,
      @Parameter(description = "Why, for the history.")
          @QueryParam("comment")
          @DefaultValue("")
          @Size(max = 1_000)
          String comment) {
    Principal author = trail.allow(caller::requireAdministrator, "policy", "put", "policy");
    return answer(policies.put(policy, expected(ifMatch), comment, author));
  }

  @GET
  @Path("versions")
  @Operation(summary = "History, newest first", description = "For services and operators.")
  public Page<PolicyVersionInfo> versions(
      @QueryParam("limit") @DefaultValue("100") @Min(1) @Max(1_000) int limit,
      @QueryParam("cursor") @Size(max = 200) String cursor) {
    caller.requireOperatorOrService();
    String[] before = Cursor.decode(cursor, 1);
    return policies.history(limit, before == null ? Long.MAX_VALUE : Cursor.number(before[0]));
  }

  @GET
  @Path("versions/{policyVersion}")
  @Operation(summary = "One version of the history", description = "For services and operators.")
  @APIResponse(
      responseCode = "200",
      description = "The policy, with a strong ETag.",
      content = @Content(schema = @Schema(implementation = Policy.class)))
  @APIResponse(responseCode = "404", description = "There is no such version.")
  public Response version(
      @PathParam("policyVersion") long policyVersion, @Context Request request) {
    caller.requireOperatorOrService();
    return answer(
        policies
            .find(policyVersion)
            .orElseThrow(
                () ->
                    LakegateException.notFound(
                        "POLICY_VERSION_UNKNOWN",
                        "There is no policy version " + policyVersion + ".",
                        "GET /api/v1/policy/versions lists them.")),
        request);
  }

  @GET
  @Path("plan")
  @Operation(
      summary = "What the lakehouse description would change",
      description = "For services and operators. Nothing changes until it is applied.")
  @APIResponse(responseCode = "422", description = "The description has problems; all are listed.")
  public Plan plan() {
    caller.requireOperatorOrService();
    return policies.plan();
  }

  @POST
  @Path("apply")
  @Consumes(MediaType.WILDCARD)
  @Operation(
      summary = "Put the description's proposal in force",
      description = "For administrators. Name the plan that you looked at, to apply no other.")
  @APIResponse(responseCode = "200", description = "In force, as a new version if it differed.")
  @APIResponse(responseCode = "409", description = "The proposal is no longer that plan.")
  @APIResponse(responseCode = "412", description = "If-Match is not the version in force.")
  @APIResponse(responseCode = "422", description = "Not valid; all problems are listed.")
  @APIResponse(responseCode = "428", description = "If-Match is missing.")
  public Response apply(
      @HeaderParam("If-Match") String ifMatch,
      @Parameter(description = "The 'plan' of the plan; without it, the proposal as it is now.")
          @QueryParam("plan")
          @Size(max = 64)
          String plan,
      @Parameter(description = "Why, for the history.")
          @QueryParam("comment")
          @DefaultValue("")
          @Size(max = 1_000)
          String comment) {
    Principal author = trail.allow(caller::requireAdministrator, "policy", "apply", "policy");
    return answer(policies.apply(expected(ifMatch), plan, comment, author));
  }

  private static Response answer(StoredPolicy stored, Request request) {
    EntityTag etag = new EntityTag(stored.info().etag());
    Response.ResponseBuilder notModified = request.evaluatePreconditions(etag);
    return notModified != null
        ? notModified.tag(etag).build()
        : Response.ok(stored.document())
            .tag(etag)
            .header("Cache-Control", "private, no-cache")
            .build();
  }

  private static Response answer(PolicyService.Changed changed) {
    PolicyVersionInfo info = changed.stored().info();
    return Response.ok(new Change(!changed.differences().isEmpty(), info, changed.differences()))
        .tag(new EntityTag(info.etag()))
        .build();
  }

  /** A change must name the version that it was made to; any version ({@code *}) is none. */
  private static Set<String> expected(String ifMatch) {
    if (ifMatch == null || ifMatch.isBlank() || ifMatch.strip().equals("*")) {
      throw LakegateException.preconditionRequired(
          "IF_MATCH_MISSING",
          "If-Match must name the version that you changed.",
          "GET /api/v1/policy, and send its ETag as If-Match.");
    }
    return Arrays.stream(ifMatch.split(","))
        .map(String::strip)
        // A weak tag never matches here.
        .filter(tag -> tag.length() > 2 && tag.startsWith("\"") && tag.endsWith("\""))
        .map(tag -> tag.substring(1, tag.length() - 1))
        .collect(Collectors.toSet());
  }
}
