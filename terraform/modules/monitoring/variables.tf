variable "name" {
  description = "Prefix of names."
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

variable "alert_emails" {
  description = "Who is told, by e-mail; each address confirms once."
  type        = set(string)

  validation {
    condition     = length(var.alert_emails) > 0 && alltrue([for address in var.alert_emails : can(regex("^[^@ ]+@[^@ ]+\\.[^@ ]+$", address))])
    error_message = "alert_emails needs one e-mail address at least: an alarm that nobody hears is none."
  }
}

variable "logs_bucket" {
  description = "Bucket of the audit trail."
  type        = string
}

variable "audited_bucket_arns" {
  description = "Buckets whose every read and write is in the audit trail."
  type        = list(string)

  validation {
    condition     = length(var.audited_bucket_arns) > 0
    error_message = "audited_bucket_arns must name the lake's buckets: without data events CloudTrail does not know who read what."
  }
}

variable "dms" {
  description = "Identifiers of capture by DMS; null when the project's own engine captures."
  type        = object({ task_identifier = string, task_resource_id = string, instance_identifier = optional(string) })
  default     = null
}

variable "cdc_latency_seconds" {
  description = "From which CDC latency on an alarm rings."
  type        = number
  default     = 180

  validation {
    condition     = var.cdc_latency_seconds >= 60 && var.cdc_latency_seconds <= 3600
    error_message = "cdc_latency_seconds must be between 60 and 3600. DMS writes every 60 seconds: its target is 60 to 120."
  }
}

variable "freshness_seconds" {
  description = "How old the oldest captured but invisible change may be, by layer."
  type        = map(number)
  default     = { silver = 600, gold = 900 }

  validation {
    condition     = alltrue([for layer, seconds in var.freshness_seconds : contains(["bronze", "silver", "gold"], layer) && seconds >= 60])
    error_message = "freshness_seconds holds seconds, 60 at least, by layer (bronze, silver, gold)."
  }
}

variable "metrics_namespace" {
  description = "CloudWatch namespace of the services' own metrics."
  type        = string
  default     = "Lakegate"
}

variable "cluster_name" {
  description = "ECS cluster of the services."
  type        = string
}

variable "services" {
  description = "Services that must run."
  type        = set(string)
}

variable "load_balancer_dimension" {
  description = "The load balancer's dimension in CloudWatch (arn_suffix)."
  type        = string
}

variable "target_group_dimensions" {
  description = "Target groups' dimensions by service."
  type        = map(string)
}

variable "database_identifier" {
  description = "The control database."
  type        = string
}

variable "queue_names" {
  description = "Queues and their dead-letter queues."
  type        = map(object({ queue = string, dead_letters = string }))
}

variable "workgroups" {
  description = "Athena workgroups, for the dashboard."
  type        = list(string)
}

variable "job_names" {
  description = "Glue jobs by dataset, for the dashboard."
  type        = map(string)
}

variable "trail_enabled" {
  description = "Whether this configuration keeps an audit trail. False where an organisation's trail has the same data events."
  type        = bool
  default     = true
}
