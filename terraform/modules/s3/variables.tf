variable "name" {
  description = "Prefix of the buckets' names."
  type        = string
}

variable "account_id" {
  description = "Account, which ends the buckets' names so that they are unique in the world."
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

variable "force_destroy" {
  description = "Whether terraform destroy may delete buckets that hold objects. Only for throw-away environments."
  type        = bool
  default     = false
}

variable "noncurrent_days" {
  description = "Days for which overwritten and deleted objects can be brought back."
  type        = number
  default     = 30

  validation {
    condition     = var.noncurrent_days >= 1 && var.noncurrent_days <= 3650
    error_message = "noncurrent_days must be between 1 and 3650."
  }
}

variable "results_days" {
  description = "Days that query results are kept."
  type        = number
  default     = 30

  validation {
    condition     = var.results_days >= 1 && var.results_days <= 30
    error_message = "results_days must be between 1 and 30: results are copies of governed rows."
  }
}

variable "log_days" {
  description = "Days that access logs, load balancer logs and audit trails are kept."
  type        = number
  default     = 365

  validation {
    condition     = var.log_days >= 90 && var.log_days <= 3650
    error_message = "log_days must be between 90 and 3650: the audit trail must outlive an investigation."
  }
}
