package dev.lakegate.kit.aws;

import io.smallrye.config.ConfigMapping;
import java.util.Optional;

/**
 * The estate as Terraform tells it to services: every name of {@code terraform/README.md}. Each
 * service is told those that it needs, and checks at start that they are there.
 */
@ConfigMapping(prefix = "lakegate.aws")
public interface EstateConfig {
  /** Name of the estate: prefix of names, value of the tag {@code Project}. */
  Optional<String> lakehouse();

  /** Where Bronze's paths begin, {@code s3://..} without a slash at the end. */
  Optional<String> bronzeRoot();

  /** Where Silver's paths begin. */
  Optional<String> silverRoot();

  /** Where Gold's paths begin. */
  Optional<String> goldRoot();

  /** Where {@code _catalog/} begins. */
  Optional<String> snapshotRoot();

  /** Glue databases: prefix, then the layer. */
  Optional<String> databasePrefix();

  /** CloudWatch namespace of the services' own metrics. */
  Optional<String> metricsNamespace();

  /** SNS topic of the service's alerts; none without it. */
  Optional<String> alertsTopic();

  /** Identifier of the DMS task or serverless replication. */
  Optional<String> dmsTask();

  /** {@code instance} or {@code serverless}. */
  Optional<String> dmsDeployment();

  /** Where DMS lands files. */
  Optional<String> landingRoot();

  /** Queue of their S3 events. */
  Optional<String> landingQueue();

  /** Queue of ends of Glue runs. */
  Optional<String> glueQueue();

  /** Glue jobs: prefix, then what they make. */
  Optional<String> glueJobPrefix();

  /** Where run requests of Glue jobs are. */
  Optional<String> requestsRoot();

  /** ARN of a persona's role: prefix, then its name. */
  Optional<String> personaRolePrefix();

  /** ARN of a tier's role: prefix, then its name. */
  Optional<String> tierRolePrefix();

  /** IAM path of tenants' roles, with a slash at both ends. */
  Optional<String> tenantRolePath();

  /** Permissions boundary of tenants' roles. */
  Optional<String> tenantBoundaryArn();

  /** Tenants' workgroups: prefix, then the tenant's name. */
  Optional<String> tenantWorkgroupPrefix();

  /** Tiers' workgroups: prefix, then the tier. */
  Optional<String> tierWorkgroupPrefix();

  /** Where query results go. */
  Optional<String> resultsRoot();

  /** Whom tenants' roles trust. */
  Optional<String> gatewayRoleArn();
}
