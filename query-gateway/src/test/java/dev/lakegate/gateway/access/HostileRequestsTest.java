package dev.lakegate.gateway.access;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.kit.identity.PersonalToken;
import dev.lakegate.kit.testing.IssuerResource;
import dev.lakegate.kit.testing.TestIssuer;
import dev.lakegate.model.json.Json;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Requests that must not get through, sent byte by byte so that no client tidies them up. Each is
 * refused with its status, and tells nothing that helps: no class, no path, no key, no query.
 */
@QuarkusTest
@QuarkusTestResource(IssuerResource.class)
@QuarkusTestResource(value = AccessResource.class, restrictToAnnotatedClass = true)
class HostileRequestsTest {
  private static final Pattern TELLING =
      Pattern.compile(
          "exception|\\bat (dev|io|java|org)\\.|io\\.quarkus|io\\.vertx|jackson|netty|vert\\.x"
              + "|quarkus/|signature|jwks|kid\\b|jose|rsa|hmac|/work|/tmp|/home|\\.java|sqlstate"
              + "|expired at|secret-marker",
          Pattern.CASE_INSENSITIVE);

  private final SoftAssertions problems = new SoftAssertions();
  private int sent;

  TestIssuer issuer;

  @TestHTTPResource("/")
  URI plain;

  /** What was answered. */
  private record Answer(int status, String head, String body) {}

  private Answer send(String request) {
    return send(request.getBytes(StandardCharsets.ISO_8859_1));
  }

  private Answer send(byte[] request) {
    try (Socket socket = new Socket(plain.getHost(), plain.getPort())) {
      socket.setSoTimeout(4_000);
      try {
        socket.getOutputStream().write(request);
        socket.getOutputStream().flush();
      } catch (IOException e) {
        // The server has hung up on what it will not read to its end; its answer is there.
      }
      ByteArrayOutputStream read = new ByteArrayOutputStream();
      InputStream in = socket.getInputStream();
      byte[] buffer = new byte[8192];
      while (!isComplete(read.toString(StandardCharsets.ISO_8859_1))) {
        int count = in.read(buffer);
        if (count < 0) {
          break;
        }
        read.write(buffer, 0, count);
      }
      String text = read.toString(StandardCharsets.UTF_8);
      if (text.isEmpty()) {
        return new Answer(0, "", "");
      }
      int end = text.indexOf("\r\n\r\n");
      String head = end < 0 ? text : text.substring(0, end);
      return new Answer(
          Integer.parseInt(head.split(" ", 3)[1]), head, end < 0 ? "" : text.substring(end + 4));
    } catch (SocketTimeoutException e) {
      // It waits for the rest of what it takes for half a request: not answered is not served.
      return new Answer(0, "", "");
    } catch (IOException e) {
      return new Answer(0, "", "");
    }
  }

  private static boolean isComplete(String text) {
    int end = text.indexOf("\r\n\r\n");
    if (end < 0) {
      return false;
    }
    java.util.regex.Matcher length =
        Pattern.compile("(?im)^content-length: (\\d+)").matcher(text.substring(0, end));
    return length.find() && text.length() - end - 4 >= Integer.parseInt(length.group(1));
  }

  private void refused(String what, Answer answer, Integer... statuses) {
    sent++;
    problems.assertThat(answer.status()).as(what + ": " + answer).isIn((Object[]) statuses);
    problems
        .assertThat(TELLING.matcher(answer.head() + "\n" + answer.body()).find())
        .as(what + " tells too much: " + answer)
        .isFalse();
    problems.assertThat(answer.head()).as(what).doesNotContainIgnoringCase("\r\nserver:");
    if (answer.head().contains("application/json") && answer.status() >= 400) {
      JsonNode error = Json.read(answer.body(), JsonNode.class).path("error");
      problems.assertThat(error.path("code").asText()).as(what).isNotEmpty();
      problems.assertThat(error.path("message").asText()).as(what).isNotEmpty();
    }
  }

  @AfterEach
  void report() {
    problems.assertAll();
    assertThat(sent).isPositive();
  }

  private static String get(String path, String... headers) {
    return request("GET", path, "", headers);
  }

  private static String request(String method, String path, String body, String... headers) {
    StringBuilder text =
        new StringBuilder(method + " " + path + " HTTP/1.1\r\nHost: lake\r\nConnection: close\r\n");
    for (String header : headers) {
      text.append(header).append("\r\n");
    }
    if (!body.isEmpty()) {
      text.append("Content-Length: ").append(body.length()).append("\r\n");
    }
    return text.append("\r\n").append(body).toString();
  }

  private static String bearer(String token) {
    return "Authorization: Bearer " + token;
  }

  private Map<String, Object> admin() {
    Map<String, Object> claims = issuer.claims("admin");
    claims.put("personas", List.of("LakeFormationAdmin"));
    return claims;
  }

  private String with(Consumer<Map<String, Object>> change) {
    Map<String, Object> claims = admin();
    change.accept(claims);
    return issuer.sign(claims);
  }

  private static String encode(String text) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private Map<String, String> badTokens() {
    long now = Instant.now().getEpochSecond();
    Map<String, String> bad = new LinkedHashMap<>();
    String good = issuer.admin();
    String[] parts = good.split("\\.");
    bad.put("no algorithm", issuer.unsigned(admin()));
    for (String none : List.of("None", "NONE", "nOnE", "", "null", "RS２56", "HS256", "ES256")) {
      bad.put(
          "algorithm '" + none + "'",
          encode("{\"alg\":\"" + none + "\",\"typ\":\"JWT\"}") + "." + parts[1] + ".");
      bad.put(
          "algorithm '" + none + "' with a signature",
          issuer.signWithHeader("{\"alg\":\"" + none + "\",\"typ\":\"JWT\"}", admin()));
    }
    bad.put("the public key as a secret", issuer.signedWithPublicKeyAsSecret(admin()));
    bad.put("another key", issuer.signWithWrongKey(admin()));
    bad.put("an unknown key", issuer.signWithUnknownKey(admin()));
    for (String kid :
        List.of(
            "../../../../dev/null",
            "/etc/passwd",
            "' OR 1=1 --",
            "http://evil.example/jwks",
            "\\u0000",
            "x".repeat(2000))) {
      bad.put(
          "key id " + kid.substring(0, Math.min(20, kid.length())),
          issuer.signWithWrongKeyAndHeader(
              "{\"alg\":\"RS256\",\"typ\":\"JWT\",\"kid\":\"" + kid + "\"}", admin()));
    }
    String kid = "\"kid\":\"" + issuer.keyId() + "\"";
    bad.put(
        "a key address of its own",
        issuer.signWithWrongKeyAndHeader(
            "{\"alg\":\"RS256\",\"jku\":\"http://127.0.0.1:1/jwks\"," + kid + "}", admin()));
    bad.put(
        "a certificate address of its own",
        issuer.signWithWrongKeyAndHeader(
            "{\"alg\":\"RS256\",\"x5u\":\"http://127.0.0.1:1/c\"," + kid + "}", admin()));
    bad.put(
        "a key of its own",
        issuer.signWithWrongKeyAndHeader(
            "{\"alg\":\"RS256\",\"jwk\":{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"},"
                + kid
                + "}",
            admin()));
    bad.put(
        "a critical extension",
        issuer.signWithWrongKeyAndHeader(
            "{\"alg\":\"RS256\",\"crit\":[\"x\"],\"x\":1," + kid + "}", admin()));
    bad.put("another audience", with(c -> c.put("aud", "lakegate2")));
    bad.put("audience in other letters", with(c -> c.put("aud", "Lakegate")));
    bad.put("a look-alike audience", with(c -> c.put("aud", "l\u0430kegate")));
    bad.put("no audience", with(c -> c.remove("aud")));
    bad.put("audience null", with(c -> c.put("aud", null)));
    bad.put("audience of a number", with(c -> c.put("aud", 7)));
    bad.put("another issuer", with(c -> c.put("iss", "http://evil.example")));
    bad.put("issuer with a slash more", with(c -> c.put("iss", issuer.url() + "/")));
    bad.put("no issuer", with(c -> c.remove("iss")));
    bad.put("issuer as an array", with(c -> c.put("iss", List.of(issuer.url().toString()))));
    bad.put("no subject", with(c -> c.remove("sub")));
    bad.put("subject empty", with(c -> c.put("sub", "")));
    bad.put("subject as an array", with(c -> c.put("sub", List.of("admin"))));
    bad.put("subject with a line break", with(c -> c.put("sub", "admin\nx: y")));
    bad.put("subject of 5,000 letters", with(c -> c.put("sub", "a".repeat(5_000))));
    bad.put("expired", with(c -> c.put("exp", now - 60)));
    bad.put("without end", with(c -> c.remove("exp")));
    bad.put("end as a text", with(c -> c.put("exp", "never")));
    bad.put("end before the epoch", with(c -> c.put("exp", -1)));
    bad.put("not yet valid", with(c -> c.put("nbf", now + 600)));
    bad.put("personas as an object", with(c -> c.put("personas", Map.of("a", "b"))));
    bad.put("personas of a number", with(c -> c.put("personas", 1)));
    bad.put("personas true", with(c -> c.put("personas", true)));
    bad.put("a persona null", with(c -> c.put("personas", Collections.singletonList(null))));
    bad.put("a persona nested", with(c -> c.put("personas", List.of(List.of("DataAnalyst")))));
    bad.put("tenants null", with(c -> c.put("tenants", null)));
    bad.put("a tenant as an object", with(c -> c.put("tenants", List.of(Map.of("id", "t")))));
    bad.put("the tier as an array", with(c -> c.put("tier", List.of("enterprise"))));
    bad.put("the tier null", with(c -> c.put("tier", null)));
    List<String> many = IntStream.range(0, 1_000).mapToObj(i -> "tenant-" + i).toList();
    bad.put("a thousand tenants", with(c -> c.put("tenants", many)));
    String json = Json.write(admin());
    String open = json.substring(0, json.length() - 1);
    bad.put("personas twice", issuer.signPayload(open + ",\"personas\":[\"DataAnalyst\"]}"));
    bad.put("subject twice", issuer.signPayload(open + ",\"sub\":\"analyst\"}"));
    bad.put("no object", issuer.signPayload("[]"));
    bad.put("no JSON", issuer.signPayload("admin"));
    bad.put("claims after the object", issuer.signPayload(json + "{}"));
    bad.put(
        "claims 500 deep",
        issuer.signPayload(open + ",\"x\":" + "[".repeat(1_200) + "]".repeat(1_200) + "}"));
    bad.put(
        "forged tenant",
        parts[0] + "." + encode(open + ",\"tenants\":[\"tenant-2\"]}") + "." + parts[2]);
    bad.put("signature cut", good.substring(0, good.length() - 4));
    bad.put("signature missing", parts[0] + "." + parts[1] + ".");
    bad.put("two parts", parts[0] + "." + parts[1]);
    bad.put("four parts", good + "." + parts[2]);
    bad.put("five parts", good + ".a.b");
    bad.put("empty", "");
    bad.put("dots", "..");
    bad.put("20,000 letters", "a".repeat(20_000));
    bad.put("padding", parts[0] + "=." + parts[1] + "=." + parts[2]);
    bad.put("another text before", "x " + good);
    bad.put("a comma and another", "x, Bearer " + good);
    return bad;
  }

  @Test
  void shouldRefuseEveryBadTokenEverywhere() {
    Map<String, String> bad = badTokens();
    assertThat(bad).hasSizeGreaterThan(70);
    bad.forEach(
        (what, token) -> {
          Answer rest = send(get("/api/v1/catalog", bearer(token)));
          refused(what, rest, 401);
          String sql = "SELECT 'secret-marker'";
          refused(
              what + " at the Trino protocol",
              send(request("POST", "/v1/statement", sql, bearer(token), "X-Trino-User: admin")),
              401);
        });
    // The same request with a good token gets through, so the refusals are the tokens' own.
    assertThat(send(get("/api/v1/catalog", bearer(issuer.admin()))).status()).isIn(200, 503);
  }

  @Test
  void shouldGiveLookAlikePersonasNothing() {
    for (String persona :
        List.of(
            "LakeFormation\u0410dmin",
            "lakeformationadmin",
            "LakeFormationAdmin ",
            "LakeFormationAdmin\u200b",
            "\uff2cakeFormationAdmin",
            "LakeFormationAdmin,DataAnalyst",
            "*",
            "%")) {
      String token = with(c -> c.put("personas", List.of(persona)));
      refused(persona, send(get("/api/v1/operations", bearer(token))), 403);
    }
  }

  @Test
  void shouldRefuseBadHeaders() {
    String good = bearer(issuer.admin());
    Map<String, String> bad = new LinkedHashMap<>();
    bad.put("two tokens", get("/api/v1/catalog", good, good));
    bad.put("two tokens, one bad", get("/api/v1/catalog", good, bearer("x")));
    bad.put("a bad one first", get("/api/v1/catalog", bearer("x"), good));
    bad.put("a folded header", get("/api/v1/catalog", "Authorization: Bearer", " x"));
    bad.put("a NUL", get("/api/v1/catalog", good, "X-A: a\0b"));
    bad.put("a bare carriage return", get("/api/v1/catalog", good, "X-A: a\rX-B: b"));
    bad.put("a control character in a name", get("/api/v1/catalog", good, "X\u0001A: a"));
    bad.put("a space before the colon", get("/api/v1/catalog", good, "X-A : a"));
    bad.put("no host", "GET /api/v1/catalog HTTP/1.1\r\n" + good + "\r\n\r\n");
    bad.put("two hosts", get("/api/v1/catalog", good, "Host: evil.example"));
    bad.put("100 kB of headers", get("/api/v1/catalog", good, "X-A: " + "a".repeat(100_000)));
    bad.put(
        "twenty thousand headers", get("/api/v1/catalog", ("X-A: a\r\n".repeat(20_000)) + good));
    bad.put("40 kB of token", get("/api/v1/catalog", bearer("a".repeat(40_000))));
    bad.put("two lengths", request("POST", "/api/v1/queries", "{}", good, "Content-Length: 200"));
    bad.put(
        "a negative length",
        "POST /api/v1/queries HTTP/1.1\r\nHost: lake\r\nContent-Length: -1\r\n\r\n");
    bad.put(
        "an odd encoding",
        "POST /api/v1/queries HTTP/1.1\r\nHost: lake\r\n"
            + good
            + "\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n");
    bad.put("no version", "GET /api/v1/catalog\r\n\r\n");
    bad.put("another version", "GET /api/v1/catalog HTTP/9.9\r\nHost: lake\r\n\r\n");
    bad.put("no HTTP", "\u0016\u0003\u0001\u0002\u0000\r\n\r\n");
    bad.forEach((what, request) -> refused(what, send(request), 0, 400, 401, 431, 501, 505));
  }

  @Test
  void shouldNotBelieveForwardingHeadersOfStrangers() {
    String token = PersonalToken.generate();
    for (String forged :
        List.of(
            "X-Forwarded-Proto: https",
            "Forwarded: for=127.0.0.2;proto=https",
            "X-Forwarded-For: 127.0.0.2\r\nX-Forwarded-Proto: https",
            "X-Forwarded-Ssl: on",
            "Front-End-Https: on",
            "X-Forwarded-Scheme: https",
            "X-Real-IP: 127.0.0.2\r\nX-Forwarded-Proto: https",
            "X-Original-URL: /q/health",
            "X-Rewrite-URL: /q/health",
            "X-HTTP-Method-Override: DELETE")) {
      refused(forged, send(get("/api/v1/catalog", bearer(token), forged)), 403);
      refused(forged, send(get("/api/v1/catalog", forged)), 401);
    }
  }

  @Test
  void shouldRefuseBadPaths() {
    String good = bearer(issuer.admin());
    for (String path :
        List.of(
            "/q/../api/v1/catalog",
            "/q/health/../../api/v1/catalog",
            "/console/../api/v1/catalog",
            "/console/%2e%2e/api/v1/catalog",
            "/console/..%2fapi/v1/catalog",
            "/console/..%5c..%5cetc/passwd",
            "/console/%252e%252e/application.properties",
            "//api/v1/catalog",
            "/api//v1/catalog",
            "/api/v1/catalog;x=/q/health",
            "/api/v1/./catalog",
            "/api\\v1\\catalog",
            "/api/v1/catalog%00.json",
            "/api/v1/%63atalog%2f",
            "/META-INF/resources/index.html/..",
            "http://evil.example/../x",
            "*",
            "/api/v1/queries/%2e%2e%2fcatalog")) {
      refused(path, send(get(path, good)), 400, 404);
      refused(path + " without a token", send(get(path)), 400, 401, 404);
    }
    for (String path :
        List.of(
            "/application.properties",
            "/META-INF/microprofile-config.properties",
            "/.git/config",
            "/.env",
            "/q/dev",
            "/q/dev-ui",
            "/q/arc/beans",
            "/actuator/env",
            "/console/",
            "/WEB-INF/web.xml")) {
      refused(path, send(get(path, good)), 404);
    }
    refused("a long path", send(get("/api/v1/" + "a".repeat(20_000), good)), 414);
    refused("a long query", send(get("/api/v1/catalog?a=" + "a".repeat(20_000), good)), 414);
  }

  @Test
  void shouldNotTellOthersIdsFromNone() {
    String analyst = bearer(issuer.analyst());
    List<Answer> answers = new ArrayList<>();
    for (String id :
        List.of(
            UUID.randomUUID().toString(), "1", "0", "-1", "admin", "null", "%27%20OR%201=1", "*")) {
      for (String path : List.of("/api/v1/queries/" + id, "/api/v1/queries/" + id + "/rows")) {
        answers.add(send(get(path, analyst)));
        refused(path, answers.get(answers.size() - 1), 404);
      }
      refused("delete " + id, send(request("DELETE", "/api/v1/tokens/" + id, "", analyst)), 404);
    }
    assertThat(answers.stream().map(a -> a.body().replaceAll("\"requestId\":\"[^\"]*\"", "")))
        .as("one answer for all")
        .hasSize(16);
    assertThat(
            Set.copyOf(
                answers.stream()
                    .map(
                        a ->
                            Json.read(a.body(), JsonNode.class).path("error").path("code").asText())
                    .toList()))
        .hasSize(1);
  }

  @Test
  void shouldRefuseBadBodies() {
    String good = bearer(issuer.admin());
    String json = "Content-Type: application/json";
    String path = "/api/v1/queries";
    Map<String, String> bad = new LinkedHashMap<>();
    bad.put("2 MB", request("POST", path, "x".repeat(2_000_000), good, json));
    bad.put(
        "a length of 10 GB",
        "POST "
            + path
            + " HTTP/1.1\r\nHost: lake\r\n"
            + good
            + "\r\nContent-Length: 9999999999\r\n\r\n");
    bad.put(
        "2 MB in chunks",
        request("POST", path, "", good, json, "Transfer-Encoding: chunked")
            + ("10000\r\n" + "x".repeat(65_536) + "\r\n").repeat(32)
            + "0\r\n\r\n");
    bad.put("5,000 levels", request("POST", path, "{\"sql\":" + "[".repeat(5_000), good, json));
    bad.put("no JSON", request("POST", path, "SELECT 1", good, json));
    bad.put("an unknown field", request("POST", path, "{\"sql\":\"x\",\"a\":1}", good, json));
    bad.put("SQL as a number", request("POST", path, "{\"sql\":{\"a\":1}}", good, json));
    bad.put("SQL null", request("POST", path, "{\"sql\":null}", good, json));
    bad.put("an array", request("POST", path, "[]", good, json));
    bad.put("half an escape", request("POST", path, "{\"sql\":\"\\u12\"}", good, json));
    bad.put("a type", request("POST", path, "{\"@class\":\"java.lang.Runtime\"}", good, json));
    bad.put(
        "a huge number",
        request("POST", path, "{\"sql\":\"x\",\"maxRows\":" + "9".repeat(2_000) + "}", good, json));
    bad.put("text", request("POST", path, "SELECT 1", good, "Content-Type: text/plain"));
    bad.put("XML", request("POST", path, "<a/>", good, "Content-Type: application/xml"));
    bad.put("YAML", request("POST", path, "sql: x", good, "Content-Type: application/x-yaml"));
    bad.put(
        "a form",
        request("POST", path, "sql=x", good, "Content-Type: application/x-www-form-urlencoded"));
    bad.put("no type", request("POST", path, "{\"sql\":\"x\"}", good, "Content-Type: /"));
    bad.put("two types", request("POST", path, "{}", good, json, "Content-Type: text/plain"));
    bad.forEach((what, request) -> refused(what, send(request), 0, 400, 413, 415));
  }

  @Test
  void shouldRefuseBadMethods() {
    String good = bearer(issuer.admin());
    for (String method :
        List.of("PUT", "PATCH", "TRACE", "CONNECT", "PROPFIND", "get", "XYZZY", "DELETE")) {
      refused(method, send(request(method, "/api/v1/catalog", "", good)), 400, 404, 405, 501);
    }
    refused(
        "an override",
        send(request("POST", "/api/v1/catalog", "{}", good, "X-HTTP-Method-Override: GET")),
        405,
        415);
    refused("options", send(request("PUT", "/api/v1/queries", "{}", good)), 405, 415);
  }
}
