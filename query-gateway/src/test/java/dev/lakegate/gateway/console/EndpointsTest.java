package dev.lakegate.gateway.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakegate.model.json.Json;
import java.net.URI;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class EndpointsTest {
  private static final URI ISSUER = URI.create("https://issuer.example/realms/a");

  private record Settings(Optional<URI> authorizationUrl, Optional<URI> tokenUrl)
      implements ConsoleSettings {
    @Override
    public String clientId() {
      return "console";
    }

    @Override
    public String scope() {
      return "openid";
    }

    @Override
    public Optional<URI> logoutUrl() {
      return Optional.empty();
    }
  }

  private static final Settings NOTHING_SET = new Settings(Optional.empty(), Optional.empty());

  private static JsonNode document(String json) throws Exception {
    return Json.MAPPER.readTree(json.replace('\'', '"'));
  }

  @Test
  void shouldTakeTheEndpointsFromTheIssuer() throws Exception {
    Endpoints endpoints =
        Endpoints.read(
            document(
                "{'issuer':'https://issuer.example/realms/a','authorization_endpoint':"
                    + "'https://issuer.example/auth','token_endpoint':'https://t.example/token'}"),
            ISSUER,
            NOTHING_SET);
    assertThat(endpoints)
        .isEqualTo(
            new Endpoints(
                URI.create("https://issuer.example/auth"),
                URI.create("https://t.example/token"),
                null));
  }

  @Test
  void shouldLetSettingsWin() throws Exception {
    Settings settings =
        new Settings(
            Optional.of(URI.create("https://front.example/auth")),
            Optional.of(URI.create("https://front.example/token")));
    assertThat(Endpoints.configured(settings))
        .contains(
            new Endpoints(
                URI.create("https://front.example/auth"),
                URI.create("https://front.example/token"),
                null));
    assertThat(Endpoints.configured(NOTHING_SET)).isEmpty();
  }

  @Test
  void shouldRefuseAnotherIssuersDocument() throws Exception {
    JsonNode other = document("{'issuer':'https://issuer.example/realms/b'}");
    assertThatThrownBy(() -> Endpoints.read(other, ISSUER, NOTHING_SET))
        .hasMessageContaining("https://issuer.example/realms/b");
  }

  @Test
  void shouldRefuseAddressesThatAreNotOfTheWeb() throws Exception {
    JsonNode script =
        document(
            "{'issuer':'https://issuer.example/realms/a','authorization_endpoint':"
                + "'javascript:alert(1)','token_endpoint':'https://t.example/token'}");
    assertThatThrownBy(() -> Endpoints.read(script, ISSUER, NOTHING_SET))
        .hasMessageContaining("authorization_endpoint");
  }
}
