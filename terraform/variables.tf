# ------------------------------------------------------------------ where

variable "project_name" {
  description = "Prefix of all names, and the value of the tag Project."
  type        = string
  default     = "lakehouse-poc"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}[a-z0-9]$", var.project_name))
    error_message = "project_name must be 3 to 20 lower case letters, digits and hyphens, beginning with a letter: buckets, roles and load balancers are named by it."
  }
}

variable "environment" {
  description = "dev or prod. Each environment has an AWS account of its own."
  type        = string

  validation {
    condition     = contains(["dev", "prod"], var.environment)
    error_message = "environment must be dev or prod."
  }
}

variable "account_id" {
  description = "AWS account. Known beforehand, so that a plan shows every name, and cannot hit another account."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id must be the twelve digits of the AWS account: aws sts get-caller-identity --query Account."
  }
}

variable "aws_region" {
  description = "AWS region."
  type        = string
  default     = "us-east-1"

  validation {
    condition     = can(regex("^[a-z]{2}(-gov)?-[a-z]+-[0-9]$", var.aws_region))
    error_message = "aws_region must be a region's code, such as us-east-1 or eu-central-1."
  }
}

variable "partition" {
  description = "AWS partition."
  type        = string
  default     = "aws"

  validation {
    condition     = contains(["aws", "aws-us-gov"], var.partition)
    error_message = "partition must be aws or aws-us-gov; in China, Lake Formation and Athena differ too much."
  }
}

variable "lakehouse_directory" {
  description = "Directory of the lakehouse description; null: lakehouse/ of this repository."
  type        = string
  default     = null
}

# ------------------------------------------------------------------ source and capture

variable "capture_engine" {
  description = "dms: AWS DMS, a change is visible after 60 to 120 s. lakegate: the project's own engine in ingest-service, seconds."
  type        = string
  default     = "dms"

  validation {
    condition     = contains(["dms", "lakegate"], var.capture_engine)
    error_message = "capture_engine must be dms or lakegate."
  }
}

variable "source_connection" {
  description = "How the Django application's PostgreSQL is reached. same_vpc: it runs in this VPC. private_network: VPN, Direct Connect or peering."
  type        = string
  default     = "same_vpc"

  validation {
    condition     = contains(["same_vpc", "private_network"], var.source_connection)
    error_message = "source_connection must be same_vpc or private_network. A public PostgreSQL is refused: replication credentials read every tenant's rows, the port would be open to address ranges that are not yours, and DMS's addresses change. See docs/DEPLOYMENT.md, Connecting the source."
  }
}

variable "source_db_host" {
  description = "Host of the source, for the project's own engine; DMS takes it from the secret."
  type        = string
  default     = null

  validation {
    condition     = var.capture_engine != "lakegate" || var.source_db_host != null
    error_message = "capture_engine lakegate needs source_db_host."
  }
  validation {
    condition     = var.source_db_host == null || !can(regex("^[0-9.]+$", var.source_db_host)) || can(regex("^(10\\.|192\\.168\\.|172\\.(1[6-9]|2[0-9]|3[01])\\.|100\\.(6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7])\\.)", var.source_db_host))
    error_message = "source_db_host is a public address. The source must be reached privately; see docs/DEPLOYMENT.md, Connecting the source."
  }
}

variable "source_db_port" {
  description = "Port of the source."
  type        = number
  default     = 5432
}

variable "source_db_name" {
  description = "Database of the Django application."
  type        = string
  default     = "lakehouse_poc"

  validation {
    condition     = can(regex("^[A-Za-z_][A-Za-z0-9_]{0,62}$", var.source_db_name))
    error_message = "source_db_name must be a PostgreSQL database's name: letters, digits and underscores."
  }
}

variable "source_secret_arn" {
  description = "Secret with JSON {\"username\", \"password\", \"host\", \"port\"} of the source. Terraform never sees its value."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:.+$", var.source_secret_arn))
    error_message = "source_secret_arn must be the ARN of a secret in Secrets Manager, such as arn:aws:secretsmanager:us-east-1:123456789012:secret:django-Ab12Cd."
  }
}

variable "source_secret_kms_key_arn" {
  description = "Key of that secret when it is not the account's default one."
  type        = string
  default     = null
}

variable "source_cidrs" {
  description = "Private address ranges of the source."
  type        = list(string)
  default     = []

  validation {
    condition     = var.source_connection != "private_network" || length(var.source_cidrs) > 0
    error_message = "source_connection private_network needs source_cidrs, the private ranges in which the source lives."
  }
}

variable "source_security_group_id" {
  description = "Security group of the source, when it runs in this VPC. It is then let in there as well."
  type        = string
  default     = null

  validation {
    condition     = var.source_connection != "same_vpc" || var.source_security_group_id != null || length(var.source_cidrs) > 0
    error_message = "source_connection same_vpc needs source_security_group_id, or source_cidrs within the VPC while the source does not exist yet."
  }
}

variable "source_ssl_mode" {
  description = "require, verify-ca or verify-full."
  type        = string
  default     = "require"
}

variable "source_ca_pem" {
  description = "Certificate authority of the source, for verify-ca and verify-full."
  type        = string
  default     = null
}

variable "dms" {
  description = "DMS: deployment (instance or serverless), size, storage, standby, flush."
  type = object({
    deployment           = optional(string, "instance")
    instance_class       = optional(string, "dms.t3.medium")
    allocated_storage_gb = optional(number, 100)
    capacity_units       = optional(object({ min = number, max = number }), { min = 1, max = 2 })
    multi_az             = optional(bool, false)
    flush_seconds        = optional(number, 60)
    commit_rows          = optional(number, 10000)
    slot_name            = optional(string)
    start                = optional(bool, false)
    create_account_roles = optional(bool, true)
  })
  default = {}
}

# ------------------------------------------------------------------ network

variable "vpc_cidr" {
  description = "Address range of the VPC."
  type        = string
  default     = "10.40.0.0/16"
}

variable "availability_zones" {
  description = "Zones of the subnets, two at least."
  type        = list(string)
}

variable "nat_gateways" {
  description = "none, single or per_zone."
  type        = string
  default     = "none"
}

variable "interface_endpoints" {
  description = "Services with an interface endpoint. DMS without a NAT gateway adds secretsmanager by itself."
  type        = set(string)
  default     = []
}

variable "interface_endpoint_zones" {
  description = "In how many zones interface endpoints are placed."
  type        = number
  default     = 1
}

variable "client_cidrs" {
  description = "Address ranges of people and BI tools."
  type        = list(string)
}

variable "internal_load_balancer" {
  description = "Whether the load balancer is reachable from inside only."
  type        = bool
  default     = false
}

variable "flow_log_retention_days" {
  description = "Days that refused connections are kept; 0 turns flow logs off."
  type        = number
  default     = 30
}

# ------------------------------------------------------------------ services

variable "image_tag" {
  description = "Tag of the services' images."
  type        = string
}

variable "jobs_version" {
  description = "Version of the jobs' jar in the scripts bucket."
  type        = string
}

variable "certificate_arn" {
  description = "Certificate of the gateway's host name, in ACM."
  type        = string
}

variable "host_names" {
  description = "Host names under which further services are served, by service."
  type        = map(string)
  default     = {}
}

variable "identity" {
  description = "The OIDC provider: issuer, keys, token endpoint, audience."
  type = object({
    issuer    = string
    jwks_url  = string
    token_url = string
    audience  = optional(string, "lakegate")
  })

  validation {
    condition     = alltrue([for url in [var.identity.issuer, var.identity.jwks_url, var.identity.token_url] : can(regex("^https://[^ ]+$", url))])
    error_message = "identity's issuer, jwks_url and token_url must be https addresses; they stand in the provider's /.well-known/openid-configuration."
  }
}

variable "service_sizes" {
  description = "CPU (1024 is one), memory in MB and autoscaling of each service; what is not named keeps its default."
  type = map(object({
    cpu         = number
    memory      = number
    replicas    = optional(number, 1)
    autoscaling = optional(object({ min = number, max = number, cpu_percent = optional(number, 60) }))
  }))
  default = {}

  validation {
    condition     = length(setsubtract(keys(var.service_sizes), ["ingest-service", "transform-service", "query-gateway", "governance-service"])) == 0
    error_message = "service_sizes names a service that does not exist; there are ingest-service, transform-service, query-gateway and governance-service."
  }
}

variable "capacity_provider" {
  description = "FARGATE or FARGATE_SPOT."
  type        = string
  default     = "FARGATE"
}

variable "container_insights" {
  description = "Whether ECS keeps detailed metrics."
  type        = bool
  default     = false
}

variable "database" {
  description = "Control database: class, storage, standby, days of backups."
  type = object({
    instance_class = optional(string, "db.t4g.micro")
    storage_gb     = optional(number, 20)
    multi_az       = optional(bool, false)
    backup_days    = optional(number, 7)
    engine_version = optional(string, "15")
  })
  default = {}
}

# ------------------------------------------------------------------ jobs, queries, governance

variable "glue" {
  description = "Glue: worker type, most workers, schedules of crawlers and of the safety net, and whether the database default must be created."
  type = object({
    worker_type             = optional(string, "G.1X")
    workers                 = optional(number, 5)
    timeout_minutes         = optional(number, 60)
    max_retries             = optional(number, 1)
    crawler_schedules       = optional(map(string), {})
    safety_net_schedule     = optional(string)
    create_default_database = optional(bool, true)
  })
  default = {}
}

variable "bytes_scanned_limit" {
  description = "Most bytes that one Athena query may scan, by workgroup."
  type        = map(number)
  default     = { default = 10737418240 }
}

variable "results_days" {
  description = "Days that query results are kept."
  type        = number
  default     = 30
}

variable "lake_formation_administrators" {
  description = "Roles or users that administer Lake Formation beside governance-service; the one that applies Terraform must be among them."
  type        = set(string)
}

# ------------------------------------------------------------------ watching

variable "alert_emails" {
  description = "Who is told."
  type        = set(string)
}

variable "monthly_budget" {
  description = "Budget in US dollars a month."
  type        = number
}

variable "freshness_seconds" {
  description = "From which age of invisible changes on an alarm rings, by layer."
  type        = map(number)
  default     = { silver = 600, gold = 900 }
}

variable "trail_enabled" {
  description = "Whether this configuration keeps an audit trail (CloudTrail)."
  type        = bool
  default     = true
}

variable "log_retention_days" {
  description = "Days that logs of services, jobs and the database are kept."
  type        = number
  default     = 30
}

variable "audit_days" {
  description = "Days that the audit trail and access logs are kept."
  type        = number
  default     = 365
}

# ------------------------------------------------------------------ safety

variable "protect" {
  description = "Whether what holds data refuses to be deleted. false only for environments to throw away."
  type        = bool
  default     = true

  validation {
    condition     = var.protect || var.environment == "dev"
    error_message = "protect may be switched off in dev only."
  }
}
