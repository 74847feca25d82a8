package dev.lakegate.gateway.access;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.kit.client.ServiceCallException;
import dev.lakegate.kit.error.LakegateException;
import dev.lakegate.kit.identity.CurrentPrincipal;
import dev.lakegate.kit.identity.PersonalToken;
import dev.lakegate.model.policy.Principal;
import io.quarkus.security.Authenticated;
import io.smallrye.common.annotation.Blocking;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Inject;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.InetAddress;
import java.net.URLEncoder;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/**
 * Personal access tokens, for those who have logged in. They cannot be reached with such a token
 * itself, so one cannot make others.
 */
@Path("/api/v1/tokens")
@Authenticated
@Blocking
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "tokens", description = "Personal access tokens, for tools that know only passwords.")
public class TokenResource {
  private static final String PATH = "/api/v1/personal-tokens";

  @Inject CurrentPrincipal caller;
  @Inject GovernanceClient governance;
  @Inject Sightings sightings;
  @Inject ExternalAddress address;
  @Inject RoutingContext context;

  /**
   * A token to make.
   *
   * @param name to know it by
   * @param expiresInDays null for the default, 90 unless configured otherwise
   * @param scopes {@code query}, {@code operations}; null for {@code query} alone
   * @param personas of yours that it keeps; null for all
   * @param tenants of yours that it keeps; null for all
   * @param schemas that it reads; null for all that you may read
   */
  public record NewToken(
      @NotBlank @Size(max = 100) String name,
      @Min(1) @Max(3660) Integer expiresInDays,
      @Size(min = 1, max = 8) Set<@NotBlank @Size(max = 32) String> scopes,
      @Size(min = 1, max = 256) Set<@NotBlank @Size(max = 256) String> personas,
      @Size(min = 1, max = 256) Set<@NotBlank @Size(max = 256) String> tenants,
      @Size(min = 1, max = 16) Set<@NotBlank @Size(max = 256) String> schemas) {}

  /**
   * A token.
   *
   * @param token the secret; only in the answer that made it
   * @param owner subject of its owner
   * @param state {@code active}, {@code expired} or {@code revoked}
   * @param personas that it keeps; null for all
   * @param tenants that it keeps; null for all
   * @param schemas that it reads; null for all
   * @param lastUsedAt null when it never was; exact to a minute
   */
  public record Token(
      String id,
      String name,
      String owner,
      String state,
      List<String> scopes,
      List<String> personas,
      List<String> tenants,
      List<String> schemas,
      Instant createdAt,
      Instant expiresAt,
      Instant firstUsedAt,
      Instant lastUsedAt,
      String lastUsedFrom,
      Instant revokedAt,
      String revokedBy,
      @com.fasterxml.jackson.annotation.JsonInclude(
              com.fasterxml.jackson.annotation.JsonInclude.Include.NON_NULL)
          String token) {}

  /** One page of tokens. */
  public record Tokens(List<Token> items, String next) {}

  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(
      summary = "Make a personal access token",
      description =
          "The secret is in this answer and nowhere else. It gives at most what its owner's newest"
              + " log-in says they have.")
  @APIResponse(responseCode = "201", description = "The token, with its secret.")
  @APIResponse(responseCode = "403", description = "Not over TLS, or not by a person.")
  @APIResponse(responseCode = "422", description = "It would give more than its owner has.")
  public Response create(@NotNull @Valid NewToken wanted) {
    requirePerson();
    if (!address.isSecure(context.request()) && !isLocal()) {
      throw LakegateException.forbidden(
          "TLS_REQUIRED", "Tokens are shown over TLS alone.", "Use the https address.");
    }
    String secret = PersonalToken.generate();
    Map<String, Object> creation = new LinkedHashMap<>();
    creation.put("hash", PersonalToken.hash(secret));
    creation.put("owner", sightings.seen());
    creation.put("name", wanted.name().strip());
    creation.put("expiresInDays", wanted.expiresInDays());
    creation.put("scopes", wanted.scopes());
    creation.put("personas", wanted.personas());
    creation.put("tenants", wanted.tenants());
    creation.put("schemas", wanted.schemas());
    return Response.status(201).entity(token(post(PATH, creation), secret)).build();
  }

  @GET
  @Operation(summary = "Your personal access tokens, newest first, without their secrets")
  public Tokens list(
      @Parameter(description = "Everybody's; for administrators.")
          @QueryParam("all")
          @DefaultValue("false")
          boolean all,
      @QueryParam("limit") @DefaultValue("100") @Min(1) @Max(1_000) int limit,
      @QueryParam("cursor") @Size(max = 200) String cursor) {
    Principal principal = requirePerson();
    String path = PATH + "?limit=" + limit;
    if (all) {
      caller.requireAdministrator();
    } else {
      path += "&issuer=" + encode(principal.issuer()) + "&subject=" + encode(principal.subject());
    }
    if (cursor != null) {
      path += "&cursor=" + encode(cursor);
    }
    JsonNode page;
    try {
      page = governance.get().get(path, JsonNode.class);
    } catch (ServiceCallException e) {
      throw e.toRefusal();
    }
    List<Token> items = new ArrayList<>();
    page.path("items").forEach(item -> items.add(token(item, null)));
    return new Tokens(items, text(page, "next"));
  }

  @DELETE
  @Path("{id}")
  @Operation(
      summary = "End a token",
      description = "One's own; anybody's by administrators. It stops working within 5 seconds.")
  @APIResponse(responseCode = "204", description = "It has ended, now or before.")
  @APIResponse(responseCode = "404", description = "There is no such token of yours.")
  public Response revoke(@PathParam("id") UUID id) {
    Principal principal = requirePerson();
    post(
        PATH + "/" + id + "/revoke",
        Map.of("by", principal, "administrator", caller.isAdministrator()));
    return Response.noContent().build();
  }

  private Principal requirePerson() {
    Principal principal = caller.require();
    if (caller.isService() || caller.personalToken().isPresent()) {
      throw LakegateException.forbidden(
          "FORBIDDEN", "Personal access tokens belong to people.", "Log in as a person.");
    }
    return principal;
  }

  /** What never leaves this machine needs no encryption. */
  private boolean isLocal() {
    try {
      return InetAddress.getByName(address.client(context.request())).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }

  private JsonNode post(String path, Object body) {
    try {
      return governance.get().post(path, body, JsonNode.class);
    } catch (ServiceCallException e) {
      throw e.toRefusal();
    }
  }

  private static Token token(JsonNode node, String secret) {
    Instant expiresAt = instant(node, "expiresAt");
    Instant revokedAt = instant(node, "revokedAt");
    String state =
        revokedAt != null ? "revoked" : expiresAt.isAfter(Instant.now()) ? "active" : "expired";
    return new Token(
        text(node, "id"),
        text(node, "name"),
        text(node, "subject"),
        state,
        texts(node, "scopes"),
        texts(node, "personas"),
        texts(node, "tenants"),
        texts(node, "schemas"),
        instant(node, "createdAt"),
        expiresAt,
        instant(node, "firstUsedAt"),
        instant(node, "lastUsedAt"),
        text(node, "lastUsedFrom"),
        revokedAt,
        text(node, "revokedBy"),
        secret);
  }

  private static String text(JsonNode node, String name) {
    return node.hasNonNull(name) ? node.get(name).asText() : null;
  }

  private static Instant instant(JsonNode node, String name) {
    return node.hasNonNull(name) ? Instant.parse(node.get(name).asText()) : null;
  }

  private static List<String> texts(JsonNode node, String name) {
    if (!node.hasNonNull(name)) {
      return null;
    }
    List<String> texts = new ArrayList<>();
    node.get(name).forEach(value -> texts.add(value.asText()));
    return texts;
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
