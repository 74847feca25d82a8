package dev.lakegate.laptop.identity;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.oauth2.sdk.pkce.CodeChallenge;
import com.nimbusds.oauth2.sdk.pkce.CodeChallengeMethod;
import com.nimbusds.oauth2.sdk.pkce.CodeVerifier;
import com.nimbusds.openid.connect.sdk.op.OIDCProviderMetadata;
import dev.lakegate.model.json.Json;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IdentityProviderTest {
  private static final String PASSWORD = "abcd-efgh-jkmn-pqrs";
  private static final String REDIRECT = "http://127.0.0.1:8080/";
  // Making a key is slow; every provider of these tests signs with the same.
  private static final RSAKey KEY = Tokens.newKey();
  private static final CodeVerifier VERIFIER = new CodeVerifier();

  /** A clock that stands where the test puts it. */
  private static final class HandClock extends Clock {
    private volatile Instant now = Instant.now();

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }

    @Override
    public Instant instant() {
      return now;
    }
  }

  private final HandClock clock = new HandClock();
  private final HttpClient http = HttpClient.newHttpClient();
  private IdentityProvider provider;

  @BeforeEach
  void start() {
    provider =
        IdentityProvider.start(
            new IdentityProvider.Settings(
                0,
                PASSWORD,
                Map.of("query-gateway", "gateway-secret"),
                Set.of(URI.create(REDIRECT), URI.create("https://localhost:8443/")),
                Set.of(URI.create("https://localhost:8443/oauth2/callback"))),
            clock,
            KEY);
  }

  @AfterEach
  void stop() {
    provider.close();
  }

  // -- the good ways ------------------------------------------------------------------------

  @Test
  void discoveryIsWellFormed() throws Exception {
    OIDCProviderMetadata metadata =
        OIDCProviderMetadata.parse(get("/.well-known/openid-configuration").body());
    assertThat(metadata.getIssuer().getValue()).isEqualTo(provider.issuer());
    assertThat(metadata.getJWKSetURI()).hasToString(provider.issuer() + "/jwks");
    assertThat(metadata.getCodeChallengeMethods()).containsExactly(CodeChallengeMethod.S256);
    assertThat(metadata.getTokenEndpointURI()).hasToString(provider.issuer() + "/token");
  }

  @Test
  void aPersonLogsInWithCodeAndPkce() throws Exception {
    HttpResponse<String> page = get("/authorize?" + encode(authorization()));
    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.body())
        .contains("name=\"username\"", "name=\"password\"", "analyst@tenant-1")
        .doesNotContain("<script", PASSWORD);
    assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
        .contains(
            "default-src 'none'",
            "frame-ancestors 'none'",
            "form-action 'self' http://127.0.0.1:8080");
    assertThat(page.headers().firstValue("X-Frame-Options")).contains("DENY");

    Map<String, String> back = logIn("analyst@tenant-1");
    assertThat(back).containsEntry("state", "s 1").containsEntry("iss", provider.issuer());
    HttpResponse<String> answer = exchange(back.get("code"), VERIFIER.getValue());
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Cache-Control")).contains("no-store");
    JsonNode tokens = Json.MAPPER.readTree(answer.body());

    JWTClaimsSet access = verified(tokens.path("access_token").asText());
    assertThat(access.getSubject()).isEqualTo("analyst@tenant-1");
    assertThat(access.getAudience()).containsExactly("lakegate");
    assertThat(access.getStringListClaim("personas")).containsExactly("TenantSpecificAnalyst");
    assertThat(access.getStringListClaim("tenants")).containsExactly("tenant-1");
    assertThat(access.getClaim("tier")).isNull();
    assertThat(access.getStringClaim("scope")).doesNotContain("lakegate.internal");
    assertThat(
            Duration.between(
                access.getIssueTime().toInstant(), access.getExpirationTime().toInstant()))
        .isEqualTo(Duration.ofMinutes(15));

    JWTClaimsSet id = verified(tokens.path("id_token").asText());
    assertThat(id.getAudience()).containsExactly(IdentityProvider.CONSOLE);
    assertThat(id.getStringClaim("nonce")).isEqualTo("n1");

    HttpResponse<String> info =
        http.send(
            HttpRequest.newBuilder(uri("/userinfo"))
                .header("Authorization", "Bearer " + tokens.path("access_token").asText())
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(info.body()).contains("\"sub\":\"analyst@tenant-1\"");
  }

  @ParameterizedTest
  @CsvSource({
    "admin,LakeFormationAdmin,,",
    "engineer,DataEngineer,,",
    "analyst,DataAnalyst,,",
    "analyst@tenant-7,TenantSpecificAnalyst,tenant-7,",
    "analyst@Ünïcode tenant,TenantSpecificAnalyst,Ünïcode tenant,",
    "team@enterprise,TenantSpecificAnalyst,,enterprise"
  })
  void usersGetTheirClaims(String user, String persona, String tenant, String tier)
      throws Exception {
    JWTClaimsSet claims = verified(passwordToken(user, PASSWORD).path("access_token").asText());
    assertThat(claims.getStringListClaim("personas")).containsExactly(persona);
    assertThat(claims.getStringListClaim("tenants"))
        .isEqualTo(tenant == null ? List.of() : List.of(tenant));
    assertThat(claims.getClaim("tier")).isEqualTo(tier);
  }

  @Test
  void eachClientIsSentBackToItsOwnAddressesAlone() throws Exception {
    Map<String, String> request = authorization();
    request.put("client_id", IdentityProvider.GATEWAY);
    assertThat(get("/authorize?" + encode(request)).statusCode()).isEqualTo(400);
    request.put("redirect_uri", "https://localhost:8443/oauth2/callback");
    HttpResponse<String> page = get("/authorize?" + encode(request));
    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.body()).contains("for a program that uses Lakegate");
    request.put("client_id", IdentityProvider.CONSOLE);
    assertThat(get("/authorize?" + encode(request)).statusCode()).isEqualTo(400);
    request.put("client_id", IdentityProvider.CLI);
    assertThat(get("/authorize?" + encode(request)).statusCode()).isEqualTo(400);
  }

  @Test
  void servicesGetATokenWithoutPersonas() throws Exception {
    for (boolean basic : new boolean[] {true, false}) {
      JsonNode answer = clientCredentials("query-gateway", "gateway-secret", basic, 200);
      JWTClaimsSet claims = verified(answer.path("access_token").asText());
      assertThat(claims.getStringClaim("scope")).isEqualTo("lakegate.internal");
      assertThat(claims.getSubject()).isEqualTo("query-gateway");
      assertThat(claims.getClaim("personas")).isNull();
      assertThat(answer.has("refresh_token")).isFalse();
    }
  }

  @Test
  void refreshTokensRotate() throws Exception {
    JsonNode first = passwordToken("analyst", PASSWORD);
    JsonNode second = refresh(first.path("refresh_token").asText(), IdentityProvider.CLI, 200);
    assertThat(second.path("refresh_token").asText())
        .isNotEqualTo(first.path("refresh_token").asText());
    assertThat(verified(second.path("access_token").asText()).getSubject()).isEqualTo("analyst");
  }

  @Test
  void loggingOutEndsTheLogin() throws Exception {
    JsonNode tokens =
        Json.MAPPER.readTree(exchange(logIn("analyst").get("code"), VERIFIER.getValue()).body());
    HttpResponse<String> out =
        get(
            "/logout?"
                + encode(
                    Map.of(
                        "id_token_hint",
                        tokens.path("id_token").asText(),
                        "post_logout_redirect_uri",
                        REDIRECT)));
    assertThat(out.statusCode()).isEqualTo(302);
    assertThat(out.headers().firstValue("Location")).contains(REDIRECT);
    refresh(tokens.path("refresh_token").asText(), IdentityProvider.CONSOLE, 400);
  }

  @Test
  void theConsoleMayCallAcrossOriginsAndOthersMayNot() throws Exception {
    assertThat(preflight("http://127.0.0.1:8080")).contains("http://127.0.0.1:8080");
    assertThat(preflight("https://localhost:8443")).contains("https://localhost:8443");
    assertThat(preflight("http://127.0.0.1:8080.evil.example")).isEmpty();
    assertThat(preflight("http://evil.example")).isEmpty();
    assertThat(preflight("null")).isEmpty();
  }

  // -- the hostile ways ---------------------------------------------------------------------

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://evil.example/",
        "http://127.0.0.1:8080",
        "http://127.0.0.1:8080/x",
        "http://127.0.0.1:8080/?a=b",
        "http://127.0.0.1:8080/#f",
        "HTTP://127.0.0.1:8080/",
        "http://127.0.0.1:8080@evil.example/",
        "https://localhost:8443/..",
        "javascript:alert(1)",
        ""
      })
  void anotherRedirectAddressIsNeverFollowed(String redirect) throws Exception {
    Map<String, String> request = authorization();
    request.put("redirect_uri", redirect);
    HttpResponse<String> answer = get("/authorize?" + encode(request));
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.headers().firstValue("Location")).isEmpty();
    request.put("username", "admin");
    request.put("password", PASSWORD);
    assertThat(post("/authorize", request).statusCode()).isEqualTo(400);
  }

  @ParameterizedTest
  @CsvSource({
    "code_challenge,",
    "code_challenge,short",
    "code_challenge_method,plain",
    "code_challenge_method,",
    "response_type,token",
    "response_type,",
    "scope,profile",
    "prompt,none",
    "nonce,umlaut-ü"
  })
  void aFaultyRequestGoesBackWithAnError(String name, String value) throws Exception {
    Map<String, String> request = authorization();
    if (value == null) {
      request.remove(name);
    } else {
      request.put(name, value);
    }
    HttpResponse<String> answer = get("/authorize?" + encode(request));
    assertThat(answer.statusCode()).isEqualTo(302);
    assertThat(answer.headers().firstValue("Location").orElseThrow())
        .startsWith(REDIRECT + "?error=");
    // Nor does the form let it pass.
    request.put("username", "admin");
    request.put("password", PASSWORD);
    assertThat(post("/authorize", request).headers().firstValue("Location").orElseThrow())
        .startsWith(REDIRECT + "?error=");
  }

  @Test
  void theCommandLinesClientHasNoLoginPage() throws Exception {
    Map<String, String> request = authorization();
    request.put("client_id", IdentityProvider.CLI);
    assertThat(get("/authorize?" + encode(request)).statusCode()).isEqualTo(400);
  }

  @Test
  void theFormOfAnotherSiteIsRefused() throws Exception {
    Map<String, String> form = authorization();
    form.put("username", "admin");
    form.put("password", PASSWORD);
    HttpResponse<String> answer =
        http.send(
            HttpRequest.newBuilder(uri("/authorize"))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .header("Origin", "http://evil.example")
                .POST(HttpRequest.BodyPublishers.ofString(encode(form)))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).isEqualTo(403);
  }

  @Test
  void whatIsTypedIsNeverMarkup() throws Exception {
    Map<String, String> form = authorization();
    form.put("state", "\"><script>alert(1)</script>");
    form.put("username", "<img src=x onerror=alert(1)>");
    form.put("password", "wrong");
    HttpResponse<String> answer = post("/authorize", form);
    assertThat(answer.statusCode()).isEqualTo(401);
    assertThat(answer.body())
        .contains("User or password is wrong")
        .doesNotContain("<script", "<img");
  }

  @Test
  void aCodeWorksOnceAndItsReuseEndsTheLogin() throws Exception {
    String code = logIn("analyst").get("code");
    JsonNode tokens = Json.MAPPER.readTree(exchange(code, VERIFIER.getValue()).body());
    HttpResponse<String> again = exchange(code, VERIFIER.getValue());
    assertThat(again.statusCode()).isEqualTo(400);
    assertThat(again.body()).contains("invalid_grant");
    refresh(tokens.path("refresh_token").asText(), IdentityProvider.CONSOLE, 400);
  }

  @Test
  void aCodeOfAWrongVerifierIsSpent() throws Exception {
    String code = logIn("analyst").get("code");
    assertThat(exchange(code, new CodeVerifier().getValue()).statusCode()).isEqualTo(400);
    assertThat(exchange(code, VERIFIER.getValue()).statusCode()).isEqualTo(400);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "short", "with blanks with blanks with blanks with blanks 1234"})
  void aMalformedVerifierIsRefused(String verifier) throws Exception {
    assertThat(exchange(logIn("analyst").get("code"), verifier).statusCode()).isEqualTo(400);
  }

  @Test
  void aCodeIsForItsClientAndRedirectAndForAMinute() throws Exception {
    Map<String, String> form = codeForm(logIn("analyst").get("code"), VERIFIER.getValue());
    form.put("client_id", IdentityProvider.CLI);
    assertThat(post("/token", form).statusCode()).isEqualTo(400);
    form = codeForm(logIn("analyst").get("code"), VERIFIER.getValue());
    form.put("redirect_uri", "https://localhost:8443/");
    assertThat(post("/token", form).statusCode()).isEqualTo(400);
    form = codeForm(logIn("analyst").get("code"), VERIFIER.getValue());
    clock.now = clock.now.plusSeconds(61);
    assertThat(post("/token", form).statusCode()).isEqualTo(400);
  }

  @Test
  void aRefreshTokenThatIsUsedTwiceEndsTheLogin() throws Exception {
    String first = passwordToken("analyst", PASSWORD).path("refresh_token").asText();
    String second = refresh(first, IdentityProvider.CLI, 200).path("refresh_token").asText();
    refresh(first, IdentityProvider.CLI, 400);
    refresh(second, IdentityProvider.CLI, 400);
  }

  @Test
  void aRefreshTokenIsForItsClientAndForAWorkingDay() throws Exception {
    String token = passwordToken("analyst", PASSWORD).path("refresh_token").asText();
    refresh(token, IdentityProvider.CONSOLE, 400);
    clock.now = clock.now.plus(Duration.ofHours(9));
    refresh(token, IdentityProvider.CLI, 400);
  }

  @Test
  void onlyTheCommandLineExchangesPasswords() throws Exception {
    for (String client : new String[] {IdentityProvider.CONSOLE, "query-gateway", "nobody"}) {
      Map<String, String> form = passwordForm("admin", PASSWORD);
      form.put("client_id", client);
      assertThat(post("/token", form).statusCode()).as(client).isIn(400, 401);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"root", "Admin", "admin ", "analyst@", "analyst@ x", "team@", "team@A B", "", "@"})
  void thereAreNoOtherUsers(String user) throws Exception {
    HttpResponse<String> answer = post("/token", passwordForm(user, PASSWORD));
    // Blanks around a name are an honest mistake.
    assertThat(answer.statusCode()).isEqualTo(user.equals("admin ") ? 200 : 400);
  }

  @Test
  void aNameIsLockedAfterFiveWrongPasswordsForHalfAMinute() throws Exception {
    for (int i = 0; i < LoginGuard.FAILURES; i++) {
      assertThat(post("/token", passwordForm("admin", "wrong-" + i)).body())
          .doesNotContain("access_token");
    }
    HttpResponse<String> locked = post("/token", passwordForm("admin", PASSWORD));
    assertThat(locked.statusCode()).isEqualTo(429);
    assertThat(post("/token", passwordForm("analyst", PASSWORD)).statusCode()).isEqualTo(200);
    clock.now = clock.now.plus(LoginGuard.LOCK).plusSeconds(1);
    assertThat(post("/token", passwordForm("admin", PASSWORD)).statusCode()).isEqualTo(200);
  }

  @Test
  void servicesNeedTheirSecret() throws Exception {
    for (boolean basic : new boolean[] {true, false}) {
      clientCredentials("query-gateway", "wrong", basic, 401);
      clientCredentials("query-gateway", "", basic, 401);
      clientCredentials("nobody", "gateway-secret", basic, 401);
      clientCredentials("nobody", provider.issuer(), basic, 401);
      clientCredentials(IdentityProvider.CLI, "", basic, 401);
    }
  }

  @Test
  void aParameterGivenTwiceIsRefused() throws Exception {
    HttpResponse<String> answer =
        http.send(
            HttpRequest.newBuilder(uri("/token"))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(
                    HttpRequest.BodyPublishers.ofString(
                        encode(passwordForm("analyst", PASSWORD)) + "&username=admin"))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).isEqualTo(400);
  }

  @Test
  void largeRequestsAreRefused() throws Exception {
    Map<String, String> form = passwordForm("admin", "x".repeat(20_000));
    assertThat(post("/token", form).statusCode()).isEqualTo(413);
    assertThat(get("/authorize?state=" + "x".repeat(9_000)).statusCode()).isEqualTo(414);
    HttpResponse<String> headers =
        http.send(
            HttpRequest.newBuilder(uri("/jwks")).header("X-Large", "x".repeat(20_000)).build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(headers.statusCode()).isEqualTo(431);
    StringBuilder many = new StringBuilder("GET /jwks HTTP/1.1\r\nHost: x\r\n");
    for (int i = 0; i < 500; i++) {
      many.append("X-").append(i).append(": 1\r\n");
    }
    assertThat(raw(many + "\r\n")).doesNotContain("200 OK");
    // It still answers others.
    assertThat(get("/jwks").statusCode()).isEqualTo(200);
  }

  @Test
  void otherMethodsAndTypesAndPathsAreRefused() throws Exception {
    assertThat(get("/token").statusCode()).isEqualTo(405);
    assertThat(post("/jwks", Map.of()).statusCode()).isEqualTo(405);
    assertThat(get("/token/../admin").statusCode()).isEqualTo(404);
    HttpResponse<String> json =
        http.send(
            HttpRequest.newBuilder(uri("/token"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{}"))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(json.statusCode()).isEqualTo(415);
  }

  @Test
  void userInfoNeedsALivingTokenOfOurs() throws Exception {
    JsonNode tokens = passwordToken("analyst", PASSWORD);
    String access = tokens.path("access_token").asText();
    assertThat(userInfo("Bearer " + access)).isEqualTo(200);
    assertThat(userInfo("Bearer " + tokens.path("id_token").asText())).isEqualTo(401);
    assertThat(userInfo("Bearer " + unsigned(access))).isEqualTo(401);
    assertThat(userInfo("Bearer x")).isEqualTo(401);
    assertThat(userInfo("Basic " + access)).isEqualTo(401);
    clock.now = clock.now.plus(Duration.ofMinutes(16));
    assertThat(userInfo("Bearer " + access)).isEqualTo(401);
  }

  @Test
  void theKeySetShowsNoPrivateParts() throws Exception {
    JsonNode key = Json.MAPPER.readTree(get("/jwks").body()).path("keys").path(0);
    assertThat(key.fieldNames())
        .toIterable()
        .containsExactlyInAnyOrder("kty", "e", "use", "kid", "alg", "n");
  }

  @Test
  void loggingOutGoesNowhereElse() throws Exception {
    assertThat(
            get("/logout?post_logout_redirect_uri=" + encoded("http://evil.example/")).statusCode())
        .isEqualTo(400);
  }

  // -- helpers ------------------------------------------------------------------------------

  private static Map<String, String> authorization() {
    Map<String, String> request = new LinkedHashMap<>();
    request.put("client_id", IdentityProvider.CONSOLE);
    request.put("redirect_uri", REDIRECT);
    request.put("response_type", "code");
    request.put("scope", "openid profile");
    request.put("state", "s 1");
    request.put("nonce", "n1");
    request.put(
        "code_challenge", CodeChallenge.compute(CodeChallengeMethod.S256, VERIFIER).getValue());
    request.put("code_challenge_method", "S256");
    return request;
  }

  private Map<String, String> logIn(String user) throws Exception {
    Map<String, String> form = authorization();
    form.put("username", user);
    form.put("password", PASSWORD);
    HttpResponse<String> answer = post("/authorize", form);
    assertThat(answer.statusCode()).isEqualTo(302);
    String location = answer.headers().firstValue("Location").orElseThrow();
    assertThat(location).startsWith(REDIRECT + "?");
    Map<String, String> parameters = new LinkedHashMap<>();
    for (String pair : location.substring(location.indexOf('?') + 1).split("&")) {
      String[] parts = pair.split("=", 2);
      parameters.put(parts[0], URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
    }
    return parameters;
  }

  private static Map<String, String> codeForm(String code, String verifier) {
    Map<String, String> form = new LinkedHashMap<>();
    form.put("grant_type", "authorization_code");
    form.put("client_id", IdentityProvider.CONSOLE);
    form.put("code", code);
    form.put("redirect_uri", REDIRECT);
    form.put("code_verifier", verifier);
    return form;
  }

  private HttpResponse<String> exchange(String code, String verifier) throws Exception {
    return post("/token", codeForm(code, verifier));
  }

  private static Map<String, String> passwordForm(String user, String password) {
    Map<String, String> form = new LinkedHashMap<>();
    form.put("grant_type", "password");
    form.put("client_id", IdentityProvider.CLI);
    form.put("scope", "openid");
    form.put("username", user);
    form.put("password", password);
    return form;
  }

  private JsonNode passwordToken(String user, String password) throws Exception {
    HttpResponse<String> answer = post("/token", passwordForm(user, password));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return Json.MAPPER.readTree(answer.body());
  }

  private JsonNode refresh(String token, String client, int status) throws Exception {
    HttpResponse<String> answer =
        post(
            "/token",
            Map.of("grant_type", "refresh_token", "client_id", client, "refresh_token", token));
    assertThat(answer.statusCode()).isEqualTo(status);
    return Json.MAPPER.readTree(answer.body());
  }

  private JsonNode clientCredentials(String client, String secret, boolean basic, int status)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri("/token"))
            .header("Content-Type", "application/x-www-form-urlencoded");
    String body = "grant_type=client_credentials";
    if (basic) {
      request.header(
          "Authorization",
          "Basic "
              + Base64.getEncoder()
                  .encodeToString((encoded(client) + ":" + encoded(secret)).getBytes()));
    } else {
      body += "&client_id=" + encoded(client) + "&client_secret=" + encoded(secret);
    }
    HttpResponse<String> answer =
        http.send(
            request.POST(HttpRequest.BodyPublishers.ofString(body)).build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).isEqualTo(status);
    return Json.MAPPER.readTree(answer.body());
  }

  private JWTClaimsSet verified(String token) throws Exception {
    SignedJWT jwt = SignedJWT.parse(token);
    assertThat(jwt.getHeader().getAlgorithm()).isEqualTo(JWSAlgorithm.RS256);
    var key = JWKSet.parse(get("/jwks").body()).getKeyByKeyId(jwt.getHeader().getKeyID());
    assertThat(jwt.verify(new RSASSAVerifier(key.toRSAKey()))).isTrue();
    assertThat(jwt.getJWTClaimsSet().getIssuer()).isEqualTo(provider.issuer());
    return jwt.getJWTClaimsSet();
  }

  private static String unsigned(String token) {
    String header =
        Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString("{\"alg\":\"none\"}".getBytes(StandardCharsets.UTF_8));
    return header + "." + token.split("\\.")[1] + ".";
  }

  private int userInfo(String authorization) throws Exception {
    return http.send(
            HttpRequest.newBuilder(uri("/userinfo")).header("Authorization", authorization).build(),
            HttpResponse.BodyHandlers.ofString())
        .statusCode();
  }

  private java.util.Optional<String> preflight(String origin) throws Exception {
    return http.send(
            HttpRequest.newBuilder(uri("/token"))
                .header("Origin", origin)
                .method("OPTIONS", HttpRequest.BodyPublishers.noBody())
                .build(),
            HttpResponse.BodyHandlers.ofString())
        .headers()
        .firstValue("Access-Control-Allow-Origin");
  }

  private HttpResponse<String> get(String path) throws Exception {
    return http.send(
        HttpRequest.newBuilder(uri(path)).build(), HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> post(String path, Map<String, String> form) throws Exception {
    return http.send(
        HttpRequest.newBuilder(uri(path))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(HttpRequest.BodyPublishers.ofString(encode(form)))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private String raw(String request) throws Exception {
    try (Socket socket = new Socket("127.0.0.1", uri("/").getPort())) {
      socket.setSoTimeout(10_000);
      OutputStream out = socket.getOutputStream();
      out.write(request.getBytes(StandardCharsets.US_ASCII));
      out.flush();
      byte[] answer = new byte[1000];
      int n = socket.getInputStream().read(answer);
      return n < 0 ? "" : new String(answer, 0, n, StandardCharsets.US_ASCII);
    } catch (java.io.IOException e) {
      return "";
    }
  }

  private URI uri(String path) {
    return URI.create(provider.issuer() + path);
  }

  private static String encode(Map<String, String> parameters) {
    return parameters.entrySet().stream()
        .map(p -> p.getKey() + "=" + encoded(p.getValue()))
        .collect(Collectors.joining("&"));
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
