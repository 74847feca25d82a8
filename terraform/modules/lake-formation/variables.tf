variable "account_id" {
  description = "Account, whose catalog it is."
  type        = string
}

variable "administrators" {
  description = "Lake Formation administrators: who applies Terraform, the people who administer, and governance-service's role."
  type        = set(string)

  validation {
    condition     = length(var.administrators) >= 1 && length(var.administrators) <= 30 && alltrue([for arn in var.administrators : can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:(role|user)/.+$", arn))])
    error_message = "administrators needs one to thirty ARNs of IAM roles or users, such as arn:aws:iam::123456789012:role/deployer. An assumed-role session's ARN (sts) does not work here: name the role."
  }
  validation {
    condition     = !anytrue([for arn in var.administrators : can(regex("/(personas|tiers|tenants)/", arn))])
    error_message = "administrators must not name roles of personas, tiers or tenants: the gateway becomes those, and would be able to grant itself everything."
  }
}

variable "data_access_role_arn" {
  description = "Role with which Lake Formation reaches the locations."
  type        = string
}

variable "bucket_arns" {
  description = "Buckets by purpose."
  type        = map(string)
}

variable "databases" {
  description = "Database of each layer."
  type        = map(string)
}

variable "default_database" {
  description = "The database that Athena asks about."
  type        = string
  default     = "default"
}

variable "tables" {
  description = "Tables by dataset."
  type = map(object({
    layer         = string
    name          = string
    scope         = string
    tenant_column = optional(string)
    pii_columns   = list(string)
  }))
}

variable "table_names" {
  description = "Catalog tables by face, as module glue made them."
  type        = map(object({ database = string, name = string, realtime = bool }))
}

variable "internal_bronze_tables" {
  description = "Bronze tables that only personas marked internal may read."
  type        = list(string)
  default     = []
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

  validation {
    condition     = alltrue([for persona in var.personas : contains(["all", "tenants"], persona.rows)])
    error_message = "A persona's rows must be all or tenants."
  }
}

variable "persona_role_arns" {
  description = "Role of each persona that reads all tenants' rows."
  type        = map(string)
}

variable "tier_role_arns" {
  description = "Role of each tier."
  type        = map(string)
  default     = {}
}

variable "tier_filters" {
  description = "Tier filters by name; values is the SQL list of their tenants."
  type        = map(object({ name = string, tier = string, tenants = list(string), values = string }))
  default     = {}

  validation {
    condition     = alltrue([for filter in values(var.tier_filters) : length(filter.tenants) > 0])
    error_message = "A tier filter without tenants would let nothing through: remove it."
  }
  validation {
    condition     = length(distinct([for filter in values(var.tier_filters) : filter.tier])) == length(var.tier_filters)
    error_message = "Two tier filters are for the same tier: Lake Formation would join them."
  }
}

variable "job_role_arns" {
  description = "Roles that read and write whole tables: the Glue jobs and transform-service."
  type        = map(string)
}

variable "crawler_role_arn" {
  description = "Role of the crawlers."
  type        = string
}

