package dev.lakegate.kit.identity;

import dev.lakegate.kit.error.LakegateException;
import dev.lakegate.model.policy.Principal;
import io.quarkus.security.identity.SecurityIdentity;
import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.Optional;

/** The caller of the present request, as mapped from their verified token. */
@RequestScoped
public class CurrentPrincipal {
  /** The scope that only the platform's own services carry in their tokens. */
  public static final String SERVICE_SCOPE = "lakegate.internal";

  @Inject SecurityIdentity identity;
  @Inject Roles roles;

  /** The caller; empty when nobody is authenticated. */
  public Optional<Principal> find() {
    return caller().map(Caller::principal);
  }

  /**
   * The caller.
   *
   * @throws LakegateException 401 when nobody is authenticated
   */
  public Principal require() {
    return find()
        .orElseThrow(
            () ->
                LakegateException.unauthorized(
                    "TOKEN_MISSING",
                    "This address needs a bearer token.",
                    "Send the header 'Authorization: Bearer <access token>'."));
  }

  /** Whether the caller is one of the platform's services. */
  public boolean isService() {
    return caller().map(Caller::service).orElse(false);
  }

  /** The personal access token that the caller used; empty with a token of the issuer. */
  public Optional<TokenGrant> personalToken() {
    return caller().map(Caller::token);
  }

  /** The name by which the caller logs in; empty when nobody is authenticated. */
  public Optional<String> login() {
    return caller().map(Caller::login);
  }

  /**
   * Whether a user name that the caller gives is their own: their subject, or their log-in name.
   */
  public boolean isNamed(String user) {
    return caller()
        .map(c -> user.equals(c.principal().subject()) || user.equals(c.login()))
        .orElse(false);
  }

  /** When the issuer made the caller's token; empty where that is not known. */
  public Optional<Instant> issuedAt() {
    return caller().map(Caller::issuedAt);
  }

  /**
   * Whether the caller may see the state of the platform. Services are not operators, and a
   * personal access token needs the scope for it.
   */
  public boolean isOperator() {
    return personalToken().map(t -> t.scopes().contains(TokenGrant.OPERATIONS)).orElse(true)
        && find().map(roles::operates).orElse(false);
  }

  /**
   * Whether the caller may change policy and see every principal's queries. Nobody may with a
   * personal access token.
   */
  public boolean isAdministrator() {
    return personalToken().isEmpty() && find().map(roles::administers).orElse(false);
  }

  /**
   * Lets only services pass.
   *
   * @throws LakegateException 401 or 403
   */
  public Principal requireService() {
    return allow(isService(), "services of the platform");
  }

  /**
   * Lets only operators and services pass.
   *
   * @throws LakegateException 401 or 403
   */
  public Principal requireOperatorOrService() {
    return allow(isOperator() || isService(), "operators");
  }

  /**
   * Lets only administrators pass.
   *
   * @throws LakegateException 401 or 403
   */
  public Principal requireAdministrator() {
    return allow(isAdministrator(), "administrators");
  }

  /**
   * Lets only administrators and services pass.
   *
   * @throws LakegateException 401 or 403
   */
  public Principal requireAdministratorOrService() {
    return allow(isAdministrator() || isService(), "administrators");
  }

  private Principal allow(boolean may, String who) {
    Principal principal = require();
    if (!may) {
      throw LakegateException.forbidden(
          "FORBIDDEN",
          "Only " + who + " may do this, and '" + principal.subject() + "' is not among them.",
          "Log in as somebody who may, or ask an administrator for the persona.");
    }
    return principal;
  }

  private Optional<Caller> caller() {
    return Optional.ofNullable(identity.getAttribute(Caller.ATTRIBUTE));
  }
}
