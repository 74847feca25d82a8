variable "name" {
  description = "Prefix of the tiers' workgroups."
  type        = string
}

variable "account_id" {
  description = "Account that owns the results bucket."
  type        = string
}

variable "results_bucket" {
  description = "Bucket of query results."
  type        = string
}

variable "workgroups" {
  description = "Workgroups of the lakehouse description."
  type = map(object({
    name        = string
    description = string
    personas    = list(string)
  }))
}

variable "tiers" {
  description = "Tiers; each gets a workgroup of its own."
  type        = set(string)
  default     = []
}

variable "bytes_scanned_limit" {
  description = "Most bytes that one query may scan, by workgroup; default holds for those that are not named."
  type        = map(number)
  default     = { default = 10737418240 }

  validation {
    condition     = contains(keys(var.bytes_scanned_limit), "default")
    error_message = "bytes_scanned_limit needs an entry default."
  }
  validation {
    condition     = alltrue([for limit in values(var.bytes_scanned_limit) : limit >= 10485760 && limit <= 1099511627776])
    error_message = "bytes_scanned_limit must be between 10 MB (Athena's least) and 1 TB. A scanned TB costs $5."
  }
}

variable "queries" {
  description = "Saved queries."
  type = map(object({
    name        = string
    title       = string
    description = string
    workgroup   = string
    database    = string
    sql         = string
  }))
  default = {}

  validation {
    condition     = alltrue([for query in values(var.queries) : length(query.sql) > 0 && length(query.sql) <= 262144])
    error_message = "A saved query is empty or longer than Athena's 262144 characters."
  }
}

variable "force_destroy" {
  description = "Whether workgroups with history may be deleted."
  type        = bool
  default     = false
}
