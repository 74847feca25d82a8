package dev.lakegate.laptop.supervisor;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The environment of each service. It is complete: nothing of the user's own environment reaches a
 * service, so a setting left over in a shell cannot change what Lakegate does. Secrets travel only
 * here.
 */
final class ServiceEnvironment {
  private ServiceEnvironment() {}

  /** A login at a database. */
  record Database(String jdbcUrl, String username, String password) {}

  static Map<String, String> of(
      Service service,
      StackOptions options,
      DataDirectory data,
      String issuer,
      String clientSecret,
      Database control,
      Database source) {
    Ports ports = options.ports();
    Map<String, String> env = base();
    env.put("LAKEGATE_STORAGE_ROOT", data.lake().toString());
    env.put("LAKEGATE_LAKEHOUSE_DIRECTORY", options.lakehouse().toString());
    env.put("LAKEGATE_WORK_DIRECTORY", data.work(service.processName()).toString());
    env.put("LAKEGATE_IDENTITY_ISSUER", issuer);
    env.put("LAKEGATE_IDENTITY_JWKS_URL", issuer + "/jwks");
    env.put("LAKEGATE_IDENTITY_TOKEN_URL", issuer + "/token");
    env.put("LAKEGATE_IDENTITY_CLIENT_ID", service.processName());
    env.put("LAKEGATE_IDENTITY_CLIENT_SECRET", clientSecret);
    for (Service other : Service.values()) {
      env.put("LAKEGATE_SERVICES_" + other.name() + "_URL", other.url(ports));
    }
    env.put("LAKEGATE_PROCESS_END_WITH_INPUT", "true");
    env.put("QUARKUS_HTTP_HOST", "127.0.0.1");
    env.put("QUARKUS_HTTP_PORT", Integer.toString(service.port(ports)));
    switch (service) {
      case GOVERNANCE, TRANSFORM, INGEST -> {
        env.put("LAKEGATE_CONTROL_JDBC_URL", control.jdbcUrl());
        env.put("LAKEGATE_CONTROL_USERNAME", control.username());
        env.put("LAKEGATE_CONTROL_PASSWORD", control.password());
      }
      case GATEWAY -> {
        env.put("QUARKUS_HTTP_SSL_PORT", Integer.toString(ports.gatewayTls()));
        env.put(
            "QUARKUS_HTTP_SSL_CERTIFICATE_FILES",
            GatewayCertificate.certificate(data.tls()).toString());
        env.put(
            "QUARKUS_HTTP_SSL_CERTIFICATE_KEY_FILES",
            GatewayCertificate.key(data.tls()).toString());
      }
    }
    if (service == Service.INGEST) {
      env.put("LAKEGATE_CAPTURE_SOURCE_JDBC_URL", source.jdbcUrl());
      env.put("LAKEGATE_CAPTURE_SOURCE_USERNAME", source.username());
      env.put("LAKEGATE_CAPTURE_SOURCE_PASSWORD", source.password());
    }
    if (service == Service.TRANSFORM) {
      // Spark needs a Java of its own when the services run on a newer one.
      env.put("LAKEGATE_JOBS_JAVA", ServiceJava.own().toString());
      env.put(
          "LAKEGATE_JOBS_ARGS_FILE",
          options.installation().resolve("transform-service/jobs/target/jobs.args").toString());
    }
    return env;
  }

  /** What every child needs, PostgreSQL included. */
  static Map<String, String> base() {
    Map<String, String> env = new LinkedHashMap<>();
    env.put("PATH", "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin");
    env.put("LANG", "C.UTF-8");
    env.put("TZ", "UTC");
    env.put("JAVA_HOME", System.getProperty("java.home"));
    return env;
  }
}
