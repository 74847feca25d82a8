package dev.lakegate.laptop.identity;

import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.oauth2.sdk.pkce.CodeChallenge;
import com.nimbusds.oauth2.sdk.pkce.CodeChallengeMethod;
import com.nimbusds.oauth2.sdk.pkce.CodeVerifier;
import com.nimbusds.oauth2.sdk.util.URLUtils;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.lakegate.laptop.identity.DemoUsers.DemoUser;
import dev.lakegate.model.json.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The laptop's OpenID Connect issuer: authorization code with PKCE and a login page, refresh tokens
 * that rotate, passwords for the command line, client credentials for services. Keys, codes and
 * tokens live in memory; a new start invalidates them all. Listens on the loopback interface only.
 * Thread-safe.
 */
public final class IdentityProvider implements AutoCloseable {
  /** Client of the gateway's pages. */
  public static final String CONSOLE = "lakegate-console";

  /** Client of the gateway where it logs users of other programs in. */
  public static final String GATEWAY = "lakegate-gateway";

  /** Client of the command line; the only one that may exchange a password. */
  public static final String CLI = "lakegate-cli";

  /**
   * @param port port on 127.0.0.1; 0 takes a free one
   * @param demoPassword password of every demo user
   * @param serviceSecrets client secrets by client id
   * @param consoleRedirects the addresses, compared exactly, that the console may be sent back to
   * @param gatewayRedirects the same for log-ins that the gateway does for other programs
   */
  public record Settings(
      int port,
      String demoPassword,
      Map<String, String> serviceSecrets,
      Set<URI> consoleRedirects,
      Set<URI> gatewayRedirects) {
    public Settings {
      serviceSecrets = Map.copyOf(serviceSecrets);
      consoleRedirects = Set.copyOf(consoleRedirects);
      gatewayRedirects = Set.copyOf(gatewayRedirects);
    }

    @Override
    public String toString() {
      return "Settings[port="
          + port
          + ", consoleRedirects="
          + consoleRedirects
          + ", gatewayRedirects="
          + gatewayRedirects
          + "]";
    }
  }

  private static final int LARGEST_BODY = 16 * 1024;
  private static final int LARGEST_HEADERS = 16 * 1024;
  private static final int LARGEST_QUERY = 8 * 1024;
  private static final Pattern CHALLENGE = Pattern.compile("[A-Za-z0-9_-]{43}");
  private static final Pattern SAFE_TEXT = Pattern.compile("[\\x20-\\x7e]{0,1000}");

  static {
    // Read once, when the first server is made: a slow or huge request ends instead of holding a
    // thread.
    System.setProperty("sun.net.httpserver.maxReqHeaders", "100");
    System.setProperty("sun.net.httpserver.maxReqTime", "20");
    System.setProperty("sun.net.httpserver.maxRspTime", "20");
    System.setProperty("sun.net.httpserver.nodelay", "true");
  }

  private final Settings settings;
  private final HttpServer server;
  private final ExecutorService threads;
  private final String issuer;
  private final Tokens tokens;
  private final Grants grants;
  private final LoginGuard guard;
  private final Set<String> allowedOrigins;

  private IdentityProvider(Settings settings, Clock clock, RSAKey key) throws IOException {
    this.settings = settings;
    this.server = HttpServer.create(new InetSocketAddress("127.0.0.1", settings.port()), 64);
    this.issuer = "http://127.0.0.1:" + server.getAddress().getPort();
    this.tokens = new Tokens(issuer, clock, key);
    this.grants = new Grants(clock);
    this.guard = new LoginGuard(clock);
    this.allowedOrigins =
        settings.consoleRedirects().stream()
            .map(IdentityProvider::originOf)
            .collect(Collectors.toUnmodifiableSet());
    this.threads =
        Executors.newFixedThreadPool(
            8,
            task -> {
              Thread thread = new Thread(task, "identity");
              thread.setDaemon(true);
              return thread;
            });
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  /**
   * @throws UncheckedIOException when the port cannot be opened
   */
  public static IdentityProvider start(Settings settings) {
    return start(settings, Clock.systemUTC(), Tokens.newKey());
  }

  static IdentityProvider start(Settings settings, Clock clock, RSAKey key) {
    try {
      return new IdentityProvider(settings, clock, key);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot listen on port " + settings.port(), e);
    }
  }

  /** Expected {@code iss} of the tokens; also the base URL. */
  public String issuer() {
    return issuer;
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      try {
        route(exchange);
      } catch (Refused e) {
        sendJson(exchange, e.status, Map.of("error", e.code, "error_description", e.getMessage()));
      } catch (RuntimeException e) {
        sendJson(
            exchange,
            500,
            Map.of("error", "server_error", "error_description", "The identity provider failed."));
      }
    }
  }

  private void route(HttpExchange exchange) throws IOException {
    long headerSize =
        exchange.getRequestHeaders().entrySet().stream()
            .mapToLong(
                h -> h.getValue().stream().mapToLong(v -> v.length() + h.getKey().length()).sum())
            .sum();
    if (headerSize > LARGEST_HEADERS) {
      throw new Refused(431, "invalid_request", "The request's headers are too large.");
    }
    String query = exchange.getRequestURI().getRawQuery();
    if (query != null && query.length() > LARGEST_QUERY) {
      throw new Refused(414, "invalid_request", "The request's address is too long.");
    }
    String path = exchange.getRequestURI().getPath();
    String method = exchange.getRequestMethod();
    if (path.equals("/authorize")) {
      switch (method) {
        case "GET" -> authorize(exchange, parameters(query), false);
        case "POST" -> authorize(exchange, form(exchange), true);
        default -> throw methodNotAllowed(exchange, "GET, POST");
      }
      return;
    }
    allowConsole(exchange);
    if (method.equals("OPTIONS")) {
      exchange.sendResponseHeaders(204, -1);
      return;
    }
    switch (path) {
      case "/.well-known/openid-configuration" -> {
        need(exchange, "GET");
        sendJson(exchange, 200, metadata());
      }
      case "/jwks" -> {
        need(exchange, "GET");
        send(exchange, 200, "application/json", tokens.jwks());
      }
      case "/token" -> {
        need(exchange, "POST");
        sendJson(exchange, 200, token(exchange, form(exchange)));
      }
      case "/userinfo" -> userInfo(exchange);
      case "/logout" -> {
        need(exchange, "GET");
        logout(exchange, parameters(query));
      }
      case "/" -> send(exchange, 200, "text/plain", "Lakegate's identity provider.\n");
      default -> throw new Refused(404, "not_found", "There is nothing at this address.");
    }
  }

  // -- authorize ----------------------------------------------------------------------------

  private void authorize(HttpExchange exchange, Map<String, String> request, boolean submitted)
      throws IOException {
    String clientId = request.getOrDefault("client_id", "");
    URI redirect = registeredRedirect(clientId, request.get("redirect_uri"));
    // Until client and redirect are known to be right, nothing may be sent to that address.
    if (redirect == null) {
      sendPage(
          exchange,
          400,
          "",
          LoginPage.refusal(
              "The application that sent you here is not registered, or asked to send you back to"
                  + " an address that is not its own."));
      return;
    }
    String state = request.get("state");
    Optional<String[]> fault = faultOf(request);
    if (fault.isPresent()) {
      redirect(
          exchange,
          redirect,
          parametersOf(
              "error",
              fault.get()[0],
              "error_description",
              fault.get()[1],
              "state",
              safe(state),
              "iss",
              issuer));
      return;
    }
    Map<String, String> hidden = new LinkedHashMap<>();
    for (String name :
        List.of(
            "client_id",
            "redirect_uri",
            "response_type",
            "scope",
            "state",
            "nonce",
            "code_challenge",
            "code_challenge_method")) {
      if (request.get(name) != null) {
        hidden.put(name, request.get(name));
      }
    }
    if (!submitted) {
      page(exchange, 200, redirect, hidden, request.getOrDefault("login_hint", ""), null);
      return;
    }
    String origin = exchange.getRequestHeaders().getFirst("Origin");
    if (origin != null && !origin.equals(issuer) && !origin.equals(localhost(issuer))) {
      throw new Refused(403, "invalid_request", "The form was sent from another site.");
    }
    String name = request.getOrDefault("username", "").strip();
    Optional<DemoUser> user = check(name, request.getOrDefault("password", ""));
    if (user.isEmpty()) {
      page(
          exchange,
          guard.isLocked(name) ? 429 : 401,
          redirect,
          hidden,
          name,
          guard.isLocked(name)
              ? "Too many wrong passwords. Wait half a minute."
              : "User or password is wrong.");
      return;
    }
    Grants.Login login =
        new Grants.Login(
            UUID.randomUUID().toString(),
            clientId,
            user.get(),
            scopeOf(request),
            request.get("nonce"));
    Optional<String> code =
        grants.newCode(new Grants.Code(login, redirect, request.get("code_challenge")));
    if (code.isEmpty()) {
      redirect(
          exchange,
          redirect,
          parametersOf("error", "temporarily_unavailable", "state", safe(state), "iss", issuer));
      return;
    }
    redirect(
        exchange, redirect, parametersOf("code", code.get(), "state", safe(state), "iss", issuer));
  }

  private URI registeredRedirect(String clientId, String given) {
    Set<URI> own =
        switch (clientId) {
          case CONSOLE -> settings.consoleRedirects();
          case GATEWAY -> settings.gatewayRedirects();
          default -> Set.of();
        };
    return own.stream().filter(uri -> uri.toString().equals(given)).findFirst().orElse(null);
  }

  /** What is wrong with an authorization request, as error code and sentence. */
  private static Optional<String[]> faultOf(Map<String, String> request) {
    if (!"code".equals(request.get("response_type"))) {
      return fault("unsupported_response_type", "response_type must be code.");
    }
    if (!Set.of(request.getOrDefault("scope", "").split(" ")).contains("openid")) {
      return fault("invalid_scope", "scope must contain openid.");
    }
    if (!CodeChallengeMethod.S256.getValue().equals(request.get("code_challenge_method"))
        || !CHALLENGE.matcher(request.getOrDefault("code_challenge", "")).matches()) {
      return fault("invalid_request", "A code_challenge with method S256 is required (PKCE).");
    }
    for (String name : List.of("state", "nonce", "scope", "login_hint")) {
      if (!SAFE_TEXT.matcher(request.getOrDefault(name, "")).matches()) {
        return fault("invalid_request", name + " must be printable ASCII, 1,000 characters.");
      }
    }
    if ("none".equals(request.get("prompt"))) {
      return fault("login_required", "This issuer keeps no session in the browser.");
    }
    return Optional.empty();
  }

  private static Optional<String[]> fault(String code, String message) {
    return Optional.of(new String[] {code, message});
  }

  private static String safe(String state) {
    return state != null && SAFE_TEXT.matcher(state).matches() ? state : null;
  }

  private void page(
      HttpExchange exchange,
      int status,
      URI redirect,
      Map<String, String> hidden,
      String user,
      String error)
      throws IOException {
    sendPage(
        exchange,
        status,
        originOf(redirect),
        LoginPage.render(
            hidden,
            GATEWAY.equals(hidden.get("client_id"))
                ? "a program that uses Lakegate"
                : "Lakegate console",
            user,
            error));
  }

  // -- token --------------------------------------------------------------------------------

  private Map<String, Object> token(HttpExchange exchange, Map<String, String> form) {
    return switch (form.getOrDefault("grant_type", "")) {
      case "authorization_code" -> exchangeCode(exchange, form);
      case "refresh_token" -> exchangeRefreshToken(exchange, form);
      case "password" -> exchangePassword(exchange, form);
      case "client_credentials" -> exchangeClientCredentials(exchange, form);
      default ->
          throw new Refused(
              400,
              "unsupported_grant_type",
              "grant_type must be authorization_code, refresh_token, password or"
                  + " client_credentials.");
    };
  }

  private Map<String, Object> exchangeCode(HttpExchange exchange, Map<String, String> form) {
    String clientId = publicClient(exchange, form);
    Grants.Code code =
        grants
            .redeem(form.getOrDefault("code", ""))
            .orElseThrow(() -> invalidGrant("The code is unknown, too old or was used before."));
    if (!code.login().clientId().equals(clientId)
        || !code.redirectUri().toString().equals(form.get("redirect_uri"))) {
      throw invalidGrant("The code was given to another client or redirect address.");
    }
    if (!verified(form.getOrDefault("code_verifier", ""), code.challenge())) {
      throw invalidGrant("The code_verifier does not fit the code_challenge.");
    }
    return answer(code.login(), true);
  }

  private static boolean verified(String verifier, String challenge) {
    try {
      return Secrets.same(
          challenge,
          CodeChallenge.compute(CodeChallengeMethod.S256, new CodeVerifier(verifier)).getValue());
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private Map<String, Object> exchangeRefreshToken(
      HttpExchange exchange, Map<String, String> form) {
    String clientId = publicClient(exchange, form);
    Grants.Login login =
        grants
            .refresh(form.getOrDefault("refresh_token", ""), clientId)
            .orElseThrow(() -> invalidGrant("The refresh token is unknown or was used before."));
    return answer(login, true);
  }

  private Map<String, Object> exchangePassword(HttpExchange exchange, Map<String, String> form) {
    if (!publicClient(exchange, form).equals(CLI)) {
      throw new Refused(
          400, "unauthorized_client", "Only " + CLI + " may exchange a password for a token.");
    }
    String name = form.getOrDefault("username", "").strip();
    DemoUser user =
        check(name, form.getOrDefault("password", ""))
            .orElseThrow(
                () ->
                    guard.isLocked(name)
                        ? new Refused(429, "slow_down", "Too many wrong passwords. Wait a moment.")
                        : invalidGrant(
                            "User or password is wrong. Users: " + DemoUsers.HINT + "."));
    Grants.Login login =
        new Grants.Login(UUID.randomUUID().toString(), CLI, user, scopeOf(form), null);
    return answer(login, login.scope().contains("openid"));
  }

  private Map<String, Object> exchangeClientCredentials(
      HttpExchange exchange, Map<String, String> form) {
    String[] credentials = credentials(exchange, form);
    String secret = settings.serviceSecrets().get(credentials[0]);
    // An unknown client costs the same comparison as a known one.
    boolean right = Secrets.same(secret == null ? issuer : secret, credentials[1]);
    if (secret == null || !right) {
      throw new Refused(401, "invalid_client", "The client or its secret is wrong.");
    }
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("access_token", tokens.serviceAccess(credentials[0]));
    answer.put("token_type", "Bearer");
    answer.put("expires_in", Tokens.ACCESS_LIFE.toSeconds());
    answer.put("scope", "lakegate.internal");
    return answer;
  }

  private Map<String, Object> answer(Grants.Login login, boolean withIdToken) {
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("access_token", tokens.access(login.user(), login.clientId(), login.scope()));
    answer.put("token_type", "Bearer");
    answer.put("expires_in", Tokens.ACCESS_LIFE.toSeconds());
    grants.newRefreshToken(login).ifPresent(t -> answer.put("refresh_token", t));
    answer.put("scope", login.scope());
    if (withIdToken) {
      answer.put("id_token", tokens.id(login));
    }
    return answer;
  }

  /** The public client that asks. Public clients have no secret, so one that sends it is wrong. */
  private static String publicClient(HttpExchange exchange, Map<String, String> form) {
    String clientId = form.getOrDefault("client_id", "");
    if (!Set.of(CONSOLE, GATEWAY, CLI).contains(clientId)
        || form.containsKey("client_secret")
        || exchange.getRequestHeaders().getFirst("Authorization") != null) {
      throw new Refused(401, "invalid_client", "The client is unknown.");
    }
    return clientId;
  }

  private static String[] credentials(HttpExchange exchange, Map<String, String> form) {
    String header = exchange.getRequestHeaders().getFirst("Authorization");
    if (header == null) {
      return new String[] {
        form.getOrDefault("client_id", ""), form.getOrDefault("client_secret", "")
      };
    }
    Refused refused = new Refused(401, "invalid_client", "The client or its secret is wrong.");
    if (!header.regionMatches(true, 0, "Basic ", 0, 6) || form.containsKey("client_secret")) {
      throw refused;
    }
    try {
      String pair =
          new String(
              Base64.getDecoder().decode(header.substring(6).strip()), StandardCharsets.UTF_8);
      int colon = pair.indexOf(':');
      if (colon < 0) {
        throw refused;
      }
      return new String[] {
        URLDecoder.decode(pair.substring(0, colon), StandardCharsets.UTF_8),
        URLDecoder.decode(pair.substring(colon + 1), StandardCharsets.UTF_8)
      };
    } catch (IllegalArgumentException e) {
      throw refused;
    }
  }

  private Optional<DemoUser> check(String name, String password) {
    if (guard.isLocked(name)) {
      return Optional.empty();
    }
    boolean right = Secrets.same(settings.demoPassword(), password);
    Optional<DemoUser> user = DemoUsers.find(name).filter(u -> right);
    if (user.isPresent()) {
      guard.succeeded(name);
      return user;
    }
    guard.failed(name);
    try {
      Thread.sleep(150);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return Optional.empty();
  }

  private static String scopeOf(Map<String, String> request) {
    Set<String> known = Set.of("openid", "profile", "email", "offline_access");
    return List.of(request.getOrDefault("scope", "openid").split(" ")).stream()
        .filter(known::contains)
        .distinct()
        .collect(Collectors.joining(" "));
  }

  // -- the rest -----------------------------------------------------------------------------

  private void userInfo(HttpExchange exchange) throws IOException {
    String header = exchange.getRequestHeaders().getFirst("Authorization");
    var claims =
        Optional.ofNullable(header)
            .filter(h -> h.regionMatches(true, 0, "Bearer ", 0, 7))
            .flatMap(h -> tokens.readAccess(h.substring(7).strip()));
    if (claims.isEmpty()) {
      exchange.getResponseHeaders().set("WWW-Authenticate", "Bearer error=\"invalid_token\"");
      throw new Refused(401, "invalid_token", "The access token is missing or not valid.");
    }
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("sub", claims.get().getSubject());
    for (String name : List.of("preferred_username", "personas", "tenants", "tier")) {
      if (claims.get().getClaim(name) != null) {
        answer.put(name, claims.get().getClaim(name));
      }
    }
    sendJson(exchange, 200, answer);
  }

  private void logout(HttpExchange exchange, Map<String, String> request) throws IOException {
    Optional.ofNullable(request.get("id_token_hint"))
        .flatMap(tokens::loginOf)
        .ifPresent(grants::end);
    String target = request.get("post_logout_redirect_uri");
    if (target == null) {
      sendPage(exchange, 200, "", LoginPage.refusal("You are logged out."));
      return;
    }
    URI redirect = registeredRedirect(CONSOLE, target);
    if (redirect == null) {
      sendPage(
          exchange,
          400,
          "",
          LoginPage.refusal("You are logged out. The address to go to is not registered."));
      return;
    }
    redirect(exchange, redirect, parametersOf("state", safe(request.get("state"))));
  }

  private Map<String, Object> metadata() {
    Map<String, Object> m = new LinkedHashMap<>();
    m.put("issuer", issuer);
    m.put("authorization_endpoint", issuer + "/authorize");
    m.put("token_endpoint", issuer + "/token");
    m.put("userinfo_endpoint", issuer + "/userinfo");
    m.put("end_session_endpoint", issuer + "/logout");
    m.put("jwks_uri", issuer + "/jwks");
    m.put("response_types_supported", List.of("code"));
    m.put("response_modes_supported", List.of("query"));
    m.put(
        "grant_types_supported",
        List.of("authorization_code", "refresh_token", "password", "client_credentials"));
    m.put("code_challenge_methods_supported", List.of("S256"));
    m.put("subject_types_supported", List.of("public"));
    m.put("id_token_signing_alg_values_supported", List.of("RS256"));
    m.put("scopes_supported", List.of("openid", "profile", "email", "offline_access"));
    m.put(
        "token_endpoint_auth_methods_supported",
        List.of("none", "client_secret_basic", "client_secret_post"));
    m.put("claims_supported", List.of("sub", "iss", "aud", "exp", "personas", "tenants", "tier"));
    m.put("authorization_response_iss_parameter_supported", true);
    return m;
  }

  private void allowConsole(HttpExchange exchange) {
    var headers = exchange.getResponseHeaders();
    headers.set("Vary", "Origin");
    String origin = exchange.getRequestHeaders().getFirst("Origin");
    if (origin != null && allowedOrigins.contains(origin)) {
      headers.set("Access-Control-Allow-Origin", origin);
      headers.set("Access-Control-Allow-Methods", "GET, POST");
      headers.set("Access-Control-Allow-Headers", "authorization, content-type");
      headers.set("Access-Control-Max-Age", "600");
    }
  }

  private static void need(HttpExchange exchange, String method) {
    if (!exchange.getRequestMethod().equals(method)) {
      throw methodNotAllowed(exchange, method);
    }
  }

  private static Refused methodNotAllowed(HttpExchange exchange, String allowed) {
    exchange.getResponseHeaders().set("Allow", allowed);
    return new Refused(405, "invalid_request", "Only " + allowed + " is answered here.");
  }

  private static Map<String, String> form(HttpExchange exchange) throws IOException {
    String type = exchange.getRequestHeaders().getFirst("Content-Type");
    if (type == null
        || !type.split(";")[0].strip().equalsIgnoreCase("application/x-www-form-urlencoded")) {
      throw new Refused(415, "invalid_request", "Send application/x-www-form-urlencoded.");
    }
    byte[] body = exchange.getRequestBody().readNBytes(LARGEST_BODY + 1);
    if (body.length > LARGEST_BODY) {
      throw new Refused(413, "invalid_request", "The request is too large.");
    }
    return parameters(new String(body, StandardCharsets.UTF_8));
  }

  /** A parameter given twice is refused: two readers could each take another one. */
  private static Map<String, String> parameters(String encoded) {
    Map<String, String> single = new LinkedHashMap<>();
    if (encoded == null || encoded.isEmpty()) {
      return single;
    }
    URLUtils.parseParameters(encoded)
        .forEach(
            (name, values) -> {
              if (values.size() != 1) {
                throw new Refused(400, "invalid_request", "A parameter is given more than once.");
              }
              single.put(name, values.get(0));
            });
    return single;
  }

  private static Map<String, String> parametersOf(String... namesAndValues) {
    Map<String, String> parameters = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      if (namesAndValues[i + 1] != null) {
        parameters.put(namesAndValues[i], namesAndValues[i + 1]);
      }
    }
    return parameters;
  }

  private static void redirect(HttpExchange exchange, URI target, Map<String, String> parameters)
      throws IOException {
    String query =
        parameters.entrySet().stream()
            .map(p -> p.getKey() + "=" + URLEncoder.encode(p.getValue(), StandardCharsets.UTF_8))
            .collect(Collectors.joining("&"));
    exchange
        .getResponseHeaders()
        .set("Location", query.isEmpty() ? target.toString() : target + "?" + query);
    exchange.getResponseHeaders().set("Cache-Control", "no-store");
    exchange.getResponseHeaders().set("Referrer-Policy", "no-referrer");
    exchange.sendResponseHeaders(302, -1);
  }

  private static void sendPage(HttpExchange exchange, int status, String formTarget, String html)
      throws IOException {
    var headers = exchange.getResponseHeaders();
    headers.set("Content-Security-Policy", LoginPage.contentSecurityPolicy(formTarget));
    headers.set("X-Frame-Options", "DENY");
    // The form's own Origin must be readable here, so that forms of other sites can be refused.
    headers.set("Referrer-Policy", "same-origin");
    send(exchange, status, "text/html; charset=utf-8", html);
  }

  private static void sendJson(HttpExchange exchange, int status, Map<String, ?> value)
      throws IOException {
    send(exchange, status, "application/json", Json.write(value));
  }

  private static void send(HttpExchange exchange, int status, String type, String text)
      throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    var headers = exchange.getResponseHeaders();
    headers.set("Content-Type", type);
    headers.set("Cache-Control", "no-store");
    headers.set("X-Content-Type-Options", "nosniff");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  private static String originOf(URI uri) {
    return uri.getScheme() + "://" + uri.getRawAuthority();
  }

  private static String localhost(String url) {
    return url.replace("//127.0.0.1", "//localhost");
  }

  private static Refused invalidGrant(String message) {
    return new Refused(400, "invalid_grant", message);
  }

  private static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String code;

    Refused(int status, String code, String message) {
      super(message);
      this.status = status;
      this.code = code;
    }
  }
}
