variable "site" {
  description = "What differs from one account to the next; ../../terraform.tfvars.example explains each. Everything else is this environment's profile, in main.tf."
  type = object({
    account_id                    = string
    project_name                  = optional(string, "lakehouse-poc")
    aws_region                    = optional(string, "us-east-1")
    availability_zones            = optional(list(string), ["us-east-1a", "us-east-1b"])
    certificate_arn               = string
    host_names                    = optional(map(string), {})
    client_cidrs                  = list(string)
    identity                      = object({ issuer = string, jwks_url = string, token_url = string, audience = optional(string, "lakegate") })
    alert_emails                  = set(string)
    lake_formation_administrators = set(string)
    image_tag                     = string
    jobs_version                  = string
    source_connection             = optional(string, "same_vpc")
    source_db_host                = optional(string)
    source_db_name                = optional(string, "lakehouse_poc")
    source_secret_arn             = string
    source_cidrs                  = optional(list(string), [])
    source_security_group_id      = optional(string)
    source_ca_pem                 = optional(string)
    create_default_database       = optional(bool, true)
    create_dms_account_roles      = optional(bool, true)
  })
}

variable "capture_engine" {
  description = "dms or lakegate."
  type        = string
  default     = "dms"
}

variable "adopt_primary_workgroup" {
  description = "true in the first apply of an account: every account has Athena's workgroup primary already, and this takes it over."
  type        = bool
  default     = false
}

variable "offline" {
  description = "Plan without asking AWS anything, with made-up keys: what the tests do."
  type        = bool
  default     = false
}
