package dev.lakegate.gateway.access;

import dev.lakegate.kit.config.StartupCheck;
import dev.lakegate.kit.config.Urls;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** A proxy that is named wrongly would be trusted too little, or too much. */
@ApplicationScoped
class ProxyCheck implements StartupCheck {
  @Inject ProxySettings settings;

  // Quarkus would believe these headers from everybody, and read their first, forgeable value.
  @ConfigProperty(name = "quarkus.http.proxy.proxy-address-forwarding", defaultValue = "false")
  boolean quarkusForwards;

  @Override
  public List<Problem> problems() {
    List<Problem> problems = new ArrayList<>();
    try {
      Networks.of(settings.proxy().trusted().orElse(List.of()));
    } catch (IllegalArgumentException e) {
      problems.add(
          new Problem(
              "lakegate.gateway.proxy.trusted",
              "is not a list of IP addresses and networks: " + e.getMessage() + ".",
              "Write it like 10.0.0.7,10.1.0.0/16."));
    }
    settings
        .externalUrl()
        .filter(
            url ->
                !Urls.isHttp(url)
                    || url.getRawQuery() != null
                    || url.getRawFragment() != null
                    || !url.getRawPath().matches("/?"))
        .ifPresent(
            url ->
                problems.add(
                    new Problem(
                        "lakegate.gateway.external-url",
                        "'" + url + "' is not the address of a host.",
                        "Write it like https://lake.example.org, without a path.")));
    if (quarkusForwards) {
      problems.add(
          new Problem(
              "quarkus.http.proxy.proxy-address-forwarding",
              "is on, which lets clients name an address of their own.",
              "Leave it off and name the proxies in lakegate.gateway.proxy.trusted."));
    }
    return problems;
  }
}
