package dev.lakegate.gateway.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakegate.gateway.access.Forwarding.Origin;
import dev.lakegate.gateway.access.Forwarding.Request;
import dev.lakegate.gateway.access.ProxySettings.Headers;
import dev.lakegate.kit.error.LakegateException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ForwardingTest {
  private static final List<String> PROXIES = List.of("10.0.0.0/8", "192.0.2.7", "2001:db8::/32");

  private static Origin origin(Headers kind, Request request) {
    return new Forwarding(Networks.of(PROXIES), kind).origin(request);
  }

  private static Request from(String peer, boolean tls, String host, Map<String, String> headers) {
    return new Request(
        peer,
        tls,
        host,
        name -> headers.containsKey(name) ? List.of(headers.get(name)) : List.of());
  }

  private static final Map<String, String> FORGED =
      Map.of(
          "X-Forwarded-For", "203.0.113.9",
          "X-Forwarded-Proto", "https",
          "X-Forwarded-Host", "evil.example",
          "X-Forwarded-Port", "1",
          "Forwarded", "for=203.0.113.9;proto=https;host=evil.example");

  @Test
  void shouldIgnoreWhatAnUntrustedPeerSays() {
    for (Headers kind : Headers.values()) {
      for (String peer : List.of("198.51.100.1", "192.0.2.8", "11.0.0.1", "2001:db9::1", "")) {
        assertThat(origin(kind, from(peer, false, "lake.example", FORGED)))
            .isEqualTo(new Origin(peer, false, URI.create("http://lake.example")));
      }
    }
  }

  @Test
  void shouldBelieveATrustedProxyInTheOneKindOfHeaderThatItSets() {
    Map<String, String> only = Map.of("X-Forwarded-Proto", "https", "X-Forwarded-For", "1.2.3.4");
    Request proxied = from("10.9.9.9", false, "lake.example", only);
    assertThat(origin(Headers.X_FORWARDED, proxied))
        .isEqualTo(new Origin("1.2.3.4", true, URI.create("https://lake.example")));
    assertThat(origin(Headers.FORWARDED, proxied).secure()).isFalse();
    Map<String, String> standard =
        Map.of(
            "Forwarded", "for=\"[2001:db8:cafe::17]:4711\";proto=https;host=\"lake.example:8443\"");
    assertThat(origin(Headers.FORWARDED, from("192.0.2.7", false, "inner", standard)))
        .isEqualTo(new Origin("2001:db8:cafe::17", true, URI.create("https://lake.example:8443")));
    assertThat(origin(Headers.X_FORWARDED, from("192.0.2.7", false, "inner", standard)).secure())
        .isFalse();
  }

  @Test
  void shouldTakeTheNearestForeignAddressOfAListNotTheFirst() {
    Map<String, String> chain =
        Map.of("X-Forwarded-For", "6.6.6.6, 203.0.113.9, 10.1.1.1", "X-Forwarded-Proto", "https");
    assertThat(origin(Headers.X_FORWARDED, from("10.0.0.1", false, "lake", chain)).client())
        .isEqualTo("203.0.113.9");
    Map<String, String> standard =
        Map.of("Forwarded", "for=6.6.6.6;proto=https, for=203.0.113.9;proto=http");
    Origin seen = origin(Headers.FORWARDED, from("10.0.0.1", true, "lake", standard));
    assertThat(seen.client()).isEqualTo("203.0.113.9");
    assertThat(seen.secure()).as("what the client itself wrote").isFalse();
  }

  @Test
  void shouldNotTakeAnInventedProtocolBeforeTheProxysOwn() {
    Map<String, String> appended = Map.of("X-Forwarded-Proto", "https, http");
    assertThat(origin(Headers.X_FORWARDED, from("10.0.0.1", false, "lake", appended)).secure())
        .isFalse();
  }

  @Test
  void shouldNameThePortOnlyWhereItIsNotTheSchemesOwn() {
    assertThat(
            origin(Headers.FORWARDED, from("1.1.1.1", true, "Lake.Example:443", Map.of())).base())
        .hasToString("https://lake.example");
    assertThat(origin(Headers.FORWARDED, from("1.1.1.1", false, "lake:8080", Map.of())).base())
        .hasToString("http://lake:8080");
    assertThat(origin(Headers.FORWARDED, from("1.1.1.1", true, "[::1]:8443", Map.of())).base())
        .hasToString("https://[::1]:8443");
    Map<String, String> port = Map.of("X-Forwarded-Proto", "https", "X-Forwarded-Port", "8443");
    assertThat(origin(Headers.X_FORWARDED, from("10.0.0.1", false, "lake", port)).base())
        .hasToString("https://lake:8443");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "evil.example/path",
        "user@evil.example",
        "a b",
        "a\r\nSet-Cookie: x",
        "",
        "-x",
        "[::1",
        "evil.example:80:90",
        "evil.example:abc",
        "\u0456vil.example",
        "evil.example#",
        "a?b"
      })
  void shouldRefuseWhatIsNoHost(String host) {
    assertThatThrownBy(() -> origin(Headers.FORWARDED, from("1.1.1.1", true, host, Map.of())))
        .isInstanceOf(LakegateException.class);
    assertThatThrownBy(
            () ->
                origin(
                    Headers.X_FORWARDED,
                    from("10.0.0.1", true, "", Map.of("X-Forwarded-Host", host))))
        .isInstanceOf(LakegateException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"lake.example", "10.0.0.0/33", "10.0.0.0/", "10.0.0", "1/2/3", "300.1.1.1", ""})
  void shouldRefuseWhatIsNoNetwork(String text) {
    assertThatThrownBy(() -> Networks.of(List.of(text)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void shouldTellNetworksApartToTheBit() {
    Networks networks = Networks.of(List.of("10.0.0.128/25", "fe80::/10", "0.0.0.0/0"));
    assertThat(Networks.of(List.of("10.0.0.128/25")).contains("10.0.0.127")).isFalse();
    assertThat(Networks.of(List.of("10.0.0.128/25")).contains("10.0.0.128")).isTrue();
    assertThat(Networks.of(List.of("10.0.0.128/25")).contains("::ffff:10.0.0.200")).isTrue();
    assertThat(networks.contains("febf::1")).isTrue();
    assertThat(networks.contains("fec0::1")).isFalse();
    assertThat(networks.contains("unknown")).isFalse();
    assertThat(networks.contains("localhost")).isFalse();
  }
}
