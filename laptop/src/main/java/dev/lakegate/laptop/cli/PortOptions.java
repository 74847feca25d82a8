package dev.lakegate.laptop.cli;

import dev.lakegate.laptop.supervisor.Ports;
import picocli.CommandLine.Option;

/** Ports; each also as an environment variable, such as LAKEGATE_GATEWAY_PORT. */
final class PortOptions {
  @Option(
      names = "--gateway-port",
      paramLabel = "PORT",
      defaultValue = "${env:LAKEGATE_GATEWAY_PORT:-8080}",
      description = "Gateway, HTTP (default: 8080; variable LAKEGATE_GATEWAY_PORT, and so on).")
  int gateway;

  @Option(
      names = "--gateway-tls-port",
      paramLabel = "PORT",
      defaultValue = "${env:LAKEGATE_GATEWAY_TLS_PORT:-8443}",
      description = "Gateway, HTTPS (default: 8443).")
  int gatewayTls;

  @Option(
      names = "--ingest-port",
      paramLabel = "PORT",
      defaultValue = "${env:LAKEGATE_INGEST_PORT:-8081}",
      description = "ingest-service (default: 8081).")
  int ingest;

  @Option(
      names = "--transform-port",
      paramLabel = "PORT",
      defaultValue = "${env:LAKEGATE_TRANSFORM_PORT:-8082}",
      description = "transform-service (default: 8082).")
  int transform;

  @Option(
      names = "--governance-port",
      paramLabel = "PORT",
      defaultValue = "${env:LAKEGATE_GOVERNANCE_PORT:-8083}",
      description = "governance-service (default: 8083).")
  int governance;

  @Option(
      names = "--identity-port",
      paramLabel = "PORT",
      defaultValue = "${env:LAKEGATE_IDENTITY_PORT:-8180}",
      description = "Identity provider (default: 8180).")
  int identity;

  @Option(
      names = "--postgres-port",
      paramLabel = "PORT",
      defaultValue = "${env:LAKEGATE_POSTGRES_PORT:-54329}",
      description = "Embedded PostgreSQL (default: 54329).")
  int postgres;

  Ports ports() {
    return new Ports(gateway, gatewayTls, ingest, transform, governance, identity, postgres);
  }
}
