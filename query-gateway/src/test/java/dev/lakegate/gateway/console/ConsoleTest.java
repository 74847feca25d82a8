package dev.lakegate.gateway.console;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;

import dev.lakegate.kit.testing.IssuerResource;
import dev.lakegate.kit.testing.TestIssuer;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@QuarkusTest
@QuarkusTestResource(IssuerResource.class)
class ConsoleTest {
  private static final Path PAGES = Path.of("src/main/resources/META-INF/resources");

  TestIssuer issuer;

  @ParameterizedTest
  @CsvSource({
    "/, console/query.js",
    "/ops, console/operations.js",
    "/ops/, console/operations.js",
    "/tokens, console/tokens.js"
  })
  void shouldServeThePagesWithTheirPolicy(String path, String script) {
    given()
        .redirects()
        .follow(false)
        .get(path)
        .then()
        .statusCode(200)
        .contentType(containsString("text/html"))
        .header("Content-Security-Policy", containsString("script-src 'self';"))
        .header("Content-Security-Policy", containsString("connect-src 'self' " + issuer.url()))
        .header("Content-Security-Policy", containsString("frame-ancestors 'none'"))
        .header("X-Content-Type-Options", "nosniff")
        .header("Referrer-Policy", "no-referrer")
        .header("Cache-Control", "no-cache")
        .header("Strict-Transport-Security", nullValue())
        .body(containsString(script));
  }

  @Test
  void shouldServeWhateverThePagesName() throws IOException {
    Pattern reference = Pattern.compile("(?:src|href)=\"(/[^\"]+)\"|from \"\\./([^\"]+)\"");
    for (Path file : files()) {
      Matcher matcher = reference.matcher(Files.readString(file));
      while (matcher.find()) {
        String path = matcher.group(1) != null ? matcher.group(1) : "/console/" + matcher.group(2);
        given().get(path).then().statusCode(200);
      }
    }
  }

  @Test
  void shouldNeverPutDataIntoMarkup() throws IOException {
    for (Path file : files()) {
      assertThat(Files.readString(file))
          .as(file.toString())
          .doesNotContain("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write")
          .doesNotContain("eval(", "new Function", "https://", "style=\"", " onclick=\"")
          .doesNotContain("<script>");
    }
  }

  @Test
  void shouldTellTheConsoleWhereToLogIn() {
    given()
        .get("/console-config.json")
        .then()
        .statusCode(200)
        .header("Cache-Control", "no-store")
        .body("issuer", equalTo(issuer.url().toString()))
        .body("clientId", equalTo("lakegate-console"))
        .body("scope", equalTo("openid profile"))
        .body("authorizationEndpoint", equalTo(issuer.url() + "/authorize"))
        .body("tokenEndpoint", equalTo(issuer.url() + "/token"))
        .body("endSessionEndpoint", equalTo(issuer.url() + "/logout"))
        .body("catalog", equalTo("lakehouse"));
  }

  @Test
  void shouldPutTheHeadersOnRefusalsToo() {
    given()
        .get("/api/v1/operations")
        .then()
        .statusCode(401)
        .header("X-Content-Type-Options", "nosniff")
        .header("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
        .header("Cache-Control", "no-store");
    given().get("/no-such-page").then().statusCode(404).header("X-Content-Type-Options", "nosniff");
  }

  private static List<Path> files() throws IOException {
    try (Stream<Path> files = Files.walk(PAGES)) {
      return files
          .filter(Files::isRegularFile)
          .filter(file -> !file.toString().endsWith(".svg"))
          .toList();
    }
  }
}
