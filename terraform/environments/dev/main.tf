# Under $200 a month: no NAT gateway, one zone where AWS allows it, tasks in public subnets that only the load balancer
# reaches. DMS stays in private subnets, and so needs the one interface endpoint that main.tf of the root adds.

provider "aws" {
  region              = var.site.aws_region
  allowed_account_ids = var.offline ? null : [var.site.account_id]

  skip_credentials_validation = var.offline
  skip_requesting_account_id  = var.offline
  skip_metadata_api_check     = var.offline

  default_tags {
    tags = {
      Project     = var.site.project_name
      Environment = "dev"
      ManagedBy   = "Terraform"
    }
  }
}

module "lakehouse" {
  source = "../.."

  environment = "dev"

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

  nat_gateways             = "none"
  interface_endpoints      = []
  interface_endpoint_zones = 1
  flow_log_retention_days  = 0

  dms = {
    instance_class       = "dms.t3.small"
    allocated_storage_gb = 20
    create_account_roles = var.site.create_dms_account_roles
  }

  database = {
    instance_class = "db.t4g.micro"
    storage_gb     = 20
    backup_days    = 3
  }

  glue = {
    workers                 = 3
    create_default_database = var.site.create_default_database
  }

  bytes_scanned_limit = {
    default          = 10 * 1024 * 1024 * 1024
    data-engineering = 50 * 1024 * 1024 * 1024
  }

  monthly_budget     = 200
  log_retention_days = 14
  audit_days         = 90
  protect            = false
}
