variable "name" {
  description = "Prefix of names."
  type        = string
}

variable "subnet_ids" {
  description = "Private subnets, in at least two zones."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "subnet_ids needs private subnets in two zones at least: RDS asks for them even when the instance lives in one."
  }
}

variable "security_group_id" {
  description = "Security group of the database."
  type        = string
}

variable "services" {
  description = "Services that have a schema of their own, and so a role and a secret."
  type        = set(string)
}

variable "instance_class" {
  description = "Instance class."
  type        = string
  default     = "db.t4g.micro"

  validation {
    condition     = can(regex("^db\\.[a-z0-9]+\\.[a-z0-9]+$", var.instance_class))
    error_message = "instance_class must be an RDS class, such as db.t4g.micro."
  }
}

variable "engine_version" {
  description = "PostgreSQL's major version; minor ones are applied by RDS."
  type        = string
  default     = "15"

  validation {
    condition     = contains(["15", "16", "17"], var.engine_version)
    error_message = "engine_version must be 15, 16 or 17; Lakegate is tested on 15."
  }
}

variable "storage_gb" {
  description = "Storage in GB; it grows by itself up to five times this."
  type        = number
  default     = 20

  validation {
    condition     = var.storage_gb >= 20 && var.storage_gb <= 10000
    error_message = "storage_gb must be at least 20, RDS's minimum for gp3, and at most 10000."
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

variable "backup_days" {
  description = "Days of point-in-time recovery."
  type        = number
  default     = 7

  validation {
    condition     = var.backup_days >= 1 && var.backup_days <= 35
    error_message = "backup_days must be between 1 and 35: policy versions and the audit live here."
  }
}

variable "protect" {
  description = "Whether the database refuses to be deleted, and leaves a last snapshot."
  type        = bool
  default     = true
}

variable "log_retention_days" {
  description = "Days that PostgreSQL's log is kept."
  type        = number
  default     = 30
}

variable "secret_recovery_days" {
  description = "Days for which a deleted secret can be brought back; 0 deletes at once."
  type        = number
  default     = 7

  validation {
    condition     = var.secret_recovery_days == 0 || (var.secret_recovery_days >= 7 && var.secret_recovery_days <= 30)
    error_message = "secret_recovery_days must be 0 or 7 to 30."
  }
}
