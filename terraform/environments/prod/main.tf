# Private subnets, a NAT gateway and a standby in a second zone, and nothing that can be deleted by mistake.

provider "aws" {
  region              = var.site.aws_region
  allowed_account_ids = var.offline ? null : [var.site.account_id]

  skip_credentials_validation = var.offline
  skip_requesting_account_id  = var.offline
  skip_metadata_api_check     = var.offline

  default_tags {
    tags = {
      Project     = var.site.project_name
      Environment = "prod"
      ManagedBy   = "Terraform"
    }
  }
}

module "lakehouse" {
  source = "../.."

  environment = "prod"

  account_id                    = var.site.account_id
  project_name                  = var.site.project_name
  aws_region                    = var.site.aws_region
  availability_zones            = var.site.availability_zones
  certificate_arn               = var.site.certificate_arn
  host_names                    = var.site.host_names
  client_cidrs                  = var.site.client_cidrs
  identity                      = var.site.identity
  alert_emails                  = var.site.alert_emails
  lake_formation_administrators = var.site.lake_formation_administrators
  image_tag                     = var.site.image_tag
  jobs_version                  = var.site.jobs_version
  capture_engine                = var.capture_engine
  source_connection             = var.site.source_connection
  source_db_host                = var.site.source_db_host
  source_db_name                = var.site.source_db_name
  source_secret_arn             = var.site.source_secret_arn
  source_cidrs                  = var.site.source_cidrs
  source_security_group_id      = var.site.source_security_group_id
  source_ca_pem                 = var.site.source_ca_pem
  source_ssl_mode               = var.site.source_ca_pem == null ? "require" : "verify-full"

  nat_gateways             = "per_zone"
  interface_endpoints      = ["glue", "secretsmanager"]
  interface_endpoint_zones = 2
  flow_log_retention_days  = 90

  dms = {
    instance_class       = "dms.t3.medium"
    allocated_storage_gb = 100
    multi_az             = true
    create_account_roles = var.site.create_dms_account_roles
  }

  database = {
    instance_class = "db.t4g.medium"
    storage_gb     = 50
    multi_az       = true
    backup_days    = 14
  }

  service_sizes = {
    ingest-service     = { cpu = 512, memory = 2048 }
    transform-service  = { cpu = 2048, memory = 8192 }
    query-gateway      = { cpu = 1024, memory = 2048 }
    governance-service = { cpu = 512, memory = 1024, replicas = 2, autoscaling = { min = 2, max = 4 } }
  }
  container_insights = true

  glue = {
    workers                 = 5
    safety_net_schedule     = "cron(30 2 * * ? *)"
    create_default_database = var.site.create_default_database
  }

  bytes_scanned_limit = {
    default          = 50 * 1024 * 1024 * 1024
    analytics-team   = 100 * 1024 * 1024 * 1024
    data-engineering = 200 * 1024 * 1024 * 1024
  }

  freshness_seconds  = { silver = 600, gold = 900 }
  monthly_budget     = 1000
  log_retention_days = 90
  audit_days         = 365
  protect            = true
}
