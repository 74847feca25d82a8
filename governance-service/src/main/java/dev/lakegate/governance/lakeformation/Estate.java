package dev.lakegate.governance.lakeformation;

import dev.lakegate.model.lakeformation.TenantNames;
import java.util.Map;

/**
 * The names of what Terraform made, and of what comes and goes with tenants. Pure.
 *
 * @param partition such as {@code aws}
 * @param account twelve digits
 * @param region of everything
 * @param lakehouse prefix of names
 * @param databasePrefix of Glue's databases, before the layer
 * @param rolePath IAM path of tenants' roles, with a slash at both ends
 * @param boundaryArn permissions boundary of those roles
 * @param gatewayRoleArn whom they trust
 * @param workgroupPrefix of tenants' workgroups
 * @param resultsRoot {@code s3://bucket} of query results
 * @param bytesScanned most bytes that one query of a tenant may scan
 * @param locations ARN of each layer's place, which must be registered
 */
record Estate(
    String partition,
    String account,
    String region,
    String lakehouse,
    String databasePrefix,
    String rolePath,
    String boundaryArn,
    String gatewayRoleArn,
    String workgroupPrefix,
    String resultsRoot,
    long bytesScanned,
    Map<String, String> locations) {
  /** Athena asks about this one, whatever a query reads. */
  static final String DEFAULT_DATABASE = "default";

  private static final int LONGEST_ROLE_NAME = 64;

  Estate {
    locations = Map.copyOf(locations);
    if (lakehouse.length() + "-tenant-".length() + 32 > LONGEST_ROLE_NAME) {
      throw new IllegalArgumentException("the lakehouse's name is too long for names of roles");
    }
  }

  String database(String layer) {
    return databasePrefix + layer;
  }

  String roleName(String tenant) {
    return lakehouse + "-tenant-" + TenantNames.of(tenant);
  }

  String roleArn(String tenant) {
    return "arn:" + partition + ":iam::" + account + ":role" + rolePath + roleName(tenant);
  }

  boolean isTenantRole(String principal) {
    return principal.startsWith("arn:" + partition + ":iam::" + account + ":role" + rolePath);
  }

  String personaRoleArn(String persona) {
    return "arn:%s:iam::%s:role/%s/personas/%s-%s"
        .formatted(partition, account, lakehouse, lakehouse, persona);
  }

  String tierRoleArn(String tier) {
    return "arn:%s:iam::%s:role/%s/tiers/%s-tier-%s"
        .formatted(partition, account, lakehouse, lakehouse, tier);
  }

  String workgroup(String tenant) {
    return workgroupPrefix + TenantNames.of(tenant);
  }

  String results(String tenant) {
    return resultsRoot + "/tenants/" + TenantNames.of(tenant) + "/";
  }

  String filterName(String tenant) {
    return "tenant-" + TenantNames.of(tenant);
  }

  String bucket() {
    return resultsRoot.substring("s3://".length());
  }
}
