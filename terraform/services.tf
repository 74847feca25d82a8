# What each service is told. docs/INTERFACES.md explains the settings; terraform/README.md those that only AWS has.

locals {
  metrics_namespace = "Lakegate"

  sizes = merge({
    ingest-service    = { cpu = 256, memory = 1024, replicas = 1, autoscaling = null }
    transform-service = { cpu = 1024, memory = 4096, replicas = 1, autoscaling = null }
    # One: a query lives in one task, and drivers keep no cookie by which a load balancer could find it again.
    query-gateway      = { cpu = 512, memory = 1024, replicas = 1, autoscaling = null }
    governance-service = { cpu = 256, memory = 512, replicas = 1, autoscaling = { min = 1, max = 2, cpu_percent = 60 } }
  }, var.service_sizes)

  internal_url = { for service, port in local.ports : service => "http://${service}.${local.name}.internal:${port}" }

  common_environment = {
    # Tenants may be named in any script.
    LC_ALL                           = "C.UTF-8"
    AWS_REGION                       = var.aws_region
    LAKEGATE_PLATFORM                = "aws"
    LAKEGATE_WORK_DIRECTORY          = "/work"
    LAKEGATE_LAKEHOUSE_DIRECTORY     = "/opt/lakegate/lakehouse"
    LAKEGATE_IDENTITY_ISSUER         = var.identity.issuer
    LAKEGATE_IDENTITY_JWKS_URL       = var.identity.jwks_url
    LAKEGATE_IDENTITY_TOKEN_URL      = var.identity.token_url
    LAKEGATE_IDENTITY_AUDIENCE       = var.identity.audience
    LAKEGATE_SERVICES_INGEST_URL     = local.internal_url["ingest-service"]
    LAKEGATE_SERVICES_TRANSFORM_URL  = local.internal_url["transform-service"]
    LAKEGATE_SERVICES_GOVERNANCE_URL = local.internal_url["governance-service"]
    LAKEGATE_SERVICES_GATEWAY_URL    = local.internal_url["query-gateway"]

    LAKEGATE_AWS_LAKEHOUSE         = local.name
    LAKEGATE_AWS_BRONZE_ROOT       = "s3://${module.s3.bucket_names["bronze"]}"
    LAKEGATE_AWS_SILVER_ROOT       = "s3://${module.s3.bucket_names["silver"]}"
    LAKEGATE_AWS_GOLD_ROOT         = "s3://${module.s3.bucket_names["gold"]}"
    LAKEGATE_AWS_SNAPSHOT_ROOT     = "s3://${module.s3.bucket_names["gold"]}/_catalog"
    LAKEGATE_AWS_METRICS_NAMESPACE = local.metrics_namespace
    LAKEGATE_AWS_DATABASE_PREFIX   = trimsuffix(module.lakehouse.databases["gold"], "gold")
  }

  own_environment = {
    ingest-service = merge(
      {
        LAKEGATE_CAPTURE_ENGINE   = var.capture_engine
        LAKEGATE_AWS_ALERTS_TOPIC = module.monitoring.topic_arns["pipeline"]
      },
      local.with_dms ? {
        LAKEGATE_AWS_DMS_TASK       = "${local.name}-capture"
        LAKEGATE_AWS_DMS_DEPLOYMENT = var.dms.deployment
        LAKEGATE_AWS_LANDING_ROOT   = "s3://${module.s3.bucket_names["bronze"]}/${trimsuffix(local.landing_prefix, "/")}"
        LAKEGATE_AWS_LANDING_QUEUE  = module.events.queue_urls["landing"]
        } : {
        LAKEGATE_CAPTURE_SOURCE_JDBC_URL = "jdbc:postgresql://${coalesce(var.source_db_host, "unknown")}:${var.source_db_port}/${var.source_db_name}?sslmode=${var.source_ssl_mode}"
      },
    )
    transform-service = {
      LAKEGATE_AWS_ALERTS_TOPIC    = module.monitoring.topic_arns["jobs"]
      LAKEGATE_AWS_GLUE_QUEUE      = module.events.queue_urls["glue-runs"]
      LAKEGATE_AWS_GLUE_JOB_PREFIX = "${local.name}-"
      LAKEGATE_AWS_REQUESTS_ROOT   = "s3://${module.s3.bucket_names["scripts"]}/requests"
    }
    query-gateway = {
      LAKEGATE_AWS_PERSONA_ROLE_PREFIX     = "arn:${var.partition}:iam::${var.account_id}:role/${local.name}/personas/${local.name}-"
      LAKEGATE_AWS_TIER_ROLE_PREFIX        = "arn:${var.partition}:iam::${var.account_id}:role/${local.name}/tiers/${local.name}-tier-"
      LAKEGATE_AWS_TENANT_ROLE_PATH        = module.iam.tenant_role_path
      LAKEGATE_AWS_TENANT_WORKGROUP_PREFIX = "${local.name}-tenant-"
      LAKEGATE_AWS_TIER_WORKGROUP_PREFIX   = "${local.name}-tier-"
      LAKEGATE_AWS_RESULTS_ROOT            = "s3://${module.s3.bucket_names["athena-results"]}"
      # The load balancer ends TLS; only it may say for whom it forwards.
      LAKEGATE_GATEWAY_PROXY_TRUSTED = var.vpc_cidr
      LAKEGATE_GATEWAY_PROXY_HEADERS = "x-forwarded"
    }
    governance-service = {
      LAKEGATE_AWS_ALERTS_TOPIC            = module.monitoring.topic_arns["pipeline"]
      LAKEGATE_AWS_TENANT_ROLE_PATH        = module.iam.tenant_role_path
      LAKEGATE_AWS_TENANT_BOUNDARY_ARN     = module.iam.tenant_boundary_arn
      LAKEGATE_AWS_TENANT_WORKGROUP_PREFIX = "${local.name}-tenant-"
      LAKEGATE_AWS_RESULTS_ROOT            = "s3://${module.s3.bucket_names["athena-results"]}"
      LAKEGATE_AWS_GATEWAY_ROLE_ARN        = module.iam.service_role_arns["query-gateway"]
    }
  }

  services = { for service, port in local.ports : service => merge(local.sizes[service], {
    port = port
    # Two would write Bronze or plan runs at the same time.
    single = contains(["ingest-service", "transform-service"], service)
    environment = merge(
      local.common_environment,
      { QUARKUS_HTTP_PORT = tostring(port) },
      contains(keys(local.schemas), service) ? { LAKEGATE_CONTROL_JDBC_URL = module.database.jdbc_url } : {},
      local.own_environment[service],
    )
    secrets = merge(
      contains(keys(local.schemas), service) ? {
        LAKEGATE_CONTROL_USERNAME = "${module.database.service_secret_arns[service]}:username::"
        LAKEGATE_CONTROL_PASSWORD = "${module.database.service_secret_arns[service]}:password::"
      } : {},
      service == "ingest-service" && !local.with_dms ? {
        LAKEGATE_CAPTURE_SOURCE_USERNAME = "${var.source_secret_arn}:username::"
        LAKEGATE_CAPTURE_SOURCE_PASSWORD = "${var.source_secret_arn}:password::"
      } : {},
    )
  }) }
}
