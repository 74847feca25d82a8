package dev.lakegate.governance.token;

import dev.lakegate.governance.audit.AuditTrail;
import dev.lakegate.kit.identity.CurrentPrincipal;
import dev.lakegate.kit.paging.Page;
import dev.lakegate.model.policy.Principal;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.security.Authenticated;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
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
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/**
 * Personal access tokens, for the services that take them. People reach their tokens at the
 * gateway, which knows who they are.
 */
@Path("/api/v1")
@Authenticated
@Blocking
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "tokens", description = "Personal access tokens. For services of the platform.")
public class TokenResource {
  @Inject TokenService tokens;
  @Inject AuditTrail trail;
  @Inject CurrentPrincipal caller;
  @Inject MeterRegistry metrics;

  /**
   * A person as a token of the issuer describes them.
   *
   * @param issuedAt when that token was made
   */
  public record Seen(
      @NotNull Principal principal,
      @NotBlank @Size(max = 256) String login,
      @NotNull Instant issuedAt) {
    Owner owner() {
      return new Owner(principal, login, issuedAt);
    }
  }

  /** A token to add; its secret is known to its owner alone. */
  public record Creation(
      @NotNull @Pattern(regexp = "[0-9a-f]{64}") String hash,
      @NotNull @Valid Seen owner,
      @NotNull @Pattern(regexp = "[^\\p{Cntrl}]{0,99}[^\\p{Cntrl}\\s]") String name,
      @Min(1) @Max(3660) Integer expiresInDays,
      @Size(max = 8) Set<@NotBlank @Size(max = 32) String> scopes,
      @Size(min = 1, max = 256) Set<@NotBlank @Size(max = 256) String> personas,
      @Size(min = 1, max = 256) Set<@NotBlank @Size(max = 256) String> tenants,
      @Size(min = 1, max = 16) Set<@NotBlank @Size(max = 256) String> schemas) {}

  /**
   * A token to look at.
   *
   * @param from the client's address
   */
  public record Question(
      @NotNull @Pattern(regexp = "[0-9a-f]{64}") String hash,
      @NotNull @Pattern(regexp = "[0-9A-Za-z:.%_-]{0,64}") String from) {}

  /**
   * Who ends a token.
   *
   * @param administrator whether they may end other people's
   */
  public record Revocation(@NotNull Principal by, boolean administrator) {}

  @POST
  @Path("sightings")
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(summary = "Keep what the issuer last said of a person")
  public Response see(@NotNull @Valid Seen seen) {
    trail.allow(caller::requireService, "token", "report", "sightings");
    tokens.see(seen.owner());
    return Response.noContent().build();
  }

  @POST
  @Path("personal-tokens")
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(summary = "Add a personal access token by the hash of its secret")
  public Response create(@NotNull @Valid Creation wanted) {
    trail.allow(caller::requireService, "token", "create", "personal access tokens");
    TokenRecord token =
        tokens.create(
            wanted.owner().owner(),
            wanted.hash(),
            new TokenService.Wish(
                wanted.name().strip(),
                wanted.expiresInDays() == null ? null : Duration.ofDays(wanted.expiresInDays()),
                sorted(wanted.scopes()),
                sorted(wanted.personas()),
                sorted(wanted.tenants()),
                sorted(wanted.schemas())));
    return Response.status(201).entity(token).build();
  }

  @GET
  @Path("personal-tokens")
  @Operation(summary = "Personal access tokens, newest first; of one owner, or all")
  public Page<TokenRecord> list(
      @QueryParam("issuer") @Size(max = 512) String issuer,
      @QueryParam("subject") @Size(max = 512) String subject,
      @QueryParam("limit") @DefaultValue("100") @Min(1) @Max(1_000) int limit,
      @QueryParam("cursor") @Size(max = 200) String cursor) {
    trail.allow(caller::requireService, "token", "list", "personal access tokens");
    if ((issuer == null) != (subject == null)) {
      throw dev.lakegate.kit.error.LakegateException.badRequest(
          "FIELD_INVALID", "An owner is an issuer and a subject.", "Send both, or neither.");
    }
    return tokens.list(issuer, subject, limit, cursor);
  }

  @POST
  @Path("personal-tokens/verify")
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(
      summary = "Look whether a token is good, and what it gives",
      description = "A token that is not good is an answer, not an error.")
  public TokenService.Verdict verify(@NotNull @Valid Question question) {
    trail.allow(caller::requireService, "token", "verify", "personal access tokens");
    TokenService.Verdict verdict = tokens.verify(question.hash(), question.from());
    metrics.counter("lakegate.tokens.verified", "reason", verdict.reason()).increment();
    return verdict;
  }

  @POST
  @Path("personal-tokens/{id}/revoke")
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(summary = "End a token")
  public TokenRecord revoke(@PathParam("id") UUID id, @NotNull @Valid Revocation revocation) {
    trail.allow(caller::requireService, "token", "revoke", "personal access tokens");
    return tokens.revoke(id, revocation.by(), revocation.administrator());
  }

  private static SortedSet<String> sorted(Set<String> values) {
    return values == null ? null : new TreeSet<>(values);
  }
}
