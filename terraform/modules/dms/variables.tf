variable "name" {
  description = "Prefix of names."
  type        = string
}

variable "deployment" {
  description = "instance: a replication instance that runs all the time (only its tasks can be stopped). serverless: capacity by load, which can be stopped."
  type        = string
  default     = "instance"

  validation {
    condition     = contains(["instance", "serverless"], var.deployment)
    error_message = "deployment must be instance or serverless."
  }
}

variable "instance_class" {
  description = "Replication instance's class."
  type        = string
  default     = "dms.t3.medium"

  validation {
    condition     = can(regex("^dms\\.(t3|c[0-9][a-z]*|r[0-9][a-z]*)\\.[0-9a-z]+$", var.instance_class))
    error_message = "instance_class must be a DMS class, such as dms.t3.small or dms.r6i.large."
  }
}

variable "engine_version" {
  description = "Version of DMS."
  type        = string
  default     = "3.5.4"

  validation {
    condition     = can(regex("^3\\.(5\\.[3-9]|[6-9]\\.[0-9]+)$", var.engine_version))
    error_message = "engine_version must be 3.5.3 or newer: older ones are near their end of support."
  }
}

variable "allocated_storage_gb" {
  description = "Storage of the replication instance for its logs and cached changes, GB."
  type        = number
  default     = 100

  validation {
    condition     = var.allocated_storage_gb >= 5 && var.allocated_storage_gb <= 6144
    error_message = "allocated_storage_gb must be between 5 and 6144."
  }
}

variable "capacity_units" {
  description = "Least and most capacity units of a serverless replication."
  type        = object({ min = number, max = number })
  default     = { min = 1, max = 2 }

  validation {
    condition     = contains([1, 2, 4, 8, 16, 32, 64, 128, 192, 256, 384], var.capacity_units.min) && contains([1, 2, 4, 8, 16, 32, 64, 128, 192, 256, 384], var.capacity_units.max) && var.capacity_units.min <= var.capacity_units.max
    error_message = "capacity_units must be sizes that DMS knows (1, 2, 4, 8, 16, 32, 64, 128, 192, 256, 384), min not above max."
  }
}

variable "multi_az" {
  description = "Whether a standby waits in another zone."
  type        = bool
  default     = false
}

variable "availability_zone" {
  description = "Zone of a single-zone instance."
  type        = string
  default     = null
}

variable "subnet_ids" {
  description = "Private subnets in two zones at least."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "subnet_ids needs private subnets in two zones at least: DMS asks for them even when the instance lives in one."
  }
}

variable "security_group_id" {
  description = "Security group of DMS."
  type        = string
}

variable "role_arns" {
  description = "Roles of DMS: target and secret."
  type        = map(string)

  validation {
    condition     = alltrue([for role in ["target", "secret"] : contains(keys(var.role_arns), role)])
    error_message = "role_arns must have target and secret."
  }
}

variable "source_db_name" {
  description = "Database of the Django application."
  type        = string
  default     = "lakehouse_poc"
}

variable "source_secret_arn" {
  description = "Secret with username, password, host and port of the source."
  type        = string
}

variable "source_ssl_mode" {
  description = "require: encrypted. verify-full: encrypted, and the server proves who it is by the certificate authority given."
  type        = string
  default     = "require"

  validation {
    condition     = contains(["require", "verify-ca", "verify-full"], var.source_ssl_mode)
    error_message = "source_ssl_mode must be require, verify-ca or verify-full: replication carries every tenant's rows and never goes unencrypted."
  }
}

variable "source_ca_pem" {
  description = "Certificate authority of the source, PEM, for verify-ca and verify-full."
  type        = string
  default     = null

  validation {
    condition     = var.source_ca_pem == null || can(regex("-----BEGIN CERTIFICATE-----", var.source_ca_pem))
    error_message = "source_ca_pem must be a certificate in PEM, beginning with -----BEGIN CERTIFICATE-----."
  }
  validation {
    condition     = var.source_ca_pem != null || var.source_ssl_mode == "require"
    error_message = "source_ssl_mode ${var.source_ssl_mode} needs source_ca_pem, the certificate authority to verify against. For RDS it is the region's bundle."
  }
}

variable "slot_name" {
  description = "Replication slot at the source that is made beforehand; null lets DMS make its own."
  type        = string
  default     = null

  validation {
    condition     = var.slot_name == null || can(regex("^[a-z0-9_]{1,63}$", var.slot_name))
    error_message = "slot_name must be lower case letters, digits and underscores, at most 63: PostgreSQL's rule for slots."
  }
}

variable "bucket" {
  description = "Bronze bucket."
  type        = string
}

variable "bucket_owner" {
  description = "Account that must own it."
  type        = string
}

variable "landing_prefix" {
  description = "Folder in the bucket under which files land."
  type        = string
  default     = "landing/"
}

variable "table_mappings" {
  description = "Table mappings, JSON, as module lakehouse compiles them from the description."
  type        = string

  validation {
    condition     = try(length([for rule in jsondecode(var.table_mappings).rules : rule if rule.rule-type == "selection" && rule.rule-action == "include"]) > 0, false)
    error_message = "table_mappings must be DMS's JSON with one selection rule at least: is there a file under lakehouse/tables/?"
  }
  validation {
    condition     = try(alltrue([for rule in jsondecode(var.table_mappings).rules : !(try(rule.rule-action, "") == "add-column" && try(rule.value, "") == "tenant_id")]), true)
    error_message = "table_mappings must not add a column tenant_id: every table but core_tenant has one, and core_tenant's is called slug."
  }
}

variable "flush_seconds" {
  description = "Longest time that changes wait before a file is written."
  type        = number
  default     = 60

  validation {
    condition     = var.flush_seconds >= 10 && var.flush_seconds <= 3600
    error_message = "flush_seconds must be between 10 and 3600. DMS's default is 60; far less makes thousands of tiny files."
  }
}

variable "flush_kilobytes" {
  description = "Size from which a file is written before that time, KB."
  type        = number
  default     = 32000

  validation {
    condition     = var.flush_kilobytes >= 1000 && var.flush_kilobytes <= 1048576
    error_message = "flush_kilobytes must be between 1000 and 1048576."
  }
}

variable "commit_rows" {
  description = "Rows of the full load that are committed at once."
  type        = number
  default     = 10000

  validation {
    condition     = var.commit_rows >= 1000 && var.commit_rows <= 50000
    error_message = "commit_rows must be between 1000 and 50000."
  }
}

variable "start" {
  description = "Whether Terraform starts the replication. Normally ingest-service does."
  type        = bool
  default     = false
}
