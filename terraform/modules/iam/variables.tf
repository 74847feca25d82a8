variable "name" {
  description = "Prefix of names, and the folder (IAM path) of roles."
  type        = string
}

variable "account_id" {
  description = "Account."
  type        = string
}

variable "partition" {
  description = "AWS partition."
  type        = string
  default     = "aws"
}

variable "region" {
  description = "AWS region."
  type        = string
}

variable "capture_engine" {
  description = "dms or lakegate."
  type        = string

  validation {
    condition     = contains(["dms", "lakegate"], var.capture_engine)
    error_message = "capture_engine must be dms (AWS DMS) or lakegate (the project's own engine in ingest-service)."
  }
}

variable "bucket_arns" {
  description = "Bucket ARNs by purpose."
  type        = map(string)

  validation {
    condition     = length(setsubtract(["bronze", "silver", "gold", "scripts", "athena-results", "logs"], keys(var.bucket_arns))) == 0
    error_message = "bucket_arns must have bronze, silver, gold, scripts, athena-results and logs."
  }
}

variable "landing_prefix" {
  description = "Prefix of the Bronze bucket under which DMS lands files."
  type        = string
  default     = "landing/"
}

variable "queue_arns" {
  description = "Queue ARNs by purpose: glue-runs, landing."
  type        = map(string)
}

variable "topic_arns" {
  description = "Alert topics by purpose: pipeline, jobs, cost."
  type        = map(string)
}

variable "alert_key_alias" {
  description = "Alias of the KMS key of the alert topics."
  type        = string
}

variable "databases" {
  description = "Glue database of each layer."
  type        = map(string)
}

variable "personas" {
  description = "Personas of the lakehouse description."
  type = list(object({
    name        = string
    description = string
    schemas     = list(string)
    rows        = string
    pii         = bool
    internal    = bool
    administers = bool
  }))
}

variable "tiers" {
  description = "Tiers that have a filter."
  type        = set(string)
  default     = []
}

variable "workgroups" {
  description = "Athena workgroups and the personas that use them."
  type = map(object({
    name        = string
    description = string
    personas    = list(string)
  }))
}

variable "services" {
  description = "Services that run on ECS."
  type        = set(string)
  default     = ["ingest-service", "transform-service", "query-gateway", "governance-service"]
}

variable "source_secret_arn" {
  description = "Secret with the source's username, password, host and port."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:.+$", var.source_secret_arn))
    error_message = "source_secret_arn must be the ARN of a secret in Secrets Manager, such as arn:aws:secretsmanager:us-east-1:123456789012:secret:django-Ab12Cd. Passwords are never given to Terraform."
  }
}

variable "source_secret_kms_key_arn" {
  description = "Key of that secret when it is not the account's default one."
  type        = string
  default     = null
}

variable "metrics_namespace" {
  description = "CloudWatch namespace of the services' own metrics."
  type        = string
  default     = "Lakegate"
}

variable "create_dms_account_roles" {
  description = "Whether the roles that DMS expects once in each account (dms-vpc-role, dms-cloudwatch-logs-role) are created here."
  type        = bool
  default     = true
}

variable "with_flow_logs" {
  description = "Whether a role for VPC flow logs is needed."
  type        = bool
  default     = true
}
