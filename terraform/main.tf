# Wires the modules. Nothing is created here.

locals {
  name     = var.project_name
  with_dms = var.capture_engine == "dms"

  landing_prefix = "landing/"

  # DMS in private subnets can reach Secrets Manager only so.
  interface_endpoints = setunion(var.interface_endpoints, local.with_dms && var.nat_gateways == "none" ? ["secretsmanager"] : [])

  ports = {
    ingest-service     = 8081
    transform-service  = 8082
    query-gateway      = 8080
    governance-service = 8083
  }

  # Schema of each service in the control database.
  schemas = {
    ingest-service     = "ingest"
    transform-service  = "transform"
    governance-service = "governance"
  }

  public_subnets  = [for zone in var.availability_zones : module.networking.public_subnet_ids[zone]]
  private_subnets = [for zone in var.availability_zones : module.networking.private_subnet_ids[zone]]
}

module "lakehouse" {
  source = "./modules/lakehouse"

  directory = coalesce(var.lakehouse_directory, "${path.module}/../lakehouse")
}

module "s3" {
  source = "./modules/s3"

  name          = local.name
  account_id    = var.account_id
  partition     = var.partition
  region        = var.aws_region
  force_destroy = !var.protect
  results_days  = var.results_days
  log_days      = var.audit_days
}

module "events" {
  source = "./modules/events"

  name           = local.name
  account_id     = var.account_id
  partition      = var.partition
  region         = var.aws_region
  bronze_bucket  = module.s3.bucket_names["bronze"]
  landing_prefix = local.with_dms ? local.landing_prefix : null
}

module "iam" {
  source = "./modules/iam"

  name                      = local.name
  account_id                = var.account_id
  partition                 = var.partition
  region                    = var.aws_region
  capture_engine            = var.capture_engine
  bucket_arns               = module.s3.bucket_arns
  landing_prefix            = local.landing_prefix
  queue_arns                = module.events.queue_arns
  topic_arns                = module.monitoring.topic_arns
  alert_key_alias           = module.monitoring.alert_key_alias
  databases                 = module.lakehouse.databases
  personas                  = module.lakehouse.personas
  tiers                     = toset([for filter in values(module.lakehouse.tier_filters) : filter.tier])
  workgroups                = module.lakehouse.workgroups
  services                  = toset(keys(local.ports))
  source_secret_arn         = var.source_secret_arn
  source_secret_kms_key_arn = var.source_secret_kms_key_arn
  create_dms_account_roles  = var.dms.create_account_roles
  with_flow_logs            = var.flow_log_retention_days > 0
}

module "networking" {
  source = "./modules/networking"

  name                     = local.name
  region                   = var.aws_region
  vpc_cidr                 = var.vpc_cidr
  availability_zones       = var.availability_zones
  nat_gateways             = var.nat_gateways
  interface_endpoints      = local.interface_endpoints
  interface_endpoint_zones = var.interface_endpoint_zones
  client_cidrs             = var.client_cidrs
  source_cidrs             = var.source_cidrs
  source_security_group_id = var.source_security_group_id
  source_port              = var.source_db_port
  service_ports            = local.ports
  with_dms                 = local.with_dms
  flow_log_retention_days  = var.flow_log_retention_days
  flow_log_role_arn        = module.iam.flow_log_role_arn
}

module "database" {
  source = "./modules/database"

  name                 = local.name
  subnet_ids           = local.private_subnets
  security_group_id    = module.networking.security_group_ids["database"]
  services             = toset(keys(local.schemas))
  instance_class       = var.database.instance_class
  engine_version       = var.database.engine_version
  storage_gb           = var.database.storage_gb
  multi_az             = var.database.multi_az
  availability_zone    = var.availability_zones[0]
  backup_days          = var.database.backup_days
  protect              = var.protect
  log_retention_days   = var.log_retention_days
  secret_recovery_days = var.protect ? 7 : 0
}

module "dms" {
  source = "./modules/dms"
  count  = local.with_dms ? 1 : 0

  name                 = local.name
  deployment           = var.dms.deployment
  instance_class       = var.dms.instance_class
  allocated_storage_gb = var.dms.allocated_storage_gb
  capacity_units       = var.dms.capacity_units
  multi_az             = var.dms.multi_az
  availability_zone    = var.availability_zones[0]
  subnet_ids           = local.private_subnets
  security_group_id    = module.networking.security_group_ids["dms"]
  role_arns            = module.iam.dms_role_arns
  source_db_name       = var.source_db_name
  source_secret_arn    = var.source_secret_arn
  source_ssl_mode      = var.source_ssl_mode
  source_ca_pem        = var.source_ca_pem
  slot_name            = var.dms.slot_name
  bucket               = module.s3.bucket_names["bronze"]
  bucket_owner         = var.account_id
  landing_prefix       = local.landing_prefix
  table_mappings       = module.lakehouse.dms_table_mappings
  flush_seconds        = var.dms.flush_seconds
  commit_rows          = var.dms.commit_rows
  start                = var.dms.start
}

module "glue" {
  source = "./modules/glue"

  name                    = local.name
  account_id              = module.lake_formation.catalog_id
  databases               = module.lakehouse.databases
  create_default_database = var.glue.create_default_database
  tables                  = module.lakehouse.tables
  bucket_names            = module.s3.bucket_names
  role_arns               = module.iam.glue_role_arns
  bronze_crawl_prefix     = local.with_dms ? local.landing_prefix : ""
  crawler_schedules       = var.glue.crawler_schedules
  worker_type             = var.glue.worker_type
  workers                 = var.glue.workers
  timeout_minutes         = var.glue.timeout_minutes
  max_retries             = var.glue.max_retries
  jobs_version            = var.jobs_version
  safety_net_schedule     = var.glue.safety_net_schedule
  log_retention_days      = var.log_retention_days
}

module "athena" {
  source = "./modules/athena"

  name                = local.name
  account_id          = var.account_id
  results_bucket      = module.s3.bucket_names["athena-results"]
  workgroups          = module.lakehouse.workgroups
  tiers               = toset([for filter in values(module.lakehouse.tier_filters) : filter.tier])
  bytes_scanned_limit = var.bytes_scanned_limit
  queries             = module.lakehouse.queries
  force_destroy       = !var.protect
}

module "lake_formation" {
  source = "./modules/lake-formation"

  account_id             = var.account_id
  administrators         = setunion(var.lake_formation_administrators, [module.iam.service_role_arns["governance-service"]])
  data_access_role_arn   = module.iam.data_access_role_arn
  bucket_arns            = { for layer in ["bronze", "silver", "gold"] : layer => module.s3.bucket_arns[layer] }
  databases              = module.glue.database_names
  default_database       = module.glue.default_database
  tables                 = module.lakehouse.tables
  table_names            = module.glue.table_names
  internal_bronze_tables = module.lakehouse.internal_tables.bronze
  personas               = module.lakehouse.personas
  persona_role_arns      = module.iam.persona_role_arns
  tier_role_arns         = module.iam.tier_role_arns
  tier_filters           = module.lakehouse.tier_filters
  job_role_arns          = { glue = module.iam.glue_role_arns["jobs"], transform = module.iam.service_role_arns["transform-service"] }
  crawler_role_arn       = module.iam.glue_role_arns["crawlers"]
}

module "ecs" {
  source = "./modules/ecs"

  name                     = local.name
  account_id               = var.account_id
  region                   = var.aws_region
  vpc_id                   = module.networking.vpc_id
  load_balancer_subnet_ids = var.internal_load_balancer ? local.private_subnets : local.public_subnets
  # Without a NAT gateway, tasks need a public address to reach AWS and the identity provider.
  task_subnet_ids      = var.nat_gateways == "none" ? local.public_subnets : local.private_subnets
  assign_public_ip     = var.nat_gateways == "none"
  internal             = var.internal_load_balancer
  security_group_ids   = module.networking.security_group_ids
  certificate_arn      = var.certificate_arn
  host_names           = var.host_names
  logs_bucket          = module.s3.bucket_names["logs"]
  protect              = var.protect
  image_tag            = var.image_tag
  task_role_arns       = module.iam.service_role_arns
  execution_role_arns  = module.iam.execution_role_arns
  services             = local.services
  capacity_provider    = var.capacity_provider
  container_insights   = var.container_insights
  log_retention_days   = var.log_retention_days
  secret_recovery_days = var.protect ? 7 : 0
  control_database = {
    address           = module.database.address
    name              = module.database.database
    master_secret_arn = module.database.master_secret_arn
    schemas           = local.schemas
    secret_arns       = module.database.service_secret_arns
  }
}

module "monitoring" {
  source = "./modules/monitoring"

  name                    = local.name
  account_id              = var.account_id
  partition               = var.partition
  region                  = var.aws_region
  alert_emails            = var.alert_emails
  logs_bucket             = module.s3.bucket_names["logs"]
  audited_bucket_arns     = [for purpose in ["bronze", "silver", "gold", "athena-results"] : module.s3.bucket_arns[purpose]]
  dms                     = local.with_dms ? { task_identifier = module.dms[0].task_identifier, task_resource_id = module.dms[0].task_resource_id, instance_identifier = module.dms[0].instance_identifier } : null
  freshness_seconds       = var.freshness_seconds
  metrics_namespace       = local.metrics_namespace
  cluster_name            = module.ecs.cluster_name
  services                = module.ecs.service_names
  load_balancer_dimension = module.ecs.load_balancer_dimension
  target_group_dimensions = module.ecs.target_group_dimensions
  database_identifier     = module.database.identifier
  queue_names             = module.events.queue_names
  workgroups              = module.athena.workgroup_names
  job_names               = module.glue.job_names
  trail_enabled           = var.trail_enabled
}

module "cost" {
  source = "./modules/cost"

  name           = local.name
  monthly_budget = var.monthly_budget
  alert_emails   = var.alert_emails
  topic_arn      = module.monitoring.topic_arns["cost"]
}
