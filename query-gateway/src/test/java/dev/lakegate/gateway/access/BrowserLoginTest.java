package dev.lakegate.gateway.access;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;

import dev.lakegate.gateway.trino.Drivers;
import dev.lakegate.kit.testing.IssuerResource;
import dev.lakegate.kit.testing.TestIssuer;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.restassured.response.ValidatableResponse;
import io.restassured.specification.RequestSpecification;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(IssuerResource.class)
@QuarkusTestResource(value = AccessResource.class, restrictToAnnotatedClass = true)
class BrowserLoginTest {
  private static final Pattern OFFER =
      Pattern.compile("Bearer x_redirect_server=\"([^\"]+)\", x_token_server=\"([^\"]+)\"");

  TestIssuer issuer;

  @TestHTTPResource(value = "/", tls = true)
  URI tls;

  /** What the refusal of a program's first request offers. */
  private record Offer(URI page, URI token) {}

  private RequestSpecification tls() {
    return given().relaxedHTTPSValidation().redirects().follow(false);
  }

  private Offer offer() {
    Response refusal =
        tls()
            .header("User-Agent", "trino-cli \"<b>\"")
            .header("Authorization", "Bearer out.da.ted")
            .post(tls.resolve("/v1/statement"));
    assertThat(refusal.statusCode()).isEqualTo(401);
    List<String> challenges = refusal.headers().getValues("WWW-Authenticate");
    assertThat(challenges).hasSize(2).first().isEqualTo("Basic realm=\"Lakegate\"");
    Matcher matcher = OFFER.matcher(challenges.get(1));
    assertThat(matcher.matches()).as(challenges.get(1)).isTrue();
    return new Offer(URI.create(matcher.group(1)), URI.create(matcher.group(2)));
  }

  /** The browser's cookie after the first page. */
  private String open(Offer offer) {
    return open(offer, "trino-cli &quot;&lt;b&gt;");
  }

  private String open(Offer offer, String program) {
    Response page = tls().get(offer.page());
    page.then()
        .statusCode(200)
        .contentType(containsString("text/html"))
        .header("Cache-Control", "no-store")
        .header("X-Frame-Options", "DENY")
        .header("Content-Security-Policy", startsWith("default-src 'none'; style-src 'self'"))
        .header("Set-Cookie", containsString("; Secure; HttpOnly; SameSite=Lax"))
        .body(containsString(program))
        .body(not(containsString("<b>")))
        .body(containsString("127.0.0.1"));
    return page.cookie("__Host-lakegate-login");
  }

  private URI begin(Offer offer, String cookie) {
    return URI.create(
        tls()
            .cookie("__Host-lakegate-login", cookie)
            .header("Origin", tls.resolve("/").toString().replaceAll("/$", ""))
            .post(offer.page())
            .then()
            .statusCode(303)
            .extract()
            .header("Location"));
  }

  private URI logIn(URI authorization) {
    assertThat(authorization.toString())
        .startsWith(issuer.url() + "/authorize?response_type=code&client_id=lakegate-gateway&")
        .contains("code_challenge_method=S256");
    return URI.create(
        given()
            .redirects()
            .follow(false)
            .urlEncodingEnabled(false)
            .get(authorization)
            .then()
            .statusCode(302)
            .extract()
            .header("Location"));
  }

  private ValidatableResponse callBack(URI callback, String cookie) {
    return (cookie == null ? tls() : tls().cookie("__Host-lakegate-login", cookie))
        .urlEncodingEnabled(false)
        .get(callback)
        .then();
  }

  private ValidatableResponse poll(Offer offer) {
    return tls().get(offer.token()).then().statusCode(200);
  }

  @Test
  void shouldGiveTheProgramItsUsersTokenOnce() {
    String user = "ann-" + UUID.randomUUID();
    issuer.logInBrowsersAs(user);
    Offer offer = offer();
    CompletableFuture<String> waiting =
        CompletableFuture.supplyAsync(() -> poll(offer).extract().path("token"));
    String cookie = open(offer);
    URI callback = logIn(begin(offer, cookie));
    callBack(callback, cookie).statusCode(200).body(containsString(user));
    String token = waiting.join();
    assertThat(token).isNotNull();
    tls()
        .header("Authorization", "Bearer " + token)
        .get(tls.resolve("/api/v1/catalog"))
        .then()
        .statusCode(200);
    poll(offer).body("token", nullValue()).body("error", containsString("already"));
    // The answer of the issuer is good for one use as well.
    callBack(callback, cookie).statusCode(400);
    tls().delete(offer.token()).then().statusCode(204);
  }

  /** The real driver: refused, it shows its user where to log in, waits, and goes on. */
  @Test
  void shouldLetTheJdbcDriverLogItsUserInByBrowser() throws Exception {
    String user = "joe-" + UUID.randomUUID();
    issuer.logInBrowsersAs(user);
    PrintStream console = System.out;
    ByteArrayOutputStream shown = new ByteArrayOutputStream();
    System.setOut(new PrintStream(shown, true, StandardCharsets.UTF_8));
    try {
      CompletableFuture<String> answer = CompletableFuture.supplyAsync(this::whoAmI);
      URI page = shownPage(shown, answer);
      Offer offer = new Offer(page, null);
      String cookie = open(offer, "Trino JDBC Driver");
      callBack(logIn(begin(offer, cookie)), cookie).statusCode(200).body(containsString(user));
      assertThat(answer.get(60, TimeUnit.SECONDS)).isEqualTo(user);
    } finally {
      System.setOut(console);
    }
  }

  private String whoAmI() {
    Properties p = new Properties();
    p.setProperty("SSL", "true");
    p.setProperty("SSLVerification", "NONE");
    p.setProperty("externalAuthentication", "true");
    p.setProperty("externalAuthenticationRedirectHandlers", "PRINT");
    p.setProperty("externalAuthenticationTimeout", "60s");
    try (Connection c =
            Drivers.driver("476")
                .connect("jdbc:trino://" + tls.getHost() + ":" + tls.getPort(), p);
        Statement s = c.createStatement();
        ResultSet r = s.executeQuery("SELECT current_user")) {
      r.next();
      return r.getString(1);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static URI shownPage(ByteArrayOutputStream shown, CompletableFuture<String> answer)
      throws Exception {
    Pattern address = Pattern.compile("https://\\S+/oauth2/token/initiate/\\S+");
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (true) {
      Matcher matcher = address.matcher(shown.toString(StandardCharsets.UTF_8));
      if (matcher.find()) {
        return URI.create(matcher.group());
      }
      if (answer.isCompletedExceptionally()) {
        answer.get();
      }
      assertThat(System.nanoTime()).as("the driver shows an address: %s", shown).isLessThan(end);
      Thread.sleep(20);
    }
  }

  @Test
  void shouldKeepTheTokenForAProgramThatAsksLater() {
    Offer offer = offer();
    String cookie = open(offer);
    callBack(logIn(begin(offer, cookie)), cookie).statusCode(200);
    poll(offer).body("token", notNullValue());
  }

  @Test
  void shouldNotGoOnWithoutTheUsersConfirmation() {
    Offer offer = offer();
    String cookie = open(offer);
    tls().post(offer.page()).then().statusCode(400);
    tls().cookie("__Host-lakegate-login", "x").post(offer.page()).then().statusCode(400);
    tls()
        .cookie("__Host-lakegate-login", cookie)
        .header("Origin", "https://evil.example")
        .post(offer.page())
        .then()
        .statusCode(403);
    tls()
        .cookie("__Host-lakegate-login", cookie)
        .header("Sec-Fetch-Site", "cross-site")
        .post(offer.page())
        .then()
        .statusCode(403);
    tls()
        .cookie("__Host-lakegate-login", cookie)
        .header("Origin", "null")
        .post(offer.page())
        .then()
        .statusCode(403);
  }

  @Test
  void shouldBindALogInToTheBrowserThatBeganIt() {
    Offer offer = offer();
    String cookie = open(offer);
    URI callback = logIn(begin(offer, cookie));
    String other = open(offer());
    callBack(callback, null).statusCode(400);
    callBack(callback, other).statusCode(400);
    callBack(URI.create(callback.toString().replaceAll("state=.{5}", "state=AAAAA")), cookie)
        .statusCode(400);
    callBack(tls.resolve("/oauth2/callback"), cookie).statusCode(400);
    callBack(callback, cookie).statusCode(200);
  }

  @Test
  void shouldTellTheProgramWhenTheIssuerRefuses() {
    for (String answer : List.of("error=access_denied", "code=made-up", "code=", "iss=https://x")) {
      Offer offer = offer();
      String cookie = open(offer);
      URI authorization = begin(offer, cookie);
      Matcher state = Pattern.compile("[&?](state=[^&]+)").matcher(authorization.toString());
      assertThat(state.find()).isTrue();
      callBack(tls.resolve("/oauth2/callback?" + state.group(1) + "&" + answer), cookie)
          .statusCode(400)
          .body(not(containsString("made-up")));
      poll(offer).body("error", notNullValue());
    }
  }

  @Test
  void shouldTakeNoAddressThatItDidNotMake() {
    Offer offer = offer();
    String page = offer.page().toString();
    String token = offer.token().toString();
    String ticket = page.substring(page.lastIndexOf('/') + 1);
    String waiter = token.substring(token.lastIndexOf('/') + 1);
    for (String forged :
        List.of(
            "x",
            waiter,
            ticket.substring(0, ticket.length() - 1) + (ticket.endsWith("A") ? "B" : "A"),
            sameBytes(ticket),
            "AAAA" + ticket.substring(4),
            ticket + "A",
            "." + "A".repeat(43))) {
      tls().get(tls.resolve("/oauth2/token/initiate/" + forged)).then().statusCode(400);
    }
    for (String forged : List.of("x", ticket, "AAAA" + waiter.substring(4), waiter + "A")) {
      tls()
          .get(tls.resolve("/oauth2/token/" + forged))
          .then()
          .statusCode(200)
          .body("error", notNullValue());
      tls().delete(tls.resolve("/oauth2/token/" + forged)).then().statusCode(204);
    }
  }

  /** Of the last character of 43 in base 64 only four bits count. */
  private static String sameBytes(String ticket) {
    String digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    int last = digits.indexOf(ticket.charAt(ticket.length() - 1));
    return ticket.substring(0, ticket.length() - 1) + digits.charAt(last ^ 1);
  }

  @Test
  void shouldOfferNothingInTheClear() {
    Response refusal =
        given()
            .header("X-Forwarded-Proto", "https")
            .header("X-Forwarded-Host", "evil.example")
            .header("Authorization", "Bearer out.da.ted")
            .post("/v1/statement");
    assertThat(refusal.headers().getValues("WWW-Authenticate")).containsExactly("Bearer");
    given().get("/oauth2/token/x").then().statusCode(403);
    given().get("/oauth2/token/initiate/x").then().statusCode(403);
    given().get("/oauth2/callback?state=x&code=y").then().statusCode(403);
  }
}
