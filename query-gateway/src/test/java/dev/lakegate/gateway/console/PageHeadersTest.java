package dev.lakegate.gateway.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PageHeadersTest {
  private static Map<String, String> headers(String path, boolean secure, String host) {
    return PageHeaders.of(
        path,
        secure,
        host,
        List.of(URI.create("http://127.0.0.1:8180"), URI.create("https://tokens.example/a?b=c")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/ops", "/ops/", "/ops.html", "/index.html", "/console/query.js"})
  void shouldAllowPagesNothingButTheirOwnAndTheIssuer(String path) {
    assertThat(headers(path, false, "localhost"))
        .containsEntry(
            "Content-Security-Policy",
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src"
                + " 'self' http://127.0.0.1:8180 https://tokens.example; form-action 'none';"
                + " base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script';"
                + " trusted-types 'none'")
        .containsEntry("X-Content-Type-Options", "nosniff")
        .containsEntry("Referrer-Policy", "no-referrer")
        .containsEntry("Cache-Control", "no-cache");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/api/v1/queries", "/console-config.json", "/nothing", "/opsy"})
  void shouldAllowEverythingElseNothing(String path) {
    assertThat(headers(path, false, "localhost"))
        .containsEntry("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
        .containsEntry("Cache-Control", "no-store")
        .containsEntry("X-Content-Type-Options", "nosniff");
  }

  @Test
  void shouldLeaveSwaggerItsScripts() {
    assertThat(headers("/q/swagger-ui/", false, "localhost"))
        .containsEntry("Content-Security-Policy", "frame-ancestors 'none'")
        .doesNotContainKey("Cache-Control");
  }

  @ParameterizedTest
  @CsvSource({
    "lake.example,      true,  true",
    "lake.example,      false, false",
    "localhost,         true,  false",
    "a.localhost,       true,  false",
    "127.0.0.1,         true,  false",
    "::1,               true,  false",
    "[::1],             true,  false",
    ",                  true,  false",
  })
  void shouldAskForTlsOnlyWhereThatHarmsNobody(String host, boolean secure, boolean asked) {
    assertThat(headers("/", secure, host).containsKey("Strict-Transport-Security"))
        .isEqualTo(asked);
  }
}
