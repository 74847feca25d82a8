package dev.lakegate.governance.lakeformation;

import dev.lakegate.kit.aws.EstateConfig;
import dev.lakegate.kit.config.Platform;
import dev.lakegate.kit.config.StartupCheck;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** The estate as the settings name it; on AWS the service does not start without them. */
@ApplicationScoped
class EstateSettings implements StartupCheck {
  private static final Pattern BOUNDARY =
      Pattern.compile("arn:(aws[a-z-]*):iam::(\\d{12}):policy/.+");
  private static final Pattern ROLE = Pattern.compile("arn:aws[a-z-]*:iam::\\d{12}:role/.+");
  private static final Pattern ROOT = Pattern.compile("s3://[a-z0-9][a-z0-9.-]+(/[^/]+)*");
  private static final long LEAST_BYTES = 10_485_760;

  @Inject EstateConfig config;
  @Inject LakeConfig work;

  @ConfigProperty(name = "lakegate.platform", defaultValue = "local")
  Platform platform;

  boolean onAws() {
    return platform == Platform.AWS;
  }

  @Override
  public List<Problem> problems() {
    List<Problem> problems = new ArrayList<>();
    if (!onAws()) {
      return problems;
    }
    required("lakehouse", config.lakehouse(), Pattern.compile("[a-z][a-z0-9-]{1,23}"), problems);
    required("database-prefix", config.databasePrefix(), Pattern.compile("[a-z0-9_]+"), problems);
    required("tenant-role-path", config.tenantRolePath(), Pattern.compile("/([^/]+/)+"), problems);
    required("tenant-boundary-arn", config.tenantBoundaryArn(), BOUNDARY, problems);
    required(
        "tenant-workgroup-prefix",
        config.tenantWorkgroupPrefix(),
        Pattern.compile("[A-Za-z0-9._-]{1,96}"),
        problems);
    required("results-root", config.resultsRoot(), ROOT, problems);
    required("gateway-role-arn", config.gatewayRoleArn(), ROLE, problems);
    for (Map.Entry<String, Optional<String>> root : roots().entrySet()) {
      required(root.getKey() + "-root", root.getValue(), ROOT, problems);
    }
    if (work.callsPerSecond() <= 0 || work.callsPerSecond() > 100) {
      problems.add(
          new Problem(
              "lakegate.aws.lake-formation.calls-per-second",
              "is not above 0 and at most 100.",
              "Leave it away for 5."));
    }
    if (work.tenantBytesScanned() < LEAST_BYTES) {
      problems.add(
          new Problem(
              "lakegate.aws.lake-formation.tenant-bytes-scanned",
              "is below 10485760, Athena's least.",
              "Leave it away for 1 GB."));
    }
    return problems;
  }

  private Map<String, Optional<String>> roots() {
    Map<String, Optional<String>> roots = new LinkedHashMap<>();
    roots.put("bronze", config.bronzeRoot());
    roots.put("silver", config.silverRoot());
    roots.put("gold", config.goldRoot());
    return roots;
  }

  private static void required(
      String name, Optional<String> value, Pattern pattern, List<Problem> problems) {
    if (value.filter(v -> pattern.matcher(v).matches()).isEmpty()) {
      problems.add(
          new Problem(
              "lakegate.aws." + name,
              value.isEmpty() ? "is not set." : "does not look like " + pattern.pattern() + ".",
              "Terraform sets it: see terraform/README.md."));
    }
  }

  /**
   * @param region of the clients
   */
  Estate estate(String region) {
    Matcher boundary = BOUNDARY.matcher(config.tenantBoundaryArn().orElseThrow());
    if (!boundary.matches()) {
      throw new IllegalStateException("lakegate.aws.tenant-boundary-arn is not an ARN of a policy");
    }
    Map<String, String> locations = new LinkedHashMap<>();
    roots()
        .forEach(
            (layer, root) ->
                locations.put(
                    layer,
                    "arn:"
                        + boundary.group(1)
                        + ":s3:::"
                        + root.orElseThrow().substring("s3://".length())));
    return new Estate(
        boundary.group(1),
        boundary.group(2),
        region,
        config.lakehouse().orElseThrow(),
        config.databasePrefix().orElseThrow(),
        config.tenantRolePath().orElseThrow(),
        config.tenantBoundaryArn().orElseThrow(),
        config.gatewayRoleArn().orElseThrow(),
        config.tenantWorkgroupPrefix().orElseThrow(),
        config.resultsRoot().orElseThrow(),
        work.tenantBytesScanned(),
        locations);
  }
}
