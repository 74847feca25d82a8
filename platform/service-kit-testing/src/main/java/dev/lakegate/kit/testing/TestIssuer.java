package dev.lakegate.kit.testing;

import com.sun.net.httpserver.HttpServer;
import dev.lakegate.model.json.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A real issuer of tokens for tests: an RSA key made anew, its JWKS and a client credentials
 * endpoint on a free port of the loopback address. It signs whatever it is told to, so that tests
 * can also make tokens that must be refused. Thread-safe.
 */
public final class TestIssuer implements AutoCloseable {
  /** The audience of its good tokens. */
  public static final String AUDIENCE = "lakegate";

  /** The secret of every client of its token endpoint. */
  public static final String CLIENT_SECRET = "test-secret";

  private static final Base64.Encoder URL = Base64.getUrlEncoder().withoutPadding();

  private final KeyPair key = newKey();
  private final String keyId = UUID.randomUUID().toString();
  private final HttpServer server;
  private final AtomicInteger tokensGiven = new AtomicInteger();
  private final Map<String, Map<String, String>> codes = new ConcurrentHashMap<>();
  private volatile int keysStatus = 200;
  private volatile boolean publishing = true;
  private volatile String browserUser = "analyst";

  private TestIssuer(HttpServer server) {
    this.server = server;
  }

  /** Starts an issuer. */
  public static TestIssuer start() {
    try {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
      TestIssuer issuer = new TestIssuer(server);
      server.createContext("/jwks", issuer::keys);
      server.createContext("/token", issuer::token);
      server.createContext("/authorize", issuer::authorize);
      server.createContext(
          "/.well-known/openid-configuration",
          exchange -> respond(exchange, 200, issuer.discovery()));
      server.setExecutor(
          command -> {
            Thread thread = new Thread(command, "test-issuer");
            thread.setDaemon(true);
            thread.start();
          });
      server.start();
      return issuer;
    } catch (IOException e) {
      throw new UncheckedIOException("the test issuer cannot listen", e);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }

  /** Its {@code iss}. */
  public URI url() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /**
   * How it answers when asked for its keys from now on: a status, or 0 to hang up. Services keep
   * keys that they know, see {@link #signWithUnknownKey}.
   */
  public void answerKeysWith(int status) {
    keysStatus = status;
  }

  /** Whether its keys are among those that it publishes from now on. */
  public void publishKeys(boolean publish) {
    publishing = publish;
  }

  /** Who is logged in, as a DataAnalyst, whenever a browser comes to its authorization endpoint. */
  public void logInBrowsersAs(String subject) {
    browserUser = subject;
  }

  /** How many tokens its token endpoint has given. */
  public int tokensGiven() {
    return tokensGiven.get();
  }

  /** The settings that make a service trust this issuer. */
  public Map<String, String> settings() {
    return Map.of(
        "lakegate.identity.issuer",
        url().toString(),
        "lakegate.identity.jwks-url",
        url() + "/jwks",
        "lakegate.identity.token-url",
        url() + "/token",
        "lakegate.identity.audience",
        AUDIENCE,
        "lakegate.identity.client-id",
        "test-service",
        "lakegate.identity.client-secret",
        CLIENT_SECRET);
  }

  /** A good token with persona LakeFormationAdmin. */
  public String admin() {
    return user("admin", "LakeFormationAdmin");
  }

  /** A good token with persona DataEngineer. */
  public String engineer() {
    return user("engineer", "DataEngineer");
  }

  /** A good token with persona DataAnalyst. */
  public String analyst() {
    return user("analyst", "DataAnalyst");
  }

  /** A good token with persona TenantSpecificAnalyst for some tenants. */
  public String tenantAnalyst(String... tenants) {
    Map<String, Object> claims = claims("analyst@" + String.join("+", tenants));
    claims.put("personas", List.of("TenantSpecificAnalyst"));
    claims.put("tenants", List.of(tenants));
    return sign(claims);
  }

  /** A good token with persona TenantSpecificAnalyst for a tier. */
  public String tierAnalyst(String tier) {
    Map<String, Object> claims = claims("team@" + tier);
    claims.put("personas", List.of("TenantSpecificAnalyst"));
    claims.put("tier", tier);
    return sign(claims);
  }

  /** A good token of a service. */
  public String service(String name) {
    Map<String, Object> claims = claims(name);
    claims.put("scope", "lakegate.internal");
    return sign(claims);
  }

  /** A good token with these personas. */
  public String user(String subject, String... personas) {
    Map<String, Object> claims = claims(subject);
    claims.put("personas", List.of(personas));
    return sign(claims);
  }

  /** The claims that every good token has; change them and {@link #sign} them. */
  public Map<String, Object> claims(String subject) {
    long now = Instant.now().getEpochSecond();
    Map<String, Object> claims = new LinkedHashMap<>();
    claims.put("iss", url().toString());
    claims.put("sub", subject);
    claims.put("aud", AUDIENCE);
    claims.put("iat", now);
    claims.put("exp", now + 600);
    claims.put("jti", UUID.randomUUID().toString());
    return claims;
  }

  /** Signs claims with the published key. */
  public String sign(Map<String, Object> claims) {
    return sign(Json.write(claims), key);
  }

  /** Signs a payload as it stands, also when it is no JSON. */
  public String signPayload(String payload) {
    return sign(payload, key);
  }

  /** Signs claims with another key under the published key's id. */
  public String signWithWrongKey(Map<String, Object> claims) {
    return sign(Json.write(claims), newKey());
  }

  /** Signs claims with a key that it does not publish, under an id of its own. */
  public String signWithUnknownKey(Map<String, Object> claims) {
    return sign(Json.write(claims), newKey(), UUID.randomUUID().toString());
  }

  /** Signs claims with the published key under a header of the test's own making. */
  public String signWithHeader(String header, Map<String, Object> claims) {
    return sign(header, Json.write(claims), key);
  }

  /** Signs claims with another key under a header of the test's own making. */
  public String signWithWrongKeyAndHeader(String header, Map<String, Object> claims) {
    return sign(header, Json.write(claims), newKey());
  }

  /** The id of the published key. */
  public String keyId() {
    return keyId;
  }

  /** A token with algorithm {@code none} and an empty signature. */
  public String unsigned(Map<String, Object> claims) {
    return encode("{\"alg\":\"none\",\"typ\":\"JWT\"}") + "." + encode(Json.write(claims)) + ".";
  }

  /** A token whose HMAC key is the issuer's public key: the classic confusion of algorithms. */
  public String signedWithPublicKeyAsSecret(Map<String, Object> claims) {
    try {
      String input =
          encode("{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"" + keyId + "\"}")
              + "."
              + encode(Json.write(claims));
      javax.crypto.Mac mac = javax.crypto.Mac.getInstance("HmacSHA256");
      mac.init(new javax.crypto.spec.SecretKeySpec(key.getPublic().getEncoded(), "HmacSHA256"));
      return input
          + "."
          + URL.encodeToString(mac.doFinal(input.getBytes(StandardCharsets.US_ASCII)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private String sign(String payload, KeyPair with) {
    return sign(payload, with, keyId);
  }

  private static String sign(String payload, KeyPair with, String keyId) {
    return sign("{\"alg\":\"RS256\",\"typ\":\"JWT\",\"kid\":\"" + keyId + "\"}", payload, with);
  }

  private static String sign(String header, String payload, KeyPair with) {
    try {
      String input = encode(header) + "." + encode(payload);
      Signature signature = Signature.getInstance("SHA256withRSA");
      signature.initSign(with.getPrivate());
      signature.update(input.getBytes(StandardCharsets.US_ASCII));
      return input + "." + URL.encodeToString(signature.sign());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private void token(com.sun.net.httpserver.HttpExchange exchange) throws IOException {
    String form = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    String header = exchange.getRequestHeaders().getFirst("Authorization");
    String[] client =
        header == null || !header.startsWith("Basic ")
            ? new String[] {"", ""}
            : new String(Base64.getDecoder().decode(header.substring(6)), StandardCharsets.UTF_8)
                .split(":", 2);
    if (Arrays.asList(form.split("&")).contains("grant_type=authorization_code")) {
      exchange(exchange, parameters(form));
    } else if (!CLIENT_SECRET.equals(client[1])) {
      respond(exchange, 401, "{\"error\":\"invalid_client\"}");
    } else if (!Arrays.asList(form.split("&")).contains("grant_type=client_credentials")) {
      respond(exchange, 400, "{\"error\":\"unsupported_grant_type\"}");
    } else {
      tokensGiven.incrementAndGet();
      respond(
          exchange,
          200,
          Json.write(
              Map.of(
                  "access_token",
                  service(client[0]),
                  "token_type",
                  "Bearer",
                  "expires_in",
                  600,
                  "scope",
                  "lakegate.internal")));
    }
  }

  /** Logs in at once and sends the browser back with a code. */
  private void authorize(com.sun.net.httpserver.HttpExchange exchange) throws IOException {
    Map<String, String> request = parameters(exchange.getRequestURI().getRawQuery());
    String code = UUID.randomUUID().toString();
    request.put("user", browserUser);
    codes.put(code, request);
    exchange
        .getResponseHeaders()
        .set(
            "Location",
            request.get("redirect_uri")
                + "?code="
                + code
                + "&state="
                + request.get("state")
                + "&iss="
                + url());
    exchange.sendResponseHeaders(302, -1);
    exchange.close();
  }

  private void exchange(com.sun.net.httpserver.HttpExchange exchange, Map<String, String> form)
      throws IOException {
    Map<String, String> login = codes.remove(form.getOrDefault("code", ""));
    if (login == null
        || !login.get("redirect_uri").equals(form.get("redirect_uri"))
        || !login.get("client_id").equals(form.get("client_id"))
        || !"S256".equals(login.get("code_challenge_method"))
        || !login.get("code_challenge").equals(sha256(form.getOrDefault("code_verifier", "")))) {
      respond(exchange, 400, "{\"error\":\"invalid_grant\"}");
      return;
    }
    Map<String, Object> id = claims(login.get("user"));
    id.put("aud", login.get("client_id"));
    id.put("nonce", login.get("nonce"));
    respond(
        exchange,
        200,
        Json.write(
            Map.of(
                "access_token",
                user(login.get("user"), "DataAnalyst"),
                "id_token",
                sign(id),
                "token_type",
                "Bearer",
                "expires_in",
                600)));
  }

  private static Map<String, String> parameters(String encoded) {
    Map<String, String> parameters = new LinkedHashMap<>();
    for (String pair : encoded.split("&")) {
      int equals = pair.indexOf('=');
      parameters.put(
          pair.substring(0, equals),
          URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
    }
    return parameters;
  }

  private static String sha256(String text) {
    try {
      return URL.encodeToString(
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.US_ASCII)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private String discovery() {
    return Json.write(
        Map.of(
            "issuer",
            url().toString(),
            "authorization_endpoint",
            url() + "/authorize",
            "token_endpoint",
            url() + "/token",
            "end_session_endpoint",
            url() + "/logout",
            "jwks_uri",
            url() + "/jwks"));
  }

  private void keys(com.sun.net.httpserver.HttpExchange exchange) throws IOException {
    int status = keysStatus;
    if (status == 0) {
      exchange.close();
    } else {
      respond(exchange, status, status == 200 ? jwks() : "{}");
    }
  }

  private String jwks() {
    if (!publishing) {
      return "{\"keys\":[]}";
    }
    RSAPublicKey rsa = (RSAPublicKey) key.getPublic();
    return Json.write(
        Map.of(
            "keys",
            List.of(
                Map.of(
                    "kty",
                    "RSA",
                    "use",
                    "sig",
                    "alg",
                    "RS256",
                    "kid",
                    keyId,
                    "n",
                    URL.encodeToString(unsigned(rsa.getModulus())),
                    "e",
                    URL.encodeToString(unsigned(rsa.getPublicExponent()))))));
  }

  private static byte[] unsigned(BigInteger number) {
    byte[] bytes = number.toByteArray();
    return bytes[0] == 0 ? Arrays.copyOfRange(bytes, 1, bytes.length) : bytes;
  }

  private static void respond(com.sun.net.httpserver.HttpExchange exchange, int status, String json)
      throws IOException {
    byte[] body = json.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, body.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(body);
    }
  }

  private static String encode(String text) {
    return URL.encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private static KeyPair newKey() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(2048);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
